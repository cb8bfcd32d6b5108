"""When a claim is true, by what is known of the function that a study was of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance.section.kinds import ActionKind, ClaimKind
from optuna_hpx.trials import domain

sys.path.append(str(Path(__file__).parent))
from zoo import Function, Truth

_TIE = 0.005  # S that differ by less are equal
_SOME = 0.001  # S_ij below this is the error of the large sample
_LARGE = 0.3
_ROUNDED = 0.005  # two digits of a number that is read


@dataclass(frozen=True)
class Judge:
    """What is true of a function at a target quantile."""

    function: Function
    quantile: float

    @property
    def truth(self) -> Truth:
        return self.function.truth

    @property
    def names(self) -> list[str]:
        return list(self.function.dists)

    def s(self, name: str, quantile: float | None = None) -> float:
        return self.truth.importance(name, self.quantile if quantile is None else quantile)

    def is_true(self, claim: Claim) -> bool:
        assert isinstance(claim.kind, ClaimKind)
        return bool(RULES[claim.kind](self, claim))

    def is_active_one(self, name: str) -> bool:
        """Tell whether the objective depends on the parameter."""
        return name not in self.function.idle

    def leads(self, name: str, quantile: float | None = None) -> bool:
        of = partial(self.s, quantile=quantile)
        return of(name) + _TIE >= max(map(of, self.names))

    def pair(self, claim: Claim) -> float:
        return self.truth.interaction(frozenset(claim.subjects), self.quantile)

    def largest_pair(self) -> float:
        """Compute the largest S_ij of those that interact in the objective."""
        return max(
            (self.truth.interaction(pair, self.quantile) for pair in self.function.joint),
            default=0.0,
        )

    def moves(self, claim: Claim) -> float:
        """Compute how S rises from the wide to the strict target."""
        wide, strict = (self.s(claim.subjects[0], q) for q in claim.figures)
        return strict - wide

    def is_enriched(self, name: str, label: str) -> bool:
        dist, truth = self.function.dists[name], self.truth
        codes = truth.codes[name]
        if isinstance(dist, CategoricalDistribution):
            code = [str(choice) for choice in dist.choices].index(label)
        else:
            values = np.unique(self.function.sample(_corners(self.function), _rng())[0][name])
            values = values[~np.isnan(values)]
            code = int(np.argmin(np.abs(values - float(label))))
        tops = (truth.top(self.quantile), truth.top(1.5 * self.quantile))
        return any(top[codes == code].mean() > top[codes >= 0].mean() for top in tops)

    def width(self, name: str) -> float:
        """Compute the share of the range in which the middle 80 % of the best lie."""
        u = self.truth.u[name][self.truth.top(self.quantile) & (self.truth.codes[name] >= 0)]
        return float(np.subtract(*np.quantile(u, [0.9, 0.1]))) if len(u) else 1.0

    def is_denser(self, name: str, low: float, high: float) -> bool:
        """Tell whether the best are denser in a range of values than in the whole of it."""
        ends = domain.position(self.function.dists[name], np.array([low, high]))
        u = self.truth.u[name][self.truth.codes[name] >= 0]
        top = self.truth.top(self.quantile)[self.truth.codes[name] >= 0]
        is_in = (u >= ends[0]) & (u <= ends[1])
        return bool(top[is_in].mean() > top.mean())

    def crowds(self, name: str, bound: str) -> bool:
        density = self.truth.density(name, self.quantile, 20)
        return bool(density[0 if bound == "lower" else -1] >= 0.9 * density.max())


@dataclass(frozen=True)
class HsicJudge(Judge):
    """The same of R2, of being among the best or, as HSIC can have it, of ranks."""

    score: str = "indicator"

    def s(self, name: str, quantile: float | None = None) -> float:
        of = self.quantile if quantile is None else quantile
        return self.function.r2(of, self.score).get(name, 0.0)

    def pair(self, claim: Claim) -> float:
        of = None if self.score == "rank" else self.quantile
        return self.truth.interaction(frozenset(claim.subjects), of)


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _corners(function: Function) -> np.ndarray:
    """Draw points enough to meet every value of a discrete parameter."""
    return _rng().random((20_000, len(function.dists)))


Rule = Callable[[Judge, Claim], bool]


def _always(judge: Judge, claim: Claim) -> bool:
    return True


def _is_no_idle_one(judge: Judge, claim: Claim) -> bool:
    return judge.is_active_one(claim.subjects[0])


def _is_first(judge: Judge, claim: Claim) -> bool:
    return judge.leads(claim.subjects[0])


def _is_within(judge: Judge, claim: Claim) -> bool:
    low, high = claim.figures
    return low - _ROUNDED <= judge.s(claim.subjects[0]) <= high + _ROUNDED


RULES: dict[ClaimKind, Rule] = {
    ClaimKind.MATTERS: _is_no_idle_one,
    ClaimKind.MATTERS_BY_MODEL: _is_no_idle_one,
    ClaimKind.MATTERS_MOST: _is_first,
    ClaimKind.COMES_FIRST: _is_no_idle_one,
    ClaimKind.FAINT: _is_no_idle_one,
    ClaimKind.MAY_MATTER: _always,
    ClaimKind.NOISE: lambda j, c: max(map(j.s, c.subjects)) <= c.figures[0] + _ROUNDED,
    ClaimKind.UNSEEN: _always,
    ClaimKind.INTERVAL: _is_within,
    ClaimKind.REST: lambda j, c: sum(map(j.s, j.names)) <= 1.0 - c.figures[0] + _ROUNDED,
    ClaimKind.PAIR_LEADS: lambda j, c: (
        j.pair(c) > _SOME and j.pair(c) + _TIE >= max(map(j.s, j.names))
    ),
    ClaimKind.PAIR_ACTS: lambda j, c: j.pair(c) > _SOME,
    ClaimKind.JOINT: lambda j, c: frozenset(c.subjects) in j.function.joint,
    ClaimKind.MAY_INTERACT: _always,
    ClaimKind.NO_PAIR: lambda j, c: j.largest_pair() <= _LARGE,
    ClaimKind.LEADS: lambda j, c: all(j.leads(c.subjects[0], q) for q in c.figures),
    ClaimKind.MOVES_UP: lambda j, c: j.moves(c) > 0.0,
    ClaimKind.MOVES_DOWN: lambda j, c: j.moves(c) < 0.0,
    ClaimKind.STEADY: _always,
    ClaimKind.RANGE: _is_no_idle_one,
    ClaimKind.NO_RANGE: lambda j, c: j.width(c.subjects[0]) > 0.5,
    ClaimKind.ENRICHED: lambda j, c: j.is_enriched(*c.subjects),
    ClaimKind.CROWD: lambda j, c: j.crowds(*c.subjects),
    ClaimKind.NO_DIFFERENCE: lambda j, c: j.s(c.subjects[0]) < _LARGE,
    ClaimKind.CHOSEN_FIRST: _is_no_idle_one,
    ClaimKind.CHOSEN_HINT: _always,
    ClaimKind.CHOSEN_NONE: _always,
    ClaimKind.SURROGATE_FIRST: _is_first,
    ClaimKind.SURROGATE_INTERVAL: _is_within,
    ClaimKind.SURROGATE_LIKELY: _is_no_idle_one,
}
"""When a claim of each kind is true."""


def is_sound(judge: Judge, claim: Claim) -> bool:
    """Tell whether an action is no waste of trials, as its kind has it."""
    if claim.kind is ActionKind.NARROW:
        return judge.is_denser(claim.subjects[0], *claim.figures)
    if claim.kind is ActionKind.KEEP:
        return judge.is_enriched(*claim.subjects)
    if claim.kind is ActionKind.EXTEND:
        return judge.crowds(*claim.subjects)
    return True

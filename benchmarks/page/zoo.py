"""Functions whose truth is known by construction, or from a large even sample.

Each gives a search space and a loss, which parameters are idle and which pairs interact in the
objective itself, by construction; and S of each parameter and of each pair, in the space from
which trials are drawn evenly, from 250,000 draws (standard error about .003), kept in memory.

``DESIGN`` served to choose what is said; ``HELD`` only for the report.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from scipy.stats import rankdata

from optuna_hpx import HsicImportanceEvaluator, TrialTable

sys.path.append(str(Path(__file__).parents[1] / "importance"))
from cases import FUNCTIONS, draw, make_trials, suggest

Values = dict[str, np.ndarray]
Pair = frozenset[str]

_N_DRAWS = 250_000
_N_R2 = 3_000  # of which HSIC's R2 is known to about .015
_N_BINS, _N_PAIR_BINS = 250, 24


@dataclass(frozen=True)
class Function:
    """A search space, a loss of its values, and what is true of it by construction.

    Values are codes for a categorical parameter, and NaN where a parameter is inactive.
    """

    name: str
    dists: dict[str, BaseDistribution]
    loss: Callable[[Values], np.ndarray]
    idle: frozenset[str] = frozenset()
    """Parameters on whose value the loss does not depend."""
    joint: frozenset[Pair] = frozenset()
    """Pairs that interact however the loss is rescaled by a monotone function."""
    noise: float = 0.0
    """Standard deviation of normal noise on the loss."""
    active: dict[str, Callable[[Values], np.ndarray]] = field(default_factory=dict)
    """Of conditional parameters: in which trials they are."""

    def objective(self, seed: int) -> Callable[[optuna.Trial], float]:
        """Make an objective whose noise depends on the trial's number and the seed alone."""
        return lambda trial: self._evaluate(trial, seed)[0]

    def objectives(self, seed: int) -> Callable[[optuna.Trial], list[float]]:
        """Make two objectives: this one, and its mirror image."""
        return lambda trial: self._evaluate(trial, seed, self.mirrored)

    def _evaluate(self, trial: optuna.Trial, seed: int, *others: Function) -> list[float]:
        values: Values = {}
        for name, dist in self.dists.items():
            is_active = name not in self.active or bool(self.active[name](values)[0])
            values[name] = np.array([suggest(trial, name, dist) if is_active else np.nan])
        rng = np.random.default_rng([seed, trial.number])
        return [
            float(function.loss(values)[0] + self.noise * rng.standard_normal())
            for function in (self, *others)
        ]

    @cached_property
    def smooth(self) -> Function:
        """The objective without its noise, which is what a surrogate stands for."""
        return replace(self, noise=0.0) if self.noise else self

    @cached_property
    def mirrored(self) -> Function:
        """The function with the last parameter in the place of the first, and so on.

        Only of parameters that have one domain, which :attr:`is_cube` tells.
        """
        names = list(self.dists)
        place = dict(zip(names, reversed(names), strict=True))
        return replace(
            self,
            loss=lambda values: self.loss({name: values[place[name]] for name in names}),
            idle=frozenset(place[name] for name in self.idle),
            joint=frozenset(frozenset(place[name] for name in pair) for pair in self.joint),
        )

    @property
    def is_cube(self) -> bool:
        """Whether all parameters have the same domain, and all are always active."""
        return len({repr(dist) for dist in self.dists.values()}) == 1 and not self.active

    def sample(self, u: np.ndarray, rng: np.random.Generator) -> tuple[Values, np.ndarray]:
        """Make values and losses of uniform ``u`` (n, d)."""
        values: Values = {}
        for (name, dist), column in zip(self.dists.items(), u.T, strict=True):
            values[name] = draw(dist, column)
            if name in self.active:
                values[name][~self.active[name](values)] = np.nan
        return values, self.loss(values) + self.noise * rng.standard_normal(len(u))

    def forget(self) -> None:
        """Let go of the large samples."""
        for name in ("smooth", "mirrored"):
            if (other := vars(self).get(name)) is not self and other is not None:
                other.forget()
        for name in ("truth", "_even_table"):
            vars(self).pop(name, None)

    @cached_property
    def _even_table(self) -> TrialTable:
        rng = np.random.default_rng(20261127)
        values, losses = self.sample(rng.random((_N_R2, len(self.dists))), rng)
        columns = {
            name: (x, [None if np.isnan(one) else self.dists[name] for one in x])
            for name, x in values.items()
        }
        study = optuna.create_study()
        study.add_trials(make_trials(columns, losses))
        return TrialTable.of(study)

    def r2(self, quantile: float, score: str) -> dict[str, float]:
        """Compute HSIC's R2 of parameters from many even draws; none where all are the best."""
        if not 0.0 < quantile < 1.0:
            return {}
        key = f"r2 {quantile:.4f} {score}"
        if key not in vars(self):
            evaluator = HsicImportanceEvaluator(
                target_quantile=quantile, score=score, space="trials", sampling="independent"
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                vars(self)[key] = evaluator.evaluate(self._even_table)
        of: dict[str, float] = vars(self)[key]
        return of

    @cached_property
    def truth(self) -> Truth:
        """What a large even sample tells."""
        rng = np.random.default_rng(20261126)
        u = rng.random((_N_DRAWS, len(self.dists)))
        values, losses = self.sample(u, rng)
        codes = {}
        for (name, dist), column in zip(self.dists.items(), u.T, strict=True):
            is_active = ~np.isnan(values[name])
            codes[name] = np.where(is_active, _codes(dist, column, values[name]), -1)
        return Truth(dict(zip(self.dists, u.T, strict=True)), codes, losses)


def _codes(dist: BaseDistribution, u: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Number the bins of equal probability of a continuous parameter, or the values."""
    if isinstance(dist, FloatDistribution) and dist.step is None:
        return (u * _N_BINS).astype(int)
    return np.asarray(np.unique(values, return_inverse=True)[1])


@dataclass(eq=False)
class Truth:
    """A large even sample of a function: ``u`` by parameter, bins of it (-1: inactive), losses."""

    u: dict[str, np.ndarray]
    codes: dict[str, np.ndarray]
    losses: np.ndarray
    _kept: dict[object, float] = field(default_factory=dict)

    def top(self, quantile: float) -> np.ndarray:
        """Mark the best; where ties leave no such share, the nearest share that there is."""
        cut = np.quantile(self.losses, quantile, method="inverted_cdf")
        upto, below = self.losses <= cut, self.losses < cut
        is_nearer = abs(below.mean() - quantile) < abs(upto.mean() - quantile) and below.any()
        return np.asarray(below if is_nearer else upto)

    def importance(self, name: str, quantile: float) -> float:
        """Compute S of a parameter at a target quantile."""
        key = (name, quantile)
        if key not in self._kept:
            self._kept[key] = self._explained([name], quantile)
        return self._kept[key]

    def interaction(self, pair: Pair, quantile: float | None) -> float:
        """Compute S_ij of two parameters at a target quantile; of ranks if that is None."""
        key = (pair, quantile)
        if key not in self._kept:
            both = self._explained(sorted(pair), quantile, _N_PAIR_BINS)
            # with the same bins: what a main effect does within them is none of the pair's
            alone = [self._explained([name], quantile, _N_PAIR_BINS, pair) for name in pair]
            self._kept[key] = max(0.0, both - sum(alone))
        return self._kept[key]

    def _scores(self, quantile: float | None) -> np.ndarray:
        """Return "is among the best" as 0 or 1, or the rank of each draw, up to 1."""
        if quantile is None:
            return np.asarray(rankdata(self.losses) / len(self.losses))
        return self.top(quantile).astype(float)

    def _explained(
        self,
        names: list[str],
        quantile: float | None,
        n_bins: int = _N_BINS,
        among: Pair = frozenset(),
    ) -> float:
        """Compute the share of the variance of the scores that cells explain."""
        scores = self._scores(quantile)
        is_active = np.all([self.codes[name] >= 0 for name in (among or names)], axis=0)
        total, b = scores.var(), scores[is_active]
        if len(b) < 2 or total == 0.0:
            return 0.0
        cells = np.zeros(len(b), dtype=int)
        for name in names:
            codes = self.codes[name][is_active]
            if codes.max() >= n_bins:
                codes = codes * n_bins // (codes.max() + 1)
            cells = cells * (codes.max() + 1) + codes
        n_c, sums, squares = (np.bincount(cells, w) for w in (None, b, b * b))
        filled = np.maximum(n_c, 1.0)
        spread = filled * squares - sums**2  # n times the sum of squares about the cell's mean
        within = (spread / np.maximum(filled - 1.0, 1.0)).sum() / len(b)
        share = is_active.mean() * (b.var() - within) / total
        return max(0.0, float(share))

    def density(self, name: str, quantile: float, n_bins: int) -> np.ndarray:
        """Compute the density (n_bins,) of the best over the range of a parameter; 1 is even."""
        key = self.top(quantile) & (self.codes[name] >= 0)
        counts = np.histogram(self.u[name][key], n_bins, (0.0, 1.0))[0]
        return np.asarray(counts * n_bins / max(counts.sum(), 1))


def pairs_among(*names: str) -> frozenset[Pair]:
    """List all pairs of some parameters."""
    return frozenset(frozenset((a, b)) for a in names for b in names if a < b)


_UNIT = FloatDistribution(0.0, 1.0)


def _cube(
    name: str,
    d: int,
    loss: Callable[[np.ndarray], np.ndarray],
    idle: str = "",
    joint: frozenset[Pair] = frozenset(),
    noise: float = 0.0,
) -> Function:
    """Make a function of the unit cube; ``idle`` lists parameters as "x3 x4"."""
    names = [f"x{k + 1}" for k in range(d)]
    dists: dict[str, BaseDistribution] = dict.fromkeys(names, _UNIT)
    return Function(
        name,
        dists,
        lambda values: loss(np.column_stack([values[x] for x in names])),
        frozenset(idle.split()),
        joint,
        noise,
    )


def _weights(d: int, ratio: float) -> np.ndarray:
    return np.asarray(ratio ** np.arange(d))


def _xor(u: np.ndarray) -> np.ndarray:
    return np.asarray((u[:, 0] < 0.5) ^ (u[:, 1] < 0.5), dtype=float)


def _gaussian(u: np.ndarray, centre: float, width: float) -> np.ndarray:
    return np.asarray(-np.exp(-((u - centre) ** 2).sum(axis=1) / (2.0 * width**2)))


def _training(v: Values) -> np.ndarray:
    best_lr = np.array([-2.5, -1.0, -3.5, -2.0])[v["optimizer"].astype(int)]
    floor = np.array([0.0, 0.25, 0.1, 0.6])[v["optimizer"].astype(int)]
    return np.asarray(
        floor
        + 0.4 * np.abs(np.log10(v["lr"]) - best_lr)
        + 0.05 * (v["layers"] - 4) ** 2
        + 0.3 * v["dropout"] ** 2
    )


def _models(v: Values) -> np.ndarray:
    svm = 0.2 + 0.1 * (np.log10(v["c"]) - 1.0) ** 2 + 0.3 * np.abs(np.log10(v["gamma"]) + 2.0)
    forest = 0.35 + 0.02 * np.abs(v["depth"] - 9)
    return np.where(v["model"] == 0, svm, forest)


def _branches(v: Values) -> np.ndarray:
    """A gate opens one of two branches; in the second all is far from the best."""
    return np.where(v["gate"] < 0.6, np.abs(v["x"] - 0.5), 3.0 + v["y"])


_CHOICES = CategoricalDistribution(["a", "b", "c", "d"])
_LR = FloatDistribution(1e-5, 1.0, log=True)

DESIGN: tuple[Function, ...] = (
    _cube("sum of 3, 2 idle", 5, lambda u: u[:, :3] @ _weights(3, 0.5), "x4 x5"),
    _cube("square of a sum", 4, lambda u: (u[:, 0] + u[:, 1] + 0.5 * u[:, 2]) ** 2, "x4"),
    _cube(
        "noisy sum, 6 idle", 8, lambda u: u[:, 0] + 0.6 * u[:, 1], "x3 x4 x5 x6 x7 x8", noise=0.3
    ),
    _cube("sphere of 10", 10, lambda u: (u - 0.35) ** 2 @ _weights(10, 0.7)),
    _cube("XOR + linear", 4, lambda u: _xor(u) + 0.4 * u[:, 2], "x4", pairs_among("x1", "x2")),
    _cube(
        "bare XOR, 3 idle", 5, lambda u: _xor(u) + 0.0, "x3 x4 x5", pairs_among("x1", "x2"), 0.2
    ),
    _cube("pure noise", 6, lambda u: np.zeros(len(u)), "x1 x2 x3 x4 x5 x6", noise=1.0),
    _cube("constant", 3, lambda u: np.zeros(len(u)), "x1 x2 x3"),
    _cube(
        "plateau",
        4,
        lambda u: np.maximum(np.abs(u[:, 0] - 0.4) - 0.2, 0.0) + 0.3 * (u[:, 1] > 0.5),
        "x3 x4",
    ),
    _cube("waves", 4, lambda u: np.cos(10 * np.pi * u[:, 0]) + 0.4 * u[:, 1], "x3 x4"),
    _cube(
        "rotated valley",
        4,
        lambda u: 10 * np.abs(u[:, 0] - u[:, 1]) + u[:, 2],
        "x4",
        pairs_among("x1", "x2"),
    ),
    _cube("at a bound", 3, lambda u: u[:, 0] ** 2 + 0.3 * np.abs(u[:, 1] - 0.5), "x3"),
    _cube("just inside a bound", 3, lambda u: np.abs(u[:, 0] - 0.12) + 0.1 * u[:, 1], "x3"),
    _cube("heavy tails", 5, lambda u: np.exp(8 * u[:, 0] + 3 * u[:, 1] ** 2), "x3 x4 x5"),
    Function(
        "choice and numbers",
        {"c": _CHOICES, "lr": _LR, "n": IntDistribution(1, 8), "s": _CHOICES, "t": _UNIT},
        lambda v: (v["c"] != 2) + np.abs(np.log10(v["lr"]) + 3) / 2 + 0.05 * np.abs(v["n"] - 6),
        frozenset({"s", "t"}),
    ),
    Function(
        "models",
        {
            "model": CategoricalDistribution(["svm", "forest"]),
            "c": FloatDistribution(1e-3, 1e4, log=True),
            "gamma": FloatDistribution(1e-5, 10.0, log=True),
            "depth": IntDistribution(2, 16),
            "z": _UNIT,
        },
        _models,
        frozenset({"z"}),
        active={
            "c": lambda v: v["model"] == 0,
            "gamma": lambda v: v["model"] == 0,
            "depth": lambda v: v["model"] == 1,
        },
    ),
    Function(
        "all explained",
        {"c": CategoricalDistribution(list("abcdefghij")), "x": _UNIT},
        lambda v: (v["c"] != 3).astype(float),
        frozenset({"x"}),
    ),
)


def _friedman(u: np.ndarray) -> np.ndarray:
    return FUNCTIONS["friedman"][1](u)


HELD: tuple[Function, ...] = (
    _cube("sum of 4, 4 idle", 8, lambda u: u[:, :4] @ _weights(4, 0.6), "x5 x6 x7 x8"),
    _cube("log of a sum", 3, lambda u: np.log(0.02 + u[:, 0] + 0.7 * u[:, 1]), "x3"),
    _cube("ratio", 4, lambda u: (0.1 + u[:, 0]) / (0.1 + u[:, 1]), "x3 x4"),
    _cube(
        "noisy sphere, 26 idle",
        30,
        lambda u: (u[:, :4] - 0.6) ** 2 @ _weights(4, 0.7),
        " ".join(f"x{k}" for k in range(5, 31)),
        noise=0.05,
    ),
    _cube("g-function", 4, FUNCTIONS["g-function"][1]),
    _cube(
        "ishigami", 4, lambda u: FUNCTIONS["ishigami"][1](u[:, :3]), "x4", pairs_among("x1", "x3")
    ),
    _cube("friedman", 8, _friedman, "x6 x7 x8", pairs_among("x1", "x2")),
    _cube("branin", 3, lambda u: FUNCTIONS["branin"][1](u[:, :2]), "x3", pairs_among("x1", "x2")),
    _cube(
        "XOR of three",
        4,
        lambda u: (np.sum(u[:, :3] < 0.5, axis=1) % 2) + 0.2 * u[:, 3],
        "",
        pairs_among("x1", "x2", "x3"),
    ),
    _cube(
        "XOR at .35, 2 idle",
        5,
        lambda u: ((u[:, 0] < 0.35) ^ (u[:, 1] < 0.6)) + 0.3 * np.abs(u[:, 2] - 0.5),
        "x4 x5",
        pairs_among("x1", "x2"),
    ),
    _cube("heavy noise", 5, lambda u: 0.3 * u[:, 0], "x2 x3 x4 x5", noise=1.0),
    _cube(
        "steps", 4, lambda u: np.floor(6 * np.abs(u[:, 0] - 0.7)) + np.floor(3 * u[:, 1]), "x3 x4"
    ),
    _cube("needle", 3, lambda u: _gaussian(u[:, :2], 0.35, 0.15), "x3"),
    _cube("upper bound", 4, lambda u: -u[:, 0] - 0.5 * np.sin(3 * u[:, 1]), "x3 x4"),
    _cube("inside the upper bound", 3, lambda u: (u[:, 0] - 0.88) ** 2 + 0.02 * u[:, 1], "x3"),
    Function(
        "training",
        {
            "optimizer": CategoricalDistribution(["adam", "sgd", "lion", "rprop"]),
            "lr": _LR,
            "layers": IntDistribution(1, 8),
            "act": CategoricalDistribution(["relu", "tanh", "gelu"]),
            "dropout": FloatDistribution(0.0, 0.9, step=0.1),
        },
        _training,
        frozenset({"act"}),
        pairs_among("optimizer", "lr"),
    ),
    Function(
        "numeric gate",
        {
            "gate": _UNIT,
            "x": FloatDistribution(-2.0, 2.0),
            "y": FloatDistribution(0.0, 3.0),
            "z": _UNIT,
        },
        _branches,
        frozenset({"z"}),
        active={"x": lambda v: v["gate"] < 0.6, "y": lambda v: v["gate"] >= 0.6},
    ),
    Function(
        "faint",
        {"a": _UNIT, "b": IntDistribution(1, 64, log=True), "c": _CHOICES, "d": _UNIT},
        lambda v: v["a"] + 0.1 * np.log2(v["b"]) / 6 + 0.05 * (v["c"] == 1),
        frozenset({"d"}),
    ),
)


@cache
def by_name() -> dict[str, Function]:
    """Map the names of all functions to them."""
    return {function.name: function for function in (*DESIGN, *HELD)}

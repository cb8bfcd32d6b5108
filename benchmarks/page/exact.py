"""What paths, effects and comparisons would be if the objective were known, and who is right."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import optuna

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance.section.kinds import AnswerKind

sys.path.append(str(Path(__file__).parents[1] / "importance"))
from cases import draw
from zoo import Function, Values

_N_ORDERS = 500  # of many changes; of up to _MAX_EXACT all sets are gone through
_MAX_EXACT = 12
_N_POINTS = 4000  # over which the other parameters are averaged
_BACK = 0.02  # of a curve's range: so far may "lower is better" be wrong


@dataclass(frozen=True)
class ExactPath:
    """The way from the median to the best trial of a study, of a function without branches."""

    function: Function
    study: optuna.Study

    @cached_property
    def _ends(self) -> tuple[dict[str, float], dict[str, float]]:
        ranked = sorted(self.study.trials, key=lambda trial: trial.value or 0.0)
        return self._codes(ranked[len(ranked) // 2]), self._codes(ranked[0])

    def _codes(self, trial: optuna.trial.FrozenTrial) -> dict[str, float]:
        dists = self.function.dists
        return {name: dists[name].to_internal_repr(x) for name, x in trial.params.items()}

    @cached_property
    def names(self) -> list[str]:
        """Parameters that change."""
        before, after = self._ends
        return [name for name in self.function.dists if before[name] != after[name]]

    def losses(self, sets: np.ndarray) -> np.ndarray:
        """Compute (s,) losses where the changes of each of ``sets`` (s, k) are made."""
        before, after = self._ends
        values: Values = {name: np.full(len(sets), before[name]) for name in self.function.dists}
        for k, name in enumerate(self.names):
            values[name] = np.where(sets[:, k], after[name], before[name])
        return self.function.loss(values)

    @cached_property
    def total(self) -> float:
        k = len(self.names)
        first, last = self.losses(np.array([[False] * k, [True] * k]))
        return float(first - last)

    @cached_property
    def shapley(self) -> dict[str, float]:
        """By how much each change improves the objective, on average over all orders."""
        k = len(self.names)
        gains = self._of_all_sets(k) if k <= _MAX_EXACT else self._of_orders(k)
        return dict(zip(self.names, gains.tolist(), strict=True))

    def _of_all_sets(self, k: int) -> np.ndarray:
        sets = np.array(list(product([False, True], repeat=k)))
        losses, size = self.losses(sets), sets.sum(axis=1)
        weight = np.array([1.0 / (k * comb(k - 1, m)) for m in range(k)])
        gains = []
        for change in range(k):  # a set without the change is as many rows before that with it
            rows = np.flatnonzero(~sets[:, change])
            gain = losses[rows] - losses[rows + 2 ** (k - 1 - change)]
            gains.append(float(weight[size[rows]] @ gain))
        return np.array(gains)

    def _of_orders(self, k: int) -> np.ndarray:
        rng, gains = np.random.default_rng(0), np.zeros(k)
        for _ in range(_N_ORDERS):
            order = rng.permutation(k)
            along = self.losses(np.argsort(order) < np.arange(k + 1)[:, None])
            gains[order] -= np.diff(along)
        return gains / _N_ORDERS


def is_true_of_path(path: ExactPath, claim: Claim) -> bool:
    """Judge a claim on a path."""
    if claim.kind is AnswerKind.NOT_SEEN:
        return True
    is_total = claim.kind is AnswerKind.TOTAL
    exact = path.total if is_total else path.shapley.get(claim.subjects[0], 0.0)
    if claim.kind is AnswerKind.HELPS:
        return exact > 0.0
    assert claim.kind in (AnswerKind.TOTAL, AnswerKind.CHANGE)
    low, high = claim.figures
    slack = 0.005 * max(abs(low), abs(high))  # three digits are given
    return low - slack <= exact <= high + slack


def exact_curve(function: Function, name: str, values: tuple[object, ...]) -> np.ndarray:
    """Compute (v,) the mean loss with each value, over the space where the parameter is active."""
    u = np.random.default_rng(2).random((_N_POINTS, len(function.dists)))
    dist, means = function.dists[name], []
    for value in values:
        points = _pinned(function, name, dist.to_internal_repr(value), u)
        is_active = ~np.isnan(points[name])
        means.append(function.loss({key: x[is_active] for key, x in points.items()}).mean())
    return np.array(means)


def _pinned(function: Function, name: str, value: float, u: np.ndarray) -> Values:
    values: Values = {}
    for (other, dist), column in zip(function.dists.items(), u.T, strict=True):
        values[other] = np.full(len(u), value) if other == name else draw(dist, column)
        if other in function.active:
            values[other] = np.where(function.active[other](values), values[other], np.nan)
    return values


def is_true_of_effect(curve: np.ndarray, claim: Claim) -> bool:
    """Judge a claim on an effect, whose curve (v,) is to be minimised."""
    places = [int(place) for place in claim.figures]
    span = float(np.ptp(curve))
    if claim.kind is AnswerKind.NOT_SEEN:
        return True
    if claim.kind is AnswerKind.BEST_VALUES:
        return set(np.flatnonzero(curve <= curve.min() + 1e-9 * span)) <= set(places)
    if claim.kind is AnswerKind.ENDS_BETTER:
        return bool((curve[places] > min(curve[0], curve[-1])).all())
    assert claim.kind in (AnswerKind.LOWER, AnswerKind.HIGHER)
    (place,) = places
    part = curve[place:] if claim.kind is AnswerKind.LOWER else curve[place::-1]
    return bool(part[-1] > part[0] and np.diff(part).min() >= -_BACK * span)


def is_true_of_comparison(function: Function, quantile: float, claim: Claim) -> bool:
    """Judge a claim on the function, objective 0, beside its mirror image."""
    if claim.kind is AnswerKind.NOT_SEEN:
        return True
    assert claim.kind is AnswerKind.MATTERS_MORE
    name, more, _ = claim.subjects
    first, second = (f.truth.importance(name, quantile) for f in (function, function.mirrored))
    return first > second if more.endswith("0") else second > first

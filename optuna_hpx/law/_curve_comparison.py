"""Which of two random searches is better, once it counts how many trials they have."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.law._band import TuningCurveBand
from optuna_hpx.law._make_band import tuning_curve_band
from optuna_hpx.law.maths.curve_difference import advantage, confidence_of_each, stretches
from optuna_hpx.law.maths.joint_bounds import MOST_DRAWS, Bounds, joint_bounds, joint_threshold
from optuna_hpx.law.maths.order_statistics import KINDS
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study

__all__ = ["TuningCurveComparison", "compare_tuning_curves"]

Searched: TypeAlias = "Sequence[float] | np.ndarray | Study | TrialTable"
"""A study or its table, or the scores of independent random draws."""

_AHEAD = 3  # times as many trials as the longer search has: beyond, hardly anything is bounded
_LEAST_QUANTILE = 1e-9  # from 0 and 1: no sample has a word on those beyond
_MOST_PLACES = 2000  # at which the curves are compared; all numbers of trials up to there
_MOST_RATIO = 1e3  # of costs, beyond which a few costs alone are known
_N_COSTS = 400  # costs at which they are compared, evenly on a logarithmic axis


@dataclass(frozen=True, eq=False, repr=False)
class TuningCurveComparison(Result):
    """By how much one random search is better than another after as many trials, or as much cost.

    Attributes:
        labels: What the two searches are called.
        direction: "minimize" or "maximize".
        quantile: Of the best score, that is compared.
        confidence: That all bounds hold at once.
        unit: What ``x`` counts: "trials", "seconds" or "cost".
        x: (m,) numbers of trials, or costs, ascending.
        a, b: (3, m) of each search the smaller bound, the estimate and the larger bound.
        advantage_low, advantage_high: (m,) bounds of how much the first search is better: positive
            where it is, in units of the score; infinite where nothing is known.
        n_trials: Draws of each.
        warnings: What a reader must know before acting on the numbers.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import TuningCurveComparison, compare_tuning_curves
        >>> rng = np.random.default_rng(0)
        >>> comparison = compare_tuning_curves(rng.random(200), rng.random(200) + 0.3)
        >>> isinstance(comparison, TuningCurveComparison)
        True
        >>> comparison.better("A")[0][0]  # surely better from the first trial on
        1.0
    """

    labels: tuple[str, str]
    direction: str
    quantile: float
    confidence: float
    unit: str
    x: np.ndarray
    a: np.ndarray
    b: np.ndarray
    advantage_low: np.ndarray
    advantage_high: np.ndarray
    n_trials: tuple[int, int]
    warnings: tuple[str, ...]

    def better(self, label: str) -> list[tuple[float, float]]:
        """List from where to where one search is surely better than the other, all at once.

        Args:
            label: One of ``labels``.

        Returns:
            First and last numbers of trials, or costs, of each stretch.

        Raises:
            ValueError: If ``label`` is none of them.
        """
        _checks.one_of("label", label, self.labels)
        is_first = label == self.labels[0]
        is_better = self.advantage_low > 0.0 if is_first else self.advantage_high < 0.0
        return [
            (float(self.x[stretch.first]), float(self.x[stretch.last]))
            for stretch in stretches(is_better)
        ]

    @property
    def in_words(self) -> str:
        """Which search is better, from where to where, by how much, and how sure that is."""
        parts = [
            f"{label} is better than {other} {listing(self._places_of(label))}"
            for label, other in (self.labels, self.labels[::-1])
            if self.better(label)
        ]
        side = "lower" if self.direction == "minimize" else "higher"
        compared = f"{_of_quantile(self.quantile)} best score of random trials ({side} is better)"
        if not parts:
            return (
                f"By the {compared}, neither of {listing(self.labels)} is surely better: these "
                "trials cannot tell."
            )
        places = "numbers of trials" if self.unit == "trials" else "costs"
        sure = f"with {percent(self.confidence)} confidence for all {places} at once"
        return f"By the {compared}, {' and '.join(parts)}, {sure}. Elsewhere they cannot tell."

    def _places_of(self, label: str) -> list[str]:
        """Write where a search is better; and by how much, where that is surest."""
        is_first = label == self.labels[0]
        least = self.advantage_low if is_first else -self.advantage_high
        most = self.advantage_high if is_first else -self.advantage_low
        texts = []
        for first, last in stretches(least > 0.0):
            surest = first + int(np.argmax(least[first : last + 1]))
            span = f"from {self._place(first)} to {self._place(last)}"
            if first == last:
                span = f"at {self._place(first)}"
            elif last + 1 == len(self.x) or np.isinf(least[last + 1]):
                span = (
                    f"from {self._place(first)} on, up to {self._place(last)} as far as they reach"
                )
            gain = f"at {self._place(surest)} by {least[surest]:.3g} to {most[surest]:.3g}"
            if np.isinf(most[surest]):
                gain = f"at {self._place(surest)} by at least {least[surest]:.3g}"
            texts.append(f"{span} ({gain})")
        return texts

    def _place(self, row: int) -> str:
        if self.unit == "trials":
            return count(int(self.x[row]), "trial")
        return f"{self.x[row]:.3g} s" if self.unit == "seconds" else f"a cost of {self.x[row]:.3g}"

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        curves = {
            f"{name}_{end}": curve[row]
            for name, curve in (("a", self.a), ("b", self.b))
            for row, end in enumerate(("low", "estimate", "high"))
        }
        return {
            "n_trials" if self.unit == "trials" else self.unit: self.x,
            **curves,
            "advantage_low": self.advantage_low,
            "advantage_high": self.advantage_high,
        }

    def __repr__(self) -> str:
        return f"<TuningCurveComparison of {listing(self.labels)}: {self.in_words}>"


def _of_quantile(quantile: float) -> str:
    return "median" if quantile == 0.5 else f"{quantile:g} quantile of the"


def compare_tuning_curves(
    a: Searched,
    b: Searched,
    *,
    labels: tuple[str, str] = ("A", "B"),
    quantile: float = 0.5,
    confidence: float = 0.95,
    kind: str = "joint",
    bounds: tuple[float | None, float | None] | None = None,
    direction: str | None = None,
    cost: Any = None,
    sampler: BaseSampler | None = None,
) -> TuningCurveComparison:
    """Tell from how many random trials on which of two searches is better.

    A method with more hyperparameters, or a larger space, is often worse after a few trials and
    better after many: the best score of each says little without the number of trials. The bounds
    rest on nothing but that the trials are independent random draws, in each search for itself:
    the two may have drawn with one seed. They hold for all numbers of trials at once.

    Args:
        a: The first search: a study or its table, or the scores of independent random draws.
        b: The second one, of trials of its own.
        labels: What to call them.
        quantile: Of the best score, that is compared, in (0, 1); of the scores as they are.
        confidence: That all bounds hold at once, in (0, 1).
        kind: "joint": bounds of the difference by both samples together, the sharpest; or bounds
            of each curve by itself, as for :func:`tuning_curve_band`, which are taken anyway of
            more than 2000 draws, and of studies that share trials: they need not be independent.
        bounds: As for :func:`tuning_curve_band`.
        direction: "minimize" or "maximize", of scores; None: minimize. Studies have their own.
        cost: None: compare after as many trials; "duration", or a function of a trial: after as
            much cost, of studies; a pair of (n,) costs, of scores. Of an expected cost Student's
            interval is allowed for.
        sampler: Of studies: what drew the trials without a mark in both, if that is certain.

    Returns:
        The comparison. Cost: a second for 1000 draws each, three for 100,000.

    Raises:
        NoLawError: If a search has no draw with a score. It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range, or directions differ.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import compare_tuning_curves
        >>> rng = np.random.default_rng(0)
        >>> small, large = rng.uniform(0.4, 0.5, 300), rng.uniform(0.0, 1.0, 300)
        >>> comparison = compare_tuning_curves(small, large, labels=("small", "large"))
        >>> len(comparison.better("large"))
        1
        >>> first, last = comparison.better("large")[0]
        >>> 1 < first < 5 < last
        True

    References:
        Lourie et al. (2023), https://arxiv.org/abs/2311.09480, for the comparison by tuning
        curves; Berk and Jones (1979), https://doi.org/10.1007/BF00533250, for the divergence
        that bounds one sample; the simultaneous bounds of the difference are ours.
    """
    _check_labels(labels)
    _checks.quantile("quantile", quantile)
    if not _LEAST_QUANTILE <= quantile <= 1.0 - _LEAST_QUANTILE:
        raise ValueError(
            f"`quantile` must be at least {_LEAST_QUANTILE:g} from 0 and 1, got {quantile!r}."
        )
    _checks.quantile("confidence", confidence)
    _checks.one_of("kind", kind, ("joint", *KINDS))
    if a is b:
        raise ValueError("`b` must be another search than `a`: got the same object twice.")
    # Half of the error is for the costs, where they are uncertain.
    of_curves = confidence if cost is None else (1.0 + confidence) / 2.0
    part = confidence_of_each(of_curves)
    spent = _cost_of_each(cost)
    first, second = (
        tuning_curve_band(
            side,
            confidence=part,
            kind="order" if kind == "joint" else kind,
            bounds=bounds,
            direction=direction,
            cost=of_side,
            sampler=sampler,
        )
        for side, of_side in zip((a, b), spent, strict=True)
    )
    if first.direction != second.direction:
        raise ValueError(
            f"`a` and `b` must have one direction, got {first.direction} and {second.direction}."
        )
    x = _places(first, second)
    losses = [_at(band, x, quantile) for band in (first, second)]
    low, high = advantage(*((side[0], side[2]) for side in losses))
    if kind == "joint" and _are_joint(a, b, first, second):
        joint = _joint(first, second, x, quantile, of_curves)
        low, high = joint.low, joint.high
        for side, ends in zip(losses, (joint.a, joint.b), strict=True):
            side[[0, 2]] = ends
    sides = [side if first.direction == "minimize" else -side[::-1] for side in losses]
    return TuningCurveComparison(
        labels=labels,
        direction=first.direction,
        quantile=quantile,
        confidence=confidence,
        unit=_unit_of(cost),
        x=x,
        a=sides[0],
        b=sides[1],
        advantage_low=low,
        advantage_high=high,
        n_trials=(first.n_trials, second.n_trials),
        warnings=_warnings(labels, (first.warnings, second.warnings)),
    )


def _warnings(
    labels: tuple[str, str], warnings: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[str, ...]:
    """Collect what both sides warn of, and what one of them does under its name."""
    first, second = warnings
    return (
        *(warning for warning in first if warning in second),
        *(f"{labels[0]}: {warning}" for warning in first if warning not in second),
        *(f"{labels[1]}: {warning}" for warning in second if warning not in first),
    )


def _cost_of_each(cost: Any) -> tuple[Any, Any]:
    if not isinstance(cost, (tuple, list)):
        return cost, cost
    if len(cost) != 2 or any(of_side is None for of_side in cost):
        raise ValueError(f"`cost` must be one for both searches, or a pair, got {cost!r}.")
    return cost[0], cost[1]


def _unit_of(cost: Any) -> str:
    if cost is None:
        return "trials"
    return "seconds" if isinstance(cost, str) else "cost"


def _check_labels(labels: tuple[str, str]) -> None:
    is_pair = isinstance(labels, (list, tuple)) and len(labels) == 2
    if not is_pair or not all(isinstance(label, str) for label in labels):
        raise TypeError(f"`labels` must be two strings, got {labels!r}.")
    if labels[0] == labels[1]:
        raise ValueError(f"`labels` must differ, got {labels!r}.")


def _places(first: TuningCurveBand, second: TuningCurveBand) -> np.ndarray:
    """Choose the numbers of trials, or the costs, at which two curves are compared."""
    last = _AHEAD * max(first.n_trials, second.n_trials)
    if first.cost is None or second.cost is None:
        few = np.arange(1.0, min(last, _MOST_PLACES) + 1.0)
        many = np.geomspace(_MOST_PLACES, max(last, _MOST_PLACES), _MOST_PLACES).round()
        return np.unique(np.concatenate([few, many[many <= last]]))
    costs = (first.cost, second.cost)
    of_one = max(cost.high if np.isfinite(cost.high) else cost.mean for cost in costs)
    return np.geomspace(of_one, last * of_one, _N_COSTS)


def _draws_for(band: TuningCurveBand, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many draws there are at least, about and at most at each place."""
    if band.cost is None:
        return x, x, x
    least, about, most = (np.maximum(k, 1.0) for k in band.cost.draws_for(x))
    return least, about, most


def _at(band: TuningCurveBand, x: np.ndarray, quantile: float) -> np.ndarray:
    """Return lower bounds, estimates and upper bounds (3, m) of a curve of losses."""
    least, about, most = _draws_for(band, x)
    q = quantile if band.direction == "minimize" else 1.0 - quantile
    curve = band._band
    return np.stack(
        [curve.best_of(most, q)[0], curve.best_of(about, q)[1], curve.best_of(least, q)[2]]
    )


def _are_joint(a: Searched, b: Searched, first: TuningCurveBand, second: TuningCurveBand) -> bool:
    """Tell whether both samples are independent, not too large, and of costs that are known."""
    is_large = max(first.n_trials, second.n_trials) > MOST_DRAWS
    ratios = _ratios(first, second)
    if is_large or not (min(ratios) > 1.0 / _MOST_RATIO and max(ratios) < _MOST_RATIO):
        return False
    return not (_points(a) & _points(b))


def _ratios(first: TuningCurveBand, second: TuningCurveBand) -> tuple[float, float]:
    """Return how many draws of the second cost as much as one of the first, between two bounds."""
    a, b = first.cost, second.cost
    if a is None or b is None:
        return 1.0, 1.0
    return a.low / b.high, a.high / b.low


def _grid(ratios: tuple[float, float]) -> list[float]:
    """Return the powers of two that ratios lie between, and those between them."""
    low, high = np.floor(np.log2(ratios[0])), np.ceil(np.log2(ratios[1]))
    return (2.0 ** np.arange(low, high + 1.0)).tolist()


def _points(side: Searched) -> set[Hashable]:
    """Return the values of all trials of a study; none of scores, or of rows."""
    if not (isinstance(side, TrialTable) or hasattr(side, "get_trials")):
        return set()
    trials = TrialTable.of(cast("Study | TrialTable", side)).trials
    return {repr(sorted(trial.params.items())) for trial in trials if trial.params}


def _joint(
    first: TuningCurveBand, second: TuningCurveBand, x: np.ndarray, q: float, confidence: float
) -> Bounds:
    """Bound the difference by both samples together, and each curve."""
    q = q if first.direction == "minimize" else 1.0 - q
    unit = -float(np.log1p(-q))
    of_a, of_b = _draws_for(first, x), _draws_for(second, x)
    e = unit / of_a[0], unit / of_a[2], unit / of_b[0], unit / of_b[2]
    # Ends and ratios on a coarse grid, so that what was simulated once serves again.
    ends = unit * 2.0 ** float(np.floor(np.log2(e[1].min() / unit))), unit
    threshold = max(
        joint_threshold(first.n_trials, second.n_trials, ratio, ends, confidence)
        for ratio in _grid(_ratios(first, second))
    )
    return joint_bounds(_padded(first), _padded(second), e, threshold)


def _padded(band: TuningCurveBand) -> np.ndarray:
    """Return the sorted losses, between the least and the largest possible one."""
    curve = band._band
    return np.concatenate([[curve.least], curve.losses, [curve.most]])

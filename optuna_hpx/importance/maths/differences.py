r"""Two importances of one parameter: by how much they differ, and whether chance does that.

Notation
    a, b        two sets of trials, or two target sets of the same trials
    S           share of the variance of "in the target set" that lies between cells of a
                parameter; see :mod:`optuna_hpx.importance.maths.cell_shares`
    psi         influence of one trial on S
    T           |S_a - S_b| over its standard error
    B           deals

Of two independent sets the trials of the target sets are pooled and dealt anew, and so are the
others: were a parameter's values distributed alike in both target sets, and alike outside, all
deals would be equally likely. Of two target sets of the same trials, those trials are dealt anew
that are in just one of them. That T is divided by its own error in each deal makes the test one of
S_a = S_b in large samples, whatever else differs (Chung and Romano, Annals of Statistics 41, 2013,
theorem 2.1). In the deals the cut-off of the target sets stays; that of the trials as they are has
varied, which is added to the error of their T. All parameters share their deals, and family-wise
p-values are step-down max-T (:mod:`optuna_hpx.statistics.permutation_tail`).

An interval for S_a - S_b comes from those of S_a and S_b and the correlation of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from optuna_hpx.importance.maths.cell_shares import CellCounts, ParameterCells
from optuna_hpx.statistics.permutation_tail import counted_p_values, step_down

__all__ = [
    "DifferenceTests",
    "Labels",
    "compare_independent",
    "compare_paired",
    "interval_of_difference",
]


@dataclass(frozen=True, eq=False)
class Labels:
    """Which trials are in a target set.

    Attributes:
        is_target: (n,) bool: some trials, and not all.
        is_near: (n,) bool, trials near the cut; none where the cut is a fixed value.
    """

    is_target: np.ndarray
    is_near: np.ndarray


@dataclass(frozen=True, eq=False)
class DifferenceTests:
    """Results per parameter, (d,) each.

    Attributes:
        p_values: Of each parameter by itself.
        p_values_familywise: Of all of them together.
        correlation: Of S_a and S_b; 0 of independent sets.
    """

    p_values: np.ndarray
    p_values_familywise: np.ndarray
    correlation: np.ndarray


def compare_independent(
    parameters: Sequence[ParameterCells],
    is_a: np.ndarray,
    labels: Labels,
    n_permutations: int,
    rng: np.random.Generator,
) -> DifferenceTests:
    """Test S_a = S_b of each parameter, of two sets of trials that share none.

    Args:
        parameters: (d,) the cells of the trials of both sets, n in all.
        is_a: (n,) which trials are of the first set.
        labels: Of the n trials, in the target set of their own set.
        n_permutations: B.
        rng: Of the deals.

    Returns:
        The tests. O(B n C) for the C cells of all parameters.
    """
    is_target = labels.is_target
    dealt = np.zeros((n_permutations + 1, len(is_a)), dtype=np.float32)
    for stratum in (is_target, ~is_target):
        dealt[:, stratum] = _deal(is_a[stratum], n_permutations, rng)
    n_a, m_a = int(is_a.sum()), int((is_a & is_target).sum())
    n_b, m_b = len(is_a) - n_a, int(is_target.sum()) - m_a
    everyone = np.ones((1, len(is_a)))
    near_a, near_b = (
        rows.astype(float) for rows in (labels.is_near & is_a, labels.is_near & ~is_a)
    )

    def statistic(cells: ParameterCells) -> np.ndarray:
        n_k, m_k = cells.count(dealt), cells.count(dealt * is_target)
        a = CellCounts(cells.regime, n_a, m_a, n_k, m_k)
        others = cells.count(everyone) - n_k, cells.count(everyone * is_target) - m_k
        b = CellCounts(cells.regime, n_b, m_b, *others)
        squared = a.squared_error() + b.squared_error()
        for side, near in ((a, near_a), (b, near_b)):
            slope = side.cut_slope(cells.count(near))
            squared[0] += slope[0] ** 2 * side.variance / side.n
        return _studentise(a.share() - b.share(), squared)

    return _tests([(statistic(cells), 0.0) for cells in parameters])


def compare_paired(
    parameters: Sequence[ParameterCells],
    labels_a: Labels,
    labels_b: Labels,
    n_permutations: int,
    rng: np.random.Generator,
) -> DifferenceTests:
    """Test S_a = S_b of each parameter, of two target sets of the same trials.

    Args:
        parameters: (d,) the cells of the n trials.
        labels_a: Of the n trials, in the first target set.
        labels_b: In the second.
        n_permutations: B.
        rng: Of the deals.

    Returns:
        The tests. O(B n C) for the C cells of all parameters.
    """
    is_target_a, is_target_b = labels_a.is_target, labels_b.is_target
    differ = is_target_a != is_target_b
    dealt = np.zeros((n_permutations + 1, len(differ)), dtype=np.float32)
    dealt[:, differ] = _deal(is_target_a[differ], n_permutations, rng)
    either, both, neither = (
        rows[None].astype(float)
        for rows in (differ, is_target_a & is_target_b, ~(is_target_a | is_target_b))
    )
    n, m_a, m_b = len(differ), int(is_target_a.sum()), int(is_target_b.sum())
    likeness = float(np.corrcoef(is_target_a, is_target_b)[0, 1])

    def statistic(cells: ParameterCells) -> tuple[np.ndarray, float]:
        only_a = cells.count(dealt)
        only_b = cells.count(either) - only_a
        in_both, in_none = cells.count(both), cells.count(neither)
        n_k = only_a + only_b + in_both + in_none
        a = CellCounts(cells.regime, n, m_a, n_k, only_a + in_both)
        b = CellCounts(cells.regime, n, m_b, n_k, only_b + in_both)
        groups = {(1, 1): in_both, (1, 0): only_a, (0, 1): only_b, (0, 0): in_none}
        common = likeness**2 * np.sqrt(a.rest * b.rest)  # what R is of a variance
        covariance = _covariance(a, b, groups) - common
        squared_a, squared_b = a.squared_error(), b.squared_error()
        least = a.rest + b.rest - 2.0 * common
        squared = np.maximum(squared_a + squared_b - 2.0 * covariance, least)
        squared[0] += _cut_error(
            a.cut_slope(cells.count(labels_a.is_near.astype(float)))[0] * np.sqrt(a.variance / n),
            b.cut_slope(cells.count(labels_b.is_near.astype(float)))[0] * np.sqrt(b.variance / n),
            likeness,
        )
        scale = np.sqrt(squared_a[0] * squared_b[0])
        correlation = float(covariance[0] / scale) if scale > 0.0 else 0.0
        return _studentise(a.share() - b.share(), squared), float(np.clip(correlation, -1.0, 1.0))

    return _tests([statistic(cells) for cells in parameters])


_Interval: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Estimates, lower and upper ends, (d,) each."""


def interval_of_difference(
    first: _Interval, second: _Interval, correlation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return an interval for the difference of two quantities from an interval for each.

    Args:
        first: Estimates, and ends that hold them.
        second: The same of what is subtracted.
        correlation: (d,) of the two estimates.

    Returns:
        Lower and upper ends (d,), of about the same level; they hold the estimates' difference.

    References:
        Zou, Toward using confidence intervals to compare correlations, Psychological Methods 12,
        2007, equation 15.
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second

    def reach(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(x**2 + y**2 - 2.0 * correlation * x * y, 0.0))

    return a - b - reach(a - a_low, b_high - b), a - b + reach(a_high - a, b - b_low)


def _covariance(
    a: CellCounts, b: CellCounts, groups: dict[tuple[int, int], np.ndarray]
) -> np.ndarray:
    """Compute the covariance (B,) of S_a and S_b of the same trials.

    Args:
        a: Counts of the first target set.
        b: Counts of the second.
        groups: Trials in each cell (B, C) by whether they are in the one and in the other.
    """
    psi_a, psi_b = ([counts.influence(label) for label in (0, 1)] for counts in (a, b))
    product, mean_a, mean_b = (
        sum((counts * factor(i, j)).sum(axis=1) for (i, j), counts in groups.items()) / a.n
        for factor in (
            lambda i, j: psi_a[i] * psi_b[j],
            lambda i, _: psi_a[i],
            lambda _, j: psi_b[j],
        )
    )
    return np.asarray((product - mean_a * mean_b) / a.n)


def _cut_error(first: float, second: float, correlation: float) -> float:
    """Square the error of a difference by that of each side, and their correlation."""
    return float(first**2 + second**2 - 2.0 * correlation * first * second)


def _deal(flags: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return flags (f,) as they are, and ``n`` permutations of them: (n + 1, f)."""
    dealt = rng.permuted(np.tile(flags, (n, 1)), axis=1)
    return np.concatenate([flags[None], dealt]).astype(np.float32)


def _studentise(difference: np.ndarray, squared_error: np.ndarray) -> np.ndarray:
    """Compute T (B,); 0 where nothing varies."""
    safe = np.where(squared_error > 0.0, squared_error, np.inf)
    return np.asarray(np.abs(difference) / np.sqrt(safe))


def _tests(results: Sequence[tuple[np.ndarray, float]]) -> DifferenceTests:
    """Compare T of the trials as they are, the first of (B + 1,), with those of the deals."""
    if not results:
        return DifferenceTests(np.zeros(0), np.zeros(0), np.zeros(0))
    statistics = np.column_stack([t for t, _ in results])
    observed, null = statistics[0], statistics[1:]
    return DifferenceTests(
        counted_p_values(observed, null),
        step_down(observed, null),
        np.array([correlation for _, correlation in results]),
    )

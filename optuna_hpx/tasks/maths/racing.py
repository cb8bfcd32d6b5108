"""Whether a configuration is worse than the best one, asked again after every task.

Notation
    T           tasks
    n           of them that the configuration was evaluated on so far, in a random order
    d           (n,) its loss minus that of the best configuration, task by task
    s           standard deviation of d
    s_0         that of the differences between good configurations, from all T tasks; 0: unknown
    z           the evidence that the mean of d is positive, on the scale of a normal deviate
    alpha       chance to drop, at any of the looks, a configuration whose d has mean zero
    z_alpha     above it, a configuration is dropped

The looks are not independent and there are up to T of them, so that each must ask for more than a
single test would: z_alpha is the 1 - alpha quantile of the largest z of all looks (Pocock,
Biometrika 64, 1977, for this statistic and so many looks), found by simulation. Of two null
distributions, normal and three-point ones with ties, the larger quantile is taken.

The evidence of the t test is

    (1)  z = Phi^-1(F_{n-1}(mean(d) sqrt(n) / max(s, s_0))),

F being the distribution function of Student's t; that of signed ranks R_i is

    (2)  z = sum_i R_i / sqrt(sum_i R_i^2),

in its normal approximation. With few tasks s alone is a
trap: a configuration that is a little worse on most tasks and much better on a few looks certainly
worse until one of the few comes up. s_0 has seen them. The threshold is smaller where s_0 is the
scale than where s is; which of them holds is asked anew at each look, so that an s_0 from
configurations that are too alike does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import special, stats

__all__ = [
    "STATISTICS",
    "mean_differences",
    "spread",
    "t_evidence",
    "threshold",
    "wilcoxon_evidence",
]

_REPETITIONS = {"t": 10_000, "wilcoxon": 2000}  # standard error of alpha = 0.1: 0.003, 0.007
_AT_ONCE = 500  # of them, for the memory of many tasks
_P_TIE = 0.4  # of the three-point distribution


def t_evidence(d: np.ndarray, s_0: float = 0.0) -> float:
    """Return z by the t test (1); -inf for fewer than two tasks. O(n)."""
    n = len(d)
    if n < 2:
        return -np.inf
    mean, scale = float(d.mean()), max(float(d.std(ddof=1)), s_0)
    if scale == 0.0:
        return 0.0 if mean == 0.0 else float(np.copysign(np.inf, mean))
    return float(_deviate(n, mean * np.sqrt(n) / scale))


def wilcoxon_evidence(d: np.ndarray, s_0: float = 0.0) -> float:
    """Return z by signed ranks (2), ties at their middle rank; it has no use for s_0.

    It is about the pseudo-median of d, which is its mean only if d is symmetric. O(n log n).
    """
    return float(_signed_ranks(d[None])[0])


Draw = Callable[[tuple[int, int]], np.ndarray]

STATISTICS = {"t": t_evidence, "wilcoxon": wilcoxon_evidence}
"""Evidence by the name of its test."""


def mean_differences(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average each row of ``d`` over the tasks that it has.

    Args:
        d: (n, T) losses minus those of the best configuration; NaN where a task is missing.

    Returns:
        (n,) means, NaN for no task, and (n,) their standard errors, NaN for fewer than two. O(nT).
    """
    has_task = ~np.isnan(d)
    n = has_task.sum(axis=1)
    # Of differences beyond 1e154 no float holds the square: their error is not known.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.where(has_task, d, 0.0).sum(axis=1) / n
        squares = np.where(has_task, (d - mean[:, None]) ** 2, 0.0).sum(axis=1)
        error = np.sqrt(squares / (n - 1) / n)
    return np.where(n > 0, mean, np.nan), np.where((n > 1) & np.isfinite(error), error, np.nan)


def spread(losses: np.ndarray, best: int, others: np.ndarray) -> float:
    """Return s_0: the median standard deviation of the differences to the best configuration.

    Args:
        losses: (m, T) of configurations that were evaluated on all tasks.
        best: Row of the best.
        others: Rows of the good ones to compare it with; with none, 0.
    """
    if not len(others) or losses.shape[1] < 2:
        return 0.0
    return float(np.median((losses[others] - losses[best]).std(axis=1, ddof=1)))


@lru_cache(maxsize=64)
def threshold(
    test: str, n_tasks: int, n_startup: int, alpha: float, *, knows_spread: bool
) -> float:
    """Simulate z_alpha for looks after ``n_startup``, ..., T - 1 tasks.

    It is simulated once, from a fixed seed: O(10,000 T), for signed ranks O(2000 T^2 log T).

    Args:
        test: A name of :data:`STATISTICS`.
        n_tasks: T.
        n_startup: Tasks before the first look.
        alpha: Chance to drop a configuration that is as good as the best, over all looks.
        knows_spread: Whether s_0 is the larger of s and s_0.

    Returns:
        The threshold; infinite if there are no looks.
    """
    looks = np.arange(max(n_startup, 2), n_tasks)
    if not len(looks):
        return np.inf
    rng = np.random.default_rng(0)
    side = (1.0 - _P_TIE) / 2.0
    nulls: list[tuple[Draw, float]] = [
        (lambda shape: rng.normal(size=shape), 1.0),
        (
            lambda shape: rng.choice([-1.0, 0.0, 1.0], size=shape, p=[side, _P_TIE, side]),
            math.sqrt(2.0 * side),
        ),
    ]
    quantiles = []
    for draw, deviation in nulls:
        s_0 = deviation if knows_spread else 0.0
        largest = [
            _largest(test, draw((_AT_ONCE, n_tasks - 1)), looks, s_0)
            for _ in range(_REPETITIONS[test] // _AT_ONCE)
        ]
        quantiles.append(np.quantile(np.concatenate(largest), 1.0 - alpha, method="higher"))
    return float(max(quantiles))


def _largest(test: str, d: np.ndarray, looks: np.ndarray, s_0: float) -> np.ndarray:
    """Return (r,) the largest z of each row of ``d`` (r, T - 1) over the looks."""
    if test == "t":
        return _t_evidences(d, looks, s_0).max(axis=1)
    largest = np.full(len(d), -np.inf)
    for n in looks:
        np.maximum(largest, _signed_ranks(d[:, :n]), out=largest)
    return largest


def _signed_ranks(d: np.ndarray) -> np.ndarray:
    """Return (r,) z by signed ranks of each row of ``d`` (r, n); 0 where all differences are."""
    # A zero counts half for either side, which its sign of 0 does here.
    ranks = stats.rankdata(np.abs(d), axis=1) * np.sign(d)
    scale = np.sqrt((ranks**2).sum(axis=1))
    z: np.ndarray = np.divide(ranks.sum(axis=1), scale, out=np.zeros(len(d)), where=scale > 0.0)
    return z


def _t_evidences(d: np.ndarray, looks: np.ndarray, s_0: float) -> np.ndarray:
    """Return (r, looks) z by the t test of the first so many columns of ``d``."""
    total, squares = d.cumsum(axis=1)[:, looks - 1], (d * d).cumsum(axis=1)[:, looks - 1]
    variance = np.maximum(squares - total**2 / looks, 0.0) / (looks - 1)
    scale = np.maximum(np.sqrt(variance), s_0)
    # Of equal differences s is 0: exactly, which the sums of squares do not always say.
    scale[variance <= 1e-12 * squares] = max(s_0, 1e-300)
    t = np.clip(total / np.sqrt(looks) / scale, -1e150, 1e150)
    return np.where(total == 0.0, 0.0, _deviate(looks, t))


def _deviate(n: np.ndarray | int, t: np.ndarray | float) -> np.ndarray:
    """Return the normal deviate as probable as Student's ``t`` with n - 1 degrees of freedom."""
    p: np.ndarray = special.stdtr(n - 1, -np.abs(t))
    return -np.sign(t) * special.ndtri(p)

r"""P-values of permutation tests, exact as far as replicates reach and cautious beyond.

Notation
    T           (d,) observed statistics; large values speak against the hypothesis
    T_b         (B, d) replicates, exchangeable with T under the hypothesis
    c           (d,) replicates that reach T
    N           replicates of a statistic after more were drawn for it, N >= B
    z           sqrt(T - min_b T_b), the scale on which tails are extrapolated
    z_(k)       the k-th largest of the N replicates' z
    m           mean of z_(1) - z_(k+1), ..., z_(k) - z_(k+1)

Where c > 0, p = (1 + c) / (B + 1) (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010,
equation 2). Where c = 0, more replicates are drawn for this statistic alone, and

    p = min(1 / (B + 1), (1 + c_N) / (N + 1)).

That is exact at every level from 1 / (N + 1) on: at levels of 1 / (B + 1) and more the second
stage changes nothing, and below them P(p <= alpha) <= P((1 + c_N) / (N + 1) <= alpha) <= alpha.

Where none of the N reaches T, the tail is extrapolated from the k largest. Under the hypothesis T
is one of the k + 1 largest of N + 1 with probability (k + 1) / (N + 1), and if the excesses of z
over z_(k+1) are exponential, those of all k + 1 are exchangeable, so that

    p = (k + 1) / (N + 1) (1 + (z - z_(k+1)) / (k m))^-k,    at most 1 / (N + 1),

is exact although m is estimated (a ratio of exponential variables has Pareto's distribution).
Statistics are squared lengths of sums that are nearly normal. The tail of a length z falls at
least exponentially, that of its square T only in the limit: extrapolated in z, p errs to the safe
side. A gamma distribution with the mean and variance of T_b does not: for sums of weighted
chi-squares of unequal weights its tail is too light, and p too small by a factor that grows.
Statistics of counts jump from one value to the next; m is therefore at least the largest jump
from the median of z to z_(k+1).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = [
    "counted_p_values",
    "extended_p_values",
    "extrapolated_p_value",
    "p_values",
    "step_down",
]

_TOLERANCE = 1e-9  # of the largest replicate: equal statistics may differ by rounding errors
_K = 10  # by tests/statistics/test_permutation_tail.py: 5 lose power, 20 are cautious beyond need


def counted_p_values(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Compute (1 + c) / (B + 1).

    Args:
        observed: T, (d,).
        null: T_b, (B, d).

    Returns:
        P-values (d,), none below 1 / (B + 1). O(B d).
    """
    return np.asarray((1.0 + _is_reached(observed, null).sum(axis=0)) / (len(null) + 1.0))


def p_values(
    observed: np.ndarray,
    null: np.ndarray,
    draw_more: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Compute p-values that go on below 1 / (B + 1).

    Args:
        observed: T, (d,).
        null: T_b, (B, d).
        draw_more: Draws more replicates (N - B, k) of the statistics with the indices (k,) that
            it is given, independent of those before. Not called if no statistic needs them.

    Returns:
        P-values (d,) in (0, 1]. O(B d), O(N log N) for each statistic that no replicate reaches,
        and the drawing.
    """
    p = counted_p_values(observed, null)
    # p (B + 1) is 1 plus a count, but for rounding: below 1.5 no replicate reached the statistic.
    beyond = np.flatnonzero(p * (len(null) + 1.0) < 1.5)
    if not len(beyond):
        return p
    longer = np.vstack([null[:, beyond], draw_more(beyond)])
    refined = counted_p_values(observed[beyond], longer)
    for k in np.flatnonzero(refined * (len(longer) + 1.0) < 1.5):
        refined[k] = extrapolated_p_value(float(observed[beyond[k]]), longer[:, k])
    p[beyond] = np.minimum(p[beyond], refined)
    return p


def extended_p_values(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Compute p-values that go on below 1 / (B + 1) without more draws.

    Args:
        observed: T, (d,).
        null: T_b, (B, d).

    Returns:
        P-values (d,): counted, and extrapolated where no replicate reaches T. O(B d).
    """
    p = counted_p_values(observed, null)
    for k in np.flatnonzero(p * (len(null) + 1.0) < 1.5):
        p[k] = extrapolated_p_value(float(observed[k]), null[:, k])
    return p


def extrapolated_p_value(observed: float, null: np.ndarray) -> float:
    """Estimate the p-value of a statistic that no replicate reaches, from the largest of them.

    Args:
        observed: T.
        null: (N,) replicates T_b below T.

    Returns:
        The p-value, at most 1 / (N + 1), and equal to it if all replicates are equal or there are
        fewer than 3.
    """
    n, least = len(null), float(null.min())
    k = min(_K, (n - 1) // 2)
    if k == 0:
        return 1.0 / (n + 1.0)
    z = np.sqrt(np.sort(null) - least)
    threshold = z[n - k - 1]
    scale = max(float(np.mean(z[n - k :] - threshold)), _largest_jump(z[n // 2 : n - k]))
    if scale == 0.0:
        return 1.0 / (n + 1.0)
    excess = (np.sqrt(observed - least) - threshold) / (k * scale)
    tail = (k + 1.0) / (n + 1.0) * (1.0 + excess) ** -float(k)
    return float(min(tail, 1.0 / (n + 1.0)))


def step_down(
    observed: np.ndarray,
    null: np.ndarray,
    single: Callable[[np.ndarray, np.ndarray], np.ndarray] = counted_p_values,
) -> np.ndarray:
    """Compute family-wise p-values by step-down max-T.

    Args:
        observed: (d,) statistics, comparable with each other.
        null: (B, d) replicates, those of one row drawn together.
        single: Computes p-values (d,) of the same two arguments.

    Returns:
        P-values (d,), in the order of the statistics: the probability that any true hypothesis
        has one of at most alpha is at most alpha. O(B d).

    References:
        Westfall and Young, Resampling-Based Multiple Testing, 1993, algorithm 4.1.
    """
    order = np.argsort(-observed, kind="stable")
    largest_of_rest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    p = np.empty(len(observed))
    p[order] = np.maximum.accumulate(single(observed[order], largest_of_rest))
    return p


def _is_reached(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    tolerance = _TOLERANCE * np.abs(null).max(axis=0, initial=0.0)
    return np.asarray(null >= observed - tolerance)


def _largest_jump(ordered: np.ndarray) -> float:
    return float(np.diff(ordered).max(initial=0.0))

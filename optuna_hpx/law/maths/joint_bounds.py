"""The difference of two tuning curves, bounded by both samples together at all places at once.

Bounds for each curve by itself tell two curves apart only where both are bad luck at a time. Here
it is the sum of what both deviate that is bounded, and only of deviations against each other.

Notation
    n, m            draws of A and of B, independent
    k               trials of A; as many trials, or as much cost, are r k trials of B
    q               quantile of the best of them
    e               -log(1 - q) / k, so that the levels are p = 1 - exp(-e) of A's draws and
                    p' = 1 - exp(-e / r) of B's
    i, j            how many of n, m uniform numbers are at most p, p': y_(i) <= Q(p) <= y_(i+1)
    D(x, p)         divergence x log(x / p) + (1 - x) log((1 - x) / (1 - p))
    U(i), L(i)      n D(i / n, p) where i / n is above p, or below it, else 0; the same of j and m

    (1)  T = sup_e max(U(i) + L(j), L(i) + U(j)),   whatever the losses follow
    (2)  T <= c  =>  Q_B(p') - Q_A(p) >= min {b_(j) - a_(i+1) : U(i) + L(j) <= c}, and
                     Q_B(p') - Q_A(p) <= max {b_(j+1) - a_(i) : L(i) + U(j) <= c}

D is convex in p, and so (1) is reached where a count changes, or at an end. c is a quantile of T
by simulation, no smaller than the true one with probability .98.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

__all__ = ["MOST_DRAWS", "Bounds", "joint_bounds", "joint_threshold"]

MOST_DRAWS = 2000  # of each: of more, (1) takes long to simulate
_N_NUMBERS, _N_RUNS = 2_000_000, (2000, 10_000)  # that are simulated in all; least and most runs
_N_AT_ONCE = 400_000
_SURELY = 2.0  # standard errors by which c is larger than the quantile of the runs


class Bounds(NamedTuple):
    """Bounds at m places that hold all at once.

    Attributes:
        low, high: (m,) of Q_B - Q_A; infinite where nothing is known.
        a, b: (2, m) of the curves themselves.
    """

    low: np.ndarray
    high: np.ndarray
    a: np.ndarray
    b: np.ndarray


@lru_cache(maxsize=64)
def joint_threshold(
    n: int, m: int, ratio: float, ends: tuple[float, float], confidence: float
) -> float:
    """Find the c of equation (2) that T exceeds with probability 1 - ``confidence`` at most.

    Args:
        n: Draws of A.
        m: Draws of B.
        ratio: r.
        ends: The least and the largest e.
        confidence: In (0, 1).

    Cost: half a second.
    """
    rng = np.random.default_rng(0)  # the same c for the same samples, whoever asks
    n_runs = int(np.clip(_N_NUMBERS // (n + m), *_N_RUNS))
    step = max(_N_AT_ONCE // (n + m), 1)
    parts = [
        _largest(rng, min(step, n_runs - start), (n, m), ratio, ends)
        for start in range(0, n_runs, step)
    ]
    reach = _SURELY * math.sqrt(confidence * (1.0 - confidence) / n_runs)
    return float(np.quantile(np.concatenate(parts), min(confidence + reach, 1.0)))


def _largest(
    rng: np.random.Generator,
    n_runs: int,
    sizes: tuple[int, int],
    ratio: float,
    ends: tuple[float, float],
) -> np.ndarray:
    """Simulate T, equation (1), so many times."""
    n, m = sizes
    # -log(1 - uniform) is exponential; B's level reaches its draw at r times that e.
    e = np.concatenate(
        [
            rng.standard_exponential((n_runs, n)),
            ratio * rng.standard_exponential((n_runs, m)),
            np.tile(ends, (n_runs, 1)),
        ],
        axis=1,
    )
    order = np.argsort(e, axis=1)
    e = np.take_along_axis(e, order, axis=1)
    of_a, of_b = order < n, (order >= n) & (order < n + m)
    i, j = np.cumsum(of_a, axis=1), np.cumsum(of_b, axis=1)
    is_inside = (e >= ends[0]) & (e <= ends[1])
    rows, e = np.nonzero(is_inside)[0], e[is_inside]
    i, j, of_a, of_b = (counts[is_inside] for counts in (i, j, of_a, of_b))
    sizes_of_t = np.maximum(
        _conflict(i, j, sizes, (e, e / ratio)),
        _conflict(i - of_a, j - of_b, sizes, (e, e / ratio)),
    )
    largest = np.zeros(n_runs)
    np.maximum.at(largest, rows, sizes_of_t)
    return largest


def _conflict(
    i: np.ndarray, j: np.ndarray, sizes: tuple[int, int], e: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Compute the larger of U(i) + L(j) and L(i) + U(j)."""
    first, second = (
        _signed(count, n, level) for count, n, level in zip((i, j), sizes, e, strict=True)
    )
    return np.maximum(
        np.maximum(first, 0.0) + np.maximum(-second, 0.0),
        np.maximum(-first, 0.0) + np.maximum(second, 0.0),
    )


def _signed(i: np.ndarray, n: int, e: np.ndarray | float) -> np.ndarray:
    """Compute U(i), or -L(i), of n draws at the level of ``e``."""
    p = -np.expm1(-np.asarray(e))
    size = np.maximum(_entropies(n)[i] - i * np.log(p) + (n - i) * e, 0.0)
    return np.where(i > n * p, size, -size)


@lru_cache(maxsize=8)
def _entropies(n: int) -> np.ndarray:
    """Compute the part of n D(i / n, p) that p has no part in, for all i."""
    i = np.arange(n + 1)
    return np.asarray(xlogy(i, i / n) + xlogy(n - i, 1.0 - i / n))


def joint_bounds(
    a: np.ndarray,
    b: np.ndarray,
    levels: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    threshold: float,
) -> Bounds:
    """Bound the difference of two curves, equation (2).

    Args:
        a: (n + 2,) sorted losses of A, with the least and the largest possible one at the ends.
        b: (m + 2,) those of B.
        levels: (places,) the largest and the least e of A, and the largest and the least e / r of
            B, where costs are uncertain; else the same twice.
        threshold: c.

    Returns:
        The bounds. O(places (sqrt(n) + sqrt(m))).
    """
    most_a, least_a, most_b, least_b = levels
    # The lower bound is that of the worst case for A, and the upper one of that for B.
    low = [_least(a, b, *pair, threshold) for pair in zip(most_a, least_b, strict=True)]
    high = [-_least(b, a, *pair, threshold) for pair in zip(most_b, least_a, strict=True)]
    return Bounds(
        np.array(low),
        np.array(high),
        _curve(a, most_a, least_a, threshold),
        _curve(b, most_b, least_b, threshold),
    )


def _least(a: np.ndarray, b: np.ndarray, e_a: float, e_b: float, threshold: float) -> float:
    """Return the least of b_(j) - a_(i+1) that equation (2) leaves open."""
    i, over = _deviations(len(a) - 2, e_a, threshold, above=True)
    j, under = _deviations(len(b) - 2, e_b, threshold, above=False)
    # For each i the least j that the rest of c allows; both deviations grow from the first on.
    last = np.searchsorted(under, threshold - over, side="right") - 1
    above, below = a[i + 1], b[j[np.maximum(last, 0)]]
    if not (np.isfinite(above).all() and np.isfinite(below).all()):
        return -math.inf
    return float(np.min(below - above))


def _deviations(
    n: int, e: float, threshold: float, *, above: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return counts from the expected one away, up or down, and U or L of each, up to c."""
    expected = math.floor(-n * math.expm1(-e))
    reach = math.ceil(math.sqrt(threshold * n / 2.0)) + 2  # Pinsker's inequality
    counts = np.arange(expected, min(expected + reach, n) + 1)
    if not above:
        counts = np.arange(min(expected + 1, n), max(expected - reach, 0) - 1, -1)
    sizes = np.maximum(_signed(counts, n, e) * (1.0 if above else -1.0), 0.0)
    keep = sizes <= threshold
    return counts[keep], sizes[keep]


def _curve(
    losses: np.ndarray, most: np.ndarray, least: np.ndarray, threshold: float
) -> np.ndarray:
    """Bound a curve by itself: one of the deviations may be all of c."""
    n = len(losses) - 2
    low = [losses[_deviations(n, e, threshold, above=False)[0][-1]] for e in least]
    high = [losses[_deviations(n, e, threshold, above=True)[0][-1] + 1] for e in most]
    return np.array([low, high])

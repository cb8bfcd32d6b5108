"""Which trials are the good ones: the lower quantile of a loss, or of a non-domination order.

Notation
    n, m    trials, objectives
    keys    (n,) lower is better; only their order matters
    front   (n,) non-domination rank: 0 for trials that none dominates, 1 once those are gone, ...

Ranking after Deb et al., IEEE Trans. Evol. Comput. 6 (2002), section III-A. Only ranks of the
objectives are used, so that no monotone rescaling of one changes the order.
"""

from __future__ import annotations

import bisect
import math

import numpy as np

__all__ = ["around", "best", "feasible_first", "non_dominated", "non_domination_keys"]

_USABLE = 5  # trials of which something can be said
_MANY_FRONTS = 100  # of two objectives: from there on all at once, however many there are
MIN_AROUND = 3  # trials on each side of a cut-off that stand for those at it


def best(keys: np.ndarray, quantile: float, *, allow_all: bool = False) -> np.ndarray:
    """Mark the best ``ceil(quantile * n)`` trials.

    Trials tied at the cut-off are in or out together, whichever comes nearer to that number; but
    where 5 or more were asked for and fewer would be left, of which nothing can be said, they are
    in if no more than half of the trials are then in. Never is the set empty, nor everything
    (unless ``allow_all``) if any trial is better than the cut-off.

    Returns:
        (n,) bool. O(n).
    """
    n = len(keys)
    if quantile >= 1.0 or n == 0:
        return np.ones(n, dtype=bool)
    wanted = math.ceil(quantile * n - 1e-9)  # 0.07 * 100 is a hair above 7
    cut_off = np.partition(keys, wanted - 1)[wanted - 1]
    below, up_to = keys < cut_off, keys <= cut_off
    n_below, n_up_to = np.count_nonzero(below), np.count_nonzero(up_to)
    may_take = allow_all or n_up_to < n
    is_nearer = n_up_to - wanted <= wanted - n_below
    is_needed = n_below < _USABLE <= wanted and n_up_to <= n / 2
    take_ties = n_below == 0 or (may_take and (is_nearer or is_needed))
    return np.asarray(up_to if take_ties else below)


def around(n_top: int) -> slice:
    """Return the places, from the best trial on, around the cut-off after the first ``n_top``.

    Near enough to it to be like the trials at it, and enough of them for a mean.
    """
    reach = max(min(n_top // 2, math.isqrt(4 * n_top)), MIN_AROUND)
    return slice(max(n_top - reach, 0), n_top + reach)


def feasible_first(keys: np.ndarray, violation: np.ndarray) -> np.ndarray:
    """Return new keys (n,): infeasible trials, ``violation`` (n,) > 0, come after feasible."""
    if not violation.any():
        return keys
    infeasible = violation > 0.0
    new = np.empty(len(keys))
    feasible_ranks = _dense_ranks(keys[~infeasible])
    new[~infeasible] = feasible_ranks
    new[infeasible] = feasible_ranks.max(initial=-1) + 1 + _dense_ranks(violation[infeasible])
    return new


def non_domination_keys(losses: np.ndarray, n_needed: int) -> np.ndarray:
    """Return keys (n,) by front, and within one such that its first few are spread evenly over it.

    Args:
        losses: (n, m), lower is better.
        n_needed: How many of the best trials must be told apart; the fronts after those that hold
            them share one key. O(n log n) for two objectives; else O(n F m) for F trials in the
            fronts looked at.
    """
    ranks = np.column_stack([_dense_ranks(column) for column in losses.T])
    front, n_fronts = _fronts(ranks, n_needed)
    spread = np.zeros(len(losses))
    members = np.split(front.argsort(kind="stable"), np.bincount(front).cumsum())
    for rows in members[:n_fronts]:
        spread[rows] = _spread(ranks[rows])
    return _dense_ranks(front + spread).astype(float)


def non_dominated(losses: np.ndarray) -> np.ndarray:
    """Mark the trials of ``losses`` (n, m) that no other dominates."""
    front, n_fronts = _fronts(np.column_stack([_dense_ranks(x) for x in losses.T]), n_needed=1)
    return (front == 0) & (n_fronts > 0)


def _dense_ranks(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].reshape(-1)


def _fronts(ranks: np.ndarray, n_needed: int) -> tuple[np.ndarray, int]:
    """Return fronts (n,) until ``n_needed`` trials are in one, and their number."""
    n = len(ranks)
    front = np.zeros(n, dtype=int)
    remaining = np.lexsort(ranks.T[::-1])  # no trial is dominated by one that comes after it
    first_front = _first_front_of_two if ranks.shape[1] == 2 else _first_front
    k = 0
    while len(remaining) and n - len(remaining) < n_needed:
        if k == _MANY_FRONTS and ranks.shape[1] == 2:
            below = _fronts_of_two(ranks[remaining])
            n_lacking = n_needed - (n - len(remaining))
            n_below = int(np.searchsorted(np.bincount(below).cumsum(), n_lacking))
            front[remaining] = k + np.minimum(below, n_below + 1)
            return front, k + n_below + 1
        is_member = first_front(ranks[remaining])
        front[remaining[is_member]] = k
        remaining = remaining[~is_member]
        k += 1
    front[remaining] = k
    return front, k


def _first_front_of_two(ranks: np.ndarray) -> np.ndarray:
    """Mark the first front of lexicographically sorted ``ranks`` (n, 2). O(n)."""
    second = ranks[:, 1]
    is_new = np.ones(len(ranks), dtype=bool)
    is_new[1:] = (ranks[1:] != ranks[:-1]).any(axis=1)
    is_below = np.ones(len(ranks), dtype=bool)
    is_below[1:] = second[1:] < np.minimum.accumulate(second)[:-1]
    return is_below[is_new][np.cumsum(is_new) - 1]  # of equal trials as of the first


def _fronts_of_two(ranks: np.ndarray) -> np.ndarray:
    """Return all fronts of lexicographically sorted ``ranks`` (n, 2). O(n log n).

    The lowest second objective in each front so far increases from front to front.
    """
    lowest: list[int] = []
    fronts: list[int] = []
    last = (-1, -1)
    for first, second in ranks.tolist():
        if (first, second) != last:
            last = (first, second)
            k = bisect.bisect_right(lowest, second)
            lowest[k : k + 1] = [second]
        fronts.append(k)
    return np.array(fronts)


def _first_front(ranks: np.ndarray) -> np.ndarray:
    """Mark the first front of lexicographically sorted ``ranks`` (n, m)."""
    is_member = np.zeros(len(ranks), dtype=bool)
    alive = np.arange(len(ranks))
    while len(alive):
        first = ranks[alive[0]]
        is_member[alive[(ranks[alive] == first).all(axis=1)]] = True
        alive = alive[(ranks[alive] < first).any(axis=1)]
    return is_member


def _spread(ranks: np.ndarray) -> np.ndarray:
    """Return keys (k,) in [0, 1): van der Corput's sequence along the front, from end to end.

    The front is walked in the order of the first objective, then the next; equal trials share a
    key. The trials with the smallest keys, however many, lie at even steps.
    """
    distinct, inverse = np.unique(ranks, axis=0, return_inverse=True)
    n_bits = max(len(distinct) - 1, 1).bit_length()
    steps = np.arange(2**n_bits)
    place = np.zeros(len(steps))
    for bit in range(n_bits):  # the bits of the step, reversed, after the binary point
        place += (steps >> bit & 1) / 2.0 ** (bit + 1)
    _, first = np.unique((place * len(distinct)).astype(int), return_index=True)
    return (first / len(steps))[inverse.reshape(-1)]

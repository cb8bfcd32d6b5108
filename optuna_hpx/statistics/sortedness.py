"""Whether rows were put in the order of a number: then their order says nothing of time."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from scipy.stats import rankdata

from optuna_hpx.statistics.thinning import evenly

__all__ = ["is_listed_in_order", "is_sorted", "is_sorted_within", "longest_rise"]

_SORTED, _IN_ORDER = 0.97, 0.95
"""Correlation with the order, and share of the rows that are in order, from which on rows were
sorted; no random ones come near it."""
_MIN_ROWS = 5  # fewer are in order by chance
_MAX_ROWS = 400  # of more, as many are as much in order


def is_sorted_within(blocks: np.ndarray, values: np.ndarray) -> bool:
    """Tell whether a number is in order in each block of rows that is no handful."""
    rows = evenly(len(values), _MAX_ROWS)
    blocks, values = blocks[rows], values[rows]
    parts = [values[blocks == block] for block in np.unique(blocks)]
    parts = [part for part in parts if len(part) >= _MIN_ROWS]
    return bool(parts) and all(is_sorted(part) for part in parts)


def is_sorted(values: np.ndarray) -> bool:
    """Tell whether the rows were put in the order of a number, and so are not in order of time.

    A few rows that were appended, or a number that was rounded first, change little of it. A
    number that few rows have, or of few values, is in order by chance, or for another reason.
    """
    finite = values[np.isfinite(values)]
    n = len(finite)
    if n < max(_MIN_ROWS, len(values) / 2) or len(np.unique(finite)) < n / 4:
        return False
    if max(longest_rise(finite), longest_rise(-finite)) >= _IN_ORDER * n:
        return True
    return bool(abs(np.corrcoef(rankdata(finite), np.arange(n))[0, 1]) > _SORTED)


def longest_rise(values: np.ndarray) -> int:
    """Return how many values are left if the fewest are taken out that are not in order."""
    ends: list[float] = []  # the smallest last value of the rises of each length
    for value in values.tolist():
        place = bisect_right(ends, value)
        ends[place : place + 1] = [value]
    return len(ends)


def is_listed_in_order(values: np.ndarray) -> bool:
    """Tell whether a parameter of few values has them one after the other.

    So it is where rows were sorted by it, or a person went from one to the next: how the others
    moved meanwhile is still to be seen.
    """
    if not np.isfinite(values).all():
        return False
    changes = int(np.count_nonzero(np.diff(values)))
    return 0 < changes <= len(values) / 4 and changes == len(np.unique(values)) - 1

"""Whether trials were drawn evenly from a space, or mostly where a sampler liked it."""

from __future__ import annotations

import numpy as np
from scipy import stats

__all__ = ["has_repeats", "is_uneven_choice", "is_uneven_position"]

_LARGE = 0.3  # of the probability is elsewhere than an even draw would have put it
_SURE = 1e-3  # p-value
_ENOUGH = 20
_REPEATED = 0.1  # of the values occurred before; an evolutionary sampler inherits most of its own


def is_uneven_position(u: np.ndarray) -> bool:
    """Of positions (n,) in [0, 1]: by the Kolmogorov distance to the uniform distribution.

    For positions that take many values; few of them are at a distance of themselves.
    """
    if len(u) < 2:
        return False
    found = stats.kstest(u, "uniform")
    return bool(found.statistic > _LARGE and found.pvalue < _SURE)


def has_repeats(values: np.ndarray) -> bool:
    """Of a continuous parameter, whose draws (n,) would all differ."""
    return len(values) >= _ENOUGH and 1.0 - len(np.unique(values)) / len(values) > _REPEATED


def is_uneven_choice(counts: np.ndarray) -> bool:
    """Of how often each of K choices was drawn (K,): by the total variation distance."""
    n, k = counts.sum(), len(counts)
    if n < 2 or k < 2:
        return False
    distance = np.abs(counts / n - 1.0 / k).sum() / 2.0
    return bool(distance > _LARGE and stats.chisquare(counts).pvalue < _SURE)

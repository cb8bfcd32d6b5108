"""Whether trials were drawn evenly from a space, or mostly where a sampler liked it.

Notation
    n           draws
    u           (n,) positions in [0, 1]
    K           choices of a categorical parameter

A distance says how uneven the draws are, a p-value whether chance alone may have done it; draws
count as uneven where both are beyond their limits.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

__all__ = ["has_repeats", "is_uneven_choice", "is_uneven_position"]

_LARGE = 0.3  # of the probability is elsewhere than an even draw would have put it
_SURE = 1e-3  # p-value: there are many parameters and studies
_ENOUGH = 20  # draws, of which a share of repeated ones means anything
_REPEATED = 0.1  # of the values occurred before; an evolutionary sampler inherits most of its own


def is_uneven_position(u: np.ndarray) -> bool:
    """Test positions by the Kolmogorov distance to the uniform distribution.

    Args:
        u: (n,) in [0, 1], of a parameter with many possible values: few possible values are at a
            distance from the uniform distribution however they are drawn.

    Returns:
        Whether the positions are uneven. O(n log n).
    """
    if len(u) < 2:
        return False
    test = stats.kstest(u, "uniform")
    return bool(test.statistic > _LARGE and test.pvalue < _SURE)


def has_repeats(values: np.ndarray) -> bool:
    """Tell whether values of a continuous parameter repeat, where even draws would all differ.

    Args:
        values: (n,).

    Returns:
        Whether more than a tenth of at least 20 values occurred before. O(n log n).
    """
    return len(values) >= _ENOUGH and 1.0 - len(np.unique(values)) / len(values) > _REPEATED


def is_uneven_choice(counts: np.ndarray) -> bool:
    """Test choices by the total variation distance to equal shares.

    Args:
        counts: (K,) how often each choice was drawn.

    Returns:
        Whether the choices are uneven.
    """
    n, k = counts.sum(), len(counts)
    if n < 2 or k < 2:
        return False
    distance = np.abs(counts / n - 1.0 / k).sum() / 2.0
    return bool(distance > _LARGE and stats.chisquare(counts).pvalue < _SURE)

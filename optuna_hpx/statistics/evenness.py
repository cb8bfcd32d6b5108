"""Whether trials were drawn evenly from a domain, or mostly where a sampler liked it.

Notation
    n           draws
    u           (n,) positions in [0, 1]
    K           choices of a categorical parameter
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

__all__ = ["choice_p_value", "combined_p_value", "position_p_value", "repeated_share"]

_EXACT = 500  # positions; of more, the limiting distribution is as good, and takes no time
_TINY = 1e-300


def position_p_value(u: np.ndarray) -> float:
    """Test positions by the Kolmogorov distance to the uniform distribution.

    Args:
        u: (n,) in [0, 1], of a continuous parameter: few possible values are at a distance from
            the uniform distribution however they are drawn.

    Returns:
        The p-value, 1 for fewer than two. O(n log n).
    """
    n = len(u)
    if n < 2:
        return 1.0
    ordered, steps = np.sort(u), np.arange(n + 1) / n
    distance = float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
    if n <= _EXACT:
        return float(stats.kstwo.sf(distance, n))
    return float(special.kolmogorov(np.sqrt(n) * distance))


def choice_p_value(counts: np.ndarray) -> float:
    """Test counts against equal shares by Pearson's chi-squared.

    Args:
        counts: (K,) how often each choice was drawn.

    Returns:
        The p-value, 1 for fewer than two draws or choices.
    """
    n, k = counts.sum(), len(counts)
    if n < 2 or k < 2:
        return 1.0
    return float(special.chdtrc(k - 1, np.square(counts - n / k).sum() / (n / k)))


def combined_p_value(p_values: np.ndarray) -> float:
    """Combine p-values (k,) of independent tests by their product, as Fisher did.

    Returns:
        The chance of a product as small. Those above 1/2 of a discrete test make it too large.
    """
    return float(stats.combine_pvalues(np.maximum(p_values, _TINY)).pvalue)


def repeated_share(values: np.ndarray) -> float:
    """Return the share of the values (n,) that occurred before. O(n log n)."""
    if not len(values):
        return 0.0
    ordered = np.sort(values)
    return float(np.count_nonzero(ordered[1:] == ordered[:-1]) / len(values))

"""Whether trials were drawn evenly from a domain, or mostly where a sampler liked it.

Notation
    n           draws
    u           (n,) positions in [0, 1]
    K           choices of a categorical parameter
"""

from __future__ import annotations

import numpy as np
from scipy import stats

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
    method = "exact" if len(u) <= _EXACT else "asymp"
    return 1.0 if len(u) < 2 else float(stats.kstest(u, "uniform", method=method).pvalue)


def choice_p_value(counts: np.ndarray) -> float:
    """Test counts against equal shares by Pearson's chi-squared.

    Args:
        counts: (K,) how often each choice was drawn.

    Returns:
        The p-value, 1 for fewer than two draws or choices.
    """
    if counts.sum() < 2 or len(counts) < 2:
        return 1.0
    return float(stats.chisquare(counts).pvalue)


def combined_p_value(p_values: np.ndarray) -> float:
    """Combine p-values (k,) of independent tests by their product, as Fisher did.

    Returns:
        The chance of a product as small. Those above 1/2 of a discrete test make it too large.
    """
    return float(stats.combine_pvalues(np.maximum(p_values, _TINY)).pvalue)


def repeated_share(values: np.ndarray) -> float:
    """Return the share of the values (n,) that occurred before. O(n log n)."""
    return 1.0 - len(np.unique(values)) / len(values) if len(values) else 0.0

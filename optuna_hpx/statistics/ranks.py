r"""Ranks as shares, and as quantiles of the normal distribution.

Notation
    n           values
    r           (n,) ranks from 1; equal values share the mean of theirs
    m           (n,) weights, sum 1
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

__all__ = ["normal_scores", "weighted_shares"]


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Compute the quantiles of the standard normal distribution at (r - 1/2) / n.

    Args:
        values: (n,), infinite ones allowed.

    Returns:
        Scores (n,), increasing in the values; equal values have the same. O(n log n).

    References:
        Hazen's plotting position (r - 1/2) / n: van der Waerden scores of the middles of n cells
        of equal probability.
    """
    return np.asarray(special.ndtri((stats.rankdata(values) - 0.5) / len(values)))


def weighted_shares(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute the share of the weight on smaller values, and half of that on equal ones.

    Args:
        values: (n,), infinite ones allowed.
        weights: m, (n,).

    Returns:
        Shares (n,) in (0, 1); (r - 1/2) / n for equal weights. O(n log n).
    """
    distinct, index = np.unique(values, return_inverse=True)
    mass = np.bincount(index.reshape(-1), weights=weights, minlength=len(distinct))
    return np.asarray((np.cumsum(mass) - mass / 2.0)[index.reshape(-1)])

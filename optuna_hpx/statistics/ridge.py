"""Ridge regression of several columns, each of the strength with the least GCV.

Generalised cross-validation: Golub, Heath and Wahba, Technometrics 21, 1979.
"""

from __future__ import annotations

import numpy as np

__all__ = ["residuals"]


def residuals(
    features: np.ndarray, columns: np.ndarray, ridges: np.ndarray, min_freedom: float
) -> tuple[np.ndarray, np.ndarray]:
    """What a regression on ``features`` (n, p) leaves of ``columns`` (n, c), which have mean 0.

    Args:
        features: (n, p); their means are taken off.
        columns: (n, c).
        ridges: (k,) strengths to choose from, in units of n.
        min_freedom: Strengths that leave fewer degrees of freedom, as a share of n, are not used.

    Returns:
        The least GCV (c,), infinite where no strength may be used, and the residuals (n, c) there.
    """
    n = len(columns)
    left, values, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    along = left.T @ columns
    rest = np.maximum(np.sum(columns**2, axis=0) - np.sum(along**2, axis=0), 0.0)
    best, kept = np.full(columns.shape[1], np.inf), np.zeros_like(along)
    for ridge in ridges:
        shrink = values**2 / (values**2 + ridge * n)
        freedom = n - 1.0 - float(shrink.sum())
        if freedom < min_freedom * n:
            continue
        unexplained = (1.0 - shrink)[:, None] * along
        gcv = (rest + np.sum(unexplained**2, axis=0)) / freedom**2
        better = gcv < best
        best[better] = gcv[better]
        kept[:, better] = (shrink[:, None] * along)[:, better]
    return best, columns - left @ kept

r"""Ridge regression of several columns, each of the strength with the least GCV.

Notation
    X, y        (n, p) features, (n,) a column, both with mean 0
    l           strength, in units of n
    A(l)        X (X'X + n l I)^-1 X', which predicts
    f           n - 1 - tr A(l), degrees of freedom that are left

    GCV(l) = |y - A(l) y|^2 / f^2

is generalised cross-validation (Golub, Heath and Wahba, Technometrics 21, 1979, equation 1.4, but
for a factor n and the one degree of freedom of the mean).
"""

from __future__ import annotations

import numpy as np

__all__ = ["residuals"]


def residuals(
    features: np.ndarray, columns: np.ndarray, ridges: np.ndarray, min_freedom: float
) -> tuple[np.ndarray, np.ndarray]:
    """Subtract from columns what a ridge regression on features explains.

    Args:
        features: X, (n, p); their means are taken off.
        columns: (n, c), each with mean 0.
        ridges: (k,) strengths to choose from, in units of n.
        min_freedom: Strengths that leave fewer degrees of freedom, as a share of n, are not used.

    Returns:
        The least GCV (c,), and the residuals (n, c) there; infinity and the columns themselves
        where no strength may be used. O(n p min(n, p) + k c min(n, p)).
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

r"""Ridge regression of several columns, each of the strength with the least GCV.

Notation
    X, Y, y     (n, p) features, (n, c) columns, one of them; all with mean 0
    l           strength
    A(l)        X (X'X + l I)^-1 X', which predicts
    f           n - 1 - tr A(l), degrees of freedom that are left
    U, s, V'    singular value decomposition of X: A(l) = U diag(s^2 / (s^2 + l)) U'

    GCV(l) = |y - A(l) y|^2 / f^2

is generalised cross-validation (Golub, Heath and Wahba, Technometrics 21, 1979, equation 1.4, but
for a factor n and the one degree of freedom of the mean).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["RidgeFit", "fit", "residuals"]


@dataclass(frozen=True)
class RidgeFit:
    """Regressions of c columns.

    Attributes:
        gcv: (c,) the least GCV; infinite where no strength may be used.
        coefficients: (p, c); 0 where no strength may be used.
        predictions: (n, c) A(l) Y.
    """

    gcv: np.ndarray
    coefficients: np.ndarray
    predictions: np.ndarray


def fit(X: np.ndarray, Y: np.ndarray, strengths: np.ndarray, min_freedom: float) -> RidgeFit:
    """Fit ridge regressions, each of the strength with the least GCV.

    Args:
        X: (n, p) features with mean 0.
        Y: (n, c) columns with mean 0.
        strengths: (k,) l to choose from.
        min_freedom: Strengths that leave fewer degrees of freedom than this are not used.

    Returns:
        The fits. O(n p min(n, p) + k c min(n, p)).
    """
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    along = U.T @ Y
    beyond = np.maximum(np.sum(Y**2, axis=0) - np.sum(along**2, axis=0), 0.0)  # no X explains it
    least, chosen = np.full(Y.shape[1], np.inf), np.full(Y.shape[1], np.inf)
    for strength in strengths:
        shrink = s**2 / (s**2 + strength)
        freedom = len(Y) - 1.0 - float(shrink.sum())
        if freedom < min_freedom:
            continue
        gcv = (beyond + np.sum(((1.0 - shrink)[:, None] * along) ** 2, axis=0)) / freedom**2
        chosen[gcv < least] = strength
        least = np.minimum(gcv, least)
    s = s[:, None]
    return RidgeFit(
        gcv=least,
        coefficients=Vt.T @ (s / (s**2 + chosen) * along),
        predictions=U @ (s**2 / (s**2 + chosen) * along),
    )


def residuals(
    features: np.ndarray, columns: np.ndarray, ridges: np.ndarray, min_freedom: float
) -> tuple[np.ndarray, np.ndarray]:
    """Subtract from columns what a ridge regression on features explains.

    Args:
        features: (n, p); their means are taken off.
        columns: (n, c), each with mean 0.
        ridges: (k,) strengths to choose from, in units of n.
        min_freedom: Strengths that leave fewer degrees of freedom, as a share of n, are not used.

    Returns:
        The least GCV (c,), and the residuals (n, c) there; infinity and the columns themselves
        where no strength may be used. Cost as of :func:`fit`.
    """
    n = len(columns)
    result = fit(features - features.mean(axis=0), columns, ridges * n, min_freedom * n)
    return result.gcv, columns - result.predictions

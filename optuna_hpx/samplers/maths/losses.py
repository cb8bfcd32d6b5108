r"""Losses as a Gaussian process can learn them, whatever their scale and their tail.

Notation
    n           trials
    y           (n,) losses; NaN where a trial has none
    z           (y - median) / (median - best): -1 for the best, 0 for the median

    z -> log(1 + z) in the worse half, and all standardised.                                  (1)

The better half, where the optimum is, keeps its shape; how bad a bad trial is hardly counts. If
most trials are equally good, so that the median is the best, the mean takes its place below the
fraction. A trial without a loss counts as the worst one, an infinite loss as the nearest finite
one.
"""

from __future__ import annotations

import numpy as np

__all__ = ["transformed"]


def transformed(losses: np.ndarray) -> np.ndarray:
    """Transform losses (n,) by eq. (1).

    Args:
        losses: At least one of them finite.

    Returns:
        (n,) of zero mean and, unless all are equal, of unit variance.
    """
    finite = losses[np.isfinite(losses)]
    best, worst = float(finite.min()), float(finite.max())
    size = max(abs(best), abs(worst)) or 1.0  # sums of the largest floats would overflow
    y = np.clip(np.where(np.isnan(losses), worst, losses), best, worst) / size - best / size
    middle = float(np.median(finite / size - best / size))
    scale = middle or float(y.mean()) or 1.0
    z = (y - middle) / scale
    z = np.where(z > 0.0, np.log1p(np.maximum(z, 0.0)), z)
    return np.asarray((z - z.mean()) / (float(z.std()) or 1.0))

"""The point from which a hypervolume is measured, where its user has none in mind.

Notation
    y (n, m)        losses of draws
    b, q1, q3, w    of each objective the best, the quartiles and the worst loss

    (1)  w' = min(w, q3 + 3 (q3 - q1))      (Tukey's outer fence; w if the quartiles are equal)
    (2)  r = w' + (w' - b) / 10

A single draw that diverged would otherwise set the scale, and no gain would count beside its
volume. The tenth beyond the worst lets the ends of the front count, as is the custom of the field.
"""

from __future__ import annotations

import numpy as np

__all__ = ["default_reference_point"]

_FENCE = 3.0
_MARGIN = 0.1


def default_reference_point(losses: np.ndarray) -> np.ndarray:
    """Compute a reference point (m,) from finite losses (n, m), n at least 1."""
    first, third = np.quantile(losses, [0.25, 0.75], axis=0)
    best, worst = losses.min(axis=0), losses.max(axis=0)
    fence = np.where(third > first, third + _FENCE * (third - first), np.inf)
    worst = np.minimum(worst, fence)
    return np.asarray(worst + _MARGIN * (worst - best))

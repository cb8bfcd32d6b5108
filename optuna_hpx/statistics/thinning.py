"""A few of many rows, at even distances: where more would cost much and tell little."""

from __future__ import annotations

import numpy as np

__all__ = ["evenly"]


def evenly(n: int, limit: int) -> np.ndarray:
    """Return the indices of at most ``limit`` of n rows, the first and the last among them."""
    return np.linspace(0, n - 1, min(n, limit)).astype(int)

"""By how much one tuning curve is better than another, between bounds that hold all at once.

Notation
    low, high (m,)  bounds of a curve of losses at m places, which hold all at once
    1 - e           their confidence, of each of two curves
    A, B            the two curves

    (1)  low_B - high_A <= B - A <= high_B - low_A
    (2)  P((1) at all places) >= 1 - 2 e,  by Bonferroni: also where the draws of A and of B are
         not independent, as of samplers with one seed
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Stretch", "advantage", "confidence_of_each", "stretches"]


class Stretch(NamedTuple):
    """Neighbouring places.

    Attributes:
        first, last: Their ends, counted from 0; both belong to it.
    """

    first: int
    last: int


def confidence_of_each(confidence: float, n: int = 2) -> float:
    """Compute the confidence that each of ``n`` bounds must have, equation (2)."""
    return 1.0 - (1.0 - confidence) / n


def advantage(
    a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Bound by how much the losses of A are below those of B, equation (1).

    Args:
        a: (m,) lower and upper bounds of A; infinite where there is none.
        b: (m,) those of B.

    Returns:
        (m,) lower and upper bounds; infinite where there is none.
    """
    return _minus(b[0], a[1], -np.inf), _minus(b[1], a[0], np.inf)


def _minus(x: np.ndarray, y: np.ndarray, unknown: float) -> np.ndarray:
    """Subtract, where both are finite."""
    both = np.isfinite(x) & np.isfinite(y)
    return np.where(both, np.where(both, x, 0.0) - np.where(both, y, 0.0), unknown)


def stretches(is_within: np.ndarray) -> list[Stretch]:
    """List the runs of True in (m,) ``is_within``."""
    padded = np.concatenate([[False], is_within, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [
        Stretch(first, end - 1)
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]

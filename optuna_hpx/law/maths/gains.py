"""The distribution of what further trials gain, as any forecast gives it.

Notation
    g (s,)          gains, ascending from 0
    P (s,)          probability of each
    w               weights of several forecasts, which are mixed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Gains", "gains_of", "mixed"]


@dataclass(frozen=True)
class Gains:
    """The distribution of the gain by more draws.

    Attributes:
        size: (s,) gains, ascending from 0.
        chance: (s,) probability of each; they sum to 1.
    """

    size: np.ndarray
    chance: np.ndarray

    def exceed(self, gain: np.ndarray | float) -> np.ndarray:
        """Compute the probability of a gain above ``gain``, of its shape."""
        tail = np.minimum(np.append(np.cumsum(self.chance[::-1])[::-1], 0.0), 1.0)
        return tail[np.searchsorted(self.size, gain, side="right")]

    def quantile(self, q: np.ndarray | float) -> np.ndarray:
        """Compute the gain that is not exceeded with probability ``q``, of its shape."""
        below = np.cumsum(self.chance)
        row = np.searchsorted(below, np.asarray(q) * below[-1], side="left")
        return self.size[np.minimum(row, len(self.size) - 1)]


def gains_of(size: np.ndarray, weight: np.ndarray) -> Gains:
    """Order (s,) gains, and make probabilities of their weights."""
    order = np.argsort(size, kind="stable")
    return Gains(size[order], weight[order] / weight.sum())


def mixed(forecasts: Sequence[Gains], weights: Sequence[float]) -> Gains:
    """Mix forecasts, of which each holds with a probability in proportion to its weight."""
    parts = [gains.chance * weight for gains, weight in zip(forecasts, weights, strict=True)]
    return gains_of(np.concatenate([gains.size for gains in forecasts]), np.concatenate(parts))

r"""Losses as a Gaussian process can learn them, whatever their scale and their tail.

Notation
    n           trials
    y           (n,) losses; NaN where a trial has none
    z           (y - median) / (median - best): -1 for the best, 0 for the median

    z -> log(1 + z) in the worse half, and all standardised.                                  (1)

The better half, where the optimum is, keeps its shape; how bad a bad trial is hardly counts. If
most trials are equally good, so that the median is the best, the mean takes its place below the
fraction. Of several objectives the worst loss on the front takes the place of the median, if it is
worse: the shape of the whole front is kept. A trial without a loss counts as the worst one, an
infinite loss as the nearest finite one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["LossScale", "transformed"]

_LARGEST = 690.0  # whose exponential is a float


@dataclass(frozen=True)
class LossScale:
    """The transform (1), in both directions.

    Attributes:
        best: The smallest finite loss.
        worst: The largest.
        size: The larger of their magnitudes: sums of the largest floats would overflow.
        middle: Of the losses above the best, over their size: the median.
        scale: What the fraction is divided by.
        mean: Of the transformed losses before they are standardised.
        spread: Their standard deviation.
    """

    best: float
    worst: float
    size: float
    middle: float
    scale: float
    mean: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, losses: np.ndarray, good: float = -np.inf) -> LossScale:
        """Learn the transform of losses (n,), at least one of them finite.

        Args:
            losses: The losses.
            good: Those up to here keep their shape, too.
        """
        finite = losses[np.isfinite(losses)]
        best, worst = float(finite.min()), float(finite.max())
        size = max(abs(best), abs(worst)) or 1.0
        middle = float(np.median(finite / size - best / size))
        middle = max(middle, float(np.clip(good, best, worst)) / size - best / size)
        raw = cls(best, worst, size, middle, 1.0)
        scale = middle or float(raw._above(losses).mean()) or 1.0
        z = cls(best, worst, size, middle, scale).transform(losses)
        return cls(best, worst, size, middle, scale, float(z.mean()), float(z.std()) or 1.0)

    def transform(self, losses: np.ndarray) -> np.ndarray:
        """Transform losses (n,); what is better than the best, or no number, as if it were not."""
        z = (self._above(losses) - self.middle) / self.scale
        z = np.where(z > 0.0, np.log1p(np.maximum(z, 0.0)), z)
        return np.asarray((z - self.mean) / self.spread)

    def invert(self, y: np.ndarray) -> np.ndarray:
        """Return the losses (m,) that are transformed to ``y`` (m,).

        Below the best loss the line of the better half goes on.
        """
        z = self.spread * y + self.mean
        z = np.where(z > 0.0, np.expm1(np.clip(z, 0.0, _LARGEST)), z)
        return np.asarray(self.size * (self.scale * z + self.middle + self.best / self.size))

    @property
    def slope(self) -> float:
        """By how much the loss changes with y in the better half, and below the best."""
        return self.size * self.scale * self.spread

    def _above(self, losses: np.ndarray) -> np.ndarray:
        """Return by how much losses (n,) are above the best, over their size."""
        y = np.where(np.isnan(losses), self.worst, losses)
        return np.clip(y, self.best, self.worst) / self.size - self.best / self.size


def transformed(losses: np.ndarray, good: float = -np.inf) -> np.ndarray:
    """Transform losses (n,) by eq. (1).

    Args:
        losses: At least one of them finite.
        good: Those up to here keep their shape, too.

    Returns:
        (n,) of zero mean and, unless all are equal, of unit variance.
    """
    return LossScale.of(losses, good).transform(losses)

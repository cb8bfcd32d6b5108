"""How good the best of k random trials is, between bounds that hold whatever the scores follow.

Notation
    y (n,)          losses of n draws, ascending; infinite where only that they are bad is known
    F               distribution function of a draw's loss
    a_i, b_i        levels of the sorted F(y), which hold all at once (order_statistics.py)
    k, q            trials of a new search, and the quantile of the best of them
    p               the level of F that this quantile has

    (1)  P(best of k <= y) = 1 - (1 - F(y))^k,  so that  p = 1 - (1 - q)^(1/k)
    (2)  a_i >= p  =>  F(y_(i)) >= p,                      so the quantile is at most y_(i)
    (3)  b_i < p   =>  F(y) < p for every y < y_(i),       so the quantile is at least y_(i)

As the levels hold all at once, so do (2) and (3) for all k and q. Where no a_i reaches p, or every
b_i does, only what is known beforehand bounds the quantile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.order_statistics import Levels

__all__ = ["CurveBand", "level_of_best"]


def level_of_best(k: np.ndarray | float, q: np.ndarray | float) -> np.ndarray:
    """Compute the level p of equation (1), of the shape in which ``k`` and ``q`` broadcast."""
    return np.asarray(-np.expm1(np.log1p(-np.asarray(q, dtype=float)) / k))


@dataclass(frozen=True)
class CurveBand:
    """Bounds of the distribution of losses.

    Attributes:
        losses: (n,) y.
        levels: a and b.
        least, most: No loss is beyond these; infinite if that is not known.
    """

    losses: np.ndarray
    levels: Levels
    least: float = -np.inf
    most: float = np.inf

    def quantile(self, p: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bound the loss that a draw's is at most with probability ``p``, equations (2) and (3).

        Args:
            p: In (0, 1), of any shape.

        Returns:
            Lower bounds, empirical quantiles and upper bounds, each of the shape of ``p``.
        """
        p, n = np.asarray(p, dtype=float), len(self.losses)
        padded = np.concatenate([[self.least], self.losses, [self.most]])
        low = padded[np.searchsorted(self.levels.high, p, side="left")]
        high = padded[np.searchsorted(self.levels.low, p, side="left") + 1]
        middle = np.clip(np.ceil(p * n * (1.0 - 1e-12)), 1, n).astype(int)
        return low, padded[middle], np.minimum(high, self.most)

    def best_of(
        self, k: np.ndarray | float, q: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bound the quantile ``q`` of the best of ``k``; as :meth:`quantile` returns it."""
        return self.quantile(level_of_best(k, q))

    def cdf(
        self, y: np.ndarray | float, *, is_strict: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bound F at ``y``: lower bounds, the empirical F, and upper bounds.

        Args:
            y: Losses, of any shape.
            is_strict: Whether a loss of ``y`` itself does not count: the limit of F from below.
        """
        y, n = np.asarray(y, dtype=float), len(self.losses)
        i = np.searchsorted(self.losses, y, side="left" if is_strict else "right")
        low = np.concatenate([[0.0], self.levels.low])[i]
        high = np.append(self.levels.high, 1.0)[i]
        # Before the least possible loss there is nothing, and from the largest one on all.
        is_all = y > self.most if is_strict else y >= self.most
        is_none = y <= self.least if is_strict else y < self.least
        return np.where(is_all, 1.0, low), i / n, np.where(is_none, 0.0, high)

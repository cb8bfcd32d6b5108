"""Weighted laws, as they are drawn: what a posterior is made of.

Notation
    P               points
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["Points", "joined"]


@dataclass(frozen=True)
class Points:
    """Laws with weights whose sum is an evidence, so that those of several models compare.

    Attributes:
        gamma: (P,)
        alpha: (P,)
        scale: (P,) D.
        sigma: (P,) 0 without noise.
        log_weight: (P,) the logarithm of likelihood times prior over the density of the draw.
    """

    gamma: np.ndarray
    alpha: np.ndarray
    scale: np.ndarray
    sigma: np.ndarray
    log_weight: np.ndarray

    @property
    def log_evidence(self) -> float:
        """The logarithm of the sum of the weights."""
        return float(special.logsumexp(self.log_weight))

    @property
    def n_effective(self) -> float:
        """Evenly weighted points that would be as good."""
        relative = np.exp(self.log_weight - self.log_weight.max())
        return float(relative.sum() ** 2 / (relative**2).sum())

    def times(self, log_factor: float | np.ndarray) -> Points:
        """Scale the weights by a factor, whose logarithm is given."""
        return Points(self.gamma, self.alpha, self.scale, self.sigma, self.log_weight + log_factor)


def joined(parts: list[Points]) -> Points:
    """Put points of several models side by side."""
    names = ("gamma", "alpha", "scale", "sigma", "log_weight")
    return Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

"""Values and utilities, which lie in [0, 1] and are to be maximised, whatever the study's scale.

With the bounds [low, high] of all values, u = |value - worst| / (high - low), and worst = low if
values are maximised, else high.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["UtilityScale"]


@dataclass(frozen=True)
class UtilityScale:
    """The map between values and utilities.

    Attributes:
        low: Bound of all values from below.
        high: Bound of all values from above.
        is_maximised: Whether large values are good.
    """

    low: float
    high: float
    is_maximised: bool

    @property
    def range(self) -> float:
        """A utility of 1, in units of the value."""
        return self.high - self.low

    @property
    def worst(self) -> float:
        """The value whose utility is 0."""
        return self.low if self.is_maximised else self.high

    @property
    def best(self) -> float:
        """The value whose utility is 1."""
        return self.high if self.is_maximised else self.low

    def utilities(self, values: np.ndarray) -> np.ndarray:
        """Return the utilities of ``values`` within the bounds; NaN stays NaN."""
        u: np.ndarray = np.abs(values - self.worst) / self.range
        return u

    def value(self, u: float) -> float:
        """Return the value of the utility ``u``, which may lie outside [0, 1]."""
        return self.worst + (self.low + self.high - 2.0 * self.worst) * u

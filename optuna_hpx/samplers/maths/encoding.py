r"""Points of a search space as numbers, those with conditional parameters among them.

Notation
    n, d, f     points, parameters, features
    u           (n, d) points: the position in [0, 1] of a number, the index of a choice; NaN where
                the point does not have the parameter
    cells       positions of the values of a discrete number, ascending
    X           (n, f) features, of which a Gaussian process takes distances

A number is one feature: its position, or 1/2 where the point does not have it. A choice is as many
features as there are choices: sqrt(1/2) for its own and 0 for the others, so that two choices lie
1 apart, as the two ends of a number do; all are 0 where the point does not have the parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Axis", "features", "groups", "snap"]

_CHOICE = np.sqrt(0.5)
_ABSENT = 0.5


@dataclass(frozen=True, eq=False)
class Axis:
    """One parameter.

    Attributes:
        n_choices: How many choices it has; 0 for a number.
        cells: Positions of the values of a discrete number; empty for any other.
    """

    n_choices: int = 0
    cells: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def width(self) -> int:
        """How many features it is."""
        return self.n_choices or 1

    def features(self, u: np.ndarray) -> np.ndarray:
        """Encode the values ``u`` (n,) as features (n, width)."""
        if self.n_choices:
            return np.asarray(_CHOICE * (u[:, None] == np.arange(self.n_choices)))
        return np.where(np.isnan(u), _ABSENT, u)[:, None]

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Move positions ``u`` (n,) to the nearest that a discrete number has; NaN stays NaN."""
        if not len(self.cells):
            return u
        return np.where(np.isnan(u), np.nan, self.cells[self.cell_of(u)])

    def cell_of(self, u: np.ndarray) -> np.ndarray:
        """Return the places (n,) in ``cells`` of those nearest to positions ``u`` (n,)."""
        return np.searchsorted((self.cells[1:] + self.cells[:-1]) / 2.0, u)


def features(points: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Encode points (n, d) as features (n, f)."""
    return np.hstack([axis.features(u) for axis, u in zip(axes, points.T, strict=True)])


def groups(axes: Sequence[Axis]) -> list[slice]:
    """Return the features of each parameter."""
    ends = np.cumsum([axis.width for axis in axes]).tolist()
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def snap(points: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Move the numbers of points (n, d) to values that they can have."""
    return np.column_stack([axis.snap(u) for axis, u in zip(axes, points.T, strict=True)])

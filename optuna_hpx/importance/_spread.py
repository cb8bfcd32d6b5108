"""How sure importances are where a surrogate speaks: by surfaces that trials leave plausible."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optuna_hpx.importance._uncertainty import Uncertainty
from optuna_hpx.importance.maths import plausible_surfaces

__all__ = ["Spread", "disagree", "on_surfaces"]

_MAX_DISAGREEMENT = 0.2
"""In the first 136 studies of the design problems in benchmarks/importance/problems.py the error
of the shares (L1) was .11 to .19 below it and .5 beyond; and where nine of ten surfaces, not
widened, agreed on the most important parameter, it was a wrong one in 0 of 91 studies below, and
in 8 of 13 beyond."""


def disagree(surfaces: np.ndarray) -> bool:
    """Tell whether the surfaces (surfaces, d) leave the shares of importance open."""
    return len(surfaces) > 0 and plausible_surfaces.disagreement(surfaces) > _MAX_DISAGREEMENT


@dataclass(frozen=True, eq=False)
class Spread:
    """Importances on plausible surfaces.

    Attributes:
        surfaces: (surfaces, d) importances on each surface.
        importances: (d,) the reported ones.
        of_points: (d,) each: ends of the intervals that the virtual trials would have, were they
            real.
        confidence: Level of the intervals.
    """

    surfaces: np.ndarray
    importances: np.ndarray
    of_points: tuple[np.ndarray, np.ndarray]
    confidence: float

    @property
    def _off(self) -> np.ndarray:
        """(2, d) how far below and above the points leave the importances open."""
        low, high = self.of_points
        return np.array([self.importances - low, high - self.importances])

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """(d,) each: ends of the intervals, with the reported importances between them."""
        low, high = plausible_surfaces.ends(self.surfaces, self._off, self.confidence)
        return np.minimum(low, self.importances), np.maximum(high, self.importances)

    @property
    def share_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """(d,) each: the same for the shares of the sum."""
        off = self._off / (self.importances.sum() or 1.0)
        low, high = plausible_surfaces.share_ends(self.surfaces, off, self.confidence)
        share = plausible_surfaces.shares(self.importances)
        return np.minimum(low, share), np.maximum(high, share)


def on_surfaces(uncertainty: Uncertainty, spread: Spread) -> Uncertainty:
    """Put in place of the intervals those of a surrogate's importances; tests stay."""
    return replace(
        uncertainty,
        ci_low=spread.ends[0],
        ci_high=spread.ends[1],
        normalized_ci_low=spread.share_ends[0],
        normalized_ci_high=spread.share_ends[1],
        first_probability=plausible_surfaces.first_probability(spread.surfaces),
    )

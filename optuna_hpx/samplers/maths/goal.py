r"""What a candidate is to improve on: the best loss, or the front of several.

Notation
    n, m        trials, objectives
    y           (n, m) losses
    F           losses of the trials that none dominates
    r           (m,) reference point: a loss beyond it adds nothing

    r_k = max_F y_k + (max_F y_k - min y_k) / 10                                              (1)
    r_k = max(max_F y_k + (max_F y_k - min y_k) / 10, max y_k)                                (2)

With (1) the front is moved where it is; its ends do not move out, and what lies beyond them may
never be looked at. With (2) much is to be gained beyond the ends, at the cost of the middle. They
take turns: (2) where n is even (benchmarks/samplers/several_objectives.py).

With one objective all that counts is the best loss, and there is no reference point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.samplers.maths.boxes import undominated_boxes
from optuna_hpx.samplers.maths.hypervolume_improvement import log_hypervolume_improvement
from optuna_hpx.samplers.maths.improvement import log_expected_improvement
from optuna_hpx.trials.target_set import non_dominated, non_domination_keys

__all__ = ["Goal"]

_MARGIN = 0.1
_LEAST = 1e-3  # deviations of a loss, where the front is one trial that is best in all


@dataclass(frozen=True, eq=False)
class Goal:
    """The part of the space of objectives in which a candidate is an improvement.

    Attributes:
        lower: (b, m) lower corners of its boxes; may be -inf.
        upper: (b, m) upper corners.
    """

    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, rivals: np.ndarray, losses: np.ndarray) -> Goal:
        """Find what is not dominated.

        Args:
            rivals: (k, m) losses of the trials that are to be improved on, at least one.
            losses: (n, m) losses of all trials.
        """
        m = losses.shape[1]
        if m == 1:
            return cls(np.full((1, 1), -np.inf), rivals.min(axis=0, keepdims=True))
        front = rivals[non_dominated(rivals)]
        front = front[np.argsort(non_domination_keys(front, len(front)), kind="stable")]
        return cls(*undominated_boxes(front, _reference(front, losses)))

    @property
    def m(self) -> int:
        """How many objectives there are."""
        return self.upper.shape[1]

    @property
    def best(self) -> float | None:
        """The best loss, with one objective."""
        return float(self.upper[0, 0]) if self.m == 1 else None

    def log_gain(
        self, means: Sequence[np.ndarray], deviations: Sequence[np.ndarray]
    ) -> np.ndarray:
        """Compute the logarithm (c,) of what candidates are expected to gain.

        Args:
            means: Of each objective, its (c,) predictive means.
            deviations: The same of positive standard deviations.
        """
        if self.m == 1:
            return log_expected_improvement(means[0], deviations[0], float(self.upper[0, 0]))
        return log_hypervolume_improvement(means, deviations, self.lower, self.upper)


def _reference(front: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Compute the reference point r (m,) by eq. (1) or (2)."""
    worst = front.max(axis=0)
    near = worst + _MARGIN * (worst - losses.min(axis=0)) + _LEAST
    return np.asarray(near if len(losses) % 2 else np.maximum(near, losses.max(axis=0)))

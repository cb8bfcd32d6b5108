"""Importance as the target set shrinks from all trials to the best few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ImportanceProfile:
    """Importances S of each parameter for several target quantiles.

    Attributes:
        names: (d,) parameter names, by the largest S over all quantiles, the largest first.
        quantiles: (Q,) target quantiles, ascending.
        importances: (Q, d) S, in [0, 1].
        ci_low, ci_high: (Q, d) ends of a confidence interval for each S.
        n_target: (Q,) trials in the target set.
        n_trials: Trials in the region.
        confidence: The level of the intervals; for each S by itself.
        space: As in :class:`ImportanceReport`.
        sampling: As in :class:`ImportanceReport`.
        warnings: What a reader must know before acting on the numbers.
    """

    names: tuple[str, ...]
    quantiles: np.ndarray
    importances: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    n_target: np.ndarray
    n_trials: int
    confidence: float
    space: str
    sampling: str
    warnings: tuple[str, ...]

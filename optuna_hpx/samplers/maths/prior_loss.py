r"""What the trials of another task say of a point.

Notation
    N           trials of the other task
    X           (N, f) their features, of the parameters that both tasks have
    m(x)        mean of a Gaussian process fitted to their losses, transformed as in
                :mod:`~optuna_hpx.samplers.maths.losses`
    a, b        smallest and largest mean at their points

    h(x) = (m(x) - a) / (b - a)                                                               (1)

What weight it has is for the trials of today to tell:
:mod:`~optuna_hpx.samplers.maths.guided_process`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.samplers.maths.trial_model import TrialModel, fit_hyperparameters
from optuna_hpx.statistics.gaussian_process import GaussianProcess

__all__ = ["PriorLoss", "spread_out"]


@dataclass(frozen=True, eq=False)
class PriorLoss:
    """The loss of another task, as far as its trials tell.

    Attributes:
        process: Of its transformed losses.
        low: a.
        high: b.
    """

    process: GaussianProcess
    low: float
    high: float

    @classmethod
    def fit(cls, X: np.ndarray, losses: np.ndarray, groups: Sequence[slice]) -> PriorLoss:
        """Fit the process. O(n^3) for n trials, at most 400.

        Args:
            X: (N, f) features of the trials.
            losses: (N,) losses, at least one finite; NaN where there is none.
            groups: The features of each parameter.
        """
        outcomes = Outcomes(losses[:, None], np.zeros((len(X), 0)), np.zeros(len(X), dtype=bool))
        thetas = fit_hyperparameters(X, outcomes, groups, np.ones(len(groups)), [])
        none_running = np.zeros((0, X.shape[1]))
        process = TrialModel.of(X, outcomes, none_running, groups, thetas).processes[0]
        means = process.predict(X)
        return cls(process, float(means.min()), float(means.max()))

    def at(self, X: np.ndarray) -> np.ndarray:
        """Compute h (m,) at features (m, f) by eq. (1). O(m n f)."""
        if not len(X):
            return np.zeros(0)
        return (self.process.predict(X) - self.low) / ((self.high - self.low) or 1.0)


def spread_out(X: np.ndarray, losses: np.ndarray, k: int, apart: float) -> np.ndarray:
    """Choose up to ``k`` rows of small losses that are ``apart`` from one another.

    Args:
        X: (N, f) features.
        losses: (N,) losses; those that are not finite are not chosen.
        k: How many.
        apart: Least distance of two rows of ``X``.

    Returns:
        The rows, the smallest loss first. O(N k f).
    """
    chosen: list[int] = []
    finite = np.flatnonzero(np.isfinite(losses))
    for row in finite[np.argsort(losses[finite], kind="stable")].tolist():
        if len(chosen) == k:
            break
        if not chosen or np.sqrt(np.square(X[chosen] - X[row]).sum(axis=1)).min() >= apart:
            chosen.append(row)
    return np.array(chosen, dtype=int)

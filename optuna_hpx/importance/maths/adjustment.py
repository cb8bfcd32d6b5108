r"""Dependence of a score on one parameter given the others, for trials that a sampler chose.

Notation
    n, m        trials, in the order of time; landmarks and waves
    phi_j       (n, r_j) features of parameter j
    V_j         what else may explain a trial: the other parameters, and time
    s           (n,) score
    w, phi      residuals of s and of phi_j, regressed on V_j

A sampler that learns moves all parameters while values improve, and copies them together from its
favourites. A parameter without any effect is then associated with the score, also among trials of
the same time. But given the other parameters of the trial, the score still cannot depend on it.
That is tested by the covariance of the two residuals, which is 0 to first order even if both
regressions are a little wrong (generalised covariance measure: Shah and Peters, Ann. Stat. 48,
2020; for features of a kernel, Lundborg, Shah and Peters, J. R. Stat. Soc. B 84, 2022).

Regressions are kernel ridge, by generalised cross-validation on each column the better of two: a
sum of the parameters' kernels, and prod_i (1 + k_i), which knows all interactions; each plus slow
waves in time. Kernels of many trials go by landmarks (Nystroem).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.statistics import ridge

__all__ = ["Adjustment"]

_N_LANDMARKS = 300  # a regression on more takes seconds
_TRIALS_PER_WAVE, _MAX_WAVES = 20, 50
_RIDGES = np.logspace(-5, 2, 15)
_MIN_FREEDOM = 0.2  # of n: with less left, residuals are rounding errors and luck


class Adjustment:
    """Residuals of the same n trials given all parameters but one.

    Args:
        features: (n, r_j) of each parameter, with mean 0 under even draws; 0 where inactive.
        rng: Chooses landmarks.
    """

    def __init__(self, features: Sequence[np.ndarray], rng: np.random.Generator) -> None:
        self._features = list(features)
        n = len(self._features[0])
        self._landmarks = np.arange(n)
        if n > _N_LANDMARKS:
            self._landmarks = np.sort(rng.choice(n, _N_LANDMARKS, replace=False))
        k = np.arange(1, min(max(n // _TRIALS_PER_WAVE, 2), _MAX_WAVES) + 1)
        self._waves = np.cos(np.pi * np.arange(n)[:, None] / n * k) / np.sqrt(k)

    def residuals(
        self, j: int, score: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Subtract from a score and features of a parameter what all others and time explain.

        Args:
            j: The parameter.
            score: (n,) of the trials.
            own: (n, r) features of parameter j, of any kernel.

        Returns:
            w (n,) and phi (n, r), each with mean 0. O(n m^2) for m landmarks and waves, at most
            350, and O(n s^2) for s features of the others.
        """
        others = [phi for i, phi in enumerate(self._features) if i != j]
        columns = np.column_stack([score, own])
        columns = columns - columns.mean(axis=0)
        best = np.full(columns.shape[1], np.inf)
        left = columns.copy()
        for features in (self._sum(others), self._product(others)):
            explaining = np.hstack([features, self._waves])
            gcv, rest = ridge.residuals(explaining, columns, _RIDGES, _MIN_FREEDOM)
            better = gcv < best
            left[:, better], best[better] = rest[:, better], gcv[better]
        left -= left.mean(axis=0)
        return left[:, 0], left[:, 1:]

    def _sum(self, others: Sequence[np.ndarray]) -> np.ndarray:
        return np.hstack([np.zeros((len(self._waves), 0)), *others])

    def _product(self, others: Sequence[np.ndarray]) -> np.ndarray:
        """Compute features (n, m) of prod_i (1 + k_i)."""
        k = np.ones((len(self._waves), len(self._landmarks)))
        for phi in others:
            k *= 1.0 + phi @ phi[self._landmarks].T
        values, vectors = np.linalg.eigh(k[self._landmarks])
        kept = values > values[-1] * 1e-9
        return np.asarray(k @ (vectors[:, kept] / np.sqrt(values[kept])))

r"""Parzen mixtures of the better and the other trials, and which candidate they favour.

Notation
    m, K, d     candidates, kernels of a mixture, parameters
    log_k       (m, K, d) log density of each candidate under each kernel, by parameter
    w           (K,) weights of the kernels
    pi          (d,) activity of each parameter, in [0, 1]
    c           (m,) predicted logarithm of the cost, up to a constant
    lambda      weight of cost

TPE takes the candidate with the largest ratio of two densities, p among the better trials and q
among the others (Watanabe, https://arxiv.org/abs/2304.11127, section 2). Here

    a(x) = log p_pi(x) - log q_pi(x) - lambda c(x)

with the tempered densities of :mod:`optuna_hpx.statistics.parzen`; pi = 1 and lambda = 0 is TPE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.statistics import parzen

__all__ = ["Mixture", "NormalKernels", "acquisition", "discrepancy", "log_choices", "log_ratio"]


@dataclass(frozen=True)
class Mixture:
    """A Parzen mixture at the candidates.

    Attributes:
        log_k: (m, K, d) log density of each candidate under each kernel, by parameter.
        weights: (K,) weights of the kernels.
    """

    log_k: np.ndarray
    weights: np.ndarray

    def log_density(self, activity: np.ndarray) -> np.ndarray:
        """Compute log p_pi (m,) of the candidates for activities (d,)."""
        return parzen.tempered(self.log_k, self.weights, activity)


@dataclass(frozen=True)
class NormalKernels:
    """Normal kernels of one numeric parameter, truncated to its range.

    Attributes:
        mu: (K,) centres, on the scale of the parameter: logarithms if it is log.
        sigma: (K,) standard deviations.
        low: Lower end of the range, on that scale; of a grid half a step below its first value.
        high: Upper end, likewise.
        step: Distance of the values of a grid, not on the log scale; 0 for a continuous parameter.
        is_log: Whether the scale is logarithmic.
    """

    mu: np.ndarray
    sigma: np.ndarray
    low: float
    high: float
    step: float
    is_log: bool

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Compute the log density (m, K) of values ``x`` (m,); the log probability on a grid.

        A value of a grid has the mass of the cell of one step around it.
        """
        scale = np.log if self.is_log else np.asarray
        if self.step == 0.0:
            return parzen.truncated_normal(scale(x), self.mu, self.sigma, self.low, self.high)
        half = self.step / 2.0
        cell = self._log_mass(scale(x - half)[:, None], scale(x + half)[:, None])
        return np.asarray(cell - self._log_mass(self.low, self.high))

    def _log_mass(self, low: np.ndarray | float, high: np.ndarray | float) -> np.ndarray:
        return parzen.log_interval_mass(
            (low - self.mu) / self.sigma, (high - self.mu) / self.sigma
        )


def log_choices(codes: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Look up the log probability (m, K) of choices.

    Args:
        codes: (m,) indices of the choices.
        probabilities: (K, C) probability of each of C choices under each kernel.
    """
    return np.asarray(np.log(probabilities.T[codes.astype(int)]))


def log_ratio(better: Mixture, others: Mixture, activity: np.ndarray) -> np.ndarray:
    """Compute log p_pi - log q_pi (m,) for activities (d,). O(m K d)."""
    return better.log_density(activity) - others.log_density(activity)


def acquisition(ratio: np.ndarray, log_cost: np.ndarray, weight: float) -> np.ndarray:
    """Compute a(x) (m,) from the log ratio (m,), the log cost c (m,) and its weight lambda."""
    return ratio - weight * log_cost


def discrepancy(values: np.ndarray, reference: np.ndarray) -> float:
    """Return the largest difference (m,), relative to one plus the size of ``reference`` (m,).

    Equal infinities do not differ; NaN where a value is NaN.
    """
    with np.errstate(invalid="ignore"):
        difference = np.abs(values - reference) / (1.0 + np.abs(reference))
    return float(np.max(np.where(values == reference, 0.0, difference)))

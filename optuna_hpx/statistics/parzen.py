r"""Tempered Parzen mixtures: densities in which some parameters count less than others.

Notation
    m, K, d     candidates, kernels of the mixture, parameters
    log_k       (m, K, d) log density of each candidate under each kernel, by parameter
    w           (K,) weights of the kernels
    pi          (d,) activity of each parameter, in [0, 1]

    log p_pi(x) = log sum_k w_k prod_j k_jk(x_j)^pi_j

pi = 1 is the mixture itself; a parameter with pi_j = 0 is not looked at, neither for its own sake
nor to tell how near a candidate is to a kernel in the others. No normalisation is needed where two
such functions of the same pi are compared across candidates.
"""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["log_interval_mass", "tempered", "truncated_normal"]

_LOG_ROOT_2_PI = 0.5 * np.log(2.0 * np.pi)


def tempered(log_k: np.ndarray, w: np.ndarray, pi: np.ndarray) -> np.ndarray:
    """Compute log p_pi.

    Args:
        log_k: (m, K, d) log density of each candidate under each kernel, by parameter.
        w: (K,) weights of the kernels, not negative.
        pi: (d,) activities, in [0, 1].

    Returns:
        log p_pi, (m,). O(m K d).
    """
    with np.errstate(divide="ignore"):
        return np.asarray(special.logsumexp(log_k @ pi + np.log(w), axis=1))


def truncated_normal(
    x: np.ndarray, mu: np.ndarray, sigma: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Compute the log density of normal kernels that are truncated to an interval.

    Args:
        x: (m,) points in the interval.
        mu: (K,) means of the normal distributions.
        sigma: (K,) their standard deviations, positive.
        low: Left end of the interval.
        high: Right end.

    Returns:
        Log densities (m, K). O(m K).
    """
    z = (x[:, None] - mu) / sigma
    mass = log_interval_mass((low - mu) / sigma, (high - mu) / sigma)
    return np.asarray(-0.5 * z**2 - _LOG_ROOT_2_PI - np.log(sigma) - mass)


def log_interval_mass(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Compute log(Phi(b) - Phi(a)) of the standard normal distribution, also far in a tail.

    Args:
        a: Left ends, of any shape.
        b: Right ends, of the same shape, ``a < b``.

    Returns:
        The logarithms, of that shape.
    """
    # In the upper tail both Phi are 1 but for rounding: the lower one has the same mass.
    flip = a > 0.0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    upper, lower = special.log_ndtr(b), special.log_ndtr(a)
    return np.asarray(upper + np.log1p(-np.exp(np.minimum(lower - upper, -1e-300))))

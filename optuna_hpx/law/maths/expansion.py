"""The law of random search where noise is small beside the distance to the best possible score.

There the law is that without noise, moved by a series of even moments of the noise, which takes a
thirtieth of the time of a quadrature.

Notation
    z, s, gamma     as in quadratic.py: distance and noise in units of D, number of hyperparameters
    a               gamma / 2
    e               a standard normal number, E[e^(2k)] = (2k - 1)!!
    x               (s / z)^2
    c_k             binomial(a, 2k) (2k - 1)!!

    (1)  F = E[(z - s e)^a] ~ z^a sum_k c_k x^k,      c_k = c_(k-1) (a - 2k + 2) (a - 2k + 1) / 2k
    (2)  dF/dz ~ a z^(a-1) times the sum (1) with a - 1 instead of a
    (3)  dF / d log D = -a F,   alpha and sigma fixed;   dF / d log s ~ z^a sum_k 2k c_k x^k
"""

from __future__ import annotations

import numpy as np

__all__ = ["REACH", "expanded"]

# Standard deviations that z must be away from 0 and from 1: beyond them lies 1e-15 of the noise,
# and the sixth term is below 1e-8 of the sum.
REACH = 8.0
_N_TERMS = 6


def expanded(
    z: np.ndarray, s: np.ndarray, gamma: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute F, dF/dz, dF / d log D and dF / d log s by equations (1) to (3).

    Args:
        z: (n,) at least ``REACH`` standard deviations above 0, and as far below 1.
        s: (n,)
        gamma: (n,)
    """
    a, x = gamma / 2.0, (s / z) ** 2
    power = z**a
    term = np.ones_like(a)
    slope_term = np.ones_like(a)
    total, slope, by_noise = term.copy(), slope_term.copy(), np.zeros_like(a)
    for k in range(1, _N_TERMS):
        term = term * ((a - 2 * k + 2) * (a - 2 * k + 1) / (2 * k)) * x
        slope_term = slope_term * ((a - 2 * k + 1) * (a - 2 * k) / (2 * k)) * x
        total += term
        slope += slope_term
        by_noise += 2 * k * term
    cdf = power * total
    return cdf, a * power / z * slope, -a * cdf, power * by_noise

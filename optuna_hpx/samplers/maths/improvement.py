r"""How much better than the best a candidate can be expected to be, on the log scale.

Ament, Daulton, Eriksson, Balandat, Bakshy: Unexpected improvements to expected improvement for
Bayesian optimization, NeurIPS 2023 (https://arxiv.org/abs/2310.20708), section 4.

Notation
    m           candidates
    mu, sigma   (m,) predictive mean and standard deviation of the loss
    b           the best loss, or several that are to be improved on
    phi, Phi    density and distribution function of the standard normal distribution

    EI = E max(b - y, 0) = sigma h((b - mu) / sigma),   h(z) = phi(z) + z Phi(z)              (1)
    log h(z) = log phi(z) + log(1 - |z| Phi(z) / phi(z))                     for z <= -1      (2)
    log h(z) = log phi(z) - 2 log |z|                                        for z << -1      (3)

Where EI is too small for a float its logarithm still tells candidates apart.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr

__all__ = ["expected_improvement", "log_expected_improvement", "log_probability_below"]

_FAR = 1e6  # beyond, 1 - |z| Phi / phi is lost in rounding
_LOST = 50.0  # deviations, beyond which EI is 0 as a float
_LOG_ROOT_2_PI = 0.5 * np.log(2.0 * np.pi)


def expected_improvement(
    mean: np.ndarray, deviation: np.ndarray, best: float | np.ndarray
) -> np.ndarray:
    """Compute EI by eq. (1), 0 where it is too small for a float.

    Args:
        mean: (m,) predictive means.
        deviation: (m,) positive predictive standard deviations.
        best: The loss to improve on, or (b, 1) of them; -inf cannot be improved on.

    Returns:
        (m,), or (b, m).
    """
    z = np.maximum((best - mean) / deviation, -_LOST)
    density = np.exp(-0.5 * z * z - _LOG_ROOT_2_PI)
    return np.asarray(np.maximum(deviation * (density + z * ndtr(z)), 0.0))


def log_expected_improvement(
    mean: np.ndarray, deviation: np.ndarray, best: float | np.ndarray
) -> np.ndarray:
    """Compute log EI (m,) by eq. (1).

    Args:
        mean: (m,) predictive means.
        deviation: (m,) positive predictive standard deviations.
        best: The loss to improve on; of (b, 1) of them the logarithms are (b, m).
    """
    return _log_h((best - mean) / deviation) + np.log(deviation)


def log_probability_below(mean: np.ndarray, deviation: np.ndarray, limit: float) -> np.ndarray:
    """Compute the log probability (m,) that a normal value is below ``limit``."""
    return np.asarray(log_ndtr((limit - mean) / deviation))


def _log_h(z: np.ndarray) -> np.ndarray:
    near = np.maximum(z, -1.0)
    log_phi = -0.5 * z * z - _LOG_ROOT_2_PI
    direct = np.log(np.exp(-0.5 * near * near - _LOG_ROOT_2_PI) + near * ndtr(near))
    tail = np.clip(-z, 1.0, _FAR)
    log_mills = np.log(tail) + np.log(np.sqrt(np.pi / 2.0) * erfcx(tail / np.sqrt(2.0)))
    below = log_phi + np.log(-np.expm1(log_mills))
    far = log_phi - 2.0 * np.log(np.maximum(-z, 1.0))
    return np.where(z > -1.0, direct, np.where(z > -_FAR, below, far))

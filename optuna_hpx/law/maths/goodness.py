"""Goodness of fit of a law to the losses in its regime: Moran's test for estimated parameters.

Notation
    y_(1..m)        sorted losses in the regime, at most the threshold tau
    D_i             F(y_i) / F(tau) - F(y_(i-1)) / F(tau), the m + 1 spacings
    k               fitted parameters

    (1)  M = -sum_i log D_i                                        Moran's statistic
    (2)  mu = n (log n + gamma_E) - 1/2 - 1 / (12 n),              n = m + 1
         sd^2 = n (pi^2 / 6 - 1) - 1/2 - 1 / (6 n)
    (3)  (M + k/2 - C1) / C2 ~ chi^2(m),   C1 = mu - sd sqrt(m/2),   C2 = sd / sqrt(2 m)

Cheng and Stephens (1989), "A goodness-of-fit test using Moran's statistic with estimated
parameters", Biometrika 76; mu and sd are those of M for uniform spacings.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from optuna_hpx.law.maths.quadratic import NoisyQuadratic

__all__ = ["moran_p_value"]

# k of equation (3). The law has four parameters, of which gamma is an integer; with 3 the test has
# its size (benchmarks/law/law_goodness.py).
_N_FITTED = 3.0
_TINY = 1e-300  # instead of a spacing of 0, whose logarithm is not finite


def moran_p_value(inside: np.ndarray, law: NoisyQuadratic, threshold: float) -> float:
    """Test whether losses below a threshold follow a law that was fitted to them.

    Args:
        inside: (m,) sorted losses in the regime.
        law: The law.
        threshold: Above the largest of the losses, or infinite.

    Returns:
        The p-value of equation (3).
    """
    m = len(inside)
    total = float(law.cdf(threshold)) if np.isfinite(threshold) else 1.0
    u = np.clip(law.cdf(inside) / total, 0.0, 1.0)
    spacings = np.maximum(np.diff(u, prepend=0.0, append=1.0), _TINY)
    mean, deviation = _moments(m + 1.0)
    c1 = mean - deviation * np.sqrt(m / 2.0)
    c2 = deviation / np.sqrt(2.0 * m)
    statistic = (-np.log(spacings).sum() + _N_FITTED / 2.0 - c1) / c2
    return float(stats.chi2.sf(statistic, m))


def _moments(n: float) -> tuple[float, float]:
    """Compute the mean and the standard deviation of equation (2) for ``n`` spacings."""
    mean = n * (np.log(n) + np.euler_gamma) - 0.5 - 1.0 / (12.0 * n)
    deviation = np.sqrt(n * (np.pi**2 / 6.0 - 1.0) - 0.5 - 1.0 / (6.0 * n))
    return mean, deviation

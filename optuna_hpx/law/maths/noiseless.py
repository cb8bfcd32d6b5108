"""The posterior of the law without noise: exact, but for an integral over one parameter.

A score that is a function of the configuration alone, as of most benchmarks and simulations, is no
limit of a noisy one: no draw can be better than the best possible one. It is a hypothesis of its
own, beside noise of any size.

Notation
    x, e, N         losses and edges of the sample, see likelihood.py; tau, the last edge
    m, n_above      trials in the regime and above it
    p               F(tau) = ((tau - alpha) / D)^(gamma/2)
    v(y)            ((y - alpha) / (tau - alpha))^(gamma/2), the law within the regime

In p instead of D the likelihood is a product, and flat in log D is flat in log p:

    (1)  L = p^m (1 - p)^n_above  prod_l v'(x_l)  prod_j (v(e_(j+1)) - v(e_j))^N_j
    (2)  p | gamma, alpha ~ Beta(m, n_above + 1)
    (3)  integral of L dalpha dlog D
         = (2 / gamma) B(m, n_above + 1) integral of prod_l ... prod_j ... dalpha,   alpha < x_1
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from optuna_hpx.law.maths.likelihood import CensoredSample
from optuna_hpx.law.maths.points import Points

__all__ = ["noiseless_points"]

_N_ALPHAS = 192  # of the integral over alpha
# They lie below the lowest loss by so many spans of the regime, evenly in the logarithm: beyond
# them gamma would have to exceed any number of hyperparameters, or alpha is the lowest loss.
_NEAREST, _FARTHEST = 1e-9, 30.0
_GOLDEN = 0.6180339887498949  # its multiples fill the unit interval evenly
_TINY = 1e-300  # instead of a probability of 0, whose logarithm is not finite


def noiseless_points(sample: CensoredSample, gammas: np.ndarray, n_points: int) -> Points:
    """Draw laws without noise from their posterior, flat in alpha and log D, by equation (3).

    Args:
        sample: The losses.
        gammas: (B,)
        n_points: P.

    Returns:
        Points of which the log weights sum to the logarithm of equation (3) over all ``gammas``.
    """
    tau, lowest = sample.edges[-1], sample.points.min()
    depth = np.geomspace(_NEAREST, _FARTHEST, _N_ALPHAS) * (tau - lowest)
    step = np.log(depth[1] / depth[0])
    log_density = _log_density(sample, gammas[:, None], lowest - depth)  # (B, A)
    n_above = sample.n_above
    log_mass = log_density + np.log(depth * step) + np.log(2.0 / gammas)[:, None]
    log_mass += special.betaln(sample.n_inside, n_above + 1.0)
    total = float(special.logsumexp(log_mass))
    bounds = np.cumsum(np.exp(log_mass - total).ravel())
    level = (np.arange(n_points) + 0.5) / n_points
    cell = np.minimum(np.searchsorted(bounds, level * bounds[-1]), log_mass.size - 1)
    row, column = np.divmod(cell, _N_ALPHAS)
    part = (_GOLDEN * (np.arange(n_points) + 1.0)) % 1.0
    p = stats.beta.ppf(part, sample.n_inside, n_above + 1.0)
    gamma, alpha = gammas[row], lowest - depth[column]
    return Points(
        gamma=gamma,
        alpha=alpha,
        scale=(tau - alpha) * p ** (-2.0 / gamma),
        sigma=np.zeros(n_points),
        log_weight=np.full(n_points, total - np.log(n_points)),
    )


def _log_density(sample: CensoredSample, gamma: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Compute the logarithm of the two products of equation (1), (B, A)."""
    half, tau = gamma / 2.0, sample.edges[-1]
    log_reach = np.log(tau - alpha)
    log_x = np.log(sample.points - alpha[:, None])
    n_points = len(sample.points)
    density = n_points * np.log(half) + (half - 1.0) * log_x.sum(-1) - n_points * half * log_reach
    e = (sample.edges - alpha[:, None]) / (tau - alpha[:, None])  # (A, E)
    p = np.maximum(np.diff(e ** half[..., None], axis=-1), _TINY)
    return density + np.log(p) @ sample.counts[:-1]

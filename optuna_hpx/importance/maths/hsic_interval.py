r"""Confidence intervals of R2 by HSIC.

Notation
    n           trials of a group
    w, phi, T   as in :mod:`optuna_hpx.importance.maths.hsic_group`; phi (n, r) scaled so that
                T = |M|^2 less chance
    M           (r,) (1/n) sum_i w_i phi(x_i)
    psi         (n, r) influence of each trial on M
    e, t        direction of M; a length
    N           (draws, r) draws from the normal distribution with the covariance of psi / n

HSIC is the square of the length of M, which is nearly normal with the covariance of psi / n, also
where the length is 0. For each length t along e, the distribution of T is that of

    |t e + N|^2 - E |N|^2 = t^2 + 2 t e'N + |N|^2 - E |N|^2,

and the t for which T is not in one of its tails are the interval. A score is a function of the
ranks of all trials, so psi has a second term: with the goal-oriented score, at the cut-off one
trial is lost where another is gained; with graded scores, all ranks behind a trial's move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.hsic_group import ScaledGroup
from optuna_hpx.statistics.bisection import first_number

__all__ = ["N_DRAWS", "interval"]

N_DRAWS = 2_000
"""Draws of N: the error of a quantile at 2.5 % is 0.35 %."""
_PRECISION = 2.0**-14  # of a length, as a share of the largest possible one


def interval(
    groups: Sequence[ScaledGroup],
    observed: float,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[float, float, np.ndarray]:
    """Compute a confidence interval of R2.

    Args:
        groups: Of one parameter.
        observed: Its T.
        confidence: Of the interval, in (0, 1).
        rng: Draws N.

    Returns:
        The two ends, and draws (N_DRAWS,) of what R2 may be; 0, 1 and -inf if the parameter does
        not vary. O(n r^2 + N_DRAWS r^2).
    """
    varying = [group for group in groups if group.factor != 0.0]
    if not varying:
        return 0.0, 1.0, np.full(N_DRAWS, -np.inf)
    noise = _Noise.of(varying, rng)
    tail = 0.5 - confidence / 2.0
    low = first_number(
        lambda t: bool(np.quantile(noise.replicates(t), 1.0 - tail) >= observed),
        0.0,
        1.0,
        _PRECISION,
    )
    at_least = max(observed, float(np.median(noise.square)))  # less than chance gives is chance
    high = first_number(
        lambda t: bool(np.quantile(noise.replicates(t), tail) > at_least), 0.0, 1.0, _PRECISION
    )
    return low**2, high**2, noise.replicates(float(np.sqrt(max(observed, 0.0))))


@dataclass(frozen=True)
class _Noise:
    """Draws of N.

    Attributes:
        along: (N_DRAWS,) e'N.
        square: (N_DRAWS,) |N|^2 less its mean.
    """

    along: np.ndarray
    square: np.ndarray

    @classmethod
    def of(cls, groups: Sequence[ScaledGroup], rng: np.random.Generator) -> _Noise:
        along, square, chance = np.zeros(N_DRAWS), np.zeros(N_DRAWS), 0.0
        means, widest = [], 0.0
        for group in groups:
            mean, covariance = _moments(group)
            values, vectors = np.linalg.eigh(covariance)
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            noise = rng.standard_normal((N_DRAWS, len(mean))) @ root.T
            means.append(mean)
            along += noise @ mean
            square += np.sum(noise**2, axis=1)
            chance += float(np.trace(covariance))
            widest = max(widest, float(values[-1]))
        length = float(np.sqrt(sum(float(mean @ mean) for mean in means)))
        along /= max(length, 1e-300)
        # As far as M is noise, its direction is no better known than that of the largest variance.
        along_variance = float(np.var(along))
        unsure = min(chance / max(length**2, 1e-300), 1.0) * max(widest - along_variance, 0.0)
        along *= np.sqrt(1.0 + unsure / max(along_variance, 1e-300))
        return cls(along, square - chance)

    def replicates(self, t: float) -> np.ndarray:
        """Compute T (N_DRAWS,) of a true length ``t``."""
        return t**2 + 2.0 * t * self.along + self.square


def _moments(scaled: ScaledGroup) -> tuple[np.ndarray, np.ndarray]:
    """Estimate M (r,) and its covariance (r, r)."""
    group = scaled.group
    phi = (group.kernel.features() if group.phi is None else group.phi) * np.sqrt(scaled.factor)
    phi = phi - phi.mean(axis=0)
    moved = group.slope[:, None] * phi[group.order]
    drift = np.empty_like(phi)
    drift[group.order] = np.cumsum(moved[::-1], axis=0)[::-1] / group.n
    psi = group.w[:, None] * phi + drift
    covariance = np.cov(psi, rowvar=False, ddof=1).reshape(phi.shape[1], -1)
    return group.w @ phi / group.n, covariance / group.n

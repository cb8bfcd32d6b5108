"""The product of spacings of a law, and the climb to the laws that maximise it.

Cheng and Amin (1983) choose the parameters that maximise

    (1)  M(theta) = sum_i N_i log p_i,   p_i = F(Z_i) - F(Z_(i-1)),

over the buckets between neighbouring losses. Unlike the likelihood it stays bounded where the
density does not (gamma = 1, no noise). The climb is damped scoring: Newton's method with the
expected information, which for grouped data is

    (2)  I = n sum_i dp_i dp_i' / p_i,   n = sum_i N_i.

Notation
    Z, N            edges and counts of the buckets; see buckets.py
    theta (B, 3)    (alpha, log D, log s): location, scale and relative noise s = sigma / D of the
                    law of quadratic.py; gamma (B,) is fixed
    B               laws that climb side by side, one row each
    K               noises of a profile
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.buckets import Buckets
from optuna_hpx.law.maths.quadratic import NoisyQuadratic, partials

__all__ = ["Climb", "Fits", "best_of", "climb", "evaluate", "profile"]

_TINY = 1e-300  # instead of a probability of 0, whose logarithm is not finite
_N_NODES = 16  # of the quadrature: errors of F below 1e-4, enough to climb by
# Bounds of s. Below the first the law is that of no noise to within the quadrature; above the
# second it is a normal distribution, of which alpha and D cannot be told apart.
_LEAST_NOISE, _MOST_NOISE = 1e-6, 4.0
_NOISELESS_MARGIN = 0.01  # in log s: a fit so near the lower bound has run into it
# Bounds of D in units of the spread of the losses, so wide that they only keep exp(log D) finite.
_SCALES = (1e-3, 1e4)
_FIRST_DAMPING, _LESS, _MORE = 1e-3, 0.2, 8.0  # Levenberg's, after a step that gained and one not
_STUCK = 1e3  # damping at which steps are so short that a law counts as arrived
_LONGEST_STEP = 1e6  # keeps theta finite where the information is nearly 0


@dataclass(frozen=True)
class Fits:
    """Laws fitted side by side.

    Attributes:
        gamma: (B,)
        theta: (B, 3) alpha, log D and log s.
        objective: (B,) M of equation (1), to be maximised.
        information: (B, 3, 3) I of equation (2), at theta.
    """

    gamma: np.ndarray
    theta: np.ndarray
    objective: np.ndarray
    information: np.ndarray

    @property
    def best(self) -> int:
        """The row with the greatest objective."""
        return int(np.argmax(self.objective))

    def law(self, row: int) -> NoisyQuadratic:
        """Return the law of one row, without noise if the fit ran into the least noise."""
        alpha, log_scale, log_noise = self.theta[row].tolist()
        scale = float(np.exp(log_scale))
        is_noiseless = log_noise <= np.log(_LEAST_NOISE) + _NOISELESS_MARGIN
        sigma = 0.0 if is_noiseless else scale * float(np.exp(log_noise))
        return NoisyQuadratic(alpha, alpha + scale, float(self.gamma[row]), sigma)


@dataclass(frozen=True)
class Climb:
    """How far and how exactly to climb.

    Attributes:
        n_steps: At most.
        n_nodes: Of the quadrature.
        tolerance: Gain of the objective, in nats, below which a law has arrived.
        free_noise: Whether s may change.
    """

    n_steps: int = 12
    n_nodes: int = _N_NODES
    tolerance: float = 5e-3
    free_noise: bool = True


def evaluate(
    buckets: Buckets, gammas: np.ndarray, theta: np.ndarray, n_nodes: int = _N_NODES
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Evaluate equations (1) and (2).

    Returns:
        Objective (B,), its gradient (B, 3) and the information (B, 3, 3). The derivatives are by
        (alpha, log D, log s): with D fixed for the third and s for the second.
    """
    alpha, scale, noise = theta[:, :1], np.exp(theta[:, 1:2]), np.exp(theta[:, 2:])
    law = partials(buckets.edges, alpha, scale, gammas[:, None], noise * scale, n_nodes=n_nodes)
    slopes = np.stack([-law.pdf, law.d_scale + law.d_noise, law.d_noise], axis=-1)
    p = np.maximum(np.diff(law.cdf, axis=1, prepend=0.0, append=1.0), _TINY)
    dp = np.diff(slopes, axis=1, prepend=0.0, append=0.0)
    counts = buckets.counts
    objective = (counts * np.log(p)).sum(1)
    dlog = dp / p[..., None]
    gradient = np.einsum("i,bij->bj", counts, dlog)
    information = counts.sum() * np.einsum("bij,bik->bjk", dp, dlog)
    return objective, gradient, information


def climb(
    buckets: Buckets, gammas: np.ndarray, theta: np.ndarray, settings: Climb | None = None
) -> Fits:
    """Maximise equation (1) from given starts, each law until it has arrived.

    Args:
        buckets: At least two edges.
        gammas: (B,)
        theta: (B, 3) where to start.
        settings: How far and how exactly; None: those of :class:`Climb`.

    Returns:
        The laws that were reached, never worse than the starts.
    """
    settings = settings or Climb()
    free = np.array([1.0, 1.0, float(settings.free_noise)])
    low, high = _bounds(buckets)
    theta = np.clip(theta, low, high)
    value, gradient, information = evaluate(buckets, gammas, theta, settings.n_nodes)
    damping = np.full(len(gammas), _FIRST_DAMPING)
    rows = np.arange(len(gammas))  # of the laws that have not arrived
    for _ in range(settings.n_steps):
        step = _scoring_step(information[rows], gradient[rows], damping[rows], free)
        new = np.clip(theta[rows] + step, low, high)
        new_value, *slopes = evaluate(buckets, gammas[rows], new, settings.n_nodes)
        gain = new_value - value[rows]
        better = gain > 0.0
        theta[rows[better]], value[rows[better]] = new[better], new_value[better]
        gradient[rows[better]], information[rows[better]] = (slope[better] for slope in slopes)
        damping[rows] *= np.where(better, _LESS, _MORE)
        rows = rows[np.where(better, gain >= settings.tolerance, damping[rows] <= _STUCK)]
        if not len(rows):
            break
    return Fits(gammas, theta, value, information)


def _bounds(buckets: Buckets) -> tuple[np.ndarray, np.ndarray]:
    span = buckets.edges[-1] - buckets.edges[0]
    low = np.array([-np.inf, np.log(span * _SCALES[0]), np.log(_LEAST_NOISE)])
    high = np.array([buckets.edges[-1], np.log(span * _SCALES[1]), np.log(_MOST_NOISE)])
    return low, high


def _scoring_step(
    information: np.ndarray, gradient: np.ndarray, damping: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """Solve for the steps (B, 3), each parameter in its own unit: one damping serves all."""
    unit = np.sqrt(np.maximum(np.diagonal(information, axis1=1, axis2=2), 1e-30))
    scaled = information / (unit[:, :, None] * unit[:, None, :])
    scaled = scaled * (free[:, None] * free) + np.eye(3) * damping[:, None, None]
    scaled = scaled + np.diag(1.0 - free)
    step = np.linalg.solve(scaled, (gradient * free / unit)[..., None])[..., 0]
    return np.clip(step / unit, -_LONGEST_STEP, _LONGEST_STEP)


def best_of(candidates: list[Fits]) -> Fits:
    """Take of each row the fit with the greatest objective."""
    best = np.argmax([fits.objective for fits in candidates], axis=0)
    rows = np.arange(len(best))
    arrays = [
        np.stack([getattr(fits, name) for fits in candidates])[best, rows]
        for name in ("theta", "objective", "information")
    ]
    return Fits(candidates[0].gamma, *arrays)


def profile(
    buckets: Buckets, gammas: np.ndarray, noises: np.ndarray, *, n_nodes: int = _N_NODES
) -> list[Fits]:
    """Fit alpha and D of each gamma for fixed noises, each from the fit of the noise before.

    Args:
        buckets: At least two edges.
        gammas: (B,)
        noises: Values of s, (K,) or (K, B), ascending.
        n_nodes: Of the quadrature.
    """
    settings = Climb(n_steps=8, n_nodes=n_nodes, free_noise=False)
    theta = _noiseless_guess(buckets, gammas)
    fits = []
    for noise in noises:
        log_noise = np.broadcast_to(np.log(noise), gammas.shape)
        theta = np.column_stack([theta[:, :2], log_noise])
        fits.append(climb(buckets, gammas, theta, settings))
        theta = fits[-1].theta
    return fits


def _noiseless_guess(buckets: Buckets, gammas: np.ndarray) -> np.ndarray:
    """Fit the edges by the quantiles (i / (n + 1))^(2 / gamma) of the law without noise.

    Returns:
        (B, 2) alpha and log D.
    """
    y = buckets.edges
    level = np.cumsum(buckets.counts)[:-1] / buckets.counts.sum()
    x = level ** (2.0 / gammas[:, None])
    dx, dy = x - x.mean(1, keepdims=True), y - y.mean()
    slope = np.maximum((dx * dy).sum(1) / (dx * dx).sum(1), 1e-12)
    return np.column_stack([y.mean() - slope * x.mean(1), np.log(slope)])

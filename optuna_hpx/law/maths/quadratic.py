"""The law of random search near the best possible score: the (noisy) quadratic distribution.

Random search draws a configuration x, and its score is y = g(x) + noise. Near the optimum g is a
quadratic bowl, so the volume of {x: g(x) <= y} grows like (y - alpha)^(gamma/2), where gamma is
the number of directions in which g bends: the effective number of hyperparameters (arXiv
2510.02721). Scores are losses here; negate a score that is to be maximised.

Notation
    alpha           the best possible expected score
    beta            where the law would reach probability 1; D = beta - alpha > 0
    gamma           effective number of hyperparameters, any real number >= 1
    sigma           standard deviation of the noise, N(0, sigma^2)
    R               sqrt((g - alpha) / D), which has the density gamma r^(gamma-1) on [0, 1]
    z, s            (y - alpha) / D and sigma / D
    t               (z - r^2) / s at a node r
    k               number of trials of which the best is taken

    (1)  F(y) = z^(gamma/2)                                               without noise
    (2)  F(y) = E[Phi((z - R^2) / s)]                                     with it, by parts
              = Phi((z - 1) / s) + 2 / (gamma s) E[phi((z - R^2) / s) R^2]
    (3)  f(y) = E[phi((z - R^2) / s)] / sigma
    (4)  P(best of k <= y) = 1 - (1 - F(y))^k

The expectations are integrals of an analytic function against r^(gamma-1): by Gauss-Jacobi nodes
where they reach down to 0, and by Gauss-Legendre nodes elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from optuna_hpx.law.maths.expansion import REACH, expanded

__all__ = ["NoisyQuadratic", "Partials", "partials"]

_N_NODES = 48  # error below 1e-12: as exact as double precision makes it
# The nodes cover so many standard deviations of noise on both sides of z: beyond 8, noise decides
# nothing; few nodes cover less, but cover it well.
_REACH = 8.0
_REACH_PER_ROOT_NODE = 1.2
# They start at 0 if the lower limit is below this share of the upper one: r^(gamma-1) is not
# smooth at 0, and Gauss-Legendre nodes close to it would not be exact.
_NEAR_ZERO = 0.25
_NOISELESS = 1e-8  # of D: with less noise, F differs from that without by less than rounding
_OUTSIDE = 40.0  # standard deviations beyond which no quantile of double precision lies
_LEAST_RADIUS = 1e-300  # instead of 0, whose logarithm is not finite
_N_NEWTON = 200  # steps at most: each at least halves the bracket, a double has 64 bits
_SAME = 4e-16  # relative: two steps that differ by less are one
# The mean of the best of k is an integral over panels between these of its probabilities.
_TAIL = np.array([1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3])
_PANELS = np.concatenate([_TAIL, [0.5], 1.0 - _TAIL[::-1]])


class Partials(NamedTuple):
    """The distribution function and its derivatives, all of the broadcast shape.

    Attributes:
        cdf: F.
        pdf: f = dF/dy = -dF/dalpha with D fixed.
        d_scale: dF / d log D with alpha and sigma fixed.
        d_noise: dF / d log sigma.
    """

    cdf: np.ndarray
    pdf: np.ndarray
    d_scale: np.ndarray
    d_noise: np.ndarray


def partials(
    y: np.ndarray | float,
    alpha: np.ndarray | float,
    scale: np.ndarray | float,
    gamma: np.ndarray | float,
    sigma: np.ndarray | float,
    *,
    n_nodes: int = _N_NODES,
) -> Partials:
    """Compute F, f and the gradient of F by equations (2) and (3).

    Args:
        y: Losses.
        alpha: It broadcasts with ``y``, as the other parameters do.
        scale: D.
        gamma: At least 1.
        sigma: Positive.
        n_nodes: Of the quadrature. The absolute error of F, and of f in units of 1 / sigma, is
            below 1e-12 for the default number, 1e-7 for 24 and 1e-4 for 16.

    Cost: O(n_nodes) per value; with fewer nodes than the default, values far from both ends of
    the law take the series of expansion.py.
    """
    s = np.asarray(sigma / scale)
    z = np.asarray((y - alpha) / scale)
    gamma = np.asarray(gamma, dtype=float)
    z, s, gamma, unit = np.broadcast_arrays(z, s, gamma, np.asarray(scale, dtype=float))
    reach = REACH * s
    is_far = (z > reach) & (z < 1.0 - reach)
    if n_nodes >= _N_NODES or not is_far.any():
        return _integrated(z, s, gamma, unit, n_nodes)
    parts = np.empty((4, *z.shape))
    parts[:, is_far] = expanded(z[is_far], s[is_far], gamma[is_far])
    parts[1, is_far] /= unit[is_far]
    near = ~is_far
    parts[:, near] = _integrated(z[near], s[near], gamma[near], unit[near], n_nodes)
    return Partials(*parts)


def _integrated(
    z: np.ndarray, s: np.ndarray, gamma: np.ndarray, scale: np.ndarray, n_nodes: int
) -> Partials:
    """Compute F, f and the gradient of F, all arguments of one shape, by quadrature."""
    r, weights = _nodes(z, s, gamma, n_nodes)
    t = (z[..., None] - r * r) / s[..., None]
    with np.errstate(over="ignore"):  # t far out, where phi is 0
        log_phi = (gamma - 1.0)[..., None] * np.log(np.maximum(r, _LEAST_RADIUS)) - 0.5 * t * t
    phi = np.exp(log_phi) * weights  # phi(t) gamma r^(gamma-1) dr
    by_noise = np.einsum("...i,...i->...", phi, r * r) / s  # E[phi(t) R^2] / s
    return Partials(
        cdf=special.ndtr((z - 1.0) / s) + 2.0 * by_noise / gamma,
        pdf=phi.sum(-1) / (s * scale),
        d_scale=-by_noise,
        d_noise=-np.einsum("...i,...i->...", phi, t),
    )


def _nodes(
    z: np.ndarray, s: np.ndarray, gamma: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Place nodes r (..., n) where phi(t) counts, with the weights of an integral dr."""
    reach = min(_REACH, _REACH_PER_ROOT_NODE * math.sqrt(n)) * s
    low = np.sqrt(np.clip(z - reach, 0.0, 1.0))
    high = np.sqrt(np.clip(z + reach, 0.0, 1.0))
    from_zero = low < _NEAR_ZERO * high
    low = np.where(from_zero, 0.0, low)
    width = high - low
    # One rule for each gamma where the integral starts at 0; Gauss-Legendre, row 0, elsewhere.
    values, row = np.unique(gamma, return_inverse=True)
    x, w = _rules((1.0, *values.tolist()), n)
    row = np.where(from_zero, 1 + row.reshape(gamma.shape), 0)
    r = x[row]
    r *= width[..., None]
    r += low[..., None]
    weights = w[row]
    weights *= (gamma * width / math.sqrt(2.0 * math.pi))[..., None]
    return r, weights


@lru_cache(maxsize=256)
def _rules(gammas: tuple[float, ...], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rules of several gammas, (B, n) each."""
    x, w = zip(*(_rule(gamma, n) for gamma in gammas), strict=True)
    return np.stack(x), np.stack(w)


@lru_cache(maxsize=256)
def _rule(gamma: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute nodes x (n,) in [0, 1] and weights for the integral of h(x) dx.

    They are exact for h(x) = x^(gamma-1) times a polynomial: Gauss-Jacobi, and Gauss-Legendre for
    gamma 1.
    """
    u, w = special.roots_jacobi(n, 0.0, gamma - 1.0)
    x = (1.0 + u) / 2.0
    return x, w / 2.0**gamma / x ** (gamma - 1.0)


@dataclass(frozen=True)
class NoisyQuadratic:
    """The law of one trial's loss; noiseless for ``sigma`` 0.

    Args:
        alpha: Best possible expected loss.
        beta: Where the law would reach probability 1, if it held that far; above ``alpha``.
        gamma: Effective number of hyperparameters, at least 1.
        sigma: Standard deviation of the noise, not negative.

    Raises:
        ValueError: If an argument is out of its range or not finite.
    """

    alpha: float
    beta: float
    gamma: float
    sigma: float = 0.0

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "gamma", "sigma"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"`{name}` must be finite, got {getattr(self, name)!r}.")
        if self.beta <= self.alpha:
            raise ValueError(f"`beta` must exceed `alpha` = {self.alpha!r}, got {self.beta!r}.")
        if self.gamma < 1.0:
            raise ValueError(f"`gamma` must be at least 1, got {self.gamma!r}.")
        if self.sigma < 0.0:
            raise ValueError(f"`sigma` must not be negative, got {self.sigma!r}.")

    @property
    def scale(self) -> float:
        """D = beta - alpha."""
        return self.beta - self.alpha

    @property
    def _is_noiseless(self) -> bool:
        return self.sigma <= _NOISELESS * self.scale

    def cdf(self, y: np.ndarray | float) -> np.ndarray:
        """Compute F(y), of the shape of ``y``."""
        y = np.asarray(y, dtype=float)
        if self._is_noiseless:
            return np.clip((y - self.alpha) / self.scale, 0.0, 1.0) ** (self.gamma / 2.0)
        return partials(y, self.alpha, self.scale, self.gamma, self.sigma).cdf

    def pdf(self, y: np.ndarray | float) -> np.ndarray:
        """Compute f(y), of the shape of ``y``; infinite at alpha for gamma < 2 without noise."""
        y = np.asarray(y, dtype=float)
        if not self._is_noiseless:
            return partials(y, self.alpha, self.scale, self.gamma, self.sigma).pdf
        z = (y - self.alpha) / self.scale
        half = self.gamma / 2.0
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = half / self.scale * z ** (half - 1.0)
        return np.where((z >= 0.0) & (z <= 1.0), inside, 0.0)

    def ppf(self, q: np.ndarray | float) -> np.ndarray:
        """Compute the loss that a trial stays below with probability ``q``, of the shape of ``q``.

        It is NaN for ``q`` outside [0, 1].
        """
        q = np.asarray(q, dtype=float)
        quiet = self.alpha + self.scale * np.clip(q, 0.0, 1.0) ** (2.0 / self.gamma)
        y = quiet if self._is_noiseless else self._solve(q, quiet)
        return np.where((q >= 0.0) & (q <= 1.0), y, np.nan)

    def _solve(self, q: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Solve F(y) = q by Newton's method, halving the bracket where a step would leave it."""
        low = np.full(q.shape, self.alpha - _OUTSIDE * self.sigma)
        high = np.full(q.shape, self.beta + _OUTSIDE * self.sigma)
        y = start
        for _ in range(_N_NEWTON):
            law = partials(y, self.alpha, self.scale, self.gamma, self.sigma)
            low, high = np.where(law.cdf < q, y, low), np.where(law.cdf < q, high, y)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = y - (law.cdf - q) / law.pdf
            new = np.where((step > low) & (step < high), step, (low + high) / 2.0)
            if np.all(np.abs(new - y) <= _SAME * (np.abs(y) + self.scale)):
                break
            y = new
        y = np.where(q == 0.0, -np.inf, y)
        return np.where(q == 1.0, np.inf, y)

    def tuning_curve(
        self, n_trials: np.ndarray | float, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Compute quantiles of the best of k = ``n_trials`` by equation (4).

        They solve F(y) = 1 - (1 - quantile)^(1/k).
        """
        k = _at_least_one(n_trials)
        return self.ppf(-np.expm1(np.log1p(-np.asarray(quantile, dtype=float)) / k))

    def mean_tuning_curve(self, n_trials: np.ndarray | float) -> np.ndarray:
        """Compute the mean of the best of k = ``n_trials``.

        Without noise it is alpha + D Gamma(k+1) Gamma(1+2/gamma) / Gamma(k+1+2/gamma); with noise
        the integral of y dP(best <= y), by parts, between quantiles of the best.
        """
        k = _at_least_one(n_trials)
        if self._is_noiseless:
            power = 2.0 / self.gamma
            log = special.gammaln(k + 1.0) + special.gammaln(1.0 + power)
            return self.alpha + self.scale * np.exp(log - special.gammaln(k + 1.0 + power))
        edges = self.tuning_curve(k[..., None], _PANELS)
        x, w = _rule(1.0, _N_NODES // 2)
        width = np.diff(edges, axis=-1)[..., None]
        y = edges[..., :-1, None] + width * x
        survival = (1.0 - self.cdf(y)) ** k[..., None, None]
        return edges[..., 0] + (survival * width * w).sum((-2, -1))


def _at_least_one(n_trials: np.ndarray | float) -> np.ndarray:
    k = np.asarray(n_trials, dtype=float)
    if not np.all(k >= 1.0):
        raise ValueError(f"`n_trials` must be at least 1, got {n_trials!r}.")
    return k

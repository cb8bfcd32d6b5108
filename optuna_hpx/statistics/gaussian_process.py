r"""Gaussian-process regression with one length scale per parameter, and effects of single ones.

Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006 (equations by their numbers).
Duvenaud, Nickisch, Rasmussen: Additive Gaussian Processes, NIPS 2011.

Notation
    n, p       training points, parameters; a parameter is one or several features
    X, y       (n, f) features, (n,) values of zero mean and unit variance
    r_j^2      squared distance in parameter j over its length scale squared, ``l_j`` or ``e_j``
    k(r^2)     Matern kernel with nu = 5/2, eq. (4.17)
    K          s k(sum_j r_j^2) + sum_j a_j k(r_j^2) + v I, with l in the first sum, e in the other
    theta      logs of (l^2, s, v, a, e^2)

theta maximises the marginal likelihood (5.8) times a lognormal prior, which keeps it sensible
where there are few points. scikit-learn's regressor has no kernel over groups of features, and
its gradient takes ten times as long.

A function that the points leave plausible is drawn whole: a draw h of the prior is corrected by
what it misses at the points (Wilson et al., Pathwise conditioning of Gaussian processes, Journal
of Machine Learning Research 22, 2021, eq. 13),

    h(x) + k(x, X) K^-1 (y - h(X) - e),  e ~ N(0, v I),                                      (1)

and h is a sum of random waves whose frequencies follow the spectrum of k, a multivariate t
distribution with 5 degrees of freedom (Rahimi, Recht: Random features for large-scale kernel
machines, NIPS 2007). Far from all points the waves' number limits how normal h is; at the points
equation (1) holds whatever h is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky
from scipy.optimize import minimize
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.special import chdtri

__all__ = ["GaussianProcess"]

_JITTER = 1e-6  # on the diagonal, without which equal points make K singular
_CHUNK = 512  # points predicted at once
_N_JOINT, _N_SINGLE = 512, 64  # random waves of the joint kernel, and of that of each parameter


class GaussianProcess:
    """A Gaussian process fitted to ``y`` at ``X``.

    Args:
        X: (n, f) features.
        y: (n,) values of about zero mean and unit variance.
        groups: The features of each parameter, as slices.
        max_iterations: Of the optimiser. O(n^2 (n + p)) each.

    Attributes:
        unseen: (n,) the prediction at each point from all others, eq. (5.12).
    """

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        groups: Sequence[slice],
        *,
        max_iterations: int = 25,
    ) -> None:
        self._X, self._groups = X, groups
        self._pairs = np.array([pdist(X[:, group], "sqeuclidean") for group in groups])
        mean, deviation = self._prior()
        optimum = minimize(
            self._minus_log_posterior,
            mean,
            (y, mean, deviation),
            jac=True,
            method="L-BFGS-B",
            bounds=[(m - 4.0, m + 4.0) for m in mean],
            options={"maxiter": max_iterations},
        )
        self._theta = optimum.x
        self._y = y
        self._inverse = self._invert(self._kernel(self._theta, self._pairs), self._theta)[0]
        self._weights = self._inverse @ y
        self.unseen = y - self._weights / np.diag(self._inverse)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Compute the mean (N,) at ``X`` (N, f), eq. (2.25). O(N n p)."""
        parts = [
            self._kernel(self._theta, self._distances(X[start : start + _CHUNK])) @ self._weights
            for start in range(0, len(X), _CHUNK)
        ]
        return np.concatenate(parts)

    def draws(self, X: np.ndarray, n_draws: int, seed: int) -> np.ndarray:
        """Draw functions from the posterior, without noise, eq. (1).

        Args:
            X: (N, f) where to evaluate them.
            n_draws: How many functions.
            seed: The same one gives the same functions at whatever points, and the first of them
                whatever their number.

        Returns:
            (n_draws, N). O(N (n + p) (n_draws + f)).
        """
        waves = self._waves(np.random.default_rng([seed, 0]))
        _, _, v, _, _ = self._split(self._theta)
        amplitudes = np.random.default_rng([seed, 1]).standard_normal((n_draws, waves.n))
        noise = np.random.default_rng([seed, 2]).standard_normal((n_draws, len(self._y)))
        missed = self._y - amplitudes @ waves.at(self._X).T - np.sqrt(v + _JITTER) * noise
        weights = missed @ self._inverse
        parts = []
        for start in range(0, len(X), _CHUNK):
            chunk = X[start : start + _CHUNK]
            kernel = self._kernel(self._theta, self._distances(chunk))
            parts.append(amplitudes @ waves.at(chunk).T + weights @ kernel.T)
        return np.concatenate(parts, axis=1)

    def _waves(self, rng: np.random.Generator) -> _Waves:
        """Draw waves whose covariance is that of the kernel without noise."""
        scales, s, _, a, e = self._split(self._theta)
        f, p = self._X.shape[1], len(self._groups)
        frequencies = np.zeros((_N_JOINT + p * _N_SINGLE, f))
        amplitudes = np.full(len(frequencies), np.sqrt(s / _N_JOINT))
        for j, group in enumerate(self._groups):
            frequencies[:_N_JOINT, group] = 1.0 / np.sqrt(scales[j])
            rows = slice(_N_JOINT + j * _N_SINGLE, _N_JOINT + (j + 1) * _N_SINGLE)
            frequencies[rows, group] = 1.0 / np.sqrt(e[j])
            amplitudes[rows] = np.sqrt(a[j] / _N_SINGLE)
        u = (rng.permutation(len(frequencies)) + rng.random(len(frequencies))) / len(frequencies)
        spread = np.sqrt(5.0 / chdtri(5.0, u))[:, None]
        frequencies *= spread * rng.standard_normal(frequencies.shape)
        return _Waves(frequencies, amplitudes)

    def _distances(self, X: np.ndarray) -> np.ndarray:
        return np.array([cdist(X[:, g], self._X[:, g], "sqeuclidean") for g in self._groups])

    def _prior(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of theta."""
        p = len(self._groups)
        typical = [0.7] * p + [0.7, 0.1] + [0.4] * p + [0.5] * p
        mean = 2.0 * np.log(typical)
        deviation = np.full(len(mean), 2.0)
        deviation[p + 1] = 3.0
        return mean, deviation

    def _kernel(self, theta: np.ndarray, distances: np.ndarray) -> np.ndarray:
        """Compute K without v I, of the shape of ``distances`` (p, ...) but for the first axis."""
        scales, s, _, a, e = self._split(theta)
        result = s * _matern(np.tensordot(1.0 / scales, distances, 1))[0]
        for j in range(len(a)):
            result += a[j] * _matern(distances[j] / e[j])[0]
        return np.asarray(result)

    def _split(self, theta: np.ndarray) -> tuple[np.ndarray, float, float, np.ndarray, np.ndarray]:
        """Split theta into l^2, s, v, a and e^2."""
        p = len(self._groups)
        scale = np.exp(theta)
        return (
            scale[:p],
            float(scale[p]),
            float(scale[p + 1]),
            scale[p + 2 : 2 * p + 2],
            scale[2 * p + 2 :],
        )

    def _invert(self, pairs: np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, float]:
        """Invert K, given above the diagonal; also return half its log determinant."""
        _, s, v, a, _ = self._split(theta)
        K = squareform(pairs)
        np.fill_diagonal(K, s + a.sum() + v + _JITTER)
        L = cholesky(K, lower=True)
        return cho_solve((L, True), np.eye(len(K))), float(np.log(np.diag(L)).sum())

    def _minus_log_posterior(
        self, theta: np.ndarray, y: np.ndarray, mean: np.ndarray, deviation: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Compute minus (5.8) and the prior, and the gradient by (5.9)."""
        scales, s, v, a, e = self._split(theta)
        joint = self._pairs / scales[:, None]
        k, slope = _matern(joint.sum(axis=0))
        singles = [_matern(self._pairs[j] / e[j]) for j in range(len(a))]
        pairs = s * k + sum(a[j] * single[0] for j, single in enumerate(singles))
        inverse, half_log_det = self._invert(pairs, theta)
        alpha = inverse @ y
        A = 0.5 * (inverse - np.outer(alpha, alpha))
        trace = np.trace(A)
        above = 2.0 * A[np.triu_indices(len(y), 1)]  # both triangles
        gradient = np.concatenate(
            [
                joint @ (above * slope) * s,
                [s * (above @ k + trace), v * trace],
                [a[j] * (above @ single[0] + trace) for j, single in enumerate(singles)],
                [
                    a[j] * (above * single[1]) @ (self._pairs[j] / e[j])
                    for j, single in enumerate(singles)
                ],
            ]
        )
        deviate = (theta - mean) / deviation
        value = 0.5 * y @ alpha + half_log_det + 0.5 * deviate @ deviate
        return float(value), gradient + deviate / deviation


@dataclass(frozen=True, eq=False)
class _Waves:
    """Sines and cosines of m frequencies (m, f), with amplitudes (m,)."""

    frequencies: np.ndarray
    amplitudes: np.ndarray

    @property
    def n(self) -> int:
        """How many: a sine and a cosine of each frequency."""
        return 2 * len(self.frequencies)

    def at(self, X: np.ndarray) -> np.ndarray:
        """Evaluate the waves (N, 2 m) at ``X`` (N, f)."""
        phase = X @ self.frequencies.T
        return np.concatenate(
            [self.amplitudes * np.cos(phase), self.amplitudes * np.sin(phase)], axis=1
        )


def _matern(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute k(r^2), and minus its derivative by r^2."""
    r = np.sqrt(5.0 * r2)
    decay = np.exp(-r)
    return (1.0 + r + r * r / 3.0) * decay, 5.0 / 6.0 * (1.0 + r) * decay

r"""Gaussian-process regression with one length scale per parameter, and effects of single ones.

The effects of single parameters are left out where the prior has none.

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
where there are few points: see :mod:`~optuna_hpx.statistics.gaussian_prior`. scikit-learn's
regressor has no kernel over groups of features, and its gradient takes ten times as long.

A function that the points leave plausible is drawn whole: a draw h of the prior, as in
:mod:`~optuna_hpx.statistics.random_waves`, is corrected by what it misses at the points (Wilson et
al., Pathwise conditioning of Gaussian processes, Journal of Machine Learning Research 22, 2021,
eq. 13),

    h(x) + k(x, X) K^-1 (y - h(X) - e),  e ~ N(0, v I).                                      (1)

At the points this holds whatever h is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize
from scipy.spatial.distance import cdist, pdist, squareform

from optuna_hpx.statistics.gaussian_prior import Prior, additive_prior
from optuna_hpx.statistics.random_waves import Waves, random_waves

__all__ = ["GaussianProcess", "Prediction"]

_JITTER = 1e-6  # on the diagonal, without which equal points make K singular
_CHUNK = 512  # points predicted at once


class GaussianProcess:
    """A Gaussian process fitted to ``y`` at ``X``.

    Args:
        X: (n, f) features.
        y: (n,) values of about zero mean and unit variance.
        groups: The features of each parameter, as slices.
        prior: Of theta; by default :func:`additive_prior`.
        starts: Where the optimiser starts, by default at the prior's mean; the best of the optima
            is taken.
        max_iterations: Of the optimiser. O(n^2 (n + p)) each. 0: theta is the first of ``starts``.

    Attributes:
        theta: The hyperparameters, as in the notation.
    """

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        groups: Sequence[slice],
        *,
        prior: Prior | None = None,
        starts: Sequence[np.ndarray] = (),
        max_iterations: int = 25,
    ) -> None:
        self._X, self._y, self._groups = X, y, groups
        prior = additive_prior(len(groups)) if prior is None else prior
        starts = starts or [prior.mean]
        if max_iterations:
            optima = [
                minimize(
                    self._minus_log_posterior,
                    start,
                    (prior,),
                    jac=True,
                    method="L-BFGS-B",
                    bounds=prior.bounds,
                    options={"maxiter": max_iterations},
                )
                for start in starts
            ]
            self.theta = min(optima, key=lambda optimum: float(optimum.fun)).x
        else:
            self.theta = np.asarray(starts[0])
        self._L = self._factor(self._kernel(self.theta, X), self.theta)
        self._weights = cho_solve((self._L, True), y)

    @property
    def n(self) -> int:
        """How many training points there are."""
        return len(self._y)

    @cached_property
    def unseen(self) -> np.ndarray:
        """(n,) the prediction at each point from all others, eq. (5.12)."""
        return self._y - self._weights / np.diag(self._inverse)

    def errors(self, order: np.ndarray) -> np.ndarray:
        """Compute the standardised errors (n,) of predicting each value from those before it.

        They are L^-1 y, with K = L L' of the points in that order. O(n^3).

        Args:
            order: (n,) the training points, the first one first; errors come in this order.
        """
        K = self._kernel(self.theta, self._X)[np.ix_(order, order)]
        L = self._factor(K, self.theta)
        return np.asarray(solve_triangular(L, self._y[order], lower=True))

    @cached_property
    def _inverse(self) -> np.ndarray:
        lower = _lower_of_inverse(self._L)
        return np.tril(lower) + np.tril(lower, -1).T

    @cached_property
    def _pairs(self) -> np.ndarray:
        """(p, n (n - 1) / 2) squared distances of the training points in each parameter."""
        return np.array([pdist(self._X[:, group], "sqeuclidean") for group in self._groups])

    @cached_property
    def _is_above(self) -> np.ndarray:
        """(n, n) whether an entry is above the diagonal; by rows these are the pairs."""
        return ~np.tri(len(self._y), dtype=bool)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Compute the mean (N,) at ``X`` (N, f), eq. (2.25). O(N n p)."""
        parts = [
            self._kernel(self.theta, X[start : start + _CHUNK]) @ self._weights
            for start in range(0, len(X), _CHUNK)
        ]
        return np.concatenate(parts)

    def predict_noisy(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute mean and standard deviation (N,) of new values, noise and all, at ``X`` (N, f).

        Eqs. (2.25) and (2.26). O(N n (n + p)).
        """
        prediction = self.prediction(X, len(self._y))
        return prediction.mean, prediction.at_most

    def prediction(self, X: np.ndarray, n_first: int) -> Prediction:
        """Predict new values at ``X`` (N, f), their deviation for the time being from above.

        Args:
            X: Where.
            n_first: Training points that bound the deviation: it is what the first ones would
                leave. O(N (n p + n_first^2)).
        """
        k = self._kernel(self.theta, X)
        _, s, v, a, _ = self._split(self.theta)
        return Prediction(k @ self._weights, self._L, k, s + float(a.sum()), v + _JITTER, n_first)

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
        _, _, v, _, _ = self._split(self.theta)
        amplitudes = np.random.default_rng([seed, 1]).standard_normal((n_draws, waves.n))
        noise = np.random.default_rng([seed, 2]).standard_normal((n_draws, len(self._y)))
        missed = self._y - amplitudes @ waves.at(self._X).T - np.sqrt(v + _JITTER) * noise
        weights = missed @ self._inverse
        parts = []
        for start in range(0, len(X), _CHUNK):
            chunk = X[start : start + _CHUNK]
            kernel = self._kernel(self.theta, chunk)
            parts.append(amplitudes @ waves.at(chunk).T + weights @ kernel.T)
        return np.concatenate(parts, axis=1)

    def _waves(self, rng: np.random.Generator) -> Waves:
        """Draw waves whose covariance is that of the kernel without noise."""
        scales, s, _, a, e = self._split(self.theta)
        return random_waves(self._groups, scales, s, a, e, rng)

    def _kernel(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Compute K without v I (N, n) between ``X`` (N, f) and the training points."""
        scales, s, _, a, e = self._split(theta)
        root = np.ones(X.shape[1])
        for group, scale in zip(self._groups, scales, strict=True):
            root[group] = np.sqrt(scale)
        result = s * _kernel_of(cdist(X / root, self._X / root, "sqeuclidean"))
        for j in range(len(a)):
            group = self._groups[j]
            distances = cdist(X[:, group], self._X[:, group], "sqeuclidean")
            result += a[j] * _kernel_of(distances / e[j])
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

    def _factor(self, K: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Compute L of K (n, n) = L L', of which the diagonal, v and all, is set here."""
        _, s, v, a, _ = self._split(theta)
        np.fill_diagonal(K, s + a.sum() + v + _JITTER)
        return np.asarray(cholesky(K, lower=True))

    def _minus_log_posterior(self, theta: np.ndarray, prior: Prior) -> tuple[float, np.ndarray]:
        """Compute minus (5.8) and the prior, and the gradient by (5.9)."""
        scales, s, v, a, e = self._split(theta)
        k, slope = _matern((1.0 / scales) @ self._pairs)
        singles = [_matern(self._pairs[j] / e[j]) for j in range(len(a))]
        pairs = s * k + sum(a[j] * single[0] for j, single in enumerate(singles))
        L = self._factor(squareform(pairs), theta)
        inverse = _lower_of_inverse(L)
        half_log_det = np.log(np.diag(L)).sum()
        alpha = cho_solve((L, True), self._y)
        trace = 0.5 * (np.trace(inverse) - alpha @ alpha)
        above = (inverse.T - np.outer(alpha, alpha))[self._is_above]  # both triangles
        gradient = np.concatenate(
            [
                self._pairs @ (above * slope) * s / scales,
                [s * (above @ k + trace), v * trace],
                [a[j] * (above @ single[0] + trace) for j, single in enumerate(singles)],
                [
                    a[j] * (above * single[1]) @ (self._pairs[j] / e[j])
                    for j, single in enumerate(singles)
                ],
            ]
        )
        deviate = (theta - prior.mean) / prior.deviation
        value = 0.5 * self._y @ alpha + half_log_det + 0.5 * deviate @ deviate
        return float(value), gradient + deviate / prior.deviation


class Prediction:
    """New values at N points as a Gaussian process predicts them, noise and all.

    More training points never make the variance of eq. (2.26) larger. What the first of them
    leave bounds it, and the other rows of the same triangular system make it exact.

    Attributes:
        mean: (N,), eq. (2.25).
        at_most: (N,) no less than the standard deviation, which it is if all points are the first.
    """

    def __init__(
        self, mean: np.ndarray, L: np.ndarray, k: np.ndarray, s: float, v: float, n_first: int
    ) -> None:
        self.mean = mean
        self._L, self._k, self._s, self._v = L, k, s, v
        self._first = solve_triangular(L[:n_first, :n_first], k[:, :n_first].T, lower=True)
        self._reduction = np.square(self._first).sum(axis=0)
        self.at_most = self._deviation(self._reduction)

    def deviation(self, rows: np.ndarray) -> np.ndarray:
        """Compute the standard deviation (m,) at some of the points. O(m n^2)."""
        first = self._first[:, rows]
        n = len(first)
        if n == len(self._L):
            return self.at_most[rows]
        rest = self._k[rows, n:].T - self._L[n:, :n] @ first
        more = solve_triangular(self._L[n:, n:], rest, lower=True)
        return self._deviation(self._reduction[rows] + np.square(more).sum(axis=0))

    def _deviation(self, reduction: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(self._s - reduction, 0.0) + self._v)


def _lower_of_inverse(L: np.ndarray) -> np.ndarray:
    """Compute the inverse (n, n) of L L'; above the diagonal it has no meaning."""
    lower, _ = dpotri(L, lower=1)
    return np.asarray(lower)


def _kernel_of(r2: np.ndarray) -> np.ndarray:
    """Compute k(r^2), in the place of ``r2``."""
    r2 *= 5.0
    r = np.sqrt(r2)
    r2 /= 3.0
    r2 += r
    r2 += 1.0
    np.negative(r, out=r)
    r2 *= np.exp(r, out=r)
    return r2


def _matern(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute k(r^2), and minus its derivative by r^2."""
    r = np.sqrt(5.0 * r2)
    decay = np.exp(-r)
    slope = (1.0 + r) * decay
    return slope + 5.0 / 3.0 * r2 * decay, 5.0 / 6.0 * slope

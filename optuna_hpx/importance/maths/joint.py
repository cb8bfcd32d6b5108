r"""Whether two parameters interact in the objective itself, whatever its scale.

Effects that only add up show as interactions of "this trial is in the target set", for this is no
sum; and of the objective, too, if it is the square or the exponential of a sum. They are none that
call for tuning jointly: with additive effects the best value of one parameter does not depend on
the others. So the objective is first rescaled such that effects add up as well as they can.

Notation
    n, d        trials, parameters
    z           (n,) normal scores of the objective
    H           (n, h) hinges in z: monotone functions are sums of them with weights >= 0
    Z           (n, p) features of all parameters side by side
    A           ridge regression on Z, its strength by generalised cross-validation
    theta       (n,) rescaled objective, of mean 0 and variance 1
    w           (n,) theta - A theta
    U           (n, r) orthonormal basis of the products of the features of two parameters

Rescaling alternates (Breiman and Friedman, J. Am. Stat. Assoc. 80, 1985): theta = H c, where
c >= 0 is the least squares fit to A theta, beginning with z. A few steps and few hinges are
enough: the more freedom, the more of a real interaction is fitted away in few trials.

What is left of theta is not equally large everywhere, least of all if other pairs interact. So a
pair is tested by its scores S = diag(w) U, (n, r), whose means are 0 if it does not interact
(Wooldridge, Econometric Theory 7, 1991): with T = 1'S (S'S)^-1 S'1, the share

    T / n ~ Beta(r / 2, (n - r) / 2)                                                         (1)

about, as that of r regressors without influence. The share of the variance that is the pair's is
estimated by

    (|U'w|^2 - r |w|^2 / (n - 1)) / n.                                                       (2)

Without noise any misfit of the rescaling is significant some day. It is small: pairs with a share
below 3 % are not counted. In benchmarks/page/claims.py no additive objective comes near that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import nnls
from scipy.special import betainc

from optuna_hpx.statistics import ridge
from optuna_hpx.statistics.ranks import normal_scores

__all__ = ["MIN_SHARE", "joint_p_values", "rescaled"]

MIN_SHARE = 0.03
"""Of the variance of the rescaled objective, below which an interaction is not counted."""
_N_HINGES = 3
_N_STEPS = 3
_TRIALS_PER_PRODUCT = 5.0  # at least; else only the largest principal components are used
_RIDGES = np.logspace(-6, 1, 15)
_MIN_FREEDOM = 0.1
_TINY = 1e-12


def joint_p_values(
    features: Sequence[np.ndarray], factors: Sequence[np.ndarray], keys: np.ndarray
) -> np.ndarray:
    """Test each pair of parameters for an interaction in the objective itself.

    Args:
        features: (n, p_j) of each of d parameters, in the same n trials, that fit its own effect.
        factors: (n, s_j) of each, few and smooth ones, of which the products are formed.
        keys: (n,) what orders the trials, the best first.

    Returns:
        (d, d) p-values by equation 1, symmetric; 1 on the diagonal and where the share of
        equation 2 is below 3 %. O(n p min(n, p) + n d^2).
    """
    d, n = len(features), len(keys)
    p_values = np.ones((d, d))
    w = rescaled(features, keys)[1]
    left = float(w @ w)
    if d < 2 or left <= _TINY * n:
        return p_values
    for i, j in combinations(range(d), 2):
        U = _basis(_products(factors[i], factors[j]))
        r = U.shape[1]
        share = (float(np.sum((U.T @ w) ** 2)) - r * left / max(n - 1.0, 1.0)) / n
        if share >= MIN_SHARE:
            p_values[i, j] = p_values[j, i] = _p_value(U * w[:, None])
    return p_values


def _p_value(S: np.ndarray) -> float:
    """Compute the tail of equation 1 from scores S (n, r)."""
    n, r = S.shape
    weights = np.linalg.lstsq(S, np.ones(n), rcond=None)[0]
    beyond = float(np.clip(1.0 - np.sum(S @ weights) / n, 0.0, 1.0))
    return float(betainc((n - r) / 2.0, r / 2.0, beyond))


def rescaled(features: Sequence[np.ndarray], keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rescale the objective such that effects add up as well as they can.

    Args:
        features: As for :func:`joint_p_values`.
        keys: As for :func:`joint_p_values`.

    Returns:
        theta and w, (n,) each; zeros if all trials are equally good.
    """
    theta = _standardised(normal_scores(keys))
    if not features or not theta.any():
        return theta, theta
    Z = np.hstack(list(features))
    hinges = _hinges(theta)
    w = _residuals(Z, theta)
    for _ in range(_N_STEPS):
        weights, _ = nnls(hinges, theta - w)
        candidate = _standardised(hinges @ weights)
        if not candidate.any():
            break
        theta, w = candidate, _residuals(Z, candidate)
    return theta, w


def _residuals(Z: np.ndarray, theta: np.ndarray) -> np.ndarray:
    w = ridge.residuals(Z, theta[:, None], _RIDGES, _MIN_FREEDOM)[1][:, 0]
    return np.asarray(w - w.mean())


def _standardised(x: np.ndarray) -> np.ndarray:
    x = x - x.mean()
    spread = float(x.std())
    return x / spread if spread > _TINY else np.zeros_like(x)


def _hinges(z: np.ndarray) -> np.ndarray:
    """Compute (n, h) hinges, each rising over one of h equal parts of the range of z."""
    ends = np.linspace(z.min(), z.max(), _N_HINGES + 1)
    hinges = np.clip(z[:, None], ends[:-1], ends[1:])
    return np.asarray(hinges - hinges.mean(axis=0))


def _products(phi_i: np.ndarray, phi_j: np.ndarray) -> np.ndarray:
    products = (phi_i[:, :, None] * phi_j[:, None, :]).reshape(len(phi_i), -1)
    return np.asarray(products - products.mean(axis=0))


def _basis(P: np.ndarray) -> np.ndarray:
    """Compute U by the eigenvectors of P'P, without those that are too small or too many."""
    values, vectors = np.linalg.eigh(P.T @ P)
    most = max(int(len(P) / _TRIALS_PER_PRODUCT), 1)
    kept = np.flatnonzero(values > 1e-9 * max(float(values[-1]), _TINY))[-most:]
    return np.asarray(P @ vectors[:, kept] / np.sqrt(values[kept]))

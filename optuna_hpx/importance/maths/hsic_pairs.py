r"""Interactions of pairs by HSIC: what two parameters do together beyond what each does alone.

Notation
    n, d        trials, parameters
    phi_j       (n, r_j) features of parameter j with mean 0 under even draws
    s, w        (n,) score; what is left of it when effects of single parameters are taken out
    G_ij        (r_i, r_j) matrix (1/n) sum_k w_k phi_i(x_k) phi_j(x_k)'

With kernels k_j of mean 0 the product k_i k_j is the kernel of the pure interaction in the
decomposition of HSIC (da Veiga, https://arxiv.org/abs/2101.05487), and

    HSIC_ij = w'(K_i o K_j) w / n^2 = || G_ij ||^2

in Frobenius' norm. Numeric parameters: sqrt(2) cos(pi k u) / (pi k), k = 1, 2, ..., the
eigenfunctions of Sobolev's kernel, cut off after a few, as the sum of the rest is small for smooth
interactions. Categories of c: sqrt(c) (e - 1/c).

The score is first freed from what single parameters explain, by ridge regression on all features,
whose strength generalised cross-validation chooses (Golub et al., Technometrics 21, 1979): the
main effects would otherwise be noise, and where parameters depend on each other, worse. What is
left is permuted (Freedman and Lane, J. Bus. Econ. Stat. 1, 1983): not exact, but close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from optuna_hpx.statistics import ridge

__all__ = ["Features", "category_features", "pair_r2", "position_features"]

_N_FREQUENCIES = 5
_MAX_FLOPS = 4e10
_MIN_REPLICATES = 99
_RIDGES = np.logspace(-4, 2, 13)
_MIN_FREEDOM = 0.1


@dataclass(frozen=True)
class Features:
    """Of one parameter.

    Attributes:
        phi: (n, r).
        own: HSIC(x, x) of the kernel phi phi' under even draws.
    """

    phi: np.ndarray
    own: float


def position_features(u: np.ndarray) -> Features:
    """Of a numeric parameter at positions (n,) in [0, 1]."""
    k = np.pi * np.arange(1, _N_FREQUENCIES + 1)
    return Features(np.sqrt(2.0) * np.cos(u[:, None] * k) / k, float(np.sum(k**-4.0)))


def category_features(codes: np.ndarray, n_choices: int) -> Features:
    """Of a categorical parameter with codes (n,) below ``n_choices``."""
    c = max(n_choices, 1)
    phi = np.sqrt(c) * (np.eye(c)[codes.astype(int)] - 1.0 / c)
    return Features(phi, float(max(c - 1, 0)))


def pair_r2(
    features: Sequence[Features], score: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """R2 of each pair beyond chance, and p-values: (d, d) each, symmetric.

    Where n times d^2 is large fewer replicates than asked for are drawn, but never below 99; small
    p-values are the tail of a gamma distribution. O(B n d^2).
    """
    d, n = len(features), len(score)
    r2, p = np.zeros((d, d)), np.ones((d, d))
    s = score - score.mean()
    variance = float(s @ s) / n
    if d < 2 or variance <= 0.0:
        return r2, p
    z = np.hstack([each.phi for each in features])
    w = ridge.residuals(z, s[:, None], _RIDGES, _MIN_FREEDOM)[1][:, 0]
    w = w - w.mean()
    starts = np.concatenate([[0], np.cumsum([each.phi.shape[1] for each in features])[:-1]])
    affordable = int(_MAX_FLOPS / (2.0 * n * z.shape[1] ** 2))
    size = min(n_permutations, max(affordable, _MIN_REPLICATES))
    observed = _norms(z, w, starts)
    null = np.array([_norms(z, rng.permutation(w), starts) for _ in range(size)])
    own = np.array([each.own for each in features])
    scale = np.sqrt(np.outer(own, own)) * variance
    i, j = np.triu_indices(d, 1)
    usable = scale[i, j] > 0.0
    i, j = i[usable], j[usable]
    mean = null[:, i, j].mean(axis=0)
    r2[i, j] = r2[j, i] = np.maximum(observed[i, j] - mean, 0.0) / scale[i, j]
    p[i, j] = p[j, i] = _p_values(observed[i, j], null[:, i, j])
    return r2, p


def _p_values(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    counted = (1.0 + (null >= observed).sum(axis=0)) / (len(null) + 1.0)
    mean, variance = null.mean(axis=0), np.maximum(null.var(axis=0), 1e-300)
    tail = stats.gamma.sf(observed, mean**2 / variance, scale=variance / np.maximum(mean, 1e-300))
    few = counted * (len(null) + 1.0) <= 3.0
    return np.where(few, np.minimum(tail, counted), counted)


def _norms(z: np.ndarray, w: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(d, d) HSIC_ij."""
    squares = ((z * w[:, None]).T @ z / len(w)) ** 2
    return np.asarray(np.add.reduceat(np.add.reduceat(squares, starts, axis=0), starts, axis=1))

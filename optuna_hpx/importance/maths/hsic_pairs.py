r"""Interactions of pairs by HSIC: what two parameters do together beyond what each does alone.

Notation
    n, d        trials, parameters
    phi_j       (n, r_j) features of parameter j with mean 0 under even draws
    Z           (n, sum_j r_j) all phi_j side by side
    s, w        (n,) score; what is left of it when effects of single parameters are taken out
    G_ij        (r_i, r_j) matrix (1/n) sum_k w_k phi_i(x_k) phi_j(x_k)'
    B           replicates

With kernels k_j of mean 0 the product k_i k_j is the kernel of the pure interaction in the
decomposition of HSIC (da Veiga, https://arxiv.org/abs/2101.05487), and

    HSIC_ij = w'(K_i o K_j) w / n^2 = || G_ij ||^2

in Frobenius' norm. Numeric parameters: sqrt(2) cos(pi k u) / (pi k), k = 1, 2, ..., the
eigenfunctions of Sobolev's kernel, cut off after a few, as the sum of the rest is small for smooth
interactions. Categories of c: sqrt(c) (e - 1/c).

The score is first freed from what single parameters explain, by ridge regression on all features,
whose strength generalised cross-validation chooses (Golub et al., Technometrics 21, 1979): the
main effects would otherwise be noise, and where parameters depend on each other, worse. What is
left is permuted (Freedman and Lane, J. Bus. Econ. Stat. 1, 1983): not exact, but close. P-values
are those of :mod:`optuna_hpx.statistics.permutation_tail`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.statistics import permutation_tail, ridge

__all__ = ["Features", "category_features", "pair_r2", "position_features"]

_N_FREQUENCIES = 5
_MAX_FLOPS = 4e10  # of the replicates of all pairs, some seconds; as many again where p is small
_MIN_REPLICATES = 99
_REPLICATES_IF_UNREACHED = 9_000  # more, of a pair that none reaches: p is exact down to 1e-4
_PER_CHUNK = 2_000_000  # numbers of the permuted scores that are held at once
_RIDGES = np.logspace(-4, 2, 13)
_MIN_FREEDOM = 0.1


@dataclass(frozen=True)
class Features:
    """Features of one parameter.

    Attributes:
        phi: (n, r), of mean 0 under even draws.
        own: HSIC(x, x) of the kernel phi phi' under even draws.
    """

    phi: np.ndarray
    own: float


def position_features(u: np.ndarray) -> Features:
    """Compute the features of a numeric parameter at positions ``u`` (n,) in [0, 1]."""
    k = np.pi * np.arange(1, _N_FREQUENCIES + 1)
    return Features(np.sqrt(2.0) * np.cos(u[:, None] * k) / k, float(np.sum(k**-4.0)))


def category_features(codes: np.ndarray, n_choices: int) -> Features:
    """Compute the features of a categorical parameter with codes (n,) below ``n_choices``."""
    c = max(n_choices, 1)
    phi = np.sqrt(c) * (np.eye(c)[codes.astype(int)] - 1.0 / c)
    return Features(phi, float(max(c - 1, 0)))


def pair_r2(
    features: Sequence[Features], score: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Measure and test the interaction of each pair of parameters.

    Args:
        features: Of each of d parameters, in the same n trials.
        score: s, (n,).
        n_permutations: B. Where n times d^2 is large fewer are drawn, but never fewer than 99.
        rng: Draws the permutations.

    Returns:
        R2 of each pair beyond chance, and its p-value: (d, d) each, symmetric; 0 and 1 where
        there is nothing to measure. O(B n d^2), and O(1e4 n) for each pair that none of the
        replicates reaches.
    """
    d, n = len(features), len(score)
    r2, p = np.zeros((d, d)), np.ones((d, d))
    s = score - score.mean()
    variance = float(s @ s) / n
    if d < 2 or variance <= 0.0:
        return r2, p
    own = np.array([feature.own for feature in features])
    scale = np.sqrt(np.outer(own, own)) * variance
    i, j = np.nonzero(np.triu(scale > 0.0, 1))
    Z = np.hstack([feature.phi for feature in features])
    w = ridge.residuals(Z, s[:, None], _RIDGES, _MIN_FREEDOM)[1][:, 0]
    w = w - w.mean()
    starts = np.concatenate([[0], np.cumsum([feature.phi.shape[1] for feature in features])[:-1]])
    affordable = int(_MAX_FLOPS / (2.0 * n * Z.shape[1] ** 2))
    size = min(n_permutations, max(affordable, _MIN_REPLICATES))
    observed = _norms(Z, w, starts)[i, j]
    null = np.array([_norms(Z, rng.permutation(w), starts)[i, j] for _ in range(size)])
    later = rng.spawn(1)[0]  # the main stream is the same however many pairs are strong

    def draw_more(chosen: np.ndarray) -> np.ndarray:
        pairs = [(features[i[k]].phi, features[j[k]].phi) for k in chosen]
        return _more_replicates(pairs, w, later)

    r2[i, j] = r2[j, i] = np.maximum(observed - null.mean(axis=0), 0.0) / scale[i, j]
    p[i, j] = p[j, i] = permutation_tail.p_values(observed, null, draw_more)
    return r2, p


def _norms(Z: np.ndarray, w: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Compute HSIC_ij of all pairs, (d, d)."""
    squares = ((Z * w[:, None]).T @ Z / len(w)) ** 2
    return np.asarray(np.add.reduceat(np.add.reduceat(squares, starts, axis=0), starts, axis=1))


def _products(phi_i: np.ndarray, phi_j: np.ndarray) -> np.ndarray:
    """Compute the product of each feature of one parameter with each of another, (n, r_i r_j)."""
    return np.asarray((phi_i[:, :, None] * phi_j[:, None, :]).reshape(len(phi_i), -1))


def _more_replicates(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]], w: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw replicates (M, k) of HSIC_ij of k pairs, given by their two phi."""
    n = len(w)
    flops = 2.0 * n * sum(phi_i.shape[1] * phi_j.shape[1] for phi_i, phi_j in pairs)
    size = min(_REPLICATES_IF_UNREACHED, max(int(_MAX_FLOPS / flops), _MIN_REPLICATES))
    null = np.empty((size, len(pairs)))
    step = max(_PER_CHUNK // n, 1)
    for start in range(0, size, step):
        chunk = null[start : start + step]
        drawn = rng.permuted(np.tile(w, (len(chunk), 1)), axis=1)
        for k, (phi_i, phi_j) in enumerate(pairs):
            chunk[:, k] = np.sum((drawn @ _products(phi_i, phi_j) / n) ** 2, axis=1)
    return null

r"""Draws of a Gaussian process before it sees a value, as sums of random waves.

Notation
    p, f, m     parameters, features, waves
    r_j^2       squared distance in parameter j over its length scale squared, ``l_j`` or ``e_j``
    k(r^2)      Matern kernel with nu = 5/2

A sum of sines and cosines with normal amplitudes has the covariance

    s k(sum_j r_j^2) + sum_j a_j k(r_j^2)

if the frequencies follow the spectrum of k, a multivariate t distribution with 5 degrees of
freedom (Rahimi, Recht: Random features for large-scale kernel machines, NIPS 2007). The number of
waves limits how normal such a draw is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

__all__ = ["Waves", "random_waves"]

_N_JOINT, _N_SINGLE = 512, 64  # waves of the joint kernel, and of that of each parameter


@dataclass(frozen=True, eq=False)
class Waves:
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


def random_waves(
    groups: Sequence[slice],
    scales: np.ndarray,
    s: float,
    a: np.ndarray,
    e: np.ndarray,
    rng: np.random.Generator,
) -> Waves:
    """Draw waves with the covariance of the module.

    Args:
        groups: The features of each parameter.
        scales: (p,) l^2.
        s: Variance of the joint kernel.
        a: (p,) variances of the kernels of single parameters; empty without them.
        e: (p,) e^2; empty without them.
        rng: Draws the frequencies.
    """
    frequencies = np.zeros((_N_JOINT + len(a) * _N_SINGLE, groups[-1].stop))
    amplitudes = np.full(len(frequencies), np.sqrt(s / _N_JOINT))
    for group, scale in zip(groups, scales, strict=True):
        frequencies[:_N_JOINT, group] = 1.0 / np.sqrt(scale)
    for j, group in enumerate(groups[: len(a)]):
        rows = slice(_N_JOINT + j * _N_SINGLE, _N_JOINT + (j + 1) * _N_SINGLE)
        frequencies[rows, group] = 1.0 / np.sqrt(e[j])
        amplitudes[rows] = np.sqrt(a[j] / _N_SINGLE)
    u = (rng.permutation(len(frequencies)) + rng.random(len(frequencies))) / len(frequencies)
    spread = np.sqrt(5.0 / chdtri(5.0, u))[:, None]
    frequencies *= spread * rng.standard_normal(frequencies.shape)
    return Waves(frequencies, amplitudes)

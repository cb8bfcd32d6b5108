"""Random waves have the covariance of the kernel."""

from __future__ import annotations

import numpy as np

from optuna_hpx.statistics.random_waves import random_waves


def _matern(r: np.ndarray) -> np.ndarray:
    t = np.sqrt(5.0) * r
    return (1.0 + t + t * t / 3.0) * np.exp(-t)


def test_waves_have_the_covariance_of_the_kernel() -> None:
    X = np.random.default_rng(0).random((6, 3))
    groups, scales = [slice(0, 1), slice(1, 3)], np.array([0.2, 0.5])
    a, e = np.array([0.3, 0.7]), np.array([0.1, 0.4])
    difference = X[:, None] - X[None]
    r2 = np.stack([difference[..., 0] ** 2, np.square(difference[..., 1:]).sum(axis=2)])
    expected = 1.5 * _matern(np.sqrt(np.tensordot(1.0 / scales, r2, 1)))
    for j in range(2):
        expected += a[j] * _matern(np.sqrt(r2[j] / e[j]))
    found = []
    for seed in range(40):
        waves = random_waves(groups, scales, 1.5, a, e, np.random.default_rng(seed))
        at = waves.at(X)
        assert at.shape == (6, waves.n)
        found.append(at @ at.T)
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - expected) < 4.0 * error + 0.01).all()
    assert (error < 0.03).all(), "a sharp test"

"""The Gaussian process: its gradient, its leave-one-out formula, its predictions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from optuna_hpx.statistics.gaussian_process import GaussianProcess

GROUPS = [slice(0, 1), slice(1, 2), slice(2, 5)]


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random((60, 2)), np.eye(3)[rng.integers(0, 3, 60)]])
    y = np.sin(5.0 * X[:, 0]) + X[:, 1] * X[:, 2] - X[:, 4]
    return X, (y - y.mean()) / y.std()


def test_gradient_is_that_of_the_objective(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS, max_iterations=1)
    mean, deviation = process._prior()
    theta = mean + np.random.default_rng(1).normal(size=len(mean))

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        return process._minus_log_posterior(theta, y, mean, deviation)

    error = check_grad(lambda t: objective(t)[0], lambda t: objective(t)[1], theta)
    assert error < 1e-4 * np.linalg.norm(objective(theta)[1])


def test_unseen_is_the_prediction_without_the_point(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS)
    rest = np.arange(1, len(y))
    without = GaussianProcess(X[rest], y[rest], GROUPS, max_iterations=1)
    without._theta = process._theta
    kernel = without._kernel(process._theta, without._pairs)
    without._weights = without._invert(kernel, process._theta)[0] @ y[rest]
    assert process.unseen[0] == pytest.approx(without.predict(X[:1])[0], abs=1e-8)


def test_predicts_what_it_has_not_seen(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS)
    assert np.std(process.unseen - y) < 0.1
    assert process.predict(X) == pytest.approx(y, abs=0.05)


def test_draws_have_the_mean_and_the_covariance_of_the_posterior(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    """Eqs. (2.25) and (2.26), by a plain solution with the whole matrix."""
    X, y = data
    X, y = X[:25], y[:25]
    process = GaussianProcess(X, y, GROUPS)
    points = np.concatenate([X[:3], np.random.default_rng(3).random((5, 5))])
    _, s, v, a, _ = process._split(process._theta)
    both = np.concatenate([points, X])
    distances = np.array(
        [np.square(both[:, None, g] - both[None, :, g]).sum(axis=2) for g in GROUPS]
    )
    K = process._kernel(process._theta, distances)
    n = len(points)
    noisy = K[n:, n:] + v * np.eye(len(X))
    mean = K[:n, n:] @ np.linalg.solve(noisy, y)
    covariance = K[:n, :n] - K[:n, n:] @ np.linalg.solve(noisy, K[n:, :n])
    assert process.predict(points) == pytest.approx(mean, abs=1e-3)
    draws = np.array([process.draws(points, 100, seed) for seed in range(100)])
    means = draws.mean(axis=1)
    assert (np.abs(means.mean(axis=0) - mean) < 5.0 * _error(means)).all()
    covariances = np.einsum("sdi,sdj->sij", draws - mean, draws - mean) / 100
    assert (np.abs(covariances.mean(axis=0) - covariance) < 5.0 * _error(covariances)).all()
    assert (np.diag(_error(covariances)) < 0.2 * np.diag(covariance)).all(), "a sharp test"
    assert s + a.sum() > 4.0 * np.diag(covariance)[:3].max(), "the posterior, not the prior"


def _error(by_seed: np.ndarray) -> np.ndarray:
    """Standard error of the mean over seeds, each with waves of its own."""
    return np.asarray(by_seed.std(axis=0, ddof=1) / np.sqrt(len(by_seed)))


def test_a_draw_is_one_function_at_whatever_points(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS)
    draws = process.draws(X, 4, seed=1)
    np.testing.assert_allclose(process.draws(X[7:9], 2, seed=1), draws[:2, 7:9], atol=1e-9)
    assert not np.allclose(process.draws(X, 4, seed=2), draws, atol=1e-3)

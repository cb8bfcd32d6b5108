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

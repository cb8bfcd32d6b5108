"""The Gaussian process: its gradient, its leave-one-out formula, its predictions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from optuna_hpx.statistics.gaussian_prior import Prior, additive_prior, joint_prior
from optuna_hpx.statistics.gaussian_process import GaussianProcess

GROUPS = [slice(0, 1), slice(1, 2), slice(2, 5)]


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random((60, 2)), np.eye(3)[rng.integers(0, 3, 60)]])
    y = np.sin(5.0 * X[:, 0]) + X[:, 1] * X[:, 2] - X[:, 4]
    return X, (y - y.mean()) / y.std()


@pytest.mark.parametrize("prior", [additive_prior(3), joint_prior(np.array([0.5, -1.0, 0.0]))])
def test_gradient_is_that_of_the_objective(
    data: tuple[np.ndarray, np.ndarray], prior: Prior
) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS, prior=prior, max_iterations=1)
    theta = prior.mean + np.random.default_rng(1).normal(size=len(prior.mean))

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        return process._minus_log_posterior(theta, prior)

    error = check_grad(lambda t: objective(t)[0], lambda t: objective(t)[1], theta)
    assert error < 1e-4 * np.linalg.norm(objective(theta)[1])


def test_unseen_is_the_prediction_without_the_point(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X, y, GROUPS)
    rest = np.arange(1, len(y))
    without = GaussianProcess(X[rest], y[rest], GROUPS, starts=[process.theta], max_iterations=0)
    assert process.unseen[0] == pytest.approx(without.predict(X[:1])[0], abs=1e-8)


def test_predictions_are_those_of_scikit_learn(data: tuple[np.ndarray, np.ndarray]) -> None:
    """With the same hyperparameters, mean and deviation, noise and all."""
    X, y = data
    theta = np.log([0.09, 0.5, 2.0, 1.7, 0.03])
    ours = GaussianProcess(
        X[:40], y[:40], GROUPS, prior=joint_prior(np.zeros(3)), starts=[theta], max_iterations=0
    )
    scales = np.sqrt([0.09, 0.5, 2.0, 2.0, 2.0])
    kernel = ConstantKernel(1.7) * Matern(scales, nu=2.5) + WhiteKernel(0.03)
    theirs = GaussianProcessRegressor(kernel, alpha=1e-6, optimizer=None).fit(X[:40], y[:40])
    mean, deviation = theirs.predict(X, return_std=True)
    means, deviations = ours.predict_noisy(X)
    assert means == pytest.approx(mean, abs=1e-6)
    assert ours.predict(X) == pytest.approx(mean, abs=1e-6)
    assert deviations == pytest.approx(deviation, rel=1e-4)  # theirs lacks the jitter


def test_few_training_points_bound_the_deviation(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    process = GaussianProcess(X[:60], y[:60], GROUPS, prior=joint_prior(np.zeros(3)))
    mean, deviation = process.predict_noisy(X)
    for n_first in (1, 20, 59, 60):
        prediction = process.prediction(X, n_first)
        assert prediction.mean == pytest.approx(mean)
        assert (prediction.at_most >= deviation - 1e-9).all()
        rows = np.array([3, 50, 11])
        assert prediction.deviation(rows) == pytest.approx(deviation[rows])


def test_the_optimum_is_that_of_the_posterior(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    y = y + 0.2 * np.random.default_rng(0).normal(size=len(y))
    prior = joint_prior(np.zeros(3))
    process = GaussianProcess(X, y, GROUPS, prior=prior, max_iterations=200)
    value, gradient = process._minus_log_posterior(process.theta, prior)
    assert np.abs(gradient).max() < 0.01
    for other in np.random.default_rng(0).normal(process.theta, 0.1, (20, 5)):
        assert process._minus_log_posterior(other, prior)[0] > value


def test_the_best_of_several_optima_is_taken(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    prior = joint_prior(np.zeros(3))
    bad = prior.mean + np.array([6.0, 6.0, 6.0, 0.0, 7.0])  # all is noise
    values = []
    for starts in ([bad], [prior.mean], [bad, prior.mean]):
        process = GaussianProcess(X, y, GROUPS, prior=prior, starts=starts, max_iterations=5)
        values.append(process._minus_log_posterior(process.theta, prior)[0])
    assert values[2] == min(values)


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
    _, s, v, a, _ = process._split(process.theta)
    both = np.concatenate([points, X])
    K = GaussianProcess(
        both, np.zeros(len(both)), GROUPS, starts=[process.theta], max_iterations=0
    )._kernel(process.theta, both)
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


def test_errors_are_those_of_processes_that_have_seen_less() -> None:
    rng = np.random.default_rng(3)
    X, y, order = rng.random((12, 2)), rng.standard_normal(12), rng.permutation(12)
    theta = np.log([0.3, 1.0, 1.0, 0.01])
    groups = [slice(0, 1), slice(1, 2)]

    def fit(rows: np.ndarray) -> GaussianProcess:
        return GaussianProcess(X[rows], y[rows], groups, starts=[theta], max_iterations=0)

    errors = fit(np.arange(12)).errors(order)
    for k in range(1, 12):
        row = order[k : k + 1]
        mean, deviation = fit(order[:k]).predict_noisy(X[row])
        assert errors[k] == pytest.approx((y[row] - mean)[0] / deviation[0])

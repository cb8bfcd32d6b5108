"""Ridge regression: against scikit-learn's, and generalised cross-validation by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from optuna_hpx.statistics import ridge


def _data(n: int = 40, p: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n, p)) + 3.0
    columns = np.column_stack([features @ rng.standard_normal(p), np.zeros(n)])
    columns += 0.5 * rng.standard_normal((n, 2))
    return features, columns - columns.mean(axis=0)


@pytest.mark.parametrize("strength", [1e-4, 0.1, 10.0])
def test_residuals_are_those_of_scikit_learn(strength: float) -> None:
    features, columns = _data()
    _, residuals = ridge.residuals(features, columns, np.array([strength]), 0.1)
    model = Ridge(alpha=strength * len(columns)).fit(features, columns)
    np.testing.assert_allclose(residuals, columns - model.predict(features), atol=1e-10)


def test_coefficients_are_those_of_scikit_learn() -> None:
    features, columns = _data()
    centred = features - features.mean(axis=0)
    result = ridge.fit(centred, columns, np.array([3.0]), 1.0)
    model = Ridge(alpha=3.0).fit(centred, columns)
    np.testing.assert_allclose(result.coefficients, model.coef_.T, atol=1e-12)
    np.testing.assert_allclose(result.predictions, model.predict(centred), atol=1e-12)


def test_no_ridge_is_least_squares() -> None:
    features, columns = _data()
    _, residuals = ridge.residuals(features, columns, np.array([0.0]), 0.1)
    model = LinearRegression().fit(features, columns)
    np.testing.assert_allclose(residuals, columns - model.predict(features), atol=1e-10)


def test_strength_is_the_best_by_generalised_cross_validation() -> None:
    """|(I - A) y|^2 / tr(I - A)^2 with the matrix A that predicts, by column."""
    features, columns = _data()
    strengths, n = np.logspace(-4, 2, 13), len(columns)
    centred = features - features.mean(axis=0)
    scores, residuals = [], []
    for strength in strengths:
        gram = centred.T @ centred + strength * n * np.eye(features.shape[1])
        rest = np.eye(n) - centred @ np.linalg.solve(gram, centred.T)
        residuals.append(rest @ columns)
        scores.append(np.sum(residuals[-1] ** 2, axis=0) / (np.trace(rest) - 1.0) ** 2)
    best = np.argmin(scores, axis=0)
    assert best[0] != best[1]  # noise wants another strength than a signal
    gcv, result = ridge.residuals(features, columns, strengths, 0.1)
    for column, strength in enumerate(best):
        assert gcv[column] == pytest.approx(scores[strength][column], rel=1e-9)
        np.testing.assert_allclose(result[:, column], residuals[strength][:, column], atol=1e-10)


def test_strengths_that_leave_too_little_freedom_are_not_used() -> None:
    """20 features of 21 trials explain anything."""
    features, columns = _data(n=21, p=20)
    gcv, residuals = ridge.residuals(features, columns, np.array([1e-9]), 0.2)
    assert np.isinf(gcv).all()
    np.testing.assert_array_equal(residuals, columns)
    assert not ridge.fit(features, columns, np.array([1e-9]), 4.0).coefficients.any()
    gcv, residuals = ridge.residuals(features, columns, np.array([1e-9, 10.0]), 0.2)
    assert np.isfinite(gcv).all()
    assert (residuals != columns).any()

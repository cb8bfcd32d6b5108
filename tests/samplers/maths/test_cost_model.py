"""The model of cost: right for costs that multiply, unmoved by outliers, flat for noise."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.cost_model import fit, indicators, powers


def _trials(n: int, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Features, log cost without noise, and positions (n, 2) and codes of the parameters."""
    rng = np.random.default_rng(seed)
    u, codes = rng.random((n, 2)), rng.integers(0, 3, n)
    y = 2.0 * u[:, 0] + np.array([0.0, 0.5, 1.5])[codes]
    return [powers(u[:, 0]), powers(u[:, 1]), indicators(codes, 3)], y, u


def test_costs_that_multiply_are_found() -> None:
    features, y, _ = _trials(200)
    model = fit(features, y + 3.0)
    assert model.relative(features) == pytest.approx(y - y.mean(), abs=0.02)
    assert model.spread[0] == pytest.approx(2.0 / np.sqrt(12.0), rel=0.1)
    assert model.spread[1] < 0.01


def test_a_valley_of_cost() -> None:
    u = np.random.default_rng(3).random(200)
    y = 4.0 * (u - 0.5) ** 2
    found = fit([powers(u)], y).relative([powers(u)])
    assert found == pytest.approx(y - y.mean(), abs=0.02)


def test_outliers_do_not_move_it() -> None:
    features, y, _ = _trials(200)
    noisy = y + 0.05 * np.random.default_rng(1).standard_normal(200)
    noisy[::17] += 5.0  # the machine was busy
    found = fit(features, noisy).relative(features)
    assert np.abs(found - (y - y.mean())).max() < 0.25


def test_noise_is_not_a_model() -> None:
    features, _, _ = _trials(60)
    y = np.random.default_rng(2).standard_normal(60)
    assert np.std(fit(features, y).relative(features)) < 0.35


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_trials(n: int) -> None:
    features, y, _ = _trials(n)
    assert np.isfinite(fit(features, y).relative(features)).all()


def test_constant_cost() -> None:
    features, _, _ = _trials(50)
    model = fit(features, np.full(50, 2.0))
    assert model.relative(features) == pytest.approx(0.0, abs=1e-12)
    assert model.spread == pytest.approx(0.0, abs=1e-12)

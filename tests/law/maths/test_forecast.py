"""Forecasts against simulation, for laws that are known."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.forecast import Predictive, predictive
from optuna_hpx.law.maths.posterior import Posterior
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.regime import FittedRegime, Regimes


@pytest.fixture
def known() -> tuple[Predictive, np.ndarray]:
    """A posterior that is sure of alpha 0, D 1, gamma 2, sigma 0.1."""
    rng = np.random.default_rng(1)
    losses = np.sort(rng.random(80) + 0.1 * rng.normal(size=80))
    one = np.ones(1)
    threshold = float(losses[39:41].mean())
    regime = FittedRegime(losses[:40], threshold, 40, 2 * one)
    regime.__dict__["posterior"] = Posterior(2 * one, 0 * one, one, 0.1 * one, one)
    return predictive(Regimes((regime,), one), losses, 80, float(losses[0])), losses


def test_quantiles_of_the_best_of_many(known: tuple[Predictive, np.ndarray]) -> None:
    law = NoisyQuadratic(0.0, 1.0, 2.0, 0.1)
    for k in (20, 300):
        for q in (0.1, 0.5, 0.9):
            assert known[0].quantile(k, q) == pytest.approx(law.tuning_curve(k, q), abs=0.01)


def test_above_the_threshold_are_the_trials_found_there(
    known: tuple[Predictive, np.ndarray],
) -> None:
    found, losses = known
    assert found.quantile(1, 0.8) == pytest.approx(np.quantile(losses, 0.8), abs=0.05)
    assert found.cdf_at(losses[-1]) == pytest.approx(1.0)


def test_gains_are_anchored_on_the_exact_probability(
    known: tuple[Predictive, np.ndarray],
) -> None:
    found, losses = known
    law = NoisyQuadratic(0.0, 1.0, 2.0, 0.1)
    k, gain = 40, 0.05
    gains = found.gains(k)
    assert gains.exceed(0.0) == pytest.approx(k / (80 + k))
    plain = [1 - (1 - law.cdf(losses[0] - x)) ** k for x in (0.0, gain)]
    assert gains.exceed(gain) == pytest.approx(k / (80 + k) * plain[1] / plain[0], rel=0.05)


def test_the_best_of_all_is_never_worse(known: tuple[Predictive, np.ndarray]) -> None:
    found, _ = known
    q = np.array([0.1, 0.5, 0.9])
    few, many = found.best_after(10, q), found.best_after(10_000, q)
    assert few[2] == few[1] == found.best > few[0]
    assert np.all(np.diff(many) > 0.0)
    assert many[2] < found.best

"""The law in its own units and back in those of the scores."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.law import FittedLaw, LossUnits, fit_law

GAMMAS = np.arange(1.0, 4.0)


def _losses(n: int = 100) -> np.ndarray:
    rng = np.random.default_rng([0, n])
    return rng.random(n) + 0.05 * rng.normal(size=n)


@pytest.fixture(scope="module")
def law() -> FittedLaw:
    return fit_law(_losses(), 7, GAMMAS)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_units_there_and_back(sign: float) -> None:
    units = LossUnits(sign, origin=3.0, width=0.5)
    assert units.to_loss(sign * 3.0) == 0.0
    assert units.to_loss(sign * 3.5) == 1.0
    scores = np.array([-1.0, 0.0, 2.5])
    np.testing.assert_allclose(units.to_score(units.to_loss(scores)), scores)
    assert units.to_level(np.array(0.2)) == pytest.approx(0.2 if sign > 0 else 0.8)


def test_the_best_loss_is_zero_and_the_better_half_ends_at_one(law: FittedLaw) -> None:
    assert law.losses[0] == 0.0
    assert law.losses[50] == pytest.approx(1.0)
    assert law.units.origin == _losses().min()
    assert law.n_trials == 107


def test_where_half_of_the_losses_are_alike_all_of_them_measure_the_width() -> None:
    losses = np.concatenate([np.zeros(60), np.linspace(0.1, 2.0, 40)])
    assert fit_law(losses, 0, GAMMAS, threshold=0.5).units.width == 2.0


def test_a_threshold_that_is_given_is_that_of_the_losses() -> None:
    losses = _losses()
    law = fit_law(losses, 0, GAMMAS, threshold=0.5)
    assert len(law.regime.inside) == np.count_nonzero(losses <= 0.5)
    assert law.has_given_end
    assert law.mass_interval(0.9)[1] < 1.0
    everything = fit_law(losses, 0, GAMMAS, threshold=9.0)
    assert everything.mass_interval(0.9)[0] < 1.0, "it has an end, though no loss lies beyond it"


def test_the_density_ends_with_the_regime(law: FittedLaw) -> None:
    end = law.regime.threshold
    assert np.isnan(law.density(np.array([end + 1e-6])))
    assert law.density(np.array([end - 1e-6])) > 0.0


def test_the_bound_of_the_regret_is_a_quantile_of_alpha(law: FittedLaw) -> None:
    alpha = law.posterior.quantile("alpha", 0.025)
    assert law.regret_bound(0.4, 0.9) == pytest.approx(0.4 - alpha)
    assert law.regret_bound(alpha - 1.0, 0.9) == 0.0


def test_the_best_law_is_in_the_units_of_the_scores(law: FittedLaw) -> None:
    other = fit_law(100.0 * _losses() - 7.0, 7, GAMMAS).maximum_spacing
    one = law.maximum_spacing
    assert other.alpha == pytest.approx(100.0 * one.alpha - 7.0, abs=0.1)
    assert other.scale == pytest.approx(100.0 * one.scale, rel=0.01)
    assert other.gamma == one.gamma

"""The law in its own units and back in those of the scores."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.law import FittedLaw, LossUnits, fit_law
from optuna_hpx.law.maths.noise import NOISELESS

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


@pytest.mark.parametrize(("gamma", "sigma"), [(1, 0.0), (1, 0.05), (2, 0.01), (4, 0.0)])
def test_the_coverage_of_alpha(gamma: int, sigma: float) -> None:
    """90 % intervals in 12 repetitions each, standard error .09; benchmarks/ has the long run."""
    held = 0
    for seed in range(12):
        rng = np.random.default_rng([seed, gamma])
        losses = rng.random(64) ** (2.0 / gamma) + sigma * rng.normal(size=64)
        law = fit_law(losses, 0, np.arange(1.0, 5.0))
        low, high = (end * law.units.width + law.units.origin for end in law.alpha_interval(0.9))
        held += low <= 0.0 <= high
    assert held / 12 > 0.9 - 2.5 * 0.09


def test_the_interval_of_alpha_reaches_to_the_best_loss() -> None:
    losses = np.maximum(np.random.default_rng(0).random(100) - 0.2, 0.0)
    law = fit_law(losses, 0, GAMMAS)
    low, high = law.alpha_interval(0.95)
    assert low < 0.0 <= high


def test_without_noise_the_best_possible_loss_is_no_worse_than_the_best() -> None:
    for seed in range(5):
        losses = np.random.default_rng(seed).random(60)
        law = fit_law(losses, 0, GAMMAS, noise=NOISELESS)
        assert law.alpha_interval(0.95)[1] == 0.0
        assert law.posterior.quantile("alpha", 1.0) < 0.0


def test_bounds() -> None:
    units = LossUnits(-1.0, origin=-0.9, width=0.1, bounds=(0.0, 1.0))
    assert units.floor == pytest.approx(-1.0)
    scores = units.to_score(np.array([-5.0, 0.0, 20.0, np.inf]))
    np.testing.assert_allclose(scores, [1.0, 0.9, 0.0, -np.inf])
    law = fit_law(_losses(), 0, GAMMAS, bounds=(-0.2, np.inf))
    assert law.regret_bound(0.0, 0.99) <= (law.units.origin + 0.2) / law.units.width


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

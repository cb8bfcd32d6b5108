"""Regimes: their sizes, their ends, and how the trials speak for them."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.regime import (
    FittedRegime,
    choose_sizes,
    fit_regime,
    fit_regimes,
    mass_interval,
    smaller_sizes,
)

GAMMAS = np.arange(1.0, 7.0)


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return np.sort(rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n))


def test_the_regime_ends_before_the_law_does() -> None:
    """An eighth of the losses follow the law, the others are far worse and even."""
    shares = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        good = rng.random(60) ** 2.0
        bad = 1.0 + 0.02 * rng.random(420)
        losses = np.sort(np.concatenate([good, bad]))
        regimes = fit_regimes(losses, choose_sizes(losses), 0, GAMMAS)
        shares.append(regimes.likeliest.share)
    assert np.median(shares) <= 0.125


def test_a_law_that_holds_in_all_regimes_is_that_of_the_largest() -> None:
    weights = []
    for seed in range(8):
        losses = draws(400, 2, 0.0, seed)
        weights.append(fit_regimes(losses, choose_sizes(losses), 0, GAMMAS).weight)
    assert np.mean(weights, axis=0)[0] > 0.5
    np.testing.assert_allclose(np.sum(weights, axis=1), 1.0)


@pytest.mark.parametrize("n_censored", [0, 20, 1000])
def test_never_more_than_a_quarter_of_the_losses(n_censored: int) -> None:
    losses = draws(100, 2, 0.02, 0)
    for regime in fit_regimes(losses, choose_sizes(losses), n_censored, GAMMAS).parts:
        assert len(regime.inside) <= 25
        assert len(regime.inside) + regime.n_above == 100 + n_censored
        assert regime.inside[-1] < regime.threshold


def test_sizes() -> None:
    assert choose_sizes(np.append(np.arange(1000.0), np.inf)) == [250, 124, 62]
    assert choose_sizes(np.arange(100.0)) == [25, 17, 12]
    assert choose_sizes(np.arange(32.0)) == [12]
    assert choose_sizes(np.arange(20.0)) == [10]
    assert smaller_sizes(5) == [5]


def test_the_average_posterior_is_that_of_the_regimes_by_their_weights() -> None:
    losses = draws(100, 2, 0.02, 3)
    regimes = fit_regimes(losses, choose_sizes(losses), 0, GAMMAS)
    quiet = [part.posterior.quiet for part in regimes.parts]
    assert regimes.posterior.quiet == pytest.approx(float(regimes.weight @ quiet))


def test_the_threshold_lies_between_two_losses() -> None:
    losses = draws(60, 2, 0.05, 1)
    regime = fit_regime(losses, 30, 0, GAMMAS)
    assert losses[29] < regime.threshold < losses[30]
    assert fit_regime(losses, 60, 0, GAMMAS).threshold == np.inf
    beyond = fit_regime(np.append(losses, np.inf), 60, 4, GAMMAS)
    assert losses[-1] < beyond.threshold < np.inf
    assert beyond.n_above == 5


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_coverage_of_the_mass(share: float) -> None:
    n, held = 100, 0
    for seed in range(200):
        losses = np.sort(np.random.default_rng(seed).random(n))
        m = int(share * n)
        regime = fit_like(losses, m)
        low, high = mass_interval(regime, 0.9)
        held += low <= regime.threshold <= high
    assert abs(held / 200 - 0.9) < 4 * np.sqrt(0.09 / 200)


def fit_like(losses: np.ndarray, m: int) -> FittedRegime:
    """A regime of uniform losses, for which F(threshold) is the threshold; nothing is fitted."""
    return FittedRegime(losses[:m], float(losses[m - 1]) + 1e-9, len(losses) - m, GAMMAS)

"""The goodness-of-fit test, and the regime that it chooses."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.regime import choose_regime, fit_regime, mass_interval

GAMMAS = np.arange(1.0, 7.0)


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return np.sort(rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n))


def test_the_regime_ends_before_the_law_does() -> None:
    """Half of the losses follow the law, the others are far worse and even."""
    shares = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        good = rng.random(80) ** 2.0
        bad = 1.0 + 0.02 * rng.random(120)
        regime = choose_regime(np.sort(np.concatenate([good, bad])), 0, GAMMAS)
        shares.append(regime.share)
    assert np.median(shares) <= 0.4


@pytest.mark.parametrize("n_censored", [0, 20, 1000])
def test_never_more_than_half_of_the_losses(n_censored: int) -> None:
    regime = choose_regime(draws(100, 2, 0.02, 0), n_censored, GAMMAS)
    assert len(regime.inside) <= 50
    assert len(regime.inside) + regime.n_above == 100 + n_censored
    assert regime.inside[-1] < regime.threshold


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


def fit_like(losses: np.ndarray, m: int):
    """A regime of uniform losses, for which F(threshold) is the threshold; nothing is fitted."""
    from optuna_hpx.law.maths.regime import FittedRegime

    return FittedRegime(losses[:m], float(losses[m - 1]) + 1e-9, len(losses) - m, None, 1.0)  # type: ignore[arg-type]

"""Moran's test: its moments, its size and its power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths.buckets import spread_ties
from optuna_hpx.law.maths.goodness import moran_p_value
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.regime import fit_regime

GAMMAS = np.arange(1.0, 7.0)


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return np.sort(rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n))


def test_the_moments_of_the_statistic_by_simulation() -> None:
    """M of uniform spacings, whose mean and deviation the p-value stands on, worked backwards."""
    m, law = 30, NoisyQuadratic(0.0, 1.0, 2.0)  # without noise and with gamma 2 it is uniform
    rng = np.random.default_rng(0)
    u = np.sort(rng.random((4000, m)), axis=1)
    spacings = np.diff(np.column_stack([np.zeros(4000), u, np.ones(4000)]), axis=1)
    moran = -np.log(spacings).sum(1)
    p = np.array([moran_p_value(row, law, np.inf) for row in u[:400]])
    # p = chi2.sf((M + 3/2 - mu + sd sqrt(m/2)) sqrt(2 m) / sd, m): solve for mu and sd.
    x = stats.chi2.isf(p, m)
    slope, intercept = np.polyfit(moran[:400], x, 1)
    sd = np.sqrt(2.0 * m) / slope
    mean = 1.5 + sd * np.sqrt(m / 2.0) - intercept / slope
    assert mean == pytest.approx(moran.mean(), abs=4 * moran.std() / np.sqrt(4000))
    assert sd == pytest.approx(moran.std(), rel=0.05)


def test_only_the_regime_is_judged() -> None:
    """The same losses relative to the threshold: a law that reaches further fits as well."""
    y = draws(40, 2, 0.0, 0) * 0.5
    near = moran_p_value(y, NoisyQuadratic(0.0, 0.5, 2.0), np.inf)
    assert moran_p_value(y, NoisyQuadratic(0.0, 1.0, 2.0), 0.5) == pytest.approx(near)


def test_the_size_of_the_goodness_of_fit() -> None:
    """5 % of laws are rejected at 5 %, and about half at 50 %: standard errors .028 and .065."""
    p = np.array(
        [fit_regime(draws(80, 2, 0.05, seed), 50, 0, GAMMAS).p_value for seed in range(60)]
    )
    assert np.mean(p < 0.05) <= 0.05 + 3 * 0.028
    assert 0.3 < np.mean(p < 0.5) < 0.7


def test_the_power_against_a_tail_without_an_end() -> None:
    """Losses that have no best value: a Cauchy tail is found out."""
    p = []
    for seed in range(20):
        losses = np.sort(np.random.default_rng(seed).standard_cauchy(200))
        p.append(fit_regime(losses, 120, 0, GAMMAS).p_value)
    assert np.mean(np.array(p) < 0.05) > 0.8


def test_the_test_sees_through_rounding() -> None:
    """Losses around two values are found out as well if they are rounded; a law is not."""
    false, true = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        bumps = np.where(rng.random(200) < 0.4, 0.2, 0.6) + 0.05 * rng.normal(size=200)
        for losses, found in ((bumps, false), (draws(200, 2, 0.05, seed), true)):
            rounded = spread_ties(np.round(losses, 2))
            found.append(fit_regime(rounded, 150, 0, GAMMAS).p_value)
    assert np.mean(np.array(false) < 0.05) >= 0.7
    assert np.mean(np.array(true) < 0.05) <= 0.3

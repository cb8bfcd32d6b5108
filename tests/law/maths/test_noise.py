"""What is known of the noise: its likelihood, and its estimate from repeats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths.noise import NOISELESS, UNKNOWN, NoiseKnowledge, pooled_noise


def test_the_likelihood_is_that_of_a_variance() -> None:
    sigma = np.array([0.5, 1.0, 3.0])
    found = NoiseKnowledge(0.0, 0.8, 6.0).log_likelihood(sigma)
    expected = stats.chi2.logpdf(6.0 * 0.8**2 / sigma**2, 6.0) - 2.0 * np.log(sigma)
    np.testing.assert_allclose(found - found[0], expected - expected[0])
    assert NoiseKnowledge(0.0, 0.8, 6.0).log_likelihood(np.array([0.8]))[0] == pytest.approx(0.0)
    assert np.all(UNKNOWN.log_likelihood(sigma) == 0.0)
    assert np.isfinite(NoiseKnowledge(0.0, 1.0, 2.0).log_likelihood(np.array([1e-250])))


def test_a_spread_makes_it_flatter() -> None:
    known, sigma = NoiseKnowledge(0.0, 1.0, 50.0), np.array([2.0])
    assert known.log_likelihood(sigma) < known.log_likelihood(sigma, 0.5) < 0.0


def test_units() -> None:
    assert NoiseKnowledge(0.0, 3.0, 2.0).in_units(1.5) == NoiseKnowledge(0.0, 2.0, 2.0)
    assert NOISELESS.in_units(2.0).quiet == 1.0


def test_repeats_are_pooled() -> None:
    losses = np.array([1.0, 3.0, 5.0, 10.0, 10.0, 7.0])
    std, freedom = pooled_noise(losses, np.array([0, 0, 0, 4, 4, 2]))
    assert (std, freedom) == (pytest.approx(np.sqrt(8.0 / 3.0)), 3)
    assert pooled_noise(losses, np.arange(6)) == (0.0, 0)

"""Forecasts from nothing but exchangeability: exact where they can be, and by drawing parts."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.exchangeable import gains_of_more


@pytest.mark.parametrize("n_more", [1, 5, 16, 40, 64, 256, 10**6])
def test_the_chance_of_any_gain_is_exact(n_more: int) -> None:
    losses = np.sort(np.random.default_rng(0).random(64))
    gains = gains_of_more(losses, 64, n_more)
    assert gains.exceed(0.0) == pytest.approx(n_more / (64 + n_more))
    assert gains.chance.sum() == pytest.approx(1.0)
    assert np.all(gains.chance >= 0.0)


def test_gains_are_those_of_growing_from_a_random_part() -> None:
    rng = np.random.default_rng(0)
    losses = np.sort(rng.random(12))
    gains = gains_of_more(losses, 12, 6)  # m = 144 / 18 = 8
    firsts = np.array([rng.permutation(12)[:8].min() for _ in range(20_000)])
    shares = np.bincount(firsts, minlength=12) / 20_000
    assert gains.chance == pytest.approx(shares, abs=4 * np.sqrt(0.25 / 20_000))
    assert gains.size == pytest.approx(losses - losses[0])


def test_failed_draws_count_as_draws() -> None:
    """A part of 4 of 8 has all of its trials failed now and then: then nothing is known."""
    losses = np.array([1.0, 2.0])
    gains = gains_of_more(losses, 8, 8)
    assert gains.exceed(0.0) == pytest.approx(0.5)
    assert gains.exceed(1.0) == 0.0


def test_quantiles_and_tails() -> None:
    gains = gains_of_more(np.array([0.0, 1.0, 3.0]), 3, 3)
    assert gains.exceed(np.array([0.0, 1.0, 3.0])) == pytest.approx([0.5, 1 / 6, 0.0], abs=0.01)
    assert gains.quantile(np.array([0.1, 0.7, 0.999])).tolist() == [0.0, 1.0, 3.0]


@pytest.mark.parametrize("n", [16, 64])
def test_ties_are_gains_of_nothing(n: int) -> None:
    gains = gains_of_more(np.zeros(n), n, n)
    assert gains.exceed(0.0) == 0.0

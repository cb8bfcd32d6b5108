"""Forecasts from nothing but exchangeability: exact where they can be, and by drawing parts."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.exchangeable import SHRINKING, gains_of_more


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
    gains = gains_of_more(losses, 12, 6, shrinking=(0.0,))  # m = 144 / 18 = 8
    firsts = np.array([rng.permutation(12)[:8].min() for _ in range(20_000)])
    shares = np.bincount(firsts, minlength=12)[:5] / 20_000  # no later one is the best of 8
    assert gains.chance == pytest.approx(shares, abs=4 * np.sqrt(0.25 / 20_000))
    assert gains.size == pytest.approx(losses[:5] - losses[0])


def test_each_shrinking_is_as_likely_as_another() -> None:
    losses = np.array([0.0, 1.0])
    gains = gains_of_more(losses, 2, 2)  # r = 2, and the next one is gained half of the time
    size, chance = gains.size[-len(SHRINKING) :], gains.chance[-len(SHRINKING) :]
    assert size == pytest.approx(2.0 ** -np.array(SHRINKING[::-1]))
    assert chance == pytest.approx(0.5 / len(SHRINKING))


def test_failed_draws_count_as_draws() -> None:
    gains = gains_of_more(np.array([1.0, 2.0]), 8, 8, shrinking=(0.0,))
    assert gains.exceed(0.0) == pytest.approx(0.5)
    assert gains.exceed(1.0) == 0.0


def test_quantiles_and_tails() -> None:
    gains = gains_of_more(np.array([0.0, 1.0, 3.0]), 3, 3, shrinking=(0.0,))
    assert gains.exceed(np.array([0.0, 1.0, 3.0])) == pytest.approx([0.5, 1 / 6, 0.0], abs=0.01)
    assert gains.quantile(np.array([0.1, 0.7, 0.999])).tolist() == [0.0, 1.0, 3.0]


@pytest.mark.parametrize("n", [16, 64])
def test_ties_are_gains_of_nothing(n: int) -> None:
    assert gains_of_more(np.zeros(n), n, n).exceed(0.0) == 0.0


def test_gains_of_a_law_are_forecast() -> None:
    """Of y = u^c the mean gain of doubling is near the truth, over searches; mean over the c."""
    rng = np.random.default_rng(1)
    forecast, truth = [], []
    for _ in range(300):
        losses = np.sort(rng.random(64))
        gains = gains_of_more(losses, 64, 64)
        forecast.append((gains.size * gains.chance).sum())
        truth.append(max(losses[0] - rng.random(64).min(), 0.0))
    # 1/65 - 1/129 is gained; shrinking by the mean of 2^-c instead of 1/2 is close to it.
    ratio = np.mean(2.0 ** -np.array(SHRINKING)) / 0.5
    assert np.mean(truth) == pytest.approx(1 / 65 - 1 / 129, rel=0.25)
    assert np.mean(forecast) / np.mean(truth) == pytest.approx(ratio, rel=0.25)

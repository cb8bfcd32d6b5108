"""Distributions of gains: their tails, their quantiles, and mixtures of them."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.gains import gains_of, mixed


def test_order_and_weights() -> None:
    gains = gains_of(np.array([3.0, 0.0, 1.0]), np.array([1.0, 2.0, 1.0]))
    assert gains.size.tolist() == [0.0, 1.0, 3.0]
    assert gains.chance.tolist() == [0.5, 0.25, 0.25]
    assert gains.exceed(np.array([0.0, 0.5, 1.0, 5.0])).tolist() == [0.5, 0.5, 0.25, 0.0]
    assert gains.quantile(np.array([0.2, 0.5, 0.6, 1.0])).tolist() == [0.0, 0.0, 1.0, 3.0]


def test_tails_of_a_mixture_are_mixed_tails() -> None:
    rng = np.random.default_rng(0)
    one, other = (gains_of(rng.random(n), rng.random(n)) for n in (5, 50))
    mixture = mixed([one, other], [0.25, 0.75])
    for gain in (0.0, 0.3, 0.9):
        expected = 0.25 * one.exceed(gain) + 0.75 * other.exceed(gain)
        assert mixture.exceed(gain) == pytest.approx(expected)
    assert mixture.chance.sum() == pytest.approx(1.0)


def test_a_mixture_with_one_weight_is_that_one() -> None:
    one, other = gains_of(np.array([0.0, 1.0]), np.ones(2)), gains_of(np.array([5.0]), np.ones(1))
    assert mixed([one, other], [1.0, 0.0]).exceed(1.0) == 0.0

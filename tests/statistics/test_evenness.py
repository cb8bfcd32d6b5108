"""p-values of evenness are even themselves where draws are, and tiny where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.statistics.evenness import (
    choice_p_value,
    combined_p_value,
    position_p_value,
    repeated_share,
)


@pytest.mark.parametrize("n", [5, 50, 500])
def test_of_even_draws_the_p_values_are_even(n: int) -> None:
    rng = np.random.default_rng(n)
    p_values = [position_p_value(rng.random(n)) for _ in range(300)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    p_choices = np.array([choice_p_value(rng.multinomial(40 * n, [0.25] * 4)) for _ in range(300)])
    assert (p_choices < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_half_of_the_trials_in_a_tenth_of_the_range() -> None:
    u = np.random.default_rng(0).random(200)
    u[::2] = 0.8 + 0.1 * u[::2]
    assert position_p_value(u) < 1e-6
    assert choice_p_value(np.array([80, 10, 10])) < 1e-6


def test_fisher_combines() -> None:
    """-2 log of a product of k even numbers is chi-squared with 2k degrees of freedom."""
    assert combined_p_value(np.array([0.1])) == pytest.approx(0.1)
    p = np.array([0.2, 0.05])
    product = p.prod()
    assert combined_p_value(p) == pytest.approx(product * (1.0 - np.log(product)))
    assert combined_p_value(np.zeros(2)) < 1e-100


def test_nothing_says_nothing() -> None:
    assert position_p_value(np.empty(0)) == position_p_value(np.array([0.99])) == 1.0
    assert choice_p_value(np.array([100])) == choice_p_value(np.array([1, 0])) == 1.0


def test_the_share_of_values_that_occurred_before() -> None:
    assert repeated_share(np.array([1.0, 2.0, 1.0, 1.0])) == 0.5
    assert repeated_share(np.arange(3.0)) == repeated_share(np.empty(0)) == 0.0

"""Ranks as shares and as normal scores: by their definitions, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.statistics.ranks import normal_scores, weighted_shares


def test_shares_by_definition() -> None:
    rng = np.random.default_rng(0)
    values, weights = rng.integers(0, 5, 30).astype(float), rng.dirichlet(np.ones(30))
    below, equal = values[:, None] > values, values[:, None] == values
    exact = below @ weights + equal @ weights / 2.0
    assert weighted_shares(values, weights) == pytest.approx(exact, abs=1e-12)


def test_equal_weights_are_ranks() -> None:
    values = np.array([3.0, 1.0, 1.0, np.inf, 2.0, np.inf])
    shares = weighted_shares(values, np.full(6, 1 / 6))
    assert shares == pytest.approx((np.array([4.0, 1.5, 1.5, 5.5, 3.0, 5.5]) - 0.5) / 6)
    assert normal_scores(values) == pytest.approx(stats.norm.ppf(shares))


def test_normal_scores_of_normal_draws_are_the_draws() -> None:
    draws = np.random.default_rng(1).standard_normal(100_000)
    assert np.abs(normal_scores(draws) - draws).mean() < 0.01


def test_scores_do_not_depend_on_units() -> None:
    values = np.random.default_rng(2).random(50)
    np.testing.assert_array_equal(normal_scores(values), normal_scores(np.exp(3.0 * values)))
    assert normal_scores(np.array([7.0])) == 0.0
    assert normal_scores(np.zeros(0)).shape == (0,)

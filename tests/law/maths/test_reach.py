"""How many random trials it takes at least: by hand, against SciPy, and true as often as said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths.reach import least_trials


@pytest.mark.parametrize(("n", "expected"), [(8, 2), (10, 3), (25, 6), (100, 24), (1000, 232)])
def test_of_a_score_that_is_better_than_all(n: int, expected: int) -> None:
    """n log(1/2) / log(0.05), rounded up."""
    assert least_trials(n, 0, 0.95) == expected == math.ceil(n * math.log(0.5) / math.log(0.05))


def test_it_is_a_whole_number_where_rounding_might_raise_it() -> None:
    assert least_trials(7, 0, 0.5) == 7.0


@pytest.mark.parametrize("m", [1, 3, 19])
def test_the_bound_of_the_probability_is_that_of_clopper_and_pearson(m: int) -> None:
    high = stats.binomtest(m, 20).proportion_ci(0.9).high  # two-sided: 95 % of one side
    assert least_trials(20, m, 0.95) == max(1, math.ceil(math.log(0.5) / math.log1p(-high)))


def test_where_all_are_as_good_one_is_enough() -> None:
    assert least_trials(5, 5, 0.95) == 1.0
    assert least_trials(5, 7, 0.95) == 1.0
    assert least_trials(1, 0, 1.0 - 1e-16) == 1.0


@pytest.mark.parametrize("n", [25, 100])
def test_it_holds_for_the_best_that_a_sampler_could_find(n: int) -> None:
    """The worst case: a score just better than the best draw, whatever that is."""
    best = np.random.default_rng(n).random((20_000, n)).min(axis=1)
    needed = np.log(0.5) / np.log1p(-best)
    is_false = needed <= least_trials(n, 0, 0.95) - 1.0
    assert is_false.mean() < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 20_000)
    assert is_false.mean() > 0.005

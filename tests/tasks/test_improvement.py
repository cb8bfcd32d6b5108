"""The comparison with a baseline, against a search for the least number of tasks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from optuna_hpx.tasks._improvement import compare
from optuna_hpx.tasks.maths.utility import UtilityScale
from tests.tasks.by_hand import sample
from tests.tasks.maths.test_betting import wealth

UNIT = UtilityScale(0.0, 1.0, is_maximised=True)
LOG_M = math.log(10.0)


def test_the_bound_is_a_bet_on_the_differences() -> None:
    u = np.random.default_rng(0).uniform(0.3, 0.9, (3, 40))
    result = compare(sample(u, winner=2, log_n_configs=LOG_M), {"k": 1}, UNIT)
    d = u[2] - u[1]
    assert result.params == {"k": 1}
    assert result.observed == pytest.approx(d.mean())
    # The bound is where the wealth of bets on (d + 1) / 2 reaches M / delta.
    m = (result.lower_bound + 1.0) / 2.0
    assert wealth((d + 1.0) / 2.0, m, LOG_M, 0.05) == pytest.approx(10.0 / 0.05, rel=1e-6)


def test_of_equal_differences_the_bootstrap_is_certain_and_the_bet_is_not() -> None:
    u = [[0.9] * 20, [0.4] * 20, [0.1] * 20]
    result = compare(sample(u, log_n_configs=LOG_M), {"k": 1}, UNIT)
    assert result.observed == pytest.approx(0.5)
    assert result.approximate_lower_bound == pytest.approx(0.5)
    assert result.lower_bound < 0.5


def test_tasks_needed_are_the_least_at_which_it_is_better() -> None:
    result = compare(sample([[0.6] * 5, [0.5] * 5], log_n_configs=LOG_M), {"k": 1}, UNIT)
    n = result.n_tasks_needed
    assert n is not None
    x = np.full(n, 0.55)
    assert wealth(x, 0.5, LOG_M, 0.05) >= 10.0 / 0.05 > wealth(x[1:], 0.5, LOG_M, 0.05)


@pytest.mark.parametrize("is_maximised", [True, False])
def test_differences_are_in_units_of_the_value(is_maximised: bool) -> None:
    u = np.random.default_rng(0).random((2, 10))
    one = compare(sample(u), {"k": 1}, UNIT)
    other = compare(sample(u), {"k": 1}, UtilityScale(-20.0, 80.0, is_maximised=is_maximised))
    assert other.observed == pytest.approx(100.0 * one.observed)
    assert other.lower_bound == pytest.approx(100.0 * one.lower_bound)
    assert other.approximate_lower_bound == pytest.approx(100.0 * one.approximate_lower_bound)
    assert other.n_tasks_needed == one.n_tasks_needed


def test_the_baseline_may_be_the_best_or_better() -> None:
    u = [[0.5, 0.7, 0.6], [0.6, 0.8, 0.7]]
    itself = compare(sample(u), {"k": 0}, UNIT)
    assert (itself.observed, itself.n_tasks_needed) == (0.0, None)
    assert itself.approximate_lower_bound <= 0.0
    worse = compare(sample(u), {"k": 1}, UNIT)
    assert worse.observed == pytest.approx(-0.1)
    assert worse.n_tasks_needed is None
    assert worse.lower_bound < -0.1


def test_tasks_of_other_configurations_may_be_missing() -> None:
    whole = [[0.8, 0.9, 0.8], [0.5, 0.4, 0.3]]
    result = compare(sample([[math.nan, 1.0, 1.0], *whole], winner=1), {"k": 2}, UNIT)
    alone = compare(sample(whole), {"k": 1}, UNIT)
    assert result.observed == pytest.approx(np.mean([0.3, 0.5, 0.5]))
    assert result.approximate_lower_bound == pytest.approx(alone.approximate_lower_bound)


def test_the_parameters_are_copied() -> None:
    params: dict[str, Any] = {"k": 1}
    result = compare(sample([[0.5, 0.5], [0.4, 0.4]]), params, UNIT)
    params["k"] = 7
    assert result.params == {"k": 1}


def test_a_baseline_that_was_not_tried() -> None:
    for params in ({"k": 5}, {}, {"k": 0, "x": 1}):
        with pytest.raises(ValueError, match=r"`baseline` must be the parameters .*enqueue_trial"):
            compare(sample([[0.5, 0.5]]), params, UNIT)


def test_a_baseline_that_has_not_all_tasks() -> None:
    u = [[0.5, 0.5, 0.5], [0.4, math.nan, 0.4]]
    with pytest.raises(
        ValueError, match=r"`baseline` must have .* all 3 tasks, got 2 in trial 1.*without pruning"
    ):
        compare(sample(u), {"k": 1}, UNIT)

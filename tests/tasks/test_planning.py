"""How many tasks to plan for, against a search for the least number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from optuna_hpx import tasks_needed
from optuna_hpx.tasks._planning import check_bounds, check_n_configs


@pytest.mark.parametrize(
    ("n_configs", "n_tasks"),
    [(1, 150), (100, 381), (1001, 496), (1e6, 841), (2**32, 1259), (2**64, 2368)],
)
def test_numbers_of_tasks(n_configs: float, n_tasks: int) -> None:
    assert tasks_needed(0.1, n_configs=n_configs) == n_tasks
    assert tasks_needed(1.0, bounds=(-5, 5), n_configs=n_configs) == n_tasks


@pytest.mark.parametrize("epsilon", [0.1, 0.2, 0.9])
@pytest.mark.parametrize("delta", [0.01, 0.5])
@pytest.mark.parametrize("n_configs", [1, 7])
def test_it_is_the_least_number(epsilon: float, delta: float, n_configs: int) -> None:
    """By Hoeffding the mean of T tasks in [-1, 3] errs by 4 sqrt(ln(M / delta) / 2T) at most."""
    n = 1
    while 4.0 * math.sqrt(math.log(n_configs / delta) / (2.0 * n)) > epsilon:
        n += 1
    assert tasks_needed(epsilon, bounds=(-1, 3), delta=delta, n_configs=n_configs) == n


def test_one_task_is_the_least() -> None:
    assert tasks_needed(100.0) == 1


def test_a_space_that_no_float_can_count() -> None:
    n = tasks_needed(0.1, n_configs=10**400)
    assert n == math.ceil((400 * math.log(10.0) + math.log(20.0)) / 0.02)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"epsilon": 0.0}, ValueError, "`epsilon` must be positive, got 0.0"),
        ({"epsilon": -0.1}, ValueError, "`epsilon` must be positive"),
        ({"epsilon": math.nan}, ValueError, "`epsilon` must be finite"),
        ({"epsilon": "0.1"}, TypeError, "`epsilon` must be a number"),
        ({"epsilon": 9e-7}, ValueError, "`epsilon` must be at least a millionth"),
        ({"bounds": (1, 0)}, ValueError, r"`bounds` must be \(smaller, larger\)"),
        ({"delta": 1.0}, ValueError, r"`delta` must be in \(0, 1\)"),
        ({"n_configs": 0.5}, ValueError, "`n_configs` must be at least 1, got 0.5"),
    ],
)
def test_bad_arguments(kwargs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tasks_needed(**{"epsilon": 0.1, **kwargs})


def test_a_millionth_of_the_range_is_enough() -> None:
    assert tasks_needed(1.0, bounds=(0, 1e6)) == math.ceil(math.log(20.0) / 2e-12)


@pytest.mark.parametrize(
    "bounds", [(0, 1), [0.0, 1.0], (np.float64(0.0), np.int64(1)), np.array([0.0, 1.0])]
)
def test_bounds_are_a_pair_of_floats(bounds: Any) -> None:
    low, high = check_bounds(bounds)
    assert (low, high) == (0.0, 1.0)
    assert type(low) is type(high) is float


@pytest.mark.parametrize(
    ("bounds", "error", "message"),
    [
        (None, TypeError, "`bounds` must be a pair of numbers, got None"),
        ((0, 1, 2), TypeError, "`bounds` must be a pair of numbers"),
        ((0,), TypeError, "`bounds` must be a pair of numbers"),
        ("01", TypeError, "`bounds` must be a number, got '0'"),
        ((False, True), TypeError, "`bounds` must be a number"),
        ((0, math.nan), ValueError, "`bounds` must be finite"),
        ((-math.inf, 0), ValueError, "`bounds` must be finite"),
        ((1, 1), ValueError, r"`bounds` must be \(smaller, larger\), got \(1, 1\)"),
        ((-1e308, 1e308), ValueError, r"`bounds` must be \(smaller, larger\)"),
    ],
)
def test_bounds_that_are_none(bounds: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        check_bounds(bounds)


@pytest.mark.parametrize("n_configs", [1, 1.0, 1e300, 10**400, np.int64(3), np.float64(2.5)])
def test_numbers_of_configurations(n_configs: Any) -> None:
    check_n_configs(n_configs)


@pytest.mark.parametrize(
    ("n_configs", "error", "message"),
    [
        (0, ValueError, "`n_configs` must be at least 1, got 0"),
        (-(10**400), ValueError, "`n_configs` must be at least 1"),
        (math.inf, ValueError, "`n_configs` must be finite"),
        (math.nan, ValueError, "`n_configs` must be finite"),
        ("3", TypeError, "`n_configs` must be a number, got '3'"),
        (True, TypeError, "`n_configs` must be a number, got True"),
    ],
)
def test_what_counts_no_configurations(
    n_configs: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        check_n_configs(n_configs)

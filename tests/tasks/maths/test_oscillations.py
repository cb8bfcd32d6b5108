"""Oscillations: pseudo-dimension and width against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optuna_hpx.tasks.maths.capacity import Capacity
from optuna_hpx.tasks.maths.oscillations import (
    oscillation_tasks,
    oscillation_width,
    pdim_from_oscillations,
)


def test_pdim_from_oscillations() -> None:
    counts = [1, 2, 5, 10, 50, 100, 1000, 10**6]
    assert [pdim_from_oscillations(b) for b in counts] == [2, 4, 5, 7, 9, 11, 14, 25]
    bits = [3, 7, 15, 63]
    assert [pdim_from_oscillations(b, one_sided=True) for b in bits] == [3, 5, 6, 9]
    assert [pdim_from_oscillations(b) for b in bits] == [4, 6, 7, 10]
    assert pdim_from_oscillations(0) == 0


@pytest.mark.parametrize("b", [1, 3, 17, 12_345, 10**40])
def test_pdim_is_the_last_that_fits(b: int) -> None:
    n = pdim_from_oscillations(b)
    assert 2**n <= 2 * n * b + 1
    assert 2 ** (n + 1) > 2 * (n + 1) * b + 1
    capacity = Capacity("", math.log(b / 2) if b > 1 else 0.0)
    if b > 1:
        assert capacity.pdim == n  # from logarithms


def test_tasks_by_oscillations() -> None:
    tasks = [oscillation_tasks(0.1, log_oscillations=math.log(b)) for b in (1, 5, 50, 1e6)]
    assert tasks == [4763, 5198, 5805, 8301]
    assert oscillation_width(100, log_oscillations=math.log(10)) == pytest.approx(0.622, abs=5e-4)


@pytest.mark.parametrize("n_tasks", [1, 7, 100, 5000])
@pytest.mark.parametrize("b", [1, 30, 10**9])
def test_width_is_the_least_over_all_levels(n_tasks: int, b: int) -> None:
    k = np.arange(1, 20_000)
    widths = np.sqrt(2 * np.log1p(2.0 * k * n_tasks * b) / n_tasks) + 1 / k
    expected = widths.min() + math.sqrt(math.log(10) / (2 * n_tasks))
    found = oscillation_width(n_tasks, 0.1, log_oscillations=math.log(b))
    assert found == pytest.approx(expected, rel=1e-12)


def test_tasks_are_the_least_for_the_width() -> None:
    for piecewise in (False, True):
        given = {"log_oscillations": 40.0, "piecewise_constant": piecewise}
        tasks = oscillation_tasks(0.05, 0.01, **given)  # type: ignore[arg-type]
        assert oscillation_width(tasks, 0.01, **given) <= 0.05  # type: ignore[arg-type]
        assert oscillation_width(tasks - 1, 0.01, **given) > 0.05  # type: ignore[arg-type]


def test_constant_curves_need_as_many_tasks_as_one_configuration() -> None:
    constant = oscillation_tasks(0.1, log_oscillations=-math.inf)
    assert constant == Capacity("", 0.0, n_configs=1).tasks_by_counting() == 150

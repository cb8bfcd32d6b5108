"""Certificate: what its numbers come to, of certificates made by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from optuna_hpx import Certificate
from optuna_hpx.tasks._methods import METHODS
from tests.tasks.by_hand import VALUES, certificate, mirrored
from tests.tasks.maths.test_betting import wealth


def test_a_bound_is_lower_or_upper() -> None:
    up, down = certificate(), mirrored()
    assert (up.lower_bound, up.upper_bound) == (0.4, None)
    assert (down.lower_bound, down.upper_bound) == (None, 0.6)


@pytest.mark.parametrize("made", [certificate(), mirrored()])
def test_the_width_is_not_negative(made: Certificate) -> None:
    assert made.width == pytest.approx(0.3)


@pytest.mark.parametrize("n", [1, 10, 99_999, 2**29 + 1])
def test_a_number_of_configurations_that_can_be_counted_is_whole(n: int) -> None:
    assert certificate(log_n_configs=math.log(n)).n_configs == n


def test_a_number_of_configurations_that_cannot() -> None:
    assert certificate(log_n_configs=64 * math.log(2.0)).n_configs == pytest.approx(2.0**64)
    assert math.isfinite(certificate(log_n_configs=699.0).n_configs)
    assert certificate(log_n_configs=701.0).n_configs == math.inf


@pytest.mark.parametrize(
    ("direction", "bounds", "bound", "is_vacuous"),
    [
        ("maximize", (0.0, 1.0), 0.0, True),
        ("maximize", (0.0, 1.0), 0.0099, True),
        ("maximize", (0.0, 1.0), 0.0101, False),
        ("maximize", (0.0, 1.0), 1.0, False),
        ("minimize", (0.0, 1.0), 1.0, True),
        ("minimize", (0.0, 1.0), 0.9899, False),
        ("minimize", (0.0, 1.0), 0.0, False),
        ("maximize", (-50.0, 150.0), -48.1, True),
        ("maximize", (-50.0, 150.0), -47.9, False),
    ],
)
def test_vacuous_is_within_a_hundredth_of_the_worst(
    direction: str, bounds: tuple[float, float], bound: float, is_vacuous: bool
) -> None:
    made = certificate(direction=direction, bounds=bounds, bound=bound)
    assert made.is_vacuous is is_vacuous


def test_tasks_needed_are_the_least_at_which_the_wealth_is_enough() -> None:
    """Of values that repeat, so that T tasks are these ten, T / 10 times."""
    x = np.array([0.6, 0.7, 0.7, 0.8, 0.9, 0.5, 0.8, 0.9, 0.7, 0.4])
    n = certificate(values=x, observed=0.7).tasks_needed(0.1)
    log_m = math.log(10.0)
    for n_tens in range(1, 40):
        is_enough = wealth(np.tile(x, n_tens), 0.6, log_m, 0.05) >= 10.0 / 0.05
        assert is_enough == (10 * n_tens >= n)


def test_tasks_needed_do_not_depend_on_scale_or_direction() -> None:
    n = certificate().tasks_needed(0.1)
    assert n > 6
    assert mirrored().tasks_needed(0.1) == n
    percent = certificate(values=100.0 * VALUES - 50.0, bounds=(-50.0, 50.0))
    assert percent.tasks_needed(10.0) == n
    assert certificate(method="holdout", n_tasks=2).tasks_needed(0.1) == n
    assert certificate(log_n_configs=0.0).tasks_needed(0.1) < n
    assert certificate().tasks_needed(0.7) == 1, "no bound is below 0"


def test_a_width_that_is_none() -> None:
    for width in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"`width` must be positive, got {width}"):
            certificate().tasks_needed(width)
    with pytest.raises(ValueError, match="`width` must be finite"):
        certificate().tasks_needed(math.nan)
    with pytest.raises(TypeError, match="`width` must be a number"):
        certificate().tasks_needed("0.1")  # type: ignore[arg-type]


def test_half_the_width_is_planned_by_betting_alone() -> None:
    made = certificate()
    assert made.tasks_to_halve() == made.tasks_needed(0.15)
    assert certificate(bound=0.7).tasks_to_halve() is None, "there is none to halve"
    for method in METHODS:
        planned = certificate(method=method).tasks_to_halve()
        assert (planned is None) == (method != "betting")
        assert certificate(method=method).is_held_out == (method == "holdout")


def test_printing_says_it_in_words() -> None:
    made = certificate()
    assert str(made) == made.summary()
    assert made.summary().startswith("Of {'x': 0.5}, first tried in trial 3.\n")
    assert "values" not in repr(made), "there may be many"


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        certificate().bound = 0.9  # type: ignore[misc]

"""Checks of arguments: what passes, and what each error says."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optuna_hpx import _checks


@pytest.mark.parametrize(
    "check",
    [
        lambda: _checks.finite("a", -3),
        lambda: _checks.finite("a", np.float32(0.5)),
        lambda: _checks.finite("a", Fraction(1, 3)),
        lambda: _checks.quantile("a", 1e-9),
        lambda: _checks.quantile("a", 1.0, allow_one=True),
        lambda: _checks.target(0.1, 1.0, None),
        lambda: _checks.target(0.5, 0.5, -2.0),
        lambda: _checks.count("a", 1),
        lambda: _checks.count("a", np.int64(0), at_least=0),
        lambda: _checks.seed("a", None),
        lambda: _checks.seed("a", 0),
        lambda: _checks.one_of("a", "x", ("x", "y")),
        lambda: _checks.has("a", [], "append", "a list"),
        lambda: _checks.list_of_names("a", ()),
        lambda: _checks.switch("a", np.False_),
        lambda: _checks.function("a", len, "a list"),
        lambda: _checks.list_of_names("a", ["x", "y"]),
    ],
)
def test_what_is_right_passes(check: Callable[[], None]) -> None:
    check()


@pytest.mark.parametrize(
    ("check", "error", "message"),
    [
        (lambda: _checks.finite("a", True), TypeError, "`a` must be a number, got True."),
        (lambda: _checks.finite("a", "1"), TypeError, "`a` must be a number, got '1'."),
        (lambda: _checks.finite("a", np.nan), ValueError, "`a` must be finite, got nan."),
        (
            lambda: _checks.finite("a", 10**400),
            ValueError,
            "`a` must be a number that a float holds, got an int of 1329 bits.",
        ),
        (
            lambda: _checks.count("a", 10**400),
            ValueError,
            "`a` must be at most 9223372036854775807, got an int of 1329 bits.",
        ),
        (lambda: _checks.count("a", 3, at_most=2), ValueError, "`a` must be at most 2, got 3."),
        (lambda: _checks.switch("a", 1), TypeError, "`a` must be True or False, got 1."),
        (
            lambda: _checks.function("a", 3, "a trial"),
            TypeError,
            "`a` must be a function of a trial, got 3.",
        ),
        (
            lambda: _checks.floats("a", ["x"]),
            TypeError,
            "`a` must be numbers that a float holds: could not convert string to float: 'x'.",
        ),
        (lambda: _checks.quantile("a", 0.0), ValueError, "`a` must be in (0, 1), got 0.0."),
        (lambda: _checks.quantile("a", 1.0), ValueError, "`a` must be in (0, 1), got 1.0."),
        (
            lambda: _checks.quantile("a", 1.5, allow_one=True),
            ValueError,
            "`a` must be in (0, 1], got 1.5.",
        ),
        (
            lambda: _checks.target(0.5, 0.5, None),
            ValueError,
            "`target_quantile` must be less than `region_quantile`: got 0.5 and 0.5.",
        ),
        (
            lambda: _checks.target(0.1, 1.0, np.inf),
            ValueError,
            "`target_value` must be finite, got inf.",
        ),
        (lambda: _checks.count("a", 1.0), TypeError, "`a` must be an int, got 1.0."),
        (lambda: _checks.count("a", True), TypeError, "`a` must be an int, got True."),
        (lambda: _checks.count("a", 1, at_least=2), ValueError, "`a` must be at least 2, got 1."),
        (lambda: _checks.seed("a", 0.0), TypeError, "`a` must be an int or None, got 0.0."),
        (lambda: _checks.seed("a", -1), ValueError, "`a` must not be negative, got -1."),
        (
            lambda: _checks.one_of("a", "z", ("y", "x")),
            ValueError,
            "`a` must be one of ['x', 'y'], got 'z'.",
        ),
        (
            lambda: _checks.has("a", 3, "names", "a report"),
            TypeError,
            "`a` must be a report; got a int.",
        ),
        (
            lambda: _checks.list_of_names("a", "xy"),
            TypeError,
            "`a` must be a list of strings, got 'xy'.",
        ),
        (
            lambda: _checks.list_of_names("a", ["x", 1]),
            TypeError,
            "`a` must be a list of strings, but holds 1.",
        ),
    ],
)
def test_what_is_wrong_is_named(
    check: Callable[[], None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        check()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "value", [2, 2.0, True + 1, np.float32(2), np.array([[2]]), np.array(2.0), Fraction(2)]
)
def test_a_number_is_read_from_what_a_function_returned(value: Any) -> None:
    number = _checks.returned_number("`f`", value)
    assert number == 2.0
    assert type(number) is float


@pytest.mark.parametrize("value", ["2", b"2", None, (1, 2), np.zeros(2), 1j, np.array("2")])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        _checks.returned_number("`f`", value, " on task 3")
    assert str(caught.value) == f"`f` must return a number, got {value!r} on task 3."


def test_infinite_and_missing_numbers_are_numbers() -> None:
    assert _checks.returned_number("`f`", -np.inf) == -np.inf
    assert np.isnan(_checks.returned_number("`f`", np.nan))

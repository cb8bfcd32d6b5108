"""Axes: when they are logarithmic, where their ticks are, and what lies beyond them."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.canvas.scale import (
    Scale,
    is_finite,
    log_axis,
    range_without_extremes,
    spans_decades,
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0, 50.0], False), ([1.0, 101.0], True), ([0.0, 1e9], False), ([-1.0, 1e9], False)],
)
def test_positive_values_over_two_decades_are_logarithmic(
    values: list[float], expected: bool
) -> None:
    assert spans_decades(np.array(values)) is expected


def test_a_short_log_axis_has_ticks_at_1_2_and_5() -> None:
    axis = log_axis(np.log10(0.9), np.log10(20.0))
    assert axis["tickvals"] == pytest.approx([1, 2, 5, 10, 20])
    assert axis["range"] == pytest.approx([np.log10(0.9), np.log10(20.0)])


def test_an_end_that_is_a_tick_has_one_whatever_its_logarithm_rounds_to() -> None:
    assert log_axis(np.log10(0.2), np.log10(5.0))["tickvals"] == pytest.approx(
        [0.2, 0.5, 1.0, 2.0, 5.0]
    )


def test_a_long_log_axis_has_few_powers_of_ten() -> None:
    assert log_axis(-3.0, 0.0)["dtick"] == 1.0
    assert log_axis(-12.0, 1.0)["dtick"] == 3.0
    assert log_axis(-12.0, 1.0, n_powers=5)["dtick"] == 3.0
    assert log_axis(-6.0, 0.0, n_powers=5)["dtick"] == 2.0


def test_too_few_ticks_are_left_to_plotly() -> None:
    ends = np.log10(1.5), np.log10(4.0)
    assert "tickvals" not in log_axis(*ends)
    assert "tickvals" in log_axis(*ends, min_ticks=1)


def test_what_counts_as_finite() -> None:
    assert is_finite(np.array([1.0, -1e199, 1e201, np.inf, np.nan])).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_extremes_to_either_side_lie_beyond_a_range() -> None:
    values = np.append(np.linspace(0.0, 1.0, 99), [1e6, -1e6])
    ends, n_beyond = range_without_extremes(values)
    assert n_beyond == 2
    assert ends == pytest.approx((-0.06, 1.06))


@pytest.mark.parametrize("values", [np.linspace(0, 1, 50), np.ones(50)])
def test_without_extremes_there_is_no_range(values: np.ndarray) -> None:
    assert range_without_extremes(values) == (None, 0)


def test_the_largest_floats_have_a_range() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert range_without_extremes(np.linspace(0.0, 1.7e308, 50)) == (None, 0)
        ends, n_beyond = range_without_extremes(np.array([*np.linspace(0.0, 1.0, 99), 1.7e308]))
    assert n_beyond == 1
    assert ends is not None
    assert ends[1] < 2.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_only_bad_values_lie_beyond_a_scale(sign: float) -> None:
    """A value that is extremely good is what everybody looks for."""
    losses = np.append(np.linspace(0.0, 1.0, 98) - 50.0, [1e6, -1e6])
    scale = Scale.of(sign * losses, sign)
    assert scale.n_beyond == 1
    assert scale.notes() == ["1 bad value lies beyond the axis."]
    assert scale.has(sign * np.array([-1e6, -49.0, 1e6, np.inf])).tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_the_axis_goes_from_the_best_to_the_worst_with_room() -> None:
    scale = Scale.of(np.array([2.0, 4.0]), 1.0)
    assert scale.axis(has_strip=False)["range"] == pytest.approx([1.88, 4.12])
    assert scale.axis(has_strip=True)["range"] == pytest.approx([1.88, 4.36])
    assert scale.strip == pytest.approx((4.12, 4.36))
    assert scale.middle == pytest.approx(4.24)
    assert scale.notes() == []


def test_the_strip_of_a_maximised_objective_is_below() -> None:
    scale = Scale.of(np.array([2.0, 4.0]), -1.0)
    assert scale.axis(has_strip=True)["range"] == pytest.approx([1.64, 4.12])
    assert scale.strip == pytest.approx((1.88, 1.64))


def test_a_logarithmic_scale_is_in_values_again() -> None:
    scale = Scale.of(np.array([1e-4, 1.0]), 1.0)
    assert scale.is_log
    assert scale.axis(has_strip=False)["range"] == pytest.approx([-4.24, 0.24])
    assert scale.middle == pytest.approx(10**0.48)


def test_one_value_has_room_around_it() -> None:
    low, high = Scale.of(np.array([3.0]), 1.0).axis(has_strip=False)["range"]
    assert low < 3.0 < high
    low, high = Scale.of(np.array([0.0]), 1.0).axis(has_strip=False)["range"]
    assert low < 0.0 < high

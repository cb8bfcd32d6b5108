"""Traces that several figures have."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.canvas import style, traces
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


def test_thinning_keeps_both_ends_and_even_steps() -> None:
    rows = traces.thin_evenly(np.arange(100), 12)
    assert rows.tolist() == list(range(0, 100, 9))
    few = np.array([3, 5])
    assert traces.thin_evenly(few, 2) is few


def test_thinning_at_random_keeps_the_order_and_is_always_the_same() -> None:
    rows = traces.thin_at_random(np.arange(0, 200, 2), 30)
    assert len(set(rows.tolist())) == 30
    assert (np.diff(rows) > 0).all()
    assert (rows % 2 == 0).all()
    assert rows.tolist() == traces.thin_at_random(np.arange(0, 200, 2), 30).tolist()
    assert traces.thin_at_random(np.arange(3), 3).tolist() == [0, 1, 2]


def test_infeasible_trials_are_a_trace_of_their_own() -> None:
    table = TrialTable.from_study(hand.study([[3.0], [1.0], [2.0]], infeasible=[1]))
    rows, y = np.arange(3), table.values[:, 0]
    dots, crosses = traces.trial_points(table, rows, (10.0 * rows, y), name="good", hover="%{y}")
    assert (dots.name, crosses.name) == ("good", "infeasible")
    assert dots.x.tolist() == [0.0, 20.0]
    assert dots.y.tolist() == [3.0, 2.0]
    assert crosses.customdata.tolist() == [1]
    assert crosses.hovertemplate == "%{y}<extra></extra>"
    assert [
        t.name for t in traces.trial_points(table, rows[:1], (rows, y), name="good", hover="")
    ] == ["good"]


def test_a_broken_line_has_a_gap_after_each_line() -> None:
    y = np.array([[1.0, 10.0], [2.0, 20.0]])
    line = traces.broken_line(np.array([5, 6]), y, ["a", "b"], name="both")
    np.testing.assert_equal(line.x, [5, 6, np.nan, 5, 6, np.nan])
    np.testing.assert_equal(line.y, [1, 2, np.nan, 10, 20, np.nan])
    assert list(line.customdata) == ["a", "a", "a", "b", "b", "b"]
    assert line.connectgaps is False
    assert line.name == "both"


@pytest.mark.parametrize(("k", "name"), [(1, "1 other parameter"), (3, "3 other parameters")])
def test_other_parameters_are_one_entry(k: int, name: str) -> None:
    names = [f"p<{j}" for j in range(k)]
    line = traces.other_parameters(np.arange(2), np.zeros((2, k)), names, "y %{y}")
    assert line.name == name
    assert line.customdata[0] == "p&lt;0"
    assert line.hovertemplate == "%{customdata}<br>y %{y}<extra></extra>"


def test_a_band_goes_there_above_and_back_below() -> None:
    x = np.array([1.0, 2.0])
    area = traces.band(x, x - 5.0, x + 5.0, colour=style.POINT, opacity=0.2, group="g")
    assert area.x.tolist() == [1, 2, 2, 1]
    assert area.y.tolist() == [6, 7, -3, -4]
    assert area.fillcolor == "rgba(63, 134, 201, 0.2)"
    assert area.legendgroup == "g"


def test_segments_are_one_broken_line() -> None:
    ends = np.array([[1.0, 2.0], [3.0, np.nan]])
    flat = traces.segments(ends, np.array([5, 7]))
    np.testing.assert_array_equal(flat["x"], [1.0, 3.0, np.nan, 2.0, np.nan, np.nan])
    np.testing.assert_array_equal(flat["y"], [5.0, 5.0, np.nan, 7.0, 7.0, np.nan])
    upright = traces.segments(ends, np.array([5, 7]), upright=True)
    np.testing.assert_array_equal(upright["x"], flat["y"])
    np.testing.assert_array_equal(upright["y"], flat["x"])


def test_whiskers_have_a_cap_at_each_end() -> None:
    whiskers = traces.whiskers(np.array([[1.0], [3.0]]), np.array([0]), "95 % interval")
    assert (whiskers.mode, whiskers.name) == ("lines+markers", "95 % interval")
    np.testing.assert_array_equal(whiskers.x[:2], [1.0, 3.0])

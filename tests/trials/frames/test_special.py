"""Columns that say something of each trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optuna_hpx.trials.frames.layouts import layout_of
from optuna_hpx.trials.frames.special import in_order, is_open, special_columns

FRAME = pd.DataFrame(
    {
        "Number": [2, 0, 1],
        "State": ["Complete", "Running", "Pruned"],
        "Value": [1.0, 2.0, 3.0],
        "Param x": [0.1, 0.2, 0.3],
        "Feasible": [True, False, True],
        "system_attrs_note": ["a", "b", "c"],
    }
)


def test_kinds() -> None:
    kinds = special_columns(FRAME, layout_of(list(FRAME)), ["Value"], [])
    assert kinds == {
        "system_attrs_note": "note",
        "State": "state",
        "Number": "number",
        "Feasible": "feasible",
        "Value": "objective",
    }
    assert "Feasible" not in special_columns(FRAME, layout_of(list(FRAME)), [], ["Feasible"])


def test_numbers_that_are_none() -> None:
    twice = FRAME.assign(Number=[1, 1, 2])
    assert "Number" not in special_columns(twice, layout_of(list(twice)), ["Value"], [])


def test_states_that_are_none() -> None:
    other = FRAME.assign(State="unheard of")
    with pytest.raises(ValueError, match=r"Column 'State' must hold states .* 'unheard of'"):
        special_columns(other, layout_of(list(other)), ["Value"], [])
    bare = pd.DataFrame({"state": ["ca", "ny"], "y": [1.0, 2.0]})
    assert "state" not in special_columns(bare, layout_of(list(bare)), ["y"], [])


def test_order_and_open_rows() -> None:
    kinds = {"Number": "number", "State": "state"}
    ordered, numbers = in_order(FRAME, kinds)
    assert numbers.tolist() == [0, 1, 2]
    assert ordered["Value"].tolist() == [2.0, 3.0, 1.0]
    assert is_open(ordered, kinds).tolist() == [True, False, False]
    unordered, rows = in_order(FRAME, {})
    np.testing.assert_array_equal(rows, [0, 1, 2])
    assert unordered is FRAME
    assert not is_open(FRAME, {}).any()

"""Columns with types."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optuna_hpx.trials.frames.layouts import layout_of
from optuna_hpx.trials.frames.typed import with_types

LAYOUT = layout_of([])


def test_text_becomes_numbers_and_choices() -> None:
    frame = pd.DataFrame(
        {"x": ["1", "2"] * 9, "k": ["a", "None"] * 9, "y": [*map(str, range(17)), "inf"]}
    )
    done, typed = with_types(frame, LAYOUT, ["y"], ".,")
    assert done["x"].tolist()[:2] == [1, 2]
    assert done["k"].tolist()[:2] == ["a", None]
    assert done["y"].tolist() == [*range(17), np.inf]
    assert set(typed) == {"x", "k", "y"}


def test_a_data_frame_keeps_what_it_has() -> None:
    frame = pd.DataFrame({"x": [1, 2], "k": ["1", "2"], "b": [True, False], "t": [(1, 2), (3, 4)]})
    done, typed = with_types(frame, LAYOUT, [], "")
    assert typed == {}
    pd.testing.assert_frame_equal(done, frame)

"""A band with its line."""

from __future__ import annotations

import numpy as np

from optuna_hpx.canvas import style
from optuna_hpx.law.figures._bands import Band, add_band


def test_infinite_ends_lead_beyond_the_axis() -> None:
    y = np.array([[-np.inf, 0.0], [1.0, 1.0], [np.inf, 2.0]])
    figure = style.new_figure([100.0])
    add_band(figure, Band("x", "#123456", "dot", "x", np.array([1, 2]), y), (0.0, 2.0))
    area, line = figure.data
    assert list(line.y) == [1.0, 1.0]
    assert line.line.dash == "dot"
    assert sorted(area.y) == [-2.0, 0.0, 2.0, 4.0]
    assert area.legendgroup == line.legendgroup == "x"

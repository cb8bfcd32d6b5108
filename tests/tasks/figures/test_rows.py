"""Rows of a panel: what is drawn of a mean, and of a bound."""

from __future__ import annotations

from typing import Any

import pytest

from optuna_hpx.canvas import style
from optuna_hpx.tasks.figures._rows import BoundRow, add_row, name_rows

COLOUR = "#102030"


def drawn(row: BoundRow, height: float = 1.0) -> Any:
    figure = style.new_figure([100.0])
    add_row(figure, row, height, panel=1)
    (trace,) = figure.data
    return trace


def test_the_label_has_the_value_below_the_name() -> None:
    assert BoundRow("naive", 0.123456, 1.0, COLOUR, "bound").label == "naive<br>0.1235"
    assert BoundRow("naive", 0.0, 1.0, COLOUR, "bound", has_value=False).label == "naive<br>none"


def test_a_bound_is_a_bar_to_its_end() -> None:
    trace = drawn(BoundRow("certified", 0.4, 1.0, COLOUR, "bound"), height=2.0)
    assert (list(trace.x), list(trace.y)) == ([0.4, 1.0], [2.0, 2.0])
    assert trace.mode == "lines+markers"
    assert trace.line.color == "rgba(16, 32, 48, 0.35)"
    assert list(trace.marker.size) == [9, 0], "the end has no mark of its own"
    assert list(trace.marker.line.width) == [3, 0]
    assert trace.name == "certified"
    assert trace.hovertemplate == "bound: 0.4<extra></extra>"


@pytest.mark.parametrize("end", [None, 0.4])
def test_a_mean_and_a_bar_without_length_are_points(end: float | None) -> None:
    trace = drawn(BoundRow("observed", 0.4, end, COLOUR, "observed mean"))
    assert (list(trace.x), list(trace.y)) == ([0.4], [1.0])
    assert trace.mode == "markers"
    assert (trace.marker.symbol, trace.marker.size) == ("diamond", 11)
    assert trace.marker.color == COLOUR


def test_an_end_of_zero_is_an_end() -> None:
    assert list(drawn(BoundRow("bound", 0.4, 0.0, COLOUR, "bound")).x) == [0.4, 0.0]


def test_hovering_has_six_digits_or_none() -> None:
    row = BoundRow("naive", 0.12345678, 1.0, COLOUR, "t interval")
    assert drawn(row).hovertemplate == "t interval: 0.123457<extra></extra>"
    none = BoundRow("naive", 0.0, 1.0, COLOUR, "t interval", has_value=False)
    assert drawn(none).hovertemplate == "t interval: none<extra></extra>"
    assert list(drawn(none).x) == [0.0, 1.0], "anything is possible"


@pytest.mark.parametrize("labels", [["one"], ["one", "two", "three"]])
def test_names_stand_from_above(labels: list[str]) -> None:
    figure = style.new_figure([100.0])
    name_rows(figure, labels, panel=1, room=0.25)
    axis = figure.layout.yaxis
    assert dict(zip(axis.tickvals, axis.ticktext, strict=True)) == {
        len(labels) - 1 - k: label for k, label in enumerate(labels)
    }
    assert axis.range == (-0.6, len(labels) - 0.5)


def test_a_panel_has_its_own_rows() -> None:
    figure = style.new_figure([100.0, 100.0])
    add_row(figure, BoundRow("observed", 0.4, None, COLOUR, "mean"), 0.0, panel=2)
    name_rows(figure, ["observed"], panel=2, room=0.0)
    assert (figure.data[0].xaxis, figure.data[0].yaxis) == ("x2", "y2")
    assert figure.layout.yaxis2.ticktext == ("observed",)
    assert figure.layout.yaxis.ticktext is None

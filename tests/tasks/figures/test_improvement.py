"""The panel of a baseline: three rows, with 0 in sight."""

from __future__ import annotations

from typing import Any

import pytest

from optuna_hpx import Improvement
from optuna_hpx.canvas import style
from optuna_hpx.tasks.figures._improvement import add_improvement, improvement_title


def improvement(observed: float, lower: float, approximate: float) -> Improvement:
    return Improvement({"x": 0.1}, observed, lower, approximate, 40)


def panel(baseline: Improvement, end: float = 1.0) -> Any:
    figure = style.new_figure([100.0, 100.0])
    add_improvement(figure, baseline, end)
    return figure


@pytest.mark.parametrize(
    ("lower", "title"),
    [
        (0.123456, "Better than the baseline,<br>by at least 0.1235"),
        (0.0, "Perhaps no better than the baseline"),
        (-0.1, "Perhaps no better than the baseline"),
    ],
)
def test_the_title_promises_no_more_than_is_sure(lower: float, title: str) -> None:
    assert improvement_title(improvement(0.3, lower, 0.2)) == title


def test_rows_from_above() -> None:
    figure = panel(improvement(0.3, 0.1, 0.2))
    assert [(t.name, list(t.x), t.y[0]) for t in figure.data] == [
        ("observed", [0.3], 2.0),
        ("approximate", [0.2, 1.0], 1.0),
        ("certified", [0.1, 1.0], 0.0),
    ]
    assert {trace.xaxis for trace in figure.data} == {"x2"}
    assert figure.layout.yaxis2.ticktext == (
        "observed<br>0.3",
        "approximate<br>0.2",
        "certified<br>0.1",
    )
    assert figure.layout.xaxis2.title.text == "better than the baseline by"


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((0.3, 0.1, 0.2), 0.0, 0.3),  # 0 is in sight
        ((0.3, -0.2, 0.2), -0.2, 0.3),
        ((-0.1, -0.5, -0.3), -0.5, 0.0),
    ],
)
def test_the_axis_holds_all_rows_and_zero(
    values: tuple[float, float, float], low: float, high: float
) -> None:
    figure = panel(improvement(*values))
    pad = 0.06 * (high - low)
    assert figure.layout.xaxis2.range == pytest.approx((low - pad, high + pad))
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1, line.xref) == (0.0, 0.0, "x2")


def test_the_axis_has_a_width_where_all_is_zero() -> None:
    figure = panel(improvement(0.0, 0.0, 0.0), end=50.0)
    assert figure.layout.xaxis2.range == pytest.approx((-0.5, 0.5))


@pytest.mark.parametrize(
    ("approximate", "start"), [(-7.0, -2.0), (-1.5, -1.5), (float("-inf"), -2.0)]
)
def test_an_approximation_beyond_what_is_possible_stands_at_the_end(
    approximate: float, start: float
) -> None:
    figure = panel(improvement(0.1, -1.9, approximate), end=2.0)
    assert list(figure.data[1].x) == [start, 2.0]

"""What the figure of dual curves shows, read from its traces."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from optuna_hpx import DualCurve
from optuna_hpx.visualization import plot_dual_curve

ALPHAS = [0.0, 0.25, 0.5, 0.75, 1.0]
CURVES = [
    [0.0, 1.0, 0.0, 1.2, 0.0],  # maxima at 0.25 and 0.75
    [0.0, 0.1, 0.2, 0.3, 0.4],  # one, at the end
]


def _by_name(figure: Any) -> dict[str, Any]:
    return {trace.name.partition(":")[0]: trace for trace in figure.data}


def _notes(figure: Any) -> str:
    return figure.layout.title.text


def _pieces(trace: Any) -> list[tuple[list[float], list[float]]]:
    """x and y of a broken line, piece by piece."""
    x, y = np.asarray(trace.x, dtype=float), np.asarray(trace.y, dtype=float)
    ends = np.flatnonzero(np.isnan(y))
    return [
        (x[start:end].tolist(), y[start:end].tolist())
        for start, end in zip([0, *(ends[:-1] + 1)], ends, strict=True)
    ]


def test_each_task_is_pale_and_the_mean_is_strong() -> None:
    figure = plot_dual_curve(DualCurve(ALPHAS, CURVES))
    traces = _by_name(figure)
    assert _pieces(traces["a task"]) == [(ALPHAS, curve) for curve in CURVES]
    assert list(traces["mean"].x) == ALPHAS
    np.testing.assert_allclose(traces["mean"].y, np.mean(CURVES, axis=0))
    assert traces["a task"].line.width < traces["mean"].line.width
    assert traces["a task"].line.color.startswith("rgba")
    assert [trace.name for trace in figure.data].index("a task") == 0, "behind all else"
    assert traces["a task"].customdata[0] == 0
    assert traces["a task"].customdata[-1] == 1


def test_where_the_mean_is_best() -> None:
    dual = DualCurve(ALPHAS, CURVES)
    figure = plot_dual_curve(dual)
    best = _by_name(figure)["best"]
    assert best.name == "best: 0.75"
    assert (list(best.x), list(best.y)) == ([dual.best()], [0.75])
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 0.75


def test_one_task_is_the_curve() -> None:
    traces = _by_name(plot_dual_curve(DualCurve(ALPHAS, CURVES[0]), tol=0.1, min_jump=1.1))
    assert set(traces) == {"utility", "local maximum", "jump", "best"}
    assert list(traces["utility"].y) == CURVES[0]
    assert list(traces["local maximum"].x) == [0.25, 0.75]


def test_local_maxima_above_the_tolerance() -> None:
    dual = DualCurve(ALPHAS, CURVES)
    figure = plot_dual_curve(dual, tol=0.5)
    maxima = _by_name(figure)["local maximum"]
    found = zip(maxima.customdata, maxima.x, maxima.y, strict=True)
    assert list(found) == [(0, 0.25, 1.0), (0, 0.75, 1.2), (1, 1.0, 0.4)]
    assert "Local maxima per task: 1 to 2." in _notes(figure)
    high = _by_name(plot_dual_curve(dual, tol=1.1))["local maximum"]
    assert list(high.x) == [0.75, 1.0]
    assert "local maximum" not in _by_name(plot_dual_curve(dual))
    assert "ocal max" not in _notes(plot_dual_curve(dual))


def test_jumps_are_pieces_of_their_curves() -> None:
    dual = DualCurve(ALPHAS, CURVES)
    figure = plot_dual_curve(dual, min_jump=1.1)
    jumps = _by_name(figure)["jump"]
    assert _pieces(jumps) == [([0.5, 0.75], [0.0, 1.2]), ([0.75, 1.0], [1.2, 0.0])]
    assert jumps.customdata[0] == "task 0 jumps by +1.2<br>0.5 to 0.75"
    assert "Jumps per task: 0 to 2." in _notes(figure)
    smooth = plot_dual_curve(dual, min_jump=2.0)
    assert "jump" not in _by_name(smooth)
    assert "Jumps per task: 0." in _notes(smooth)


def test_oscillations_are_a_lower_bound() -> None:
    notes = _notes(plot_dual_curve(DualCurve(ALPHAS, CURVES)))
    assert "Oscillations per task: 1 to 4; a finer grid may find more." in notes
    assert "Oscillations: 4;" in _notes(plot_dual_curve(DualCurve(ALPHAS, CURVES[0])))


@pytest.mark.parametrize(
    ("alphas", "kind"),
    [([1e-3, 1e-2, 1.0], "log"), ([0.0, 1e-3, 1.0], "linear"), ([0.1, 0.2, 0.3], "linear")],
)
def test_the_axis_is_logarithmic_where_values_span_decades(alphas: list[float], kind: str) -> None:
    figure = plot_dual_curve(DualCurve(alphas, [1.0, 3.0, 2.0]))
    assert figure.layout.xaxis.type == kind
    assert figure.layout.shapes[0].x0 == alphas[1], "in its own units on either axis"


def test_a_single_value() -> None:
    figure = plot_dual_curve(DualCurve([0.5], [[1.0], [2.0]]), tol=0.0, min_jump=0.0)
    assert list(_by_name(figure)["mean"].y) == [1.5]
    assert list(_by_name(figure)["local maximum"].x) == [0.5, 0.5]


def test_many_tasks_are_thinned_and_counted() -> None:
    rng = np.random.default_rng(0)
    dual = DualCurve(np.linspace(0, 1, 100), rng.uniform(size=(3000, 100)))
    start = time.process_time()
    figure = plot_dual_curve(dual, tol=0.9, min_jump=0.95)
    text = figure.to_json()
    assert time.process_time() - start < 10.0
    assert len(text) < 3e6
    traces = _by_name(figure)
    shown = np.unique(traces["a task"].customdata)
    assert len(shown) == 500
    assert "500 of 3,000 tasks are drawn." in _notes(figure)
    np.testing.assert_allclose(traces["mean"].y, dual.utilities.mean(axis=0))
    assert set(traces["local maximum"].customdata) <= set(shown.tolist())
    n_drawn = sum(jump.task in shown for jump in dual.jumps(0.95))
    assert len(_pieces(traces["jump"])) == n_drawn
    assert traces["mean"].mode == "lines", "no markers on fine grids"


def test_notes_fit_a_phone() -> None:
    for line in _notes(plot_dual_curve(DualCurve(ALPHAS, CURVES), tol=0, min_jump=0)).split(
        "<br>"
    ):
        assert len(line) <= 62 + len('<span style="font-size: 11px"></span>')


def test_something_else() -> None:
    with pytest.raises(TypeError, match="`dual` must be a DualCurve, as DualCurve"):
        plot_dual_curve(3)  # type: ignore[arg-type]
    dual = DualCurve(ALPHAS, CURVES)
    with pytest.raises(ValueError, match="`tol` must not be negative"):
        plot_dual_curve(dual, tol=-1.0)
    with pytest.raises(ValueError, match="`min_jump` must not be negative"):
        plot_dual_curve(dual, min_jump=-1.0)

"""What the figure of a schedule shows, read from its traces."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from optuna_hpx.population import Schedule, Step
from optuna_hpx.population.figures import _schedule
from optuna_hpx.trials.table import TrialTable
from optuna_hpx.visualization import plot_schedule
from tests.population.figures.test_genealogy import (
    PRUNED,
    Tree,
    numbers,
    population,
    synthetic,
    trained,
)


def _schedule_of(*params: dict[str, Any], direction: str = "minimize") -> Schedule:
    """Values are 4, 3, 2, ...; numbers 0, 1, 2, ..."""
    steps = [Step(chosen, 0, 4.0 - k, None, k, k) for k, chosen in enumerate(params)]
    return Schedule(tuple(steps), direction)


def _titles(figure: Any) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def _panel(figure: Any, title: str) -> tuple[Any, Any, Any]:
    """The line, the population (or None) and the y axis."""
    row = _titles(figure).index(title) + 1
    n = "" if row == 1 else str(row)
    traces = [t for t in figure.data if (t.yaxis or "y") == f"y{n}" and t.x[0] is not None]
    (line,) = (trace for trace in traces if trace.name == "schedule")
    points = [trace for trace in traces if trace.mode == "markers"]
    return line, points[0] if points else None, figure.layout[f"yaxis{n}"]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_panels_of_a_trained_population(direction: str) -> None:
    study, scheduler = trained(direction, seed=1)
    schedule = scheduler.best_schedule()
    figure = plot_schedule(schedule, study)
    names = list(dict.fromkeys(name for step in schedule.steps for name in step.params))
    assert _titles(figure) == [*names, f"value ({direction})"]
    line, points, _ = _panel(figure, f"value ({direction})")
    assert list(line.y) == [step.value for step in schedule.steps]
    assert list(line.x) == list(range(len(schedule)))
    assert numbers(line) == [step.number for step in schedule.steps]
    complete = {t.number: t.values[0] for t in study.trials if t.state == TrialState.COMPLETE}
    finite = {number: value for number, value in complete.items() if math.isfinite(value)}
    assert dict(zip(numbers(points), points.y, strict=True)) == finite
    rate, mode = (_panel(figure, name) for name in ("rate", "mode"))
    expected = [step.params.get("rate", math.nan) for step in schedule.steps]
    np.testing.assert_array_equal(rate[0].y, expected)
    assert sorted(numbers(rate[1])) == [t.number for t in study.trials if "rate" in t.params]
    assert rate[2].type == "log"
    assert sorted(numbers(mode[1])) == [t.number for t in study.trials]
    label = dict(zip(mode[2].tickvals, mode[2].ticktext, strict=True))
    assert [label[y] for y in mode[0].y] == [step.params["mode"] for step in schedule.steps]


def test_the_line_has_steps_and_gaps() -> None:
    schedule = _schedule_of({"x": 0.1, "c": "a"}, {"c": "b"}, {"x": 0.3, "c": "a"})
    figure = plot_schedule(schedule)
    line, points, _ = _panel(figure, "x")
    np.testing.assert_array_equal(line.y, [0.1, np.nan, 0.3])
    assert line.connectgaps is False
    assert line.mode == "lines+markers"
    assert line.line.shape == "hvh"
    assert points is None
    assert _panel(figure, "c")[0].y.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((0.1, 2.9), "linear"),
        ((0.1, 3.1), "log"),
        ((0.0, 100.0), "linear"),
        ((-1.0, 100.0), "linear"),
        ((1, 64), "log"),
        ((1e-4, 1e-4), "linear"),
    ],
)
def test_without_a_study_a_scale_is_guessed(values: tuple[float, float], kind: str) -> None:
    _, _, axis = _panel(plot_schedule(_schedule_of(*({"x": v} for v in values))), "x")
    assert axis.type == kind
    low, high = 10.0 ** np.array(axis.range) if kind == "log" else axis.range
    assert low < min(values) <= max(values) < high


def test_small_whole_numbers_have_no_ticks_between() -> None:
    figure = plot_schedule(_schedule_of({"k": 1, "n": 8, "x": 1.5}, {"k": 3, "n": 99, "x": 2.0}))
    assert [_panel(figure, name)[2].dtick for name in ("k", "n", "x")] == [1, None, None]


@pytest.mark.parametrize("is_log", [True, False])
def test_with_a_study_the_scale_is_known(is_log: bool) -> None:
    values: list[dict[str, Any]] = [{"x": 0.5, "k": 3}, {"x": 0.01 if not is_log else 0.4, "k": 4}]
    dists: dict[str, BaseDistribution] = {
        "x": FloatDistribution(1e-3, 1.0, log=is_log),
        "k": IntDistribution(1, 8, log=is_log),
    }
    study = population([[(4.0, None)], [(3.0, 0)]], params=values, distributions=dists)
    figure = plot_schedule(_schedule_of(*values), study)
    for name in ("x", "k"):
        assert _panel(figure, name)[2].type == ("log" if is_log else "linear")
    elsewhere = plot_schedule(_schedule_of({"x": 0.0}), study)
    assert _panel(elsewhere, "x")[2].type == "linear", "0 has no place on a logarithmic axis"


def test_categories_are_those_in_use_in_the_order_of_the_study() -> None:
    values: list[dict[str, Any]] = [{"c": c} for c in ("z" * 99, 2, None, "z" * 99)]
    dists: dict[str, BaseDistribution] = {
        "c": CategoricalDistribution([None, "never", 2, "z" * 99])
    }
    tree: Tree = [
        [(4.0, None), (PRUNED, None)],
        [(3.0, 0), (5.0, 0)],
    ]
    study = population(tree, params=values, distributions=dists)
    line, points, axis = _panel(plot_schedule(_schedule_of(values[0], values[2]), study), "c")
    assert list(axis.ticktext)[:2] == ["None", "2"]
    assert len(axis.ticktext) == 3
    assert all(len(text) < 20 for text in axis.ticktext)
    assert line.y.tolist() == [2, 0]
    assert sorted(zip(numbers(points), points.y, strict=True)) == [(0, 2), (1, 1), (2, 0), (3, 2)]
    assert axis.range[0] < 0 < 2 < axis.range[1]


def test_many_categories_get_room() -> None:
    few = plot_schedule(_schedule_of({"c": "a"}))
    many = plot_schedule(_schedule_of(*({"c": f"choice {k}"} for k in range(30))))
    assert many.layout.height > few.layout.height + 400


def test_truth_values_are_no_numbers() -> None:
    line, _, axis = _panel(plot_schedule(_schedule_of({"b": True}, {"b": False})), "b")
    assert list(axis.ticktext) == ["True", "False"]
    assert line.y.tolist() == [0, 1]


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_the_population_lies_side_by_side_by_rank(direction: str, sign: float) -> None:
    tree: Tree = [[(sign * 3.0, None), (sign * 1.0, None), (PRUNED, None), (sign * 2.0, None)]]
    values: list[dict[str, Any]] = [{"x": 0.1 * k} for k in range(4)]
    study = population(tree, direction, params=values)
    schedule = Schedule((Step(values[1], 0, sign, None, 1, 0),), direction)
    figure = plot_schedule(schedule, study)
    _, points, _ = _panel(figure, "x")
    found = dict(
        zip(numbers(points), zip(points.x, points.marker.color, strict=True), strict=True)
    )
    assert sorted(found, key=lambda number: found[number][0]) == [1, 3, 0, 2]
    assert all(abs(x) < 0.5 for x, _ in found.values())
    assert [found[number][1] * sign for number in (1, 3, 0, 2)] == [0.0, 0.5, 1.0, 1.0]
    assert points.marker.opacity <= 0.5
    assert numbers(points)[-1] == 1, "the best are on top"
    names = [trace.name for trace in figure.data if trace.yaxis in (None, "y")]
    assert names.index("schedule") == 1, "the population is behind"


def test_bad_values_of_the_population_do_not_squash_the_line() -> None:
    tree: Tree = [[(4.0, None), *((1.0 + k / 100, None) for k in range(-200, 97)), (1e9, None)]]
    figure = plot_schedule(_schedule_of({"x": 0.5}), population(tree))
    assert _panel(figure, "value (minimize)")[2].range[1] < 20
    assert "1 bad value lies beyond the axis." in figure.layout.title.text


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, math.inf, math.nan])
def test_values_that_are_hard_to_draw(value: float) -> None:
    steps = Step({"x": 0.1}, 0, value, None, 0, 0), Step({"x": 0.2}, 0, 1.0, None, 1, 1)
    for n, drawn in ((1, [math.nan]), (2, [math.nan, 1.0])):
        figure = plot_schedule(Schedule(steps[:n], "minimize"))
        line, _, axis = _panel(figure, "value (minimize)")
        np.testing.assert_array_equal(line.y, drawn)
        assert np.isfinite(axis.range).all()


def test_all_panels_share_the_generations() -> None:
    figure = plot_schedule(_schedule_of({"x": 1.0, "y": 2.0}, {"x": 1.0, "y": 3.0}))
    layout = figure.layout
    # Plotly warns in the console of the browser of an axis that matches itself.
    assert [layout[f"xaxis{n}"].matches for n in ("", "2", "3")] == [None, "x", "x"]
    assert [layout[f"xaxis{n}"].title.text for n in ("", "2", "3")] == [None, None, "generation"]
    assert [trace.showlegend for trace in figure.data].count(True) == 1


def test_names_are_shortened_and_no_markup() -> None:
    name = "<i>" + "very_" * 20 + "long"
    figure = plot_schedule(_schedule_of({name: 1.0}))
    title = _titles(figure)[0]
    assert title.startswith("&lt;i&gt;very")
    assert title.endswith("long")
    assert len(title) < 50
    assert "<i>" not in figure.to_json()


def test_many_hyperparameters() -> None:
    figure = plot_schedule(_schedule_of({f"p{k}": 1.0 for k in range(30)}))
    assert _titles(figure) == [*(f"p{k}" for k in range(20)), "value (minimize)"]
    assert "20 of 30 hyperparameters are drawn." in figure.layout.title.text


def test_no_hyperparameters() -> None:
    assert _titles(plot_schedule(_schedule_of({}, {}))) == ["value (minimize)"]
    empty = plot_schedule(Schedule((), "minimize"))
    assert "no steps" in empty.layout.annotations[0].text


def test_a_schedule_from_a_file(tmp_path: Path) -> None:
    _, scheduler = trained(n=5, n_generations=3)
    schedule = scheduler.best_schedule()
    schedule.to_json(tmp_path / "schedule.json")
    read = plot_schedule(Schedule.from_json(tmp_path / "schedule.json"))
    assert read.to_json() == plot_schedule(schedule).to_json()


def test_a_large_population_is_thinned_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    study = synthetic(30, 10, d=2)
    monkeypatch.setattr(_schedule, "_MAX_POINTS", 100)
    names = {f"hyperparameter_{k}": 0.5 for k in range(2)}
    figure = plot_schedule(_schedule_of(names, names), study)
    assert len(_panel(figure, "hyperparameter_0")[1].x) == 100
    assert "100 of 300 segments are drawn." in figure.layout.title.text


def test_ten_thousand_segments_are_drawn_fast_and_light() -> None:
    study = synthetic(1000, 10)
    names = {f"hyperparameter_{k}": 0.5 for k in range(10)}
    start = time.process_time()
    text = plot_schedule(_schedule_of(names, names), study).to_json()
    assert time.process_time() - start < 5.0
    assert len(text) < 5e6


def test_something_else() -> None:
    with pytest.raises(TypeError, match="`schedule` must be a Schedule, as best_schedule"):
        plot_schedule(3)  # type: ignore[arg-type]
    schedule = _schedule_of({"x": 0.5})
    with pytest.raises(TypeError, match=r"`study` must be a Study, or a TrialTable.*; got a int"):
        plot_schedule(schedule, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="segments that a GPBTScheduler trained"):
        plot_schedule(schedule, optuna.create_study())
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_schedule(schedule, optuna.create_study(directions=["minimize"] * 2))
    with pytest.raises(ValueError, match="`study` must minimize, as the schedule does"):
        plot_schedule(schedule, population([[(1.0, None)]], "maximize"))


def test_a_generation_that_was_left_out() -> None:
    steps = Step({"x": 0.1}, 0, 2.0, None, 0, 0), Step({"x": 0.2}, 0, 1.0, None, 9, 2)
    line, _, _ = _panel(plot_schedule(Schedule(steps, "minimize")), "x")
    assert list(line.x) == [0, 2]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_table_is_drawn_as_its_study_is(direction: str) -> None:
    study, scheduler = trained(direction)
    schedule, table = scheduler.best_schedule(), TrialTable.from_study(study)
    assert plot_schedule(schedule, table).to_json() == plot_schedule(schedule, study).to_json()

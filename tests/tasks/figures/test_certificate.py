"""What the figure of a certificate shows, read from its traces."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import MultiTaskObjective, certify
from optuna_hpx.visualization import plot_certificate
from tests.tasks.by_hand import VALUES, baseline, mirrored
from tests.tasks.by_hand import certificate as made
from tests.tasks.problems import evaluate


def _by_name(figure: Any, axis: str = "x") -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.xaxis == axis}


def _labels(figure: Any, axis: str = "yaxis") -> list[str]:
    """From above."""
    found = figure.layout[axis]
    order = np.argsort(found.tickvals)[::-1]
    return [found.ticktext[k] for k in order]


def _notes(figure: Any) -> str:
    return figure.layout.title.text


def _texts(figure: Any) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_a_point_for_each_task_and_a_row_for_each_bound() -> None:
    figure = plot_certificate(made())
    traces = _by_name(figure)
    assert list(traces["tasks"].x) == list(VALUES)
    assert list(traces["tasks"].customdata) == list(range(6))
    assert list(traces["observed"].x) == [0.7]
    assert list(traces["naive"].x) == [0.6, 1.0], "from the bound to the best there may be"
    assert list(traces["certified"].x) == [0.4, 1.0]
    assert _labels(figure) == ["6 tasks", "observed<br>0.7", "naive<br>0.6", "certified<br>0.4"]
    heights = [traces[name].y[0] for name in ("observed", "naive", "certified")]
    assert heights == [2.0, 1.0, 0.0], "where their names are"
    assert figure.layout.xaxis.title.text == "value (maximize)"
    low, high = figure.layout.xaxis.range
    assert low < 0.4 < 0.9 < high <= 1.1


def test_the_gap_goes_from_the_bound_to_the_observed_mean() -> None:
    figure = plot_certificate(made())
    assert list(_by_name(figure)["gap"].x) == [0.4, 0.7]
    gap = figure.layout.annotations[-1]
    assert gap.text == "optimism ≤ 0.3"
    assert gap.x == pytest.approx(0.55)


def test_equal_values_can_be_told_apart() -> None:
    y = _by_name(plot_certificate(made(values=np.full(50, 1.0))))["tasks"].y
    assert len(set(y)) == 50
    assert min(y) > 2.6
    assert max(y) < 3.4


def test_a_minimised_one_is_its_mirror_image() -> None:
    up, down = plot_certificate(made()), plot_certificate(mirrored())
    for name, trace in _by_name(up).items():
        np.testing.assert_allclose(_by_name(down)[name].x, 1.0 - np.array(trace.x))
    np.testing.assert_allclose(
        down.layout.xaxis.range, [1.0 - end for end in up.layout.xaxis.range[::-1]]
    )
    assert _texts(up)[0].startswith("Mean over tasks like these: at least 0.4<br>")
    assert _texts(down)[0].startswith("Mean over tasks like these: at most 0.6<br>")


def test_how_sure_it_is() -> None:
    assert _texts(plot_certificate(made()))[0].endswith("95 %, certified (betting)")
    figure = plot_certificate(made(is_finite_sample=False, method="bootstrap", delta=0.1))
    assert _texts(figure)[0].endswith("90 %, approximate (bootstrap)")
    assert "approximate" in _by_name(figure)
    assert "certified" not in _by_name(figure)


@pytest.mark.parametrize(("direction", "bound"), [("maximize", 0.0), ("minimize", 1.0)])
def test_a_vacuous_bound_says_so(direction: str, bound: float) -> None:
    figure = plot_certificate(made(direction=direction, bound=bound))
    assert sum("vacuous" in text for text in _texts(figure)) == 2
    assert "with probability" not in _texts(figure)[0]
    assert "Vacuous: the bounds of all values say as much." in _notes(figure)
    low, high = figure.layout.xaxis.range
    assert low <= bound <= high
    assert "vacuous" not in "".join(_texts(plot_certificate(made())))


def test_a_holdout_has_no_optimism() -> None:
    figure = plot_certificate(made(method="holdout", n_tasks=2))
    assert _texts(figure)[-1].startswith("sampling error ≤ ")
    assert "The mean is that of 2 tasks held out; points are all tasks." in _notes(figure)
    assert "held out" not in _notes(plot_certificate(made()))
    assert "Student's: by a t interval, approximate." in _notes(figure)
    assert "ignores the choice" not in figure.to_json()
    assert list(_by_name(figure)["Student's"].x) == [0.6, 1.0]
    assert "Naive: by a t interval that ignores the choice" in _notes(plot_certificate(made()))


def test_how_many_tasks_would_halve_the_gap() -> None:
    certificate = made()
    n_tasks = certificate.tasks_needed(0.15)
    assert f"Half the gap would take about {n_tasks} tasks." in _notes(
        plot_certificate(certificate)
    )
    for other in (made(method="bootstrap"), made(bound=0.7), made(bound=0.0)):
        assert "Half the gap" not in _notes(plot_certificate(other))


def test_a_naive_bound_beyond_the_bounds() -> None:
    naive = _by_name(plot_certificate(made(naive=-0.3)))["naive"]
    assert list(naive.x) == [0.0, 1.0]


@pytest.mark.parametrize(("method", "name"), [("betting", "naive"), ("holdout", "Student's")])
@pytest.mark.parametrize(("direction", "end"), [("maximize", 0.0), ("minimize", 1.0)])
def test_one_task_has_no_t_interval(method: str, name: str, direction: str, end: float) -> None:
    values = {"values": np.array([0.5]), "observed": 0.5, "bound": end, "n_tasks": 1}
    naive = math.inf if end else -math.inf
    figure = plot_certificate(made(direction=direction, method=method, naive=naive, **values))
    row = _by_name(figure)[name]
    assert list(row.x) == [end, 1.0 - end], "anything is possible"
    assert row.hovertemplate.endswith(": none<extra></extra>")
    assert f"{name}<br>none" in _labels(figure)
    assert f"{name.capitalize()}: none, a t interval takes two tasks." in _notes(figure)
    assert "null" not in figure.to_json()
    assert "inf" not in "".join([*_labels(figure), _notes(figure)])


def test_one_task_held_out_of_a_study() -> None:
    study = optuna.create_study(direction="minimize")
    study.optimize(MultiTaskObjective(evaluate, range(2)), 5)
    figure = plot_certificate(certify(study, bounds=(0, 1), method="holdout"))
    assert "Student's<br>none" in _labels(figure)


def test_equal_values_without_any_width() -> None:
    figure = plot_certificate(made(values=np.ones(6), observed=1.0, bound=1.0, naive=1.0))
    low, high = figure.layout.xaxis.range
    assert low < 1.0 < high
    assert list(_by_name(figure)["certified"].x) == [1.0]


@pytest.mark.parametrize(("lower", "is_sure"), [(0.05, True), (-0.1, False)])
def test_a_baseline_has_a_panel(lower: float, is_sure: bool) -> None:
    figure = plot_certificate(made(baseline=baseline(lower)))
    traces = _by_name(figure, "x2")
    assert list(traces["observed"].x) == [0.2]
    assert list(traces["approximate"].x) == [0.15, 1.0]
    assert list(traces["certified"].x) == [lower, 1.0]
    assert ("Better than the baseline,<br>by at least 0.05" in _texts(figure)) == is_sure
    assert ("Perhaps no better than the baseline" in _texts(figure)) != is_sure
    assert ("About 40 tasks would tell it from the baseline." in _notes(figure)) != is_sure
    assert figure.layout.xaxis2.range[0] < min(0.0, lower), "0 is in sight"
    assert any(shape.x0 == shape.x1 == 0.0 for shape in figure.layout.shapes)
    assert "xaxis2" not in plot_certificate(made()).layout


def test_notes_fit_a_phone() -> None:
    certificate = made(method="holdout", n_tasks=2, baseline=baseline(-0.1))
    for line in _notes(plot_certificate(certificate)).split("<br>"):
        assert len(line) <= 62 + len('<span style="font-size: 11px"></span>')


@pytest.mark.parametrize("method", ["betting", "holdout", "bootstrap", "hoeffding", "rademacher"])
def test_a_certificate_of_a_study(method: Any) -> None:
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"x": 0.0})
    study.optimize(MultiTaskObjective(evaluate, range(10)), 15)
    certificate = certify(study, bounds=(0, 1), method=method, baseline={"x": 0.0})
    figure = plot_certificate(certificate)
    kind = "certified" if certificate.is_finite_sample else "approximate"
    assert _by_name(figure)[kind].x[0] == certificate.bound
    assert sorted(_by_name(figure)["tasks"].x) == sorted(certificate.values)


def test_something_else() -> None:
    with pytest.raises(TypeError, match="`certificate` must be a Certificate, as certify gives"):
        plot_certificate(3)  # type: ignore[arg-type]


def test_the_figure_does_not_change_the_certificate() -> None:
    certificate = made()
    plot_certificate(certificate)
    assert replace(certificate).values is certificate.values
    assert list(certificate.values) == list(VALUES)

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from optuna_hpx.importance import Regime
from optuna_hpx.visualization import plot_importances
from tests import made_by_hand as hand


def _trace(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if (trace.name or "").startswith(name)]
    return trace


def _labels(figure: go.Figure) -> Any:
    (trace,) = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]
    return trace


def test_bars_hold_the_importances_with_the_most_important_on_top() -> None:
    figure = plot_importances(
        hand.report({"lr": [hand.continuous(importance=0.6)], "opt": [hand.discrete()]})
    )
    bars = _trace(figure, "S, p < 0.05")
    np.testing.assert_allclose(bars.x, [0.6, 0.2])
    assert list(bars.y) == [0, 1]
    bottom, top = figure.layout.yaxis.range
    assert bottom > top, "position 0 is the upper end"
    assert list(figure.layout.yaxis.ticktext) == ["lr", "opt"]
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.xaxis.range[1] > max(bars.x)


def test_what_chance_explains_is_pale() -> None:
    regimes = {name: [hand.continuous()] for name in "abc"}
    figure = plot_importances(hand.report(regimes, p=[0.001, 0.2, 0.051]))
    sure, pale = _trace(figure, "S, p < 0.05"), _trace(figure, "S, p ≥ 0.05")
    assert list(sure.y) == [0]
    assert list(pale.y) == [1, 2]
    assert sure.marker.color != pale.marker.color


def test_the_level_is_that_of_the_report() -> None:
    report = hand.report({"a": [hand.continuous()]}, p=[0.04], confidence=0.99)
    figure = plot_importances(report)
    assert _trace(figure, "S, p ≥ 0.01")
    assert _trace(figure, "99 % interval")


def test_whiskers_and_chance_levels() -> None:
    report = hand.report({"lr": [hand.continuous(importance=0.6)], "opt": [hand.discrete()]})
    figure = plot_importances(report)
    whiskers = _trace(figure, "95 % interval")
    x, y = (np.reshape(values, (2, 3)) for values in (whiskers.x, whiskers.y))
    np.testing.assert_allclose(x[:, 0], report.ci_low)
    np.testing.assert_allclose(x[:, 1], report.ci_high)
    assert np.isnan(x[:, 2]).all()
    np.testing.assert_allclose(y[:, :2], [[0, 0], [1, 1]])
    np.testing.assert_allclose(_trace(figure, "chance level").x, report.null_level)
    assert "chance alone exceeds in 5 %" in figure.layout.title.text


@pytest.mark.parametrize("null_level", [0.05, 0.9])
def test_a_label_stands_right_of_all_marks_of_its_row(null_level: float) -> None:
    report = hand.report(
        {"a": [hand.continuous(importance=0.6)], "b": [hand.continuous(importance=0.0)]},
        null_level=np.full(2, null_level),
        ci_low=np.zeros(2),
        ci_high=np.ones(2) * 0.8,
    )
    figure = plot_importances(report)
    labels = _labels(figure)
    np.testing.assert_allclose(labels.x, max(null_level, 0.8))
    assert labels.textposition == "middle right"
    assert [text.strip() for text in labels.text] == ["0.60", "0.00"]
    assert figure.layout.xaxis.range[1] > 1.1 * max(labels.x), "room for the text"


def test_of_what_is_not_known_a_dash_is_drawn_and_no_number_told() -> None:
    """No trial tells of b: all of it is NaN."""
    known = np.array([1.0, np.nan])
    both: dict[str, list[Regime]] = {"a": [hand.continuous(importance=0.4)], "b": []}
    figure = plot_importances(
        hand.report(
            both,
            p=(0.01 * known).tolist(),
            null_level=0.05 * known,
            ci_low=0.3 * known,
            ci_high=0.6 * known,
        )
    )
    labels = _labels(figure)
    np.testing.assert_allclose(labels.x, [0.6, 0.0])
    assert [text.strip() for text in labels.text] == ["0.40", "–"]
    assert list(labels.customdata[1])[1:] == [
        "S is not known",
        "too few trials:",
        "nothing is tested",
        "0 regimes, 0 trials",
    ]
    assert figure.layout.xaxis.range[1] > 0.6


def test_without_intervals_no_chance_level_is_explained() -> None:
    assert "chance level" not in (_without().layout.title.text or "")


def _without(**others: Any) -> go.Figure:
    """Draw one parameter of which no interval is known."""
    regimes = {"a": [hand.continuous(importance=0.4)]}
    low, high = np.zeros(1), np.ones(1)
    if others.get("space") != "uniform":
        low = high = np.full(1, np.nan)
    return plot_importances(hand.report(regimes, ci_low=low, ci_high=high, **others))


_CHOSEN: dict[str, Any] = {"sampling": "adaptive", "p": [np.nan], "null_level": np.full(1, np.nan)}
_NO_TESTS = "a sampler or a person chose the trials: no p-value or interval holds"


@pytest.mark.parametrize("sampling", ["independent", "even", "mixed", "unknown"])
def test_intervals_and_p_values_hold_unless_the_trials_were_chosen(sampling: str) -> None:
    figure = plot_importances(hand.report({"a": [hand.continuous()]}, sampling=sampling))
    assert _trace(figure, "95 % interval").line.dash is None
    assert figure.data[0].name == "S, p < 0.05"
    assert "chose the trials" not in figure.layout.title.text


def test_chosen_trials_have_pale_bars_and_nothing_else() -> None:
    figure = _without(**_CHOSEN)
    assert [trace.name for trace in figure.data] == ["S", None]
    pale = _trace(plot_importances(hand.report({"a": [hand.continuous()]}, p=[0.5])), "S, p ≥")
    assert figure.data[0].marker.color == pale.marker.color
    assert figure.layout.xaxis.range[1] < 0.6
    assert list(_labels(figure).customdata[0])[1:4] == [
        "S = 0.400",
        "a sampler or a person chose these trials:",
        "nothing is tested",
    ]
    assert _NO_TESTS in figure.layout.title.text
    assert "chance level" not in figure.layout.title.text
    assert "surrogate" not in figure.layout.title.text


def test_a_surrogates_importances_have_intervals_and_the_tests_of_the_trials() -> None:
    figure = _without(space="uniform")
    assert _trace(figure, "plausible range").line.dash is None
    assert _trace(figure, "chance level").x is not None
    assert "plausible range 0.00 to 1.00" in _labels(figure).customdata[0][1]
    title = figure.layout.title.text
    assert "S and ranges by a surrogate; p and chance level by the trials" in title
    assert "chose the trials" not in title


def test_a_surrogate_of_chosen_trials_has_no_p_values() -> None:
    figure = _without(space="uniform", **_CHOSEN)
    assert [trace.name for trace in figure.data] == ["S", None, "plausible range", None]
    np.testing.assert_allclose(_labels(figure).x, 1.0), "right of the interval"
    assert "S and ranges by a surrogate<" in figure.layout.title.text
    assert "chance level" not in figure.layout.title.text
    assert "a sampler or a person chose the trials: no p-value holds" in figure.layout.title.text


def test_hover_tells_interval_p_values_share_regimes_and_trials() -> None:
    regimes = [hand.continuous(importance=0.3), hand.continuous("0 to 2", importance=0.3)]
    report = hand.report(
        {"lr": regimes, "opt": [hand.discrete()]}, p=[0.001, 0.02], p_familywise=[0.002, 0.04]
    )
    labels = _labels(plot_importances(report))
    assert list(labels.customdata[0]) == [
        "lr",
        "S = 0.600, 95 % interval 0.50 to 0.70",
        "p = 0.001, among all 2 parameters 0.002",
        "among these trials chance alone exceeds 0.050 in 5 %",
        "75.0 % of the sum of all S, 2 regimes, 200 trials",
    ]
    assert all(f"customdata[{k}]" in labels.hovertemplate for k in range(5))


def test_an_empty_report_says_so() -> None:
    figure = plot_importances(hand.report({}))
    assert not figure.data
    assert "No parameter" in figure.layout.annotations[0].text


def test_nothing_but_zeros_is_said_in_the_figure() -> None:
    figure = plot_importances(hand.report({"lr": [hand.continuous(importance=0.0)]}))
    assert "no parameter by itself" in figure.layout.title.text
    assert figure.layout.xaxis.range[1] > 0.2


def test_many_parameters_are_cut_and_the_axis_says_so() -> None:
    regimes = {f"x{i}": [hand.continuous(importance=0.01)] for i in range(55)}
    figure = plot_importances(hand.report(regimes))
    assert len(_trace(figure, "S, p").x) == 40
    assert len(_trace(figure, "95 % interval").x) == 3 * 40
    assert "40 of 55" in figure.layout.title.text
    share = _labels(figure).customdata[0][4]
    assert share.startswith("1.8 %"), "of all 55, not of those drawn"


def test_names_are_text_not_markup() -> None:
    long = "encoder." + "x" * 60 + ".width"
    figure = plot_importances(
        hand.report({"<b>lr</b> %{x}": [hand.continuous()], long: [hand.discrete()]})
    )
    first, second = figure.layout.yaxis.ticktext
    assert first == "&lt;b&gt;lr&lt;/b&gt; %{x}"
    assert second.startswith("encoder")
    assert second.endswith(".width")
    assert len(second) == 24
    labels = _labels(figure)
    assert labels.customdata[1][0] == long, "hovering shows all of it"
    assert "lr" not in labels.hovertemplate


def test_the_json_is_light() -> None:
    figure = plot_importances(hand.report({"lr": [hand.continuous()]}))
    assert len(figure.to_json()) < 4000
    assert "heatmap" not in json.dumps(figure.layout.template.to_plotly_json())
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"


def test_without_plotly_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'plotly'", name="plotly")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError, match=r"optuna-hpx\[plot\]"):
        plot_importances(hand.report({"lr": [hand.continuous()]}))

from __future__ import annotations

import importlib
import json

import numpy as np
import pytest

from optuna_hpx.visualization import plot_importances
from tests.visualization import made_by_hand as hand


def test_bars_hold_the_importances_with_the_most_important_on_top() -> None:
    figure = plot_importances(
        hand.report({"lr": [hand.continuous(importance=0.6)], "opt": [hand.discrete()]})
    )
    (bars,) = figure.data
    np.testing.assert_allclose(bars.x, [0.6, 0.2])
    assert list(bars.y) == [0, 1]
    bottom, top = figure.layout.yaxis.range
    assert bottom > top, "position 0 is the upper end"
    assert list(figure.layout.yaxis.ticktext) == ["lr", "opt"]
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.xaxis.range[1] > max(figure.data[0].x)


def test_hover_tells_share_regimes_and_trials() -> None:
    regimes = [hand.continuous(importance=0.3), hand.continuous("0 to 2", importance=0.3)]
    figure = plot_importances(hand.report({"lr": regimes, "opt": [hand.discrete()]}))
    name, share, basis = figure.data[0].customdata[0]
    assert (name, share, basis) == ("lr", "75.0 %", "2 regimes, 200 trials")
    assert "S = %{x:.3f}" in figure.data[0].hovertemplate


def test_an_empty_report_says_so() -> None:
    figure = plot_importances(hand.report({}))
    assert not figure.data
    assert "No parameter" in figure.layout.annotations[0].text


def test_nothing_but_zeros_is_said_in_the_figure() -> None:
    figure = plot_importances(hand.report({"lr": [hand.continuous(importance=0.0)]}))
    assert "No parameter by itself" in figure.layout.annotations[0].text


def test_many_parameters_are_cut_and_the_axis_says_so() -> None:
    regimes = {f"x{i}": [hand.continuous(importance=0.01)] for i in range(55)}
    figure = plot_importances(hand.report(regimes))
    assert len(figure.data[0].x) == 40
    assert "40 of 55" in figure.layout.xaxis.title.text
    assert figure.data[0].customdata[0][1] == "1.8 %", "of all 55, not of those drawn"


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
    assert figure.data[0].customdata[1][0] == long, "hovering shows all of it"
    assert "lr" not in figure.data[0].hovertemplate


def test_the_json_is_light() -> None:
    figure = plot_importances(hand.report({"lr": [hand.continuous()]}))
    assert len(figure.to_json()) < 3000
    assert "heatmap" not in json.dumps(figure.layout.template.to_plotly_json())
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"


def test_without_plotly_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'plotly'", name="plotly")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError, match=r"optuna-hpx\[plot\]"):
        plot_importances(hand.report({"lr": [hand.continuous()]}))

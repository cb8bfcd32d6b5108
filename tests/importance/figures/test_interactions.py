from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from optuna_hpx.importance import ImportanceReport
from optuna_hpx.visualization import plot_interactions
from tests import made_by_hand as hand


def _report(n: int = 4, **arguments: Any) -> ImportanceReport:
    """Parameters x0, x1, ... of falling importance; x0 and x1 act together."""
    regimes = {f"x{k}": [hand.continuous(importance=0.4 / (k + 1))] for k in range(n)}
    pairs = {("x0", "x1"): (0.16, 1e-4), ("x1", "x2"): (0.05, 0.03)}
    return hand.report(regimes, **{"pairs": pairs, **arguments})


def _heatmaps(figure: go.Figure) -> tuple[Any, Any]:
    pairs, diagonal = (trace for trace in figure.data if trace.type == "heatmap")
    return pairs, diagonal


def _scatter(figure: go.Figure, mode: str) -> list[Any]:
    return [t for t in figure.data if t.type == "scatter" and t.mode == mode]


def test_without_interactions_the_error_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"report\(study, interactions=True\)"):
        plot_interactions(_report(pairs=None))


def test_something_else_than_a_report() -> None:
    with pytest.raises(TypeError, match="must be an ImportanceReport"):
        plot_interactions([1, 2])  # type: ignore[arg-type]


def test_the_map_is_symmetric_with_the_importances_on_the_diagonal() -> None:
    report = _report()
    pairs, diagonal = _heatmaps(plot_interactions(report))
    z = np.array(pairs.z, dtype=float)
    assert z[0, 1] == z[1, 0] == 0.16
    assert np.isnan(np.diag(z)).all()
    np.testing.assert_allclose(np.diag(np.array(diagonal.z, float)), report.importances, atol=1e-4)
    assert np.isnan(np.array(diagonal.z, float)[0, 1])
    assert pairs.zmin == 0.0
    assert pairs.colorscale != diagonal.colorscale
    assert not diagonal.showscale


def test_significant_pairs_are_written_and_others_are_not() -> None:
    numbers, marks = _scatter(plot_interactions(_report()), "text")
    assert list(numbers.text) == [".40", ".20", ".13", ".10"]
    assert list(zip(marks.x, marks.y, strict=True)) == [(1, 0), (0, 1)]
    assert set(marks.text) == {"<b>.16</b>"}


def test_no_significant_pair_no_mark() -> None:
    assert len(_scatter(plot_interactions(_report(pairs={})), "text")) == 1


def test_many_parameters_have_dots_in_place_of_numbers() -> None:
    figure = plot_interactions(_report(15))
    (dots,) = _scatter(figure, "markers")
    assert list(zip(dots.x, dots.y, strict=True)) == [(1, 0), (0, 1)]
    assert _scatter(figure, "text") == []
    assert "dot: p &lt; 0.05" in figure.layout.title.text


def test_the_twenty_strongest_are_drawn_in_their_own_order() -> None:
    pairs = {("x3", "x40"): (0.6, 1e-9)}
    figure = plot_interactions(_report(45, pairs=pairs))
    names = list(figure.layout.xaxis.ticktext)
    assert len(names) == 20
    assert names[-1] == "x40", "an interaction can bring a parameter in"
    assert names[:19] == [f"x{k}" for k in range(19)]
    assert "20 of 45 parameters" in figure.layout.title.text
    (dots,) = _scatter(figure, "markers")
    assert list(zip(dots.x, dots.y, strict=True)) == [(19, 3), (3, 19)]


def test_hover_tells_both_p_values() -> None:
    pairs, diagonal = _heatmaps(plot_interactions(_report()))
    assert pairs.customdata[0][1] == "x0 with x1<br>S = 0.160<br>p = 0.0001, 0.0006 among 6 pairs"
    assert pairs.customdata[1][2].endswith("p = 0.03, not significant among 6 pairs")
    assert diagonal.customdata[0][0] == ("x0 by itself<br>S = 0.400, 95 % interval 0.30 to 0.50")


def test_names_are_text_not_markup() -> None:
    regimes = {"<b>lr</b> %{x}": [hand.continuous()], "opt": [hand.discrete()]}
    figure = plot_interactions(hand.report(regimes, pairs={}))
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;lr&lt;/b&gt; %{x}"
    pairs, _ = _heatmaps(figure)
    assert "lr" not in pairs.hovertemplate
    assert pairs.customdata[0][1].startswith("&lt;b&gt;lr")


def test_pairs_of_chosen_trials_are_not_tested() -> None:
    report = _report(sampling="adaptive", interaction_p_values=np.full((4, 4), np.nan))
    figure = plot_interactions(report)
    pairs, diagonal = _heatmaps(figure)
    assert np.array(pairs.z, dtype=float)[0, 1] == 0.16
    assert pairs.customdata[0][1] == "x0 with x1<br>S = 0.160"
    assert diagonal.customdata[0][0] == "x0 by itself<br>S = 0.400"
    (numbers,) = _scatter(figure, "text")
    assert list(numbers.text) == [".40", ".20", ".13", ".10"], "no pair is marked"
    assert "of two together; grey" in figure.layout.title.text
    assert "p &lt;" not in figure.layout.title.text
    assert "no p-value or interval holds" in figure.layout.title.text
    assert "no p-value" not in plot_interactions(_report()).layout.title.text


def test_one_parameter_makes_no_pair() -> None:
    figure = plot_interactions(hand.report({"a": [hand.continuous()]}, pairs={}))
    assert not figure.data
    assert "no pair" in figure.layout.annotations[0].text

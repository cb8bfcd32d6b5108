from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from optuna_hpx.visualization import plot_importance_profile
from tests import made_by_hand as hand


def _lines(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def _bands(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.fill == "toself"]


def test_lines_over_target_quantiles_with_the_best_on_the_right() -> None:
    figure = plot_importance_profile(hand.profile({"lr": [0.1, 0.4, 0.5], "opt": [0.3, 0.0, 0.0]}))
    lr, opt = _lines(figure)
    np.testing.assert_allclose(lr.x, [0.02, 0.1, 0.5])
    np.testing.assert_allclose(lr.y, [0.1, 0.4, 0.5])
    assert (lr.name, opt.name) == ("lr", "opt")
    assert lr.line.color != opt.line.color
    assert lr.marker.symbol != opt.marker.symbol, "told apart without colours, too"
    axis = figure.layout.xaxis
    assert axis.type == "log"
    assert axis.range[0] > np.log10(0.5), "the widest target, and a margin, on the left"
    assert axis.range[1] < np.log10(0.02)
    assert list(axis.ticktext) == ["2 %", "5 %", "10 %", "20 %", "50 %"]
    assert "the best … of the trials" in axis.title.text


def test_the_widest_target_has_a_tick_of_its_own() -> None:
    figure = plot_importance_profile(hand.profile({"a": [0.1, 0.2]}, (0.1, 0.9)))
    assert "90 %" in figure.layout.xaxis.ticktext


def test_bands_hold_the_intervals_of_what_stands_out() -> None:
    figure = plot_importance_profile(hand.profile({"lr": [0.1, 0.4, 0.5], "opt": [0.1, 0.0, 0.0]}))
    (band,) = _bands(figure)
    np.testing.assert_allclose(band.x, [0.02, 0.1, 0.5, 0.5, 0.1, 0.02])
    np.testing.assert_allclose(band.y, [0.2, 0.5, 0.6, 0.4, 0.3, 0.0])
    assert band.legendgroup == _lines(figure)[0].legendgroup == "lr", "hidden together"
    assert not band.showlegend
    assert figure.layout.yaxis.range[1] > 0.6


def test_at_most_four_bands() -> None:
    profile = hand.profile({f"x{k}": [0.5, 0.5, 0.5] for k in range(7)})
    assert len(_bands(plot_importance_profile(profile))) == 4


def test_eight_in_colour_and_the_others_as_one_grey_line() -> None:
    profile = hand.profile({f"x{k}": [0.5 - 0.04 * k] * 3 for k in range(11)})
    figure = plot_importance_profile(profile)
    lines = _lines(figure)
    assert [line.name for line in lines] == [f"x{k}" for k in range(8)]
    assert len({(line.line.color, line.marker.symbol) for line in lines}) == 8
    (grey,) = [trace for trace in figure.data if "other" in (trace.name or "")]
    assert grey.name == "3 other parameters"
    y = np.reshape(grey.y, (3, 4))
    np.testing.assert_allclose(y[:, :3], profile.importances[:, 8:].T)
    assert np.isnan(y[:, 3]).all()
    assert [grey.customdata[k] for k in (0, 4, 8)] == ["x8", "x9", "x10"]


def test_hover_tells_the_interval_and_the_target() -> None:
    (line,) = _lines(plot_importance_profile(hand.profile({"lr": [0.1, 0.4, 0.5]})))
    assert line.customdata[1] == (
        "lr<br>S = 0.400, 95 % interval 0.30 to 0.50<br>for the best 10 %, 50 trials"
    )


def test_names_are_text_not_markup() -> None:
    figure = plot_importance_profile(hand.profile({"<b>a</b>": [0.1, 0.4, 0.5]}))
    (line,) = _lines(figure)
    assert line.name == "&lt;b&gt;a&lt;/b&gt;"
    assert line.customdata[0].startswith("&lt;b&gt;a")


def test_names_shortened_to_the_same_are_two_lines_in_the_legend() -> None:
    names = [f"encoder.layer.{k}.attention.dropout" for k in (1, 2)]
    figure = plot_importance_profile(hand.profile({name: [0.5, 0.5, 0.5] for name in names}))
    first, second = _lines(figure)
    assert first.name == second.name
    assert first.showlegend
    assert second.showlegend


def test_small_targets_and_chosen_trials_are_said() -> None:
    chosen = plot_importance_profile(hand.profile({"a": [0.1, 0.4, 0.5]}, sampling="adaptive"))
    text = chosen.layout.title.text
    assert "a sampler or a person chose the trials: no p-value or interval holds" in text
    assert "from 2 % on under 20 target trials" in text
    assert "bands" not in text
    assert _bands(chosen) == []
    assert _lines(chosen)[0].customdata[1] == "a<br>S = 0.400<br>for the best 10 %, 50 trials"
    for sampling in ("independent", "even", "mixed", "unknown"):
        drawn = plot_importance_profile(hand.profile({"a": [0.1, 0.4, 0.5]}, sampling=sampling))
        assert "chose the trials" not in drawn.layout.title.text
        assert len(_bands(drawn)) == 1


@pytest.mark.parametrize("importances", [{}, {"a": []}])
def test_nothing_to_draw_is_said(importances: dict[str, list[float]]) -> None:
    figure = plot_importance_profile(hand.profile(importances, ()))
    assert not figure.data
    assert "Too few trials" in figure.layout.annotations[0].text


def test_one_quantile_is_drawn() -> None:
    figure = plot_importance_profile(hand.profile({"a": [0.4]}, (0.1,)))
    assert list(figure.layout.xaxis.ticktext) == ["10 %"]


def test_something_else_than_a_profile() -> None:
    with pytest.raises(TypeError, match="must be an ImportanceProfile"):
        plot_importance_profile(hand.report({}))  # type: ignore[arg-type]

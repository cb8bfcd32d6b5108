from __future__ import annotations

from dataclasses import replace

import numpy as np

from optuna_hpx.importance.figures import plot_importances_by_objective
from tests import made_by_hand as hand


def _reports() -> list[hand.ImportanceReport]:
    first = {"lr": [hand.continuous(importance=0.6)], "opt": [hand.discrete(importance=0.1)]}
    second = {"opt": [hand.discrete(importance=0.3)], "lr": [hand.continuous(importance=0.0)]}
    return [
        hand.report(first, p=[0.001, 0.4], p_familywise=[0.002, 0.6]),
        hand.report(second, p=[0.001, 0.4], p_familywise=[0.002, 0.6]),
    ]


def test_each_objective_has_its_marks_in_the_rows_of_the_parameters() -> None:
    figure = plot_importances_by_objective(_reports(), ["loss", "<b>time</b>"])
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [mark.name for mark in marks] == ["loss", "&lt;b&gt;time&lt;/b&gt;"]
    assert list(figure.layout.yaxis.ticktext) == ["lr", "opt"], "the largest S of all on top"
    loss, time = marks
    np.testing.assert_allclose(loss.x, [0.6, 0.1])
    np.testing.assert_allclose(time.x, [0.0, 0.3])
    assert np.round(loss.y).tolist() == np.round(time.y).tolist() == [0, 1]
    assert (np.array(loss.y) < np.array(time.y)).all(), "side by side"
    assert loss.marker.color != time.marker.color


def test_what_is_not_shown_to_matter_is_open() -> None:
    figure = plot_importances_by_objective(_reports(), ["loss", "time"])
    loss, time = (trace for trace in figure.data if trace.mode == "markers")
    assert list(loss.marker.symbol) == ["circle", "circle-open"]
    assert list(time.marker.symbol) == ["square-open", "square"]
    assert "not shown to matter" in loss.customdata[1]
    assert "S = 0.600, 95 % interval" in loss.customdata[0]


def test_many_parameters_are_cut_with_a_word() -> None:
    regimes = {f"x{k}": [hand.continuous()] for k in range(50)}
    figure = plot_importances_by_objective([hand.report(regimes)] * 2, ["a", "b"])
    assert len(figure.layout.yaxis.ticktext) == 40
    assert "the first 40 of 50 parameters" in figure.layout.title.text


def test_lines_of_two_kinds_are_both_explained() -> None:
    first, second = _reports()
    figure = plot_importances_by_objective([first, replace(second, space="uniform")], ["a", "b"])
    said = figure.layout.title.text.replace("\xa0", " ").replace("<br>", " ")
    assert "95 % intervals of the trials or ranges of plausible surrogates" in said
    figure = plot_importances_by_objective([first, second], ["a", "b"])
    assert "surrogates" not in figure.layout.title.text

"""The section "What matters"."""

from __future__ import annotations

import numpy as np

from optuna_hpx.importance.section.importances import describe_importances
from optuna_hpx.importance.section.what_matters import what_matters_section
from tests import made_by_hand as hand


def test_the_section() -> None:
    regimes = {"lr": [hand.continuous(importance=0.41)], "opt": [hand.discrete()]}
    report = hand.report(regimes, warnings=["Mind the gap."], p=[0.0001, 0.2])
    section = what_matters_section(report)
    assert section.title == "What matters"
    assert section.answer == describe_importances(report)
    assert section.warnings == ("Mind the gap.",)
    assert section.basis == (
        "Compared are the best 10 % (value <= 0.31), 10 target trials, with all 100 trials that "
        "are complete with finite values. The importances describe the space as these trials "
        "sampled it."
    )
    assert [chart.label for chart in section.charts] == [
        "Bar chart: the importance of 2 parameters"
    ]
    (table,) = section.tables
    assert table.rows == (
        ("lr", "0.410", "0.310 to 0.510", "< 0.001", "< 0.001", "67.2 %", "1"),
        ("opt", "0.200", "0.100 to 0.300", "0.200", "0.200", "32.8 %", "1"),
    )
    assert table.anchors == ("parameter-1", "parameter-2")


def test_the_region_may_leave_trials_out() -> None:
    report = hand.report({"x": [hand.continuous()]})
    basis = what_matters_section(report, is_whole=False).basis
    assert "with finite values and in the region." in basis


def test_only_draws_were_compared_where_there_are_enough() -> None:
    basis = what_matters_section(hand.report({"x": [hand.continuous()]}, sampling="mixed")).basis
    assert "with all 100 trials that were drawn at random and are complete with" in basis


def test_of_completion_the_other_trials_are_those_that_did_not_complete() -> None:
    report = hand.report({"x": [hand.continuous()]}, target="the complete trials", n_target=60)
    assert what_matters_section(report).basis.startswith(
        "Compared are the complete trials, 60 target trials, with all 100 trials that are "
        "complete, were pruned or failed. "
    )


def test_what_was_not_tested_is_a_dash() -> None:
    nothing = np.full(1, np.nan)
    report = hand.report({"x": [hand.continuous()]}, sampling="adaptive", p=nothing)
    (table,) = what_matters_section(report).tables
    assert table.rows == (("x", "0.400", "–", "–", "–", "100.0 %", "1"),)
    assert table.caption == "Importance S and share of the sum of all S"
    (table,) = what_matters_section(hand.report({"x": [hand.continuous()]})).tables
    assert table.caption == (
        "Importance S with interval and p-values, and share of the sum of all S"
    )


def test_a_large_p_value_of_a_model_is_not_shown_nor_that_of_what_is_not_known() -> None:
    regimes = {"x": [hand.continuous()], "y": [hand.continuous()], "rare": []}
    report = hand.report(regimes, sampling="adaptive", p=[0.01, 0.97, 1.0])
    (table,) = what_matters_section(report).tables
    assert [row[3] for row in table.rows] == ["0.010", "not shown", "–"]


def test_there_are_no_shares_of_nothing() -> None:
    (table,) = what_matters_section(hand.report({"x": [hand.continuous(importance=0.0)]})).tables
    assert table.rows[0][5] == "–"


def test_without_target_trials_there_is_nothing_to_draw() -> None:
    for report in (hand.report({}), hand.report({"x": [hand.continuous()]}, n_target=0)):
        section = what_matters_section(report)
        assert section.answer
        assert not section.charts
        assert not section.tables


def test_a_surrogate_has_a_range_and_no_interval() -> None:
    report = hand.report({"x": [hand.continuous()]}, space="uniform", skill=0.9)
    (table,) = what_matters_section(report).tables
    assert table.head[2] == "range"
    assert "range of plausible surrogates" in table.caption

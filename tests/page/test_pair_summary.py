"""What two runs found and took."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.pair import Pair
from optuna_hpx.page import _pair_summary as summary
from optuna_hpx.page._compare import sections_of_pair
from optuna_hpx.trials.best_so_far import BestSoFar
from tests import made_by_hand as hand
from tests.page.pairs import by_hand, chosen, drawn, pair_of


def _text(a: list[float], b: list[float]) -> str:
    return summary.observed_section(pair_of(by_hand(a), by_hand(b))).answer


def test_who_was_ahead_and_how_soon() -> None:
    text = _text([3.0, 1.0, 2.0], [4.0, 2.0, 1.5])
    assert text.startswith(
        "After 3 trials each, A had found the better value: 1, against 1.5 of B"
    )
    assert "A was as good as the best of B after 2 trials, for which B took 3." in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([0.5, 7.0], "B went on to 5 trials, and came to 0.5."),
        ([9.0], "and found nothing better."),
    ],
)
def test_more_trials_are_no_merit(more: list[float], said: str) -> None:
    text = _text([3.0, 1.0, 2.0], [4.0, 2.0, 1.5, *more])
    assert text.startswith("After 3 trials each, A had found the better value")
    assert said in text


def test_equal_bests() -> None:
    text = _text([3.0, 1.0], [1.0, 2.0])
    assert text.startswith("After 2 trials each, the best of both was 1.")
    assert "A was as good as the best of B after 2 trials, for which B took 1." in text


def test_it_is_said_to_be_one_run() -> None:
    assert "Another run of the same may end otherwise" in _text([1.0], [2.0])
    basis = summary.observed_section(chosen()).basis
    assert "A sampler that learns, or a person, chose trials of first and second" in basis


def test_no_feasible_trial() -> None:
    pair = pair_of(hand.study([[1.0]], infeasible=[0]), by_hand([1.0]))
    assert summary.observed_section(pair).answer.startswith("A found no feasible trial.")
    (section,) = summary.runs_sections(pair)
    assert section.charts == ()
    rows = {row[0]: row[1:] for row in section.tables[0].rows}
    assert rows["best value"] == ("none", "1")
    assert rows["found after"][0] == "never"
    assert section.data["sides"][0]["best"] is None


def test_what_each_run_took() -> None:
    pair = pair_of(by_hand([3.0, 1.0, 2.0], seconds=60.0), by_hand([4.0, 2.0], seconds=1.5))
    (section,) = summary.runs_sections(pair)
    rows = {row[0]: row[1:] for row in section.tables[0].rows}
    assert rows == {
        "finished trials": ("3", "2"),
        "best value": ("1", "2"),
        "found after": ("2 trials, 2 min 0 s", "2 trials, 3 s"),
        "as good as the other's best": ("2 trials, 2 min 0 s", "never"),
        "time of all trials": ("3 min 0 s", "3 s"),
        "time per trial (median)": ("1 min 0 s", "1.5 s"),
    }
    first, _ = section.data["sides"]
    assert first["best_so_far"] == [3.0, 1.0, 1.0]
    assert (first["best_number"], first["n_to_best"], first["seconds_to_best"]) == (1, 2, 120.0)


def test_facts() -> None:
    facts = dict(summary.facts(drawn()))
    assert facts["A"].startswith("120 complete; best ")
    assert facts["Objective"] == "minimize"
    assert facts["Search space"] == "the same 2 parameters"
    assert dict(summary.facts(chosen()))["Search space"] == "differs in x, y and z"


def test_in_what_search_spaces_differ() -> None:
    assert summary.spaces_sections(drawn()) == []
    (section,) = summary.spaces_sections(chosen())
    assert section.tables[0].rows == (
        ("x", "float, 0 to 1", "float, 0 to 2"),
        ("y", "float, 0 to 1", "not there"),
        ("z", "not there", "a, b and None"),
    )


def test_of_tables_the_search_spaces_are_guesses() -> None:
    frames = [pd.DataFrame({"x": np.linspace(0.0, end, 30), "y": 1.0}) for end in (1.0, 2.0)]
    sides = [
        Material.of(TrialTable.from_frame(f, params=["x"], value="y", direction="minimize"))
        for f in frames
    ]
    pair = Pair(("A", "B"), (sides[0], sides[1]))
    assert dict(summary.facts(pair))["Search space"] == "may differ in x"
    (section,) = summary.spaces_sections(pair)
    assert section.title == "In what the search spaces may differ"
    assert sections_of_pair(pair)[0].warnings[0].startswith("The search spaces may differ, in x: ")


def test_an_infinitely_good_score_is_said_to_be_left_out() -> None:
    infinite = by_hand([2.0, -math.inf, *[3.0] * 8])
    section = summary.observed_section(pair_of(infinite, by_hand([1.0, 4.0] * 5)))
    assert "An infinitely good score of A counts for nothing here" in section.basis
    assert "compare trials drawn at random" not in section.answer, "they are drawn at random"


def test_values_that_look_alike_are_told_apart() -> None:
    section = summary.observed_section(pair_of(by_hand([1.0]), by_hand([1.00000001])))
    assert "the better value: 1.0, against 1.00000001 of B" in section.answer


def test_why_fronts_have_no_verdict() -> None:
    values = [[float(k), float(9 - k)] for k in range(10)]
    sides = (hand.study(values, ["minimize"] * 2), hand.study(values[1:], ["minimize"] * 2))
    section = summary.observed_section(pair_of(*sides))
    assert section.basis.startswith("With several objectives no one value")
    assert "compare trials drawn at random" not in section.answer


def test_no_feasible_trial_yet() -> None:
    late = [by_hand([math.inf, math.inf]), by_hand([math.inf, math.inf, 1.0])]
    assert "neither had a feasible trial" in summary._bests(
        pair_of(*late), [BestSoFar.of(TrialTable.of(side)) for side in late], 1.0, 2
    )


def test_unknown_times_are_unknown() -> None:
    pair = pair_of(by_hand([1.0, 2.0]), by_hand([3.0]))
    table = replace(pair.tables[0], durations=np.full(2, np.nan))
    no_times = replace(pair.sides[0], table=table)
    (section,) = summary.runs_sections(replace(pair, sides=(no_times, pair.sides[1])))
    rows = {row[0]: row[1] for row in section.tables[0].rows}
    assert rows["found after"] == "1 trial"
    assert rows["time of all trials"] == "unknown"

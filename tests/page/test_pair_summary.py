"""What two runs found and took."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx.page import _pair_summary as summary
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


def test_unknown_times_are_unknown() -> None:
    pair = pair_of(by_hand([1.0, 2.0]), by_hand([3.0]))
    table = replace(pair.tables[0], durations=np.full(2, np.nan))
    no_times = replace(pair.sides[0], table=table)
    (section,) = summary.runs_sections(replace(pair, sides=(no_times, pair.sides[1])))
    rows = {row[0]: row[1] for row in section.tables[0].rows}
    assert rows["found after"] == "1 trial"
    assert rows["time of all trials"] == "unknown"

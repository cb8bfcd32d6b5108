from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance.section.interactions import (
    describe_interactions,
    interaction_sentences,
    interactions_sections,
    sure_pairs_of,
)
from optuna_hpx.importance.section.kinds import ClaimKind
from tests import made_by_hand as hand


def _report(importances: dict[str, float], **others: Any) -> ImportanceReport:
    regimes = {name: [hand.continuous(importance=s)] for name, s in importances.items()}
    return hand.report(regimes, **others)


def test_the_section_has_a_map() -> None:
    report = _report({"lr": 0.41, "opt": 0.2}, pairs={("lr", "opt"): (0.16, 0.001)})
    (section,) = interactions_sections(report)
    assert section.title == "What acts together"
    assert section.answer == describe_interactions(report)
    (chart,) = section.charts
    assert chart.label == "Map: how 2 parameters act together in pairs"


def test_there_is_none_without_interactions_or_pairs() -> None:
    assert interactions_sections(_report({"lr": 0.41, "opt": 0.2})) == []
    assert interactions_sections(_report({"lr": 0.41}, pairs={})) == []


def test_too_few_target_trials() -> None:
    report = _report({"a": 0.3}, n_target=4)
    assert "too few target trials" in describe_interactions(report)


def test_of_chosen_trials_no_pair_is_told() -> None:
    pairs = {("a", "b"): (0.16, np.nan)}
    text = describe_interactions(_report({"a": 0.3, "b": 0.1}, pairs=pairs, sampling="adaptive"))
    assert text == (
        "Which parameters act together cannot be told: a sampler or a person chose these trials, "
        "and with them which values go together. The map is a hint."
    )


def test_trials_of_which_it_is_not_known_what_drew_them() -> None:
    report = _report({"a": 0.3, "b": 0.0}, pairs={}, sampling="unknown")
    assert describe_interactions(report).endswith(
        " This holds if the trials are independent random draws, which is not known."
    )


@pytest.mark.parametrize("sampling", ["independent", "adaptive"])
def test_a_surrogates_numbers_are_called_so(sampling: str) -> None:
    report = _report(
        {"a": 0.3, "b": 0.0}, pairs={}, sampling=sampling, space="uniform", skill=0.873
    )
    text = describe_interactions(report)
    by_surrogate = "a surrogate with cross-validated skill 0.87 (1 is perfect)"
    assert ("what the surrogate expects" if sampling == "adaptive" else by_surrogate) in text
    assert ("not tested" in text) == (sampling == "adaptive")
    assert "100 trials" not in text, "these are virtual"
    assert "interval" not in text, "none is known"


def test_a_pair_that_acts_together() -> None:
    report = _report({"lr": 0.4, "batch_size": 0.1}, pairs={("lr", "batch_size"): (0.16, 0.001)})
    assert describe_interactions(report).replace("\N{NO-BREAK SPACE}", " ") == (
        "lr and batch_size act together (S = 0.16): how much a value of one helps to get among "
        "the best 10 % (value <= 0.31) depends on the other. Effects that merely add up show like "
        "this, too, so it does not tell whether they must be tuned jointly."
    )


def test_several_pairs_the_strongest_first() -> None:
    pairs = {("a", name): (s, 1e-6) for name, s in zip("bcde", (0.1, 0.2, 0.3, 0.4), strict=True)}
    text = describe_interactions(_report(dict.fromkeys("abcde", 0.1), pairs=pairs))
    assert text.startswith(
        "a and e act together (S = 0.40); so do a and d (0.30); a and c (0.20); 1 more pair: how "
        "much a value of one helps"
    )
    assert text.endswith("whether a pair must be tuned jointly.")


def test_no_pair_stands_out() -> None:
    names = {"a": 0.4, "b": 0.1, "c": 0.0}
    text = describe_interactions(_report(names, pairs={("a", "b"): (0.1, 0.2)}))
    assert text.startswith("No pair stands out: in these 100 trials, none of the 3 pairs acts")
    assert "the only pair does not act" in describe_interactions(
        _report({"a": 0.4, "b": 0.1}, pairs={})
    )


def _with_joint(p: float, pairs: dict[tuple[str, str], tuple[float, float]]) -> ImportanceReport:
    """A report of a, b and c, of which a and b interact in the objective with this p."""
    matrix = np.ones((3, 3))
    matrix[0, 1] = matrix[1, 0] = p
    return _report({"a": 0.4, "b": 0.1, "c": 0.1}, pairs=pairs, joint_p_values=matrix)


def _claims(report: ImportanceReport, kind: ClaimKind) -> list[tuple[str, ...]]:
    claims = [claim for one in interaction_sentences(report) for claim in one.claims]
    return [claim.subjects for claim in claims if claim.kind is kind]


def test_a_pair_that_interacts_is_to_be_tuned_jointly() -> None:
    report = _with_joint(0.001, {("a", "b"): (0.2, 1e-4), ("b", "c"): (0.1, 1e-4)})
    text = describe_interactions(report)
    assert text.startswith(
        "a and b interact: on whatever scale the objective is measured, their effects do not just "
        "add up. Tune them jointly. b and c also act together (S = 0.10): how much"
    )
    assert _claims(report, ClaimKind.JOINT) == [("a", "b")]
    assert _claims(report, ClaimKind.PAIR_ACTS) == [("b", "c")], "of a and b more is said"
    assert not _claims(report, ClaimKind.NO_PAIR)


def test_points_of_a_sequence_only_hint_at_a_pair_that_interacts() -> None:
    report = replace(_with_joint(0.001, {}), sampling="even")
    assert "a and b may interact" in describe_interactions(report)
    assert not _claims(report, ClaimKind.JOINT)
    assert _claims(report, ClaimKind.MAY_INTERACT) == [("a", "b")]


def test_a_pair_that_interacts_need_not_show_in_the_target_set() -> None:
    report = _with_joint(0.001, {})
    assert "a and b interact" in describe_interactions(report)
    assert "No pair" not in describe_interactions(report)


def test_without_an_interaction_in_the_objective_nothing_is_to_be_tuned_jointly() -> None:
    report = _with_joint(0.03, {("a", "b"): (0.2, 1e-4)})  # adjusted for three pairs: .09
    assert not _claims(report, ClaimKind.JOINT)
    assert _claims(report, ClaimKind.PAIR_ACTS) == [("a", "b")]
    assert "so it does not tell whether" in describe_interactions(report)


def test_a_pair_in_the_target_set_must_be_surer_than_a_map_marks_it() -> None:
    report = _report({"a": 0.4, "b": 0.1}, pairs={("a", "b"): (0.2, 0.02)})
    assert report.significant_pairs()
    assert sure_pairs_of(report) == []
    assert _claims(report, ClaimKind.NO_PAIR) == [()]


def test_many_pairs_that_interact_are_counted() -> None:
    names = dict.fromkeys("abcd", 0.1)
    report = _report(names, pairs={}, joint_p_values=np.full((4, 4), 1e-6))
    text = describe_interactions(report)
    assert "; 3 more pairs interact:" in text
    assert text.endswith("Tune each pair jointly.")
    assert len(_claims(report, ClaimKind.JOINT)) == 6

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance.section.interactions import (
    describe_interactions,
    interactions_sections,
)
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
    assert "Too few target trials" in describe_interactions(report)


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
    assert "a surrogate with cross-validated skill 0.87 (1 is perfect)" in text
    assert ("cannot be told" in text) == (sampling == "adaptive")
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

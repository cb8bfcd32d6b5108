from __future__ import annotations

from typing import Any

import pytest

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance.section.kinds import ClaimKind
from optuna_hpx.importance.section.profile import describe_profile, profile_sentences
from tests import made_by_hand as hand


def _text(importances: dict[str, list[float]], *args: Any, **others: Any) -> str:
    return describe_profile(hand.profile(importances, *args, **others)).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_leaders_from_the_widest_target_to_the_strictest() -> None:
    text = _text(
        {"lr": [0.0, 0.5, 0.5, 0.5], "batch_size": [0.4, 0.0, 0.0, 0.0]}, (0.02, 0.1, 0.2, 0.5)
    )
    assert text.startswith(
        "lr surely matters most at the best 50 % to 10 % and batch_size at the best 2 %."
    )


def test_where_no_leader_is_known_the_sentence_says_so() -> None:
    text = _text({"a": [0.3, 0.3, 0.6], "b": [0.3, 0.3, 0.1]}, (0.1, 0.5, 0.7))
    assert text.startswith(
        "a surely matters most at the best 70 %; at stricter targets the trials cannot tell which "
        "one does."
    )
    text = _text({"a": [0.6, 0.3, 0.3], "b": [0.1, 0.3, 0.3]}, (0.1, 0.5, 0.7))
    assert "best 10 %; at the other targets the trials cannot tell" in text


def test_one_leader_throughout() -> None:
    text = _text({"lr": [0.5, 0.5, 0.5], "opt": [0.1, 0.1, 0.1]})
    assert text == (
        "lr matters most at every target. No importance surely changes over targets of 20 "
        "trials or more."
    )


def test_of_one_large_target_no_change_could_be_seen() -> None:
    text = _text({"lr": [0.5, 0.5, 0.5]}, (0.01, 0.02, 0.2))
    assert "surely changes" not in text


def test_nothing_is_claimed_where_intervals_overlap() -> None:
    text = _text({"lr": [0.5, 0.3, 0.4], "opt": [0.4, 0.35, 0.3]})
    assert text.startswith("The intervals of all parameters overlap at every target: what")
    assert "lr" not in text


def test_gains_and_losses() -> None:
    text = _text({"a": [0.0, 0.3, 0.6], "b": [0.6, 0.3, 0.0]}, (0.05, 0.2, 0.5))
    assert (
        "As the target gets stricter, a (S from 0.60 at the best 50 % to 0.00 at the best 5 %) "
        "matters less."
    ) in text
    assert (
        "As the target gets stricter, b (S from 0.00 at the best 50 % to 0.60 at the best 5 %) "
        "matters more."
    ) in text


def test_several_that_lose() -> None:
    importances = {f"x{k}": [0.0, 0.3 + 0.01 * k] for k in range(5)}
    text = _text(importances, (0.1, 0.5))
    assert "stricter, x4 (S from 0.34" in text, "the largest move first"
    assert text.endswith(" and 2 more matter less.")


@pytest.mark.parametrize("quantiles", [(0.02, 0.5), (0.3, 0.5)])
def test_small_and_wide_targets_make_no_moves(quantiles: tuple[float, float]) -> None:
    """S leans to 0 below 20 target trials, and the best 30 % are not near the best."""
    text = _text({"a": [0.0, 0.5], "b": [0.0, 0.0]}, quantiles)
    assert "As the target" not in text


def test_one_parameter_leads_where_its_interval_excludes_0() -> None:
    assert _text({"a": [0.5, 0.5, 0.5]}).startswith("a matters most at every target.")
    assert _text({"a": [0.0, 0.0, 0.0]}).startswith("The intervals of all parameters overlap")


def test_chosen_trials_support_no_claim() -> None:
    assert _text({"a": [0.5, 0.5, 0.5]}, sampling="adaptive") == (
        "Which parameter matters at which target cannot be told: a sampler or a person chose "
        "these trials, and no interval holds for them. The chart is a hint."
    )


def test_trials_of_which_it_is_not_known_what_drew_them() -> None:
    importances = {"a": [0.5, 0.5, 0.5]}
    assert _text(importances, sampling="unknown") == (
        f"{_text(importances)} This holds if the trials are independent random draws, which is "
        "not known."
    )
    assert _text(importances, sampling="mixed") == _text(importances)


@pytest.mark.parametrize("sampling", ["independent", "adaptive", "unknown"])
def test_a_surrogates_numbers_support_no_claim(sampling: str) -> None:
    text = _text({"a": [0.5, 0.5, 0.5]}, sampling=sampling, space="uniform")
    assert text.startswith("These numbers are those of a surrogate: the chart is what it expects")
    assert "matters" not in text


def _claims(importances: dict[str, list[float]], *args: Any, **others: Any) -> list[Claim]:
    sentences = profile_sentences(hand.profile(importances, *args, **others))
    return [claim for sentence in sentences for claim in sentence.claims]


def test_claims_go_with_the_sentences() -> None:
    claims = _claims({"a": [0.0, 0.3, 0.6], "b": [0.6, 0.3, 0.0]}, (0.05, 0.2, 0.5))
    assert claims == [
        Claim(ClaimKind.LEADS, ("a",), (0.5,)),
        Claim(ClaimKind.LEADS, ("b",), (0.05,)),
        Claim(ClaimKind.MOVES_DOWN, ("a",), (0.5, 0.05)),
        Claim(ClaimKind.MOVES_UP, ("b",), (0.5, 0.05)),
    ]
    steady = _claims({"a": [0.5, 0.5, 0.5], "b": [0.1, 0.1, 0.1]})
    assert steady == [Claim(ClaimKind.LEADS, ("a",), (0.5, 0.1, 0.02)), Claim(ClaimKind.STEADY)]


def test_where_nothing_is_sure_nothing_is_claimed() -> None:
    assert _claims({"a": [0.5, 0.3, 0.4], "b": [0.4, 0.35, 0.3]}) == []
    assert _claims({"a": [0.5, 0.5, 0.5]}, sampling="adaptive") == []
    assert _claims({"a": [0.5, 0.5, 0.5]}, space="uniform") == []

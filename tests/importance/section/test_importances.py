from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance.section.importances import (
    describe_importances,
    importance_sentences,
)
from optuna_hpx.importance.section.kinds import ClaimKind
from tests import made_by_hand as hand


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _report(importances: dict[str, float], **others: Any) -> ImportanceReport:
    regimes = {name: [hand.continuous(importance=s)] for name, s in importances.items()}
    return hand.report(regimes, **others)


def test_importances_in_one_paragraph() -> None:
    report = _report({"learning_rate": 0.41, "batch_size": 0.2, "momentum": 0.01, "dropout": 0.0})
    assert _plain(describe_importances(report)) == (
        "Taken one by one, learning_rate matters most (S = 0.41, 95 % interval 0.31 to 0.51: by "
        "itself it explains 41 % of what separates the best 10 % (value <= 0.31) from the rest), "
        "followed by batch_size (0.20, 0.10 to 0.30). momentum and dropout are indistinguishable "
        "from noise in these 100 trials, in which an S of up to 0.11 may hide; and they may act "
        "together with another parameter."
    )


def test_with_interactions_pairs_join_in_and_noise_is_noise() -> None:
    report = _report({"a": 0.41, "b": 0.0, "c": 0.0, "d": 0.0}, pairs={("a", "b"): (0.16, 1e-4)})
    text = _plain(describe_importances(report))
    assert "Pairs that act together add to that: a with b (0.16)." in text
    assert (
        "c and d are indistinguishable from noise in these 100 trials, in which an S of up to "
        in text
    )
    assert "b is" not in text, "it acts with another"


def test_a_pair_that_matters_more_than_any_parameter_is_named_first_and_once() -> None:
    importances = {"a": 0.3, "b": 0.1, "c": 0.0}
    pairs = {("a", "b"): (0.41, 1e-4), ("a", "c"): (0.05, 1e-4)}
    text = _plain(describe_importances(_report(importances, pairs=pairs)))
    assert text.startswith(
        "a and b explain most, and that only together (S = 0.41 beyond what each explains alone). "
        "Taken one by one, a matters most (S = 0.30, 95 % interval 0.20 to 0.40: "
    )
    assert "Pairs that act together add to that: a with c (0.05). " in text
    assert text.count("0.41") == 1
    only = describe_importances(_report(importances, pairs={("a", "b"): (0.41, 1e-4)}))
    assert "Pairs" not in only
    within = describe_importances(_report(importances, pairs={("a", "b"): (0.4, 1e-4)}))
    assert within.startswith("Taken one by one, a matters most (S = 0.30"), "S may be as large"
    assert "Pairs that act together add to that: a with b (0.40)." in within
    unsure = describe_importances(_report(importances, pairs={("a", "b"): (0.41, 0.02)}))
    assert "together" not in unsure.replace("may act together", "")


def test_pairs_may_matter_where_no_parameter_does_by_itself() -> None:
    report = _report({"a": 0.0, "b": 0.0}, pairs={("a", "b"): (0.3, 1e-4)})
    assert _plain(describe_importances(report)) == (
        "No parameter by itself surely sets the best 10 % (value <= 0.31) apart. "
        "Pairs that act together do: a with b (0.30). At least 80 % is not explained by "
        "parameters one by one, and is left to interactions and noise."
    )


def test_no_target_trial() -> None:
    text = describe_importances(_report({"a": 0.0}, n_target=0, target="value <= 3"))
    assert text == (
        "No trial is among the trials with value <= 3: nothing can be said of what matters."
    )


def test_many_followers_and_pairs_are_counted() -> None:
    pairs = {("a", name): (0.1, 1e-6) for name in "bcdef"}
    text = describe_importances(_report(dict.fromkeys("abcdef", 0.15), pairs=pairs))
    assert "d (0.15, 0.05 to 0.25) and 2 more." in text
    assert "a with d (0.10) and 2 more pairs." in text


def test_a_large_importance_that_chance_explains_is_not_called_important() -> None:
    report = _report({"a": 0.3, "b": 0.2}, p=[0.03, 0.2], p_familywise=[0.06, 0.4])
    text = describe_importances(report)
    assert _plain(text).startswith(
        "No parameter by itself surely sets the best 10 % (value <= 0.31) apart. "
    )
    assert "matters" not in text
    assert "a may matter, but among 2 parameters chance shows as much now and then." in text
    assert "b is indistinguishable from noise" in text


def test_the_one_on_top_need_not_be_the_one_that_matters() -> None:
    report = _report({"a": 0.3, "b": 0.2}, p=[0.2, 0.001])
    assert describe_importances(report).startswith(
        "Taken one by one, b comes first, though another may matter more (S = 0.20"
    )


def test_a_sure_but_tiny_effect_is_faint() -> None:
    text = describe_importances(_report({"a": 0.3, "b": 0.004}, p=[0.001, 0.001]))
    assert (
        "b matters, but how much cannot be told: so few target trials hardly show what it does "
        "(S below 0.01)." in text
    )
    assert "followed" not in text
    assert "noise in" not in text


def test_the_level_is_that_of_the_report() -> None:
    report = _report({"a": 0.3}, p=[0.03], confidence=0.99)
    assert "matters most" not in describe_importances(report)


def test_an_unsure_order_is_probable() -> None:
    report = _report({"a": 0.3, "b": 0.29}, first_probability=np.array([0.6, 0.4]))
    assert describe_importances(report).startswith("Taken one by one, a comes first, though")


def test_parameters_of_too_few_target_trials() -> None:
    report = hand.report(
        {"a": [hand.continuous()], "b": [hand.continuous(n_target=3, importance=0.0)]}
    )
    assert "Nothing can be said of b: fewer than 5 target trials tell" in describe_importances(
        report
    )


def test_too_few_target_trials() -> None:
    report = _report({"a": 0.3}, n_target=4)
    assert "cannot be told from 4 target trials" in describe_importances(report)


def _chosen(importances: dict[str, float], **others: Any) -> ImportanceReport:
    p = np.full(len(importances), np.nan)
    return _report(importances, p=p, sampling="adaptive", **others)


def test_of_chosen_trials_it_is_a_hint_without_p_values_or_intervals() -> None:
    text = _plain(describe_importances(_chosen({"a": 0.3, "b": 0.2, "c": 0.009}, pairs={})))
    assert text == (
        "In these trials, a sets the best 10 % (value <= 0.31) apart most (S = 0.30), which may "
        "be chance, or the choice of the sampler."
    )
    assert "followed" not in text


def test_of_chosen_trials_in_which_nothing_stands_out() -> None:
    text = _plain(describe_importances(_chosen({"a": 0.009, "b": 0.0})))
    assert text == (
        "In these trials, no parameter by itself sets the best 10 % (value <= 0.31) apart."
    )


def test_too_few_targets_come_before_who_chose_them() -> None:
    assert "cannot be told from 4 target trials" in describe_importances(
        _chosen({"a": 0.3}, n_target=4)
    )


@pytest.mark.parametrize("sampling", ["even", "mixed", "unknown"])
def test_other_trials_are_told_of_like_draws(sampling: str) -> None:
    """What is not known of them is said in a warning, beside this."""
    importances = {"a": 0.3, "b": 0.0}
    text = describe_importances(_report(importances, sampling=sampling))
    assert text == describe_importances(_report(importances))


def test_a_surrogates_numbers_are_called_so() -> None:
    text = describe_importances(
        _report({"a": 0.3, "b": 0.0}, pairs={}, space="uniform", skill=0.873)
    )
    assert "a surrogate with cross-validated skill 0.87 (1 is perfect)" in text
    assert "a matters most" in text, "p-values are those of the trials"
    assert "100 trials" not in text, "these are virtual"
    assert "(S = 0.30, 95 % interval 0.20 to 0.40" in _plain(text)


def test_a_surrogate_of_chosen_trials() -> None:
    report = _chosen({"a": 0.3, "b": 0.0}, space="uniform", skill=0.873)
    text = _plain(describe_importances(report))
    assert text == (
        "By a surrogate of these trials, a sets the best 10 % (value <= 0.31) apart most "
        "(S = 0.30; 0.20 to 0.40 by others that the trials leave plausible)."
    )
    kinds = [kind for kind in ClaimKind if _claims(report, kind)]
    assert kinds == [ClaimKind.SURROGATE_FIRST, ClaimKind.SURROGATE_INTERVAL]
    unsure = replace(report, first_probability=np.array([0.6, 0.4]))
    assert "though another may matter more" in describe_importances(unsure)
    assert _claims(unsure, ClaimKind.SURROGATE_LIKELY)
    assert "100 trials" not in text, "these are virtual"


def test_a_target_value_is_told_as_trials() -> None:
    report = _report({"x": 0.4}, target="value <= 3")
    assert "separates the trials with value <= 3 from the rest" in describe_importances(report)


@pytest.mark.parametrize("importance", [0.0, 0.01])
def test_when_nothing_matters(importance: float) -> None:
    text = describe_importances(_report({"x": importance}))
    assert text.startswith("No parameter by itself surely sets")
    assert "matters most" not in text
    least = {0.0: "90", 0.01: "89"}[importance]
    assert f"At least {least} % is not explained by parameters one by one" in _plain(text)


def test_no_parameters() -> None:
    assert describe_importances(hand.report({})) == "There is no parameter to assess."


def test_overlapping_importances_leave_no_rest() -> None:
    assert "overlaps" in describe_importances(_report({"a": 0.7, "b": 0.6}))


def _claims(report: ImportanceReport, kind: ClaimKind) -> list[Claim]:
    claims = [claim for one in importance_sentences(report) for claim in one.claims]
    return [claim for claim in claims if claim.kind is kind]


def test_claims_go_with_the_sentences() -> None:
    report = _report({"a": 0.4, "b": 0.2, "c": 0.0})
    assert _claims(report, ClaimKind.MATTERS_MOST) == [Claim(ClaimKind.MATTERS_MOST, ("a",))]
    assert [claim.subjects for claim in _claims(report, ClaimKind.MATTERS)] == [("a",), ("b",)]
    (first, second) = _claims(report, ClaimKind.INTERVAL)
    assert (first.subjects, first.figures) == (("a",), pytest.approx((0.3, 0.5)))
    assert (second.subjects, second.figures) == (("b",), pytest.approx((0.1, 0.3)))
    (noise,) = _claims(report, ClaimKind.NOISE)
    assert (noise.subjects, noise.figures) == (("c",), pytest.approx((0.1,)))
    (rest,) = _claims(report, ClaimKind.REST)
    assert rest.figures == pytest.approx((0.1,))
    assert not _claims(report, ClaimKind.COMES_FIRST)


def test_no_claim_is_made_where_it_is_not_sure() -> None:
    unsure = _report({"a": 0.4, "b": 0.39}, first_probability=np.array([0.6, 0.4]))
    assert not _claims(unsure, ClaimKind.MATTERS_MOST)
    assert _claims(unsure, ClaimKind.COMES_FIRST)
    nothing = _report({"a": 0.02, "b": 0.0})
    for kind in (
        ClaimKind.MATTERS,
        ClaimKind.MATTERS_MOST,
        ClaimKind.COMES_FIRST,
        ClaimKind.INTERVAL,
        ClaimKind.FAINT,
    ):
        assert not _claims(nothing, kind)
    full = _report({"a": 0.5, "b": 0.3})
    assert not _claims(full, ClaimKind.REST), "their intervals leave nothing over"


def test_a_parameter_that_s_does_not_show_needs_more_than_others() -> None:
    sure = _report({"a": 0.3, "b": 0.004}, p=[0.001, 0.009])
    assert [claim.subjects for claim in _claims(sure, ClaimKind.FAINT)] == [("b",)]
    unsure = _report({"a": 0.3, "b": 0.004}, p=[0.001, 0.011])
    assert not _claims(unsure, ClaimKind.FAINT)
    assert [claim.subjects for claim in _claims(unsure, ClaimKind.MAY_MATTER)] == [("b",)]


def test_pairs_are_claimed_where_they_are_sure() -> None:
    importances = {"a": 0.3, "b": 0.1, "c": 0.0}
    leading = _report(importances, pairs={("a", "b"): (0.5, 1e-4), ("a", "c"): (0.1, 1e-4)})
    assert [c.subjects for c in _claims(leading, ClaimKind.PAIR_LEADS)] == [("a", "b")]
    assert [c.subjects for c in _claims(leading, ClaimKind.PAIR_ACTS)] == [("a", "c")]
    unsure = _report(importances, pairs={("a", "b"): (0.5, 0.02)})
    assert not _claims(unsure, ClaimKind.PAIR_LEADS)
    assert not _claims(unsure, ClaimKind.PAIR_ACTS)


def test_of_chosen_trials_one_name_is_claimed_at_most() -> None:
    importances = {"a": 0.3, "b": 0.2, "c": 0.0}
    tested = _report(importances, p=[0.001, 0.002, 0.9], sampling="adaptive")
    assert [c.subjects for c in _claims(tested, ClaimKind.CHOSEN_FIRST)] == [("a",)]
    for p in ([0.3, 0.001, 0.9], [np.nan] * 3):
        untested = _report(importances, p=p, sampling="adaptive")
        assert not _claims(untested, ClaimKind.CHOSEN_FIRST), "it may be the sampler's choice"
        assert [c.subjects for c in _claims(untested, ClaimKind.CHOSEN_HINT)] == [("a",)]
    assert _claims(_chosen({"a": 0.0}), ClaimKind.CHOSEN_NONE)


class TestChosenTrialsTestedByAModel:
    def test_what_matters_comes_first_and_the_rest_stays_a_hint(self) -> None:
        report = _report({"lr": 0.4, "batch": 0.1}, p=[0.001, 0.3], sampling="adaptive")
        text = _plain(describe_importances(report))
        assert text.startswith(
            "lr matters beyond chance (by a model of the trials that allows for the sampler's "
            "choices). In these trials, lr sets"
        )

    def test_where_nothing_is_significant_that_is_said(self) -> None:
        text = describe_importances(_report({"lr": 0.4}, p=[0.3], sampling="adaptive"))
        assert text.startswith("No parameter is shown to matter beyond chance (by a model")


def test_where_all_are_in_the_target_set_nothing_is_said() -> None:
    unknown = np.full(1, np.nan)
    report = _report({"a": 0.0}, p=unknown, n_target=100, ci_low=unknown, ci_high=unknown)
    assert describe_importances(report) == (
        "All are in the target set: nothing can be said of what matters."
    )


def test_a_parameter_of_which_nothing_is_known_is_called_so() -> None:
    low, high = np.array([0.3, np.nan]), np.array([0.5, np.nan])
    report = _report({"a": 0.4, "b": 0.0}, p=[0.001, np.nan], ci_low=low, ci_high=high)
    text = describe_importances(report)
    assert "Nothing can be said of b: " in text
    assert "nan" not in text
    assert "noise" not in text
    assert "not explained" not in text, "b may explain it"


def test_by_ranks_nothing_is_said_of_the_best() -> None:
    for p, words in (([0.001], "matters most"), ([0.5], "surely moves the rank of a trial")):
        text = describe_importances(_report({"a": 0.3}, p=p, measure="R2", score="rank"))
        assert words in text
        assert "the best" not in text


def test_of_a_parameter_with_one_value_nothing_is_said() -> None:
    one = replace(hand.discrete(), x=("5",), p_region=np.ones(1), p_target=np.ones(1))
    report = hand.report({"x": [hand.continuous(importance=0.4)], "epochs": [one]})
    text = _plain(describe_importances(report))
    assert "epochs has only one value: nothing can be said of it." in text
    assert "indistinguishable" not in text

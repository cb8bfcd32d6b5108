from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx.importance import ImportanceReport, Regime
from optuna_hpx.importance._report import Middle
from optuna_hpx.importance.section.densities import density_sentence, describe_densities
from optuna_hpx.importance.section.kinds import ClaimKind
from tests import made_by_hand as hand


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_middle_of_the_target_trials() -> None:
    report = hand.report({"x": [hand.continuous(bounds=(0.0, 16.0), peak=0.5)]})
    assert _plain(describe_densities(report, "x")) == (
        "8 of the 10 target trials lie between 8.2 and 9.8, as do 10 of all 100 trials."
    )


def test_of_fewer_than_ten_target_trials_all_are_in_the_middle() -> None:
    report = hand.report({"x": [hand.continuous(n_target=9)]})
    assert describe_densities(report, "x") == (
        "All 9 target trials lie between 0.5125 and 0.6125, as do 10 of all 100 trials."
    )


def test_target_trials_of_one_value() -> None:
    regime = replace(hand.continuous(), middle=Middle(0.5, 0.5, 9, 30))
    assert describe_densities(hand.report({"x": [regime]}), "x") == (
        "9 of the 10 target trials lie at 0.5, as do 30 of all 100 trials."
    )


@pytest.mark.parametrize(
    ("n_region", "ending"),
    [(69, "69 of all 100 trials."), (70, "70 of all 100 trials: no range stands out.")],
)
def test_a_range_with_most_of_all_trials_tells_nothing(n_region: int, ending: str) -> None:
    regime = replace(hand.continuous(), middle=Middle(0.2, 0.8, 8, n_region))
    assert describe_densities(hand.report({"x": [regime]}), "x") == (
        f"8 of the 10 target trials lie between 0.2 and 0.8, as do {ending}"
    )


def test_a_log_range_is_told_in_the_parameters_units() -> None:
    report = hand.report({"lr": [hand.continuous(bounds=(1e-5, 1e-1), log=True, peak=0.5)]})
    assert "between 0.001122 and 0.002818, as do 10 of all" in describe_densities(report, "lr")


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("peak", "sentence"),
    [
        (0.0, "They crowd at the lower bound: if it can be lowered, better ones may lie beyond."),
        (0.9, "They crowd at the upper bound: if it can be raised, better ones may lie beyond."),
        (0.1, ""),
        (0.8, ""),
    ],
)
def test_crowding_at_a_bound_calls_for_a_wider_range(
    peak: float, sentence: str, *, log: bool
) -> None:
    regime = hand.continuous(bounds=(1e-5, 1.0), peak=peak, log=log)
    text = describe_densities(hand.report({"x": [regime]}), "x")
    assert text.partition(" trials. ")[2] == sentence
    assert ("crowd" in text) == bool(sentence)


def test_the_most_enriched_choice() -> None:
    report = hand.report({"opt": [hand.discrete(("adam", "sgd"), (0.9, 0.1), (0.5, 0.5))]})
    assert _plain(describe_densities(report, "opt")) == (
        "adam is the value that good trials have more often than others: 90 % of the target "
        "trials have it, against 50 % of all trials."
    )


def test_chance_is_called_chance() -> None:
    report = hand.report({"x": [hand.continuous(importance=0.0)]})
    sentence = "Nothing sets the values of the target trials apart beyond chance ({} = 0)."
    assert describe_densities(report, "x") == sentence.format("S")
    of_hsic = replace(report, measure="R2")
    assert describe_densities(of_hsic, "x") == sentence.format("R²")


@pytest.mark.parametrize(("n_target", "said"), [(0, "None of the target"), (3, "too few")])
def test_few_target_trials_say_nothing(n_target: int, said: str) -> None:
    report = hand.report({"x": [hand.continuous(n_target=n_target)]})
    assert said in describe_densities(report, "x")


def test_of_several_regimes_the_one_with_the_most_target_trials_speaks() -> None:
    regimes = [hand.continuous("0 to 1", n_target=6), hand.continuous("0 to 2", n_target=9)]
    sentence = describe_densities(hand.report({"x": regimes}), "x")
    assert sentence.startswith("In the regime “0 to 2”, one of 2: All 9 target trials lie between")


def test_moving_bounds_are_told_as_positions() -> None:
    report = hand.report({"x": [hand.continuous("moving bounds within 0 to 9")]})
    assert _plain(describe_densities(report, "x")) == (
        "8 of the 10 target trials lie between 51 % and 61 % of the way between their own "
        "bounds, as do 10 of all 100 trials."
    )


def _kinds(report: ImportanceReport) -> list[ClaimKind]:
    (name,) = report.names
    sentence = density_sentence(report, name)
    assert all(claim.subjects[0] == name for claim in sentence.claims)
    return [claim.kind for claim in sentence.claims]


def test_what_is_claimed_of_a_parameter_that_matters() -> None:
    assert _kinds(hand.report({"x": [hand.continuous(peak=0.5)]})) == [ClaimKind.RANGE]
    assert _kinds(hand.report({"x": [hand.continuous(peak=0.0)]})) == [
        ClaimKind.RANGE,
        ClaimKind.CROWD,
    ]
    assert _kinds(hand.report({"x": [hand.discrete()]})) == [ClaimKind.ENRICHED]
    wide = replace(hand.continuous(), middle=Middle(0.1, 0.9, 8, 80))
    assert _kinds(hand.report({"x": [wide]})) == [ClaimKind.NO_RANGE]
    assert _kinds(hand.report({"x": [hand.continuous(importance=0.0)]})) == [
        ClaimKind.NO_DIFFERENCE
    ]


def test_a_parameter_that_was_settled_early_shows_nothing() -> None:
    nothing = hand.report({"x": [hand.continuous(importance=0.0)]}, sampling="adaptive")
    assert _kinds(nothing) == []
    assert "may have been settled early" in describe_densities(nothing, "x")


@pytest.mark.parametrize("regime", [hand.continuous(peak=0.0), hand.discrete()])
def test_nothing_is_claimed_of_one_that_may_do_nothing(regime: Regime) -> None:
    report = hand.report({"x": [regime]}, p=[0.2])
    assert _kinds(report) == []
    assert describe_densities(report, "x").endswith(" That may be chance.")
    chosen = hand.report({"x": [regime]}, sampling="adaptive", p=[np.nan])
    assert _kinds(chosen) == []
    assert describe_densities(chosen, "x").endswith("be the choice of the sampler, and no more.")
    sure = describe_densities(hand.report({"x": [regime]}), "x")
    assert "may be chance" not in sure


def test_a_value_that_is_as_frequent_as_in_all_trials_does_not_stand_out() -> None:
    regime = hand.discrete()
    even = replace(regime, p_target=regime.p_region * 1.001)
    assert describe_densities(hand.report({"x": [even]}, sampling="adaptive"), "x") == (
        "The target trials have all values about as often as all trials: none stands out."
    )


def test_a_faint_expectation_of_a_surrogate_names_no_value() -> None:
    """A value with which each trial failed came out as the one that good points have."""
    faint = hand.discrete(p_target=(0.6, 0.4), importance=0.001)
    report = hand.report({"x": [faint]}, space="uniform", sampling="adaptive")
    assert describe_densities(report, "x") == (
        "The target points have all values about as often as all points: none stands out."
    )


def test_one_value_is_no_finding() -> None:
    one = replace(hand.discrete(), x=("5",), p_region=np.ones(1), p_target=np.ones(1))
    assert describe_densities(hand.report({"x": [one]}), "x") == "It has only one value."


def test_a_peak_near_a_bound_is_no_crowd_at_it() -> None:
    """The best lie at a third of the range: some are near the bound, but fewer than further in."""
    regime = hand.continuous()
    u = (np.arange(64) + 0.5) / 64
    inside = np.where(u < 0.5, np.exp(-(((u - 0.3) / 0.12) ** 2)), 0.0)
    peak = replace(regime, p_target=64 * inside / inside.sum(), middle=Middle(0.02, 0.45, 8, 40))
    text = describe_densities(hand.report({"x": [peak]}), "x")
    assert "crowd" not in text
    edge = np.where(u < 0.5, np.exp(-((u / 0.12) ** 2)), 0.0)
    crowd = replace(peak, p_target=64 * edge / edge.sum())
    assert "crowd at the lower bound" in describe_densities(hand.report({"x": [crowd]}), "x")

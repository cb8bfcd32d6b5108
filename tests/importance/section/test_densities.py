from __future__ import annotations

import pytest

from optuna_hpx.importance.section.densities import describe_densities
from tests import made_by_hand as hand


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_middle_of_the_target_trials() -> None:
    report = hand.report({"x": [hand.continuous(bounds=(0.0, 16.0), peak=0.5)]})
    assert _plain(describe_densities(report, "x")) == (
        "The middle 80 % of the target trials lie between 8.2 and 9.8, "
        "a range that holds 10 % of all trials."
    )


def test_a_log_range_is_told_in_the_parameters_units() -> None:
    report = hand.report({"lr": [hand.continuous(bounds=(1e-5, 1e-1), log=True, peak=0.5)]})
    assert "between 0.00112 and 0.00282" in describe_densities(report, "lr")


@pytest.mark.parametrize(("peak", "said"), [(0.0, "lowering"), (0.9, "raising")])
def test_crowding_at_a_bound_calls_for_a_wider_range(peak: float, said: str) -> None:
    report = hand.report({"x": [hand.continuous(peak=peak)]})
    assert f"consider {said} it" in describe_densities(report, "x")


def test_the_most_enriched_choice() -> None:
    report = hand.report({"opt": [hand.discrete(("adam", "sgd"), (0.9, 0.1), (0.5, 0.5))]})
    assert _plain(describe_densities(report, "opt")) == (
        "The most enriched choice is adam: 90 % of the target trials have it, "
        "against 50 % of all trials."
    )


def test_chance_is_called_chance() -> None:
    report = hand.report({"x": [hand.continuous(importance=0.0)]})
    assert "but for chance" in describe_densities(report, "x")


@pytest.mark.parametrize(("n_target", "said"), [(0, "None of the target"), (3, "too few")])
def test_few_target_trials_say_nothing(n_target: int, said: str) -> None:
    report = hand.report({"x": [hand.continuous(n_target=n_target)]})
    assert said in describe_densities(report, "x")


def test_of_several_regimes_the_one_with_the_most_target_trials_speaks() -> None:
    regimes = [hand.continuous("0 to 1", n_target=6), hand.continuous("0 to 2", n_target=9)]
    sentence = describe_densities(hand.report({"x": regimes}), "x")
    assert sentence.startswith("In the regime “0 to 2”, one of 2: The middle")


def test_moving_bounds_are_told_as_positions() -> None:
    report = hand.report({"x": [hand.continuous("moving bounds within 0 to 9")]})
    assert "of the way between their own bounds" in describe_densities(report, "x")

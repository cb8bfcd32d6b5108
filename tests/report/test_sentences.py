from __future__ import annotations

import dataclasses

import pytest

from optuna_hpx.report import _words
from optuna_hpx.report._sentences import on_densities, on_importances
from tests.visualization import made_by_hand as hand


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_importances_in_one_paragraph() -> None:
    report = hand.report(
        {
            "learning_rate": [hand.continuous(importance=0.41)],
            "batch_size": [hand.discrete(importance=0.2)],
            "momentum": [hand.continuous(importance=0.01)],
            "dropout": [hand.continuous(importance=0.0)],
        }
    )
    assert _plain(on_importances(report)) == (
        "learning_rate matters most (S = 0.41: by itself it explains 41 % of what separates the "
        "best 10 % (value <= 0.31) from the rest), followed by batch_size (0.20). momentum and "
        "dropout have an importance below 0.02 each: in these 100 trials that is hard to tell "
        "from chance, though they may act together with another parameter. 38 % is left to "
        "interactions or noise."
    )


def test_a_target_value_is_told_as_trials() -> None:
    report = dataclasses.replace(hand.report({"x": [hand.continuous()]}), target="value <= 3")
    assert "separates trials with value <= 3 from the rest" in on_importances(report)


@pytest.mark.parametrize(
    ("importance", "said"),
    [(0.0, "No parameter by itself sets"), (0.01, "No parameter by itself does much")],
)
def test_when_nothing_matters(importance: float, said: str) -> None:
    report = hand.report({"x": [hand.continuous(importance=importance)]})
    assert on_importances(report).startswith(said)
    assert "matters most" not in on_importances(report)


def test_no_parameters() -> None:
    assert on_importances(hand.report({})) == "There is no parameter to assess."


def test_the_middle_of_the_target_trials() -> None:
    report = hand.report({"x": [hand.continuous(bounds=(0.0, 16.0), peak=0.5)]})
    assert _plain(on_densities(report, "x")) == (
        "The middle 80 % of the target trials lie between 8.2 and 9.8, "
        "a range that holds 10 % of all trials."
    )


def test_a_log_range_is_told_in_the_parameters_units() -> None:
    report = hand.report({"lr": [hand.continuous(bounds=(1e-5, 1e-1), log=True, peak=0.5)]})
    assert "between 0.00112 and 0.00282" in on_densities(report, "lr")


@pytest.mark.parametrize(("peak", "said"), [(0.0, "lowering"), (0.9, "raising")])
def test_crowding_at_a_bound_calls_for_a_wider_range(peak: float, said: str) -> None:
    report = hand.report({"x": [hand.continuous(peak=peak)]})
    assert f"consider {said} it" in on_densities(report, "x")


def test_the_most_enriched_choice() -> None:
    report = hand.report({"opt": [hand.discrete(("adam", "sgd"), (0.9, 0.1), (0.5, 0.5))]})
    assert _plain(on_densities(report, "opt")) == (
        "The most enriched choice is adam: 90 % of the target trials have it, "
        "against 50 % of all trials."
    )


def test_chance_is_called_chance() -> None:
    report = hand.report({"x": [hand.continuous(importance=0.0)]})
    assert "but for chance" in on_densities(report, "x")


@pytest.mark.parametrize(("n_target", "said"), [(0, "None of the target"), (3, "too few")])
def test_few_target_trials_say_nothing(n_target: int, said: str) -> None:
    report = hand.report({"x": [hand.continuous(n_target=n_target)]})
    assert said in on_densities(report, "x")


def test_of_several_regimes_the_one_with_the_most_target_trials_speaks() -> None:
    regimes = [hand.continuous("0 to 1", n_target=6), hand.continuous("0 to 2", n_target=9)]
    sentence = on_densities(hand.report({"x": regimes}), "x")
    assert sentence.startswith("In the regime “0 to 2”, one of 2: The middle")


def test_moving_bounds_are_told_as_positions() -> None:
    report = hand.report({"x": [hand.continuous("moving bounds within 0 to 9")]})
    assert "of the way between their own bounds" in on_densities(report, "x")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12.3 ms"),
        (7.5, "7.5 s"),
        (125.0, "2 min 5 s"),
        (3600 * 5 + 120, "5 h 2 min"),
        (86400 * 3 + 3600, "3 d 1 h"),
        (float("nan"), "unknown"),
        (59.99, "1 min 0 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert _words.duration(seconds) == words


def test_lists_and_shares() -> None:
    assert _words.listing([]) == ""
    assert _words.listing(["a"]) == "a"
    assert _words.listing(["a", "b", "c"]) == "a, b and c"
    assert _words.listing([*"abcdefgh"]) == "a, b, c, d, e and 3 more"
    assert _plain(_words.percent(0.001)) == "under 1 %"
    assert _plain(_words.percent(0.999)) == "over 99 %"
    assert _plain(_words.percent(0.0)) == "0 %"

"""What figures say of the certainty of a report, and of a profile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_hpx.importance.figures import _certainty
from tests import made_by_hand as hand

REPORT = hand.report({"a": [hand.continuous()]})
PROFILE = hand.profile({"a": [0.1, 0.2, 0.3]})


@pytest.mark.parametrize(
    ("make", "of_one"),
    [(hand.report, {"a": [hand.continuous()]}), (hand.profile, {"a": [0.1, 0.2, 0.3]})],
)
def test_chosen_trials_have_no_intervals_unless_by_a_surrogate(make: Any, of_one: Any) -> None:
    assert _certainty.interval(make(of_one), 0.1, 0.2) == ", 95 % interval 0.10 to 0.20"
    assert _certainty.interval(make(of_one), np.nan, np.nan) == ""
    chosen = make(of_one, sampling="adaptive")
    assert _certainty.no_tests(chosen).endswith("no p-value or interval holds")
    by_surrogate = make(of_one, sampling="adaptive", space="uniform")
    assert _certainty.no_tests(by_surrogate).endswith("no p-value holds")


def test_symbol() -> None:
    assert _certainty.symbol(hand.report({}, measure="S")) == "S"
    assert _certainty.symbol(hand.report({}, measure="R2")) == "R²"


@pytest.mark.parametrize(
    ("confidence", "level"), [(0.95, "95 %"), (0.9, "90 %"), (0.995, "99.5 %")]
)
def test_the_interval_has_its_level_and_two_decimals(confidence: float, level: str) -> None:
    report = hand.report({}, confidence=confidence)
    assert _certainty.interval(report, 0.126, 1.0) == f", {level} interval 0.13 to 1.00"
    profile = hand.profile({}, confidence=confidence)
    assert _certainty.interval(profile, 0.0, 0.004) == f", {level} interval 0.00 to 0.00"

"""What figures say of the certainty of a report, and of a profile."""

from __future__ import annotations

import pytest

from optuna_hpx.importance.figures import _certainty
from tests import made_by_hand as hand

REPORT = hand.report({"a": [hand.continuous()]})
PROFILE = hand.profile({"a": [0.1, 0.2, 0.3]})


@pytest.mark.parametrize("make", [hand.report, hand.profile])
def test_adaptive_trials_give_hints(make) -> None:  # type: ignore[no-untyped-def]
    assert _certainty.is_hint(make({}, sampling="adaptive"))
    assert not _certainty.is_hint(make({}, sampling="independent"))


@pytest.mark.parametrize("make", [hand.report, hand.profile])
def test_a_surrogate_has_no_intervals(make) -> None:  # type: ignore[no-untyped-def]
    assert _certainty.has_intervals(make({}, space="trials"))
    virtual = make({}, space="uniform")
    assert not _certainty.has_intervals(virtual)
    assert _certainty.interval(virtual, 0.1, 0.2) == ""


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

"""What the sentences on importances share."""

from __future__ import annotations

import pytest

from optuna_hpx.importance.section.basis import (
    describe_basis,
    describe_trials,
    pairs_of,
    symbol_of,
)
from tests import made_by_hand as hand


@pytest.mark.parametrize(
    ("space", "sampling", "skill", "sentences"),
    [
        ("trials", "independent", None, []),
        (
            "trials",
            "unknown",
            None,
            ["This holds if the trials are independent random draws, which is not known."],
        ),
        ("trials", "adaptive", None, []),
        ("trials", "mixed", None, []),
        ("trials", "even", None, []),
        (
            "uniform",
            "independent",
            0.5,
            [
                "These numbers are those of a surrogate with cross-validated skill 0.50 (1 is "
                "perfect), not of the trials themselves."
            ],
        ),
        (
            "uniform",
            "adaptive",
            None,
            [
                "These numbers are those of a surrogate, not of the trials themselves.",
            ],
        ),
        (
            "uniform",
            "unknown",
            None,
            [
                "These numbers are those of a surrogate, not of the trials themselves.",
                "This holds if the trials are independent random draws, which is not known.",
            ],
        ),
    ],
)
def test_the_basis(space: str, sampling: str, skill: float | None, sentences: list[str]) -> None:
    assert describe_basis(space, sampling, skill) == sentences


def test_pairs_trials_and_symbols() -> None:
    report = hand.report({"a": [hand.continuous()], "b": [hand.continuous()]})
    assert pairs_of(report) == []
    assert describe_trials(report) == "in these 100 trials"
    assert symbol_of(report) == "S"
    crossed = hand.report(report.regimes, pairs={("a", "b"): (0.2, 0.001)}, measure="R2")
    assert pairs_of(crossed) == [("a", "b", 0.2, 0.001)]
    assert symbol_of(crossed) == "R²"

"""What the page says of trials that failed or were pruned."""

from __future__ import annotations

import optuna
from optuna.trial import TrialState, create_trial

from optuna_hpx.canvas.section import Urgency
from optuna_hpx.page._failures import FailureKind, failure_sections, failure_sentences
from optuna_hpx.page._summary import numbers_of
from optuna_hpx.trials import storage
from optuna_hpx.trials.in_vain import DUPLICATE
from optuna_hpx.trials.table import TrialTable

_DISTS = {
    "size": optuna.distributions.FloatDistribution(0.0, 1.0),
    "optimizer": optuna.distributions.CategoricalDistribution(["adam", "sgd"]),
}


def _table(n_failed: int, n: int = 60, *, by_size: bool = True, n_pruned: int = 0) -> TrialTable:
    """Make trials of which the largest, or evenly spread ones, fail."""
    study = optuna.create_study()
    for k in range(n):
        size = (k * 37 % n) / n
        fails = size >= 1 - n_failed / n if by_size else k % (n // n_failed) == 0
        state = TrialState.FAIL if fails else TrialState.COMPLETE
        if not fails and n_pruned:
            n_pruned, state = n_pruned - 1, TrialState.PRUNED
        attrs = {"error": f"out of memory\nat line {k}"} if fails else {}
        study.add_trial(
            create_trial(
                params={"size": size, "optimizer": ["adam", "sgd"][k % 2]},
                distributions=_DISTS,
                value=size if state == TrialState.COMPLETE else None,
                state=state,
                user_attrs=attrs,
            )
        )
    return TrialTable.of(study)


def test_a_few_are_no_section() -> None:
    assert failure_sections(_table(4)) == []


def test_what_they_have_in_common_is_said() -> None:
    (section,) = failure_sections(_table(15))
    assert section.title == "What failed"
    assert "Of 60 trials 15 failed" in section.answer
    assert "larger values of size" in section.answer
    assert "optimizer" not in section.answer
    (claim,) = [claim for s in failure_sentences(_table(15)) for claim in s.claims]
    assert (claim.kind, claim.subjects) == (FailureKind.DIFFERS, ("size",))


def test_messages_are_counted_by_their_first_line() -> None:
    (section,) = failure_sections(_table(15))
    (table,) = section.tables
    assert table.rows == (("out of memory", "15"),)
    assert section.data["messages"] == [{"text": "out of memory", "n": 15}]


def test_many_are_to_be_looked_into_first() -> None:
    (section,) = failure_sections(_table(15))
    (action,) = section.actions
    assert action.urgency is Urgency.MEND
    assert "out of memory" in action.reason
    assert "may have to do with size" in action.reason


def test_nothing_is_found_in_those_of_chance() -> None:
    (section,) = failure_sections(_table(12, by_size=False))
    assert "No parameter is shown" in section.answer


def test_pruned_trials_are_no_failures() -> None:
    (section,) = failure_sections(_table(0, n_pruned=6))
    assert section.title == "What was pruned"
    assert section.verdict == ""
    assert section.actions == ()
    assert "Of 60 trials 6 were pruned" in section.answer


def test_what_was_begun_in_vain_is_no_failure() -> None:
    record = storage.as_attributes(storage.FAILURE, {"why": DUPLICATE, "message": ""})
    study = optuna.create_study()
    study.add_trials(_table(4).trials)
    study.add_trials([create_trial(state=TrialState.FAIL, system_attrs=record)] * 20)
    assert failure_sections(TrialTable.of(study)) == []
    assert numbers_of(TrialTable.of(study))["n_failed"] == 4


def test_why_a_segment_failed() -> None:
    record = storage.as_attributes(storage.FAILURE, {"why": "error", "message": "no memory\nat"})
    study = optuna.create_study()
    study.add_trials(_table(4).trials)
    study.add_trials([create_trial(state=TrialState.FAIL, system_attrs=record)] * 8)
    (section,) = failure_sections(TrialTable.of(study))
    assert section.tables[0].rows[0] == ("no memory", "8")


def test_of_very_many_trials_it_is_said_that_some_are_compared() -> None:
    (few,) = failure_sections(_table(12))
    assert few.how_to_read.startswith("Values are compared within blocks of ten in a row")
    (many,) = failure_sections(_table(600, 12_000))
    assert many.how_to_read.startswith("Values of about one trial in 3 are compared")

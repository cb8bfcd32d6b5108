"""Trials that were begun in vain."""

from __future__ import annotations

from optuna.trial import TrialState, create_trial

from optuna_hpx import TrialTable
from optuna_hpx.trials import storage
from optuna_hpx.trials.in_vain import DUPLICATE, failure_message, in_vain
from tests import made_by_hand as hand


def _failed(why: str, message: str = ""):  # type: ignore[no-untyped-def]
    record = {"why": why, "message": message}
    attributes = storage.as_attributes(storage.FAILURE, record)
    return create_trial(state=TrialState.FAIL, system_attrs=attributes)


def test_only_duplicates_are_no_failures() -> None:
    study = hand.study([[1.0], TrialState.FAIL])
    study.add_trials([_failed(DUPLICATE), _failed("error", "no memory")])
    table = TrialTable.from_study(study)
    assert in_vain(table).tolist() == [False, False, True, False]
    assert [failure_message(trial) for trial in table.trials] == ["", "", DUPLICATE, "no memory"]

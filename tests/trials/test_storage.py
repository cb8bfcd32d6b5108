"""What is attached to trials and studies is read again as it was, in every storage."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import grpc
import optuna
import pytest
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.pruners import NopPruner
from optuna.samplers import RandomSampler
from optuna.storages import InMemoryStorage
from optuna.study import Study, StudyDirection
from optuna.trial import TrialState

from optuna_hpx.trials import storage

VALUES: list[Any] = [
    None,
    0,
    False,
    "",
    "ü\u2028\U0001f600",
    [1.5, [None, "a"]],
    {"x": "y" * 6001},
    "z" * 1998,  # with its quotes as long as a piece
    "z" * 1999,
]


@pytest.fixture(params=["memory", "sqlite"])
def study(request: pytest.FixtureRequest, tmp_path: Path) -> Study:
    url = None if request.param == "memory" else f"sqlite:///{tmp_path / 'study.db'}"
    return optuna.create_study(storage=url)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{str(value)[:10]}")
def test_a_value_is_read_as_it_was_written(study: Study, value: Any) -> None:
    trial = study.ask()
    storage.write(study, trial, storage.LEASE, "earlier and " + "longer" * 2000)
    storage.write(study, trial, storage.LEASE, value)
    attributes = study.trials[0].system_attrs
    assert storage.read(attributes, storage.LEASE) == value
    assert storage.read(attributes, storage.RUN) is None
    assert max(len(piece) for piece in attributes.values()) <= 2000


@pytest.mark.parametrize("value", VALUES[:-1], ids=lambda value: f"{str(value)[:10]}")
def test_a_value_of_a_study(study: Study, value: Any) -> None:
    assert storage.read_study(study, storage.LAW) is None
    if len(str(value)) > 2000:
        with pytest.raises(ValueError, match="at most 2000 characters as JSON, got 6010"):
            storage.write_study(study, storage.LAW, value)
        return
    storage.write_study(study, storage.LAW, "earlier")
    storage.write_study(study, storage.LAW, value)
    assert storage.read_study(study, storage.LAW) == value


def test_a_trial_that_has_ended_is_left_alone(study: Study) -> None:
    trial = study.ask()
    study.tell(trial, 1.0)
    with pytest.raises(UpdateFinishedTrialError):
        storage.write(study, trial, storage.FAILURE, "late")
    assert study.trials[0].system_attrs == {}


def test_only_our_own_attributes_are_left_out() -> None:
    own = storage.as_attributes(storage.BELIEF, "b" * 3000)
    assert len(own) == 2
    assert storage.without_own({**own, "grid_id": 1, "a:hpx:": 2}) == {"grid_id": 1, "a:hpx:": 2}


def test_keys_are_ours_and_none_begins_another() -> None:
    keys = [getattr(storage, name) for name in storage.__all__ if name.isupper()]
    assert len(keys) == 11
    assert all(key.startswith("hpx:") for key in keys)
    assert not any(a != b and b.startswith(a) for a in keys for b in keys)


def test_a_created_trial_runs_until_it_is_finished_once(study: Study) -> None:
    template = optuna.trial.create_trial(state=TrialState.RUNNING)
    first, second = (storage.create_trial(study, template) for _ in range(2))
    assert first < second
    assert [storage.trial_id(trial) for trial in study.trials] == [first, second]
    assert storage.get_trial(study, first).state == TrialState.RUNNING
    assert storage.finish(study, first, TrialState.COMPLETE, [2.0])
    assert storage.finish(study, first, TrialState.COMPLETE, [2.0]), "again, after an error"
    assert not storage.finish(study, first, TrialState.FAIL), "it is complete"
    assert storage.get_trial(study, first).value == 2.0
    assert storage.finish(study, second, TrialState.FAIL)


def test_another_study_shares_the_trials(study: Study) -> None:
    sampler, pruner = RandomSampler(), NopPruner()
    other = storage.another_study(study, sampler, pruner)
    other.tell(other.ask(), 1.0)
    assert [trial.value for trial in study.trials] == [1.0]
    assert (other.sampler, other.pruner) == (sampler, pruner)
    assert study.sampler is not sampler


def test_only_a_study_in_memory_has_one(study: Study) -> None:
    memory = storage.memory_of(study)
    assert (memory is None) == (not isinstance(study._storage, InMemoryStorage))
    assert memory in (None, study._storage)


def test_a_study_in_memory_is_made_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    sampler = RandomSampler()
    optuna.logging.enable_propagation()
    try:
        with caplog.at_level(logging.INFO, logger="optuna"):
            study = storage.study_in_memory(StudyDirection.MAXIMIZE, sampler)
            assert caplog.records == []
            optuna.create_study()
            assert caplog.records, "of other studies the log still speaks"
    finally:
        optuna.logging.disable_propagation()
    assert study.direction == StudyDirection.MAXIMIZE
    assert study.sampler is sampler
    assert storage.memory_of(study) is not None


class _RpcError(grpc.RpcError):  # type: ignore[misc]
    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code


@pytest.mark.parametrize(
    ("error", "is_passing"),
    [
        (StorageInternalError(), True),
        (_RpcError(grpc.StatusCode.UNAVAILABLE), True),
        (_RpcError(grpc.StatusCode.DEADLINE_EXCEEDED), True),
        (_RpcError(grpc.StatusCode.NOT_FOUND), False),
        (UpdateFinishedTrialError(), False),
        (KeyError(), False),
        (KeyboardInterrupt(), False),
    ],
    ids=repr,
)
def test_which_errors_pass(error: BaseException, is_passing: bool) -> None:
    assert storage.is_passing(error) == is_passing

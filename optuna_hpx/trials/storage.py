"""All direct dealings with a study's storage, and every attribute that this package writes to it.

Keys begin with ``hpx:``. Values are JSON, cut into pieces that fit a row of a relational storage.
What samplers of Optuna write is in :mod:`optuna_hpx.trials.marks`.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage, RDBStorage

from optuna_hpx.trials.transactions import writes_at_once

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.study import Study, StudyDirection
    from optuna.trial import FrozenTrial, Trial, TrialState

__all__ = [
    "BELIEF",
    "CHECKPOINT",
    "FAILURE",
    "FALLBACK",
    "LAW",
    "LEASE",
    "RANDOM",
    "RUN",
    "SEGMENT",
    "SURROGATE",
    "TASKS",
    "another_study",
    "as_attributes",
    "create_trial",
    "finish",
    "get_trial",
    "is_current",
    "is_own",
    "is_passing",
    "memory_of",
    "read",
    "read_study",
    "set_study_attribute",
    "set_trial_attribute",
    "study_attributes",
    "study_in_memory",
    "trial_id",
    "without_own",
    "write",
    "write_by_id",
    "write_study",
]

BELIEF = "hpx:belief"
"""What :class:`HsicSampler` believed when it chose a trial."""

FALLBACK = "hpx:fallback"
"""Why :class:`HsicSampler` left the choice of a trial to TPE."""

SURROGATE = "hpx:surrogate"
"""The hyperparameters of :class:`HsicSampler`'s Gaussian process, in a trial that it chose."""

RANDOM = "hpx:random"
"""That :class:`InterleavedSampler` drew a trial at random."""

LAW = "hpx:law"
"""What :class:`AsymptoticLawCallback` last learnt of a study."""

RUN = "hpx:run"
"""What a population is and how it is trained; in the first trial that bears it."""

SEGMENT = "hpx:segment"
"""Which segment of a population a trial trains."""

LEASE = "hpx:lease"
"""A number that the worker who trains a segment changes for as long as it lives."""

CHECKPOINT = "hpx:checkpoint"
"""Where a segment's checkpoint is, and its checksums."""

FAILURE = "hpx:failure"
"""Why a segment failed."""

TASKS = "hpx:tasks"
"""How many tasks the trials of a study are evaluated on, and how they come to one value."""

_PREFIX = "hpx:"
_PIECE = 2000  # characters; a relational storage takes 2048


def as_attributes(key: str, value: Any) -> dict[str, str]:
    """Return system attributes that hold ``value``.

    Args:
        key: One of the keys above.
        value: Anything that JSON can hold.
    """
    text = json.dumps(value)
    starts = range(0, len(text), _PIECE)
    return {f"{key}:{piece}": text[start : start + _PIECE] for piece, start in enumerate(starts)}


def write(study: Study, trial: FrozenTrial | Trial, key: str, value: Any) -> None:
    """Attach a value to a trial that is running; see :func:`write_by_id`."""
    write_by_id(study, trial_id(trial), key, value)


def write_by_id(study: Study, trial_id: int, key: str, value: Any) -> None:
    """Attach a value to a trial that is running, in place of an earlier one.

    Args:
        study: The study.
        trial_id: What the storage calls the trial.
        key: One of the keys above.
        value: Anything that JSON can hold, of any length.

    Raises:
        UpdateFinishedTrialError: If the trial has ended.
    """
    for name, piece in as_attributes(key, value).items():
        study._storage.set_trial_system_attr(trial_id, name, piece)


def read(attributes: Mapping[str, Any], key: str) -> Any:
    """Read what :func:`write` attached to a trial; None if nothing whole is there.

    Args:
        attributes: The ``system_attrs`` of the trial.
        key: One of the keys above.
    """
    pieces: list[str] = []
    while (piece := attributes.get(f"{key}:{len(pieces)}")) is not None:
        pieces.append(piece)
    try:  # without the pieces that a longer value, which this one replaced, had beyond its own
        return json.JSONDecoder().raw_decode("".join(pieces))[0]
    except json.JSONDecodeError:  # none, or a worker was stopped between two pieces
        return None


def without_own(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that this package did not write."""
    return {key: value for key, value in attributes.items() if not is_own(key)}


def is_own(key: str) -> bool:
    """Return whether an attribute of this key is written by this package."""
    return key.startswith(_PREFIX)


def write_study(study: Study, key: str, value: Any) -> None:
    """Attach a value to a study; the last writer wins.

    Args:
        study: The study.
        key: One of the keys above.
        value: JSON of at most 2000 characters.

    Raises:
        ValueError: If it is longer.
    """
    text = json.dumps(value)
    if len(text) > _PIECE:
        raise ValueError(f"`value` must be at most {_PIECE} characters as JSON, got {len(text)}.")
    set_study_attribute(study, key, text)


def read_study(study: Study, key: str) -> Any:
    """Read what :func:`write_study` attached; None if nothing is there."""
    text = study_attributes(study).get(key)
    return None if text is None else json.loads(text)


def study_attributes(study: Study) -> dict[str, Any]:
    """Return the system attributes of a study, as the storage holds them."""
    return study._storage.get_study_system_attrs(study._study_id)


def set_study_attribute(study: Study, key: str, value: Any) -> None:
    """Set a system attribute of a study to what JSON can hold."""
    study._storage.set_study_system_attr(study._study_id, key, value)


def trial_id(trial: FrozenTrial | Trial) -> int:
    """Return what the storage calls a trial."""
    return int(trial._trial_id)


def is_current(study: Study, name: str, trial: FrozenTrial | None) -> bool:
    """Return whether a study that was read is still the one of its name in its storage.

    Optuna keeps the finished trials that it read of a relational storage, which gives the numbers
    of what was deleted to what is made anew. Costs two small queries.

    Args:
        study: As it was loaded.
        name: Its name then.
        trial: One of its trials, that was finished when it was read; None if there was none.

    Raises:
        StorageInternalError: If the storage cannot be reached.
    """
    if name not in optuna.get_all_study_names(study._storage):
        return False
    backend = getattr(study._storage, "_backend", None)
    if trial is None or not isinstance(backend, RDBStorage):
        return trial is not None  # a journal never gives a number again
    try:
        again = backend.get_trial(trial_id(trial))
    except KeyError:
        return False
    return (again.number, again.datetime_start) == (trial.number, trial.datetime_start)


def get_trial(study: Study, trial_id: int) -> FrozenTrial:
    """Return a trial as the storage holds it; do not modify it."""
    return study._storage.get_trial(trial_id)


def create_trial(study: Study, template: FrozenTrial) -> int:
    """Add a trial like ``template``, which may be running.

    Returns:
        The id that the storage gave it. Ids of one study ascend in the order in which other
        workers come to see the trials.
    """
    return study._storage.create_new_trial(study._study_id, template)


def finish(
    study: Study, trial_id: int, state: TrialState, values: Sequence[float] | None = None
) -> bool:
    """Give a running trial its final state.

    To be called again if it raises: whether the storage did it before it raised is found out.

    Args:
        study: The study.
        trial_id: What the storage calls the trial.
        state: Complete, pruned or failed.
        values: Of its objectives; None if it has none.

    Returns:
        False if another worker gave it another state.
    """
    try:
        with writes_at_once(study):
            return study._storage.set_trial_state_values(trial_id, state, values)
    except UpdateFinishedTrialError:
        return study._storage.get_trial(trial_id).state == state


def is_passing(error: BaseException) -> bool:
    """Return whether a storage that raised ``error`` may answer if asked again.

    It may if it was busy or out of reach.
    """
    if isinstance(error, StorageInternalError):
        return True
    grpc = sys.modules.get("grpc")
    if grpc is None or not isinstance(error, grpc.RpcError):
        return False
    return error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def set_trial_attribute(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Set a system attribute of a running trial to what JSON can hold."""
    study._storage.set_trial_system_attr(trial_id(trial), key, value)


def another_study(study: Study, sampler: BaseSampler, pruner: BasePruner) -> Study:
    """Load the same study from the same storage, with another sampler and pruner."""
    return optuna.load_study(
        study_name=study.study_name, storage=study._storage, sampler=sampler, pruner=pruner
    )


def memory_of(study: Study) -> InMemoryStorage | None:
    """Return the storage of a study that no other process can see; None if one can."""
    return study._storage if isinstance(study._storage, InMemoryStorage) else None


_IN_MEMORY = "hpx-private"
# A study in memory for every child is nobody's news.
logging.getLogger("optuna.storages._in_memory").addFilter(
    lambda record: _IN_MEMORY not in record.getMessage()
)


def study_in_memory(direction: StudyDirection, sampler: BaseSampler | None = None) -> Study:
    """Create a study in memory, of which nothing is logged.

    Args:
        direction: Of its objective.
        sampler: Of the study; None for Optuna's default.
    """
    memory = InMemoryStorage()
    memory.create_new_study([direction], _IN_MEMORY)
    return optuna.load_study(study_name=_IN_MEMORY, storage=memory, sampler=sampler)

"""All direct dealings with a study's storage, and every attribute that this package writes to it.

Keys begin with ``hpx:``. Values are JSON, cut into pieces that fit a row of a relational storage.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.study import Study
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
    "TASKS",
    "another_study",
    "as_attributes",
    "create_trial",
    "finish",
    "get_trial",
    "is_passing",
    "memory_of",
    "next_in_sequence",
    "read",
    "read_study",
    "write",
    "write_by_id",
    "write_study",
    "writes_at_once",
]

BELIEF = "hpx:belief"
"""What :class:`HsicSampler` believed when it chose a trial."""

FALLBACK = "hpx:fallback"
"""Why :class:`HsicSampler` left the choice of a trial to plain TPE."""

RANDOM = "hpx:random"
"""That :class:`InterleavedSampler` drew a trial at random."""

LAW = "hpx:law"
"""What :class:`AsymptoticLawCallback` found of a study."""

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

_PIECE = 2000  # characters; a relational storage takes 2048


def as_attributes(key: str, value: Any) -> dict[str, str]:
    """System attributes that hold ``value``, anything that JSON can hold."""
    text = json.dumps(value)
    starts = range(0, len(text), _PIECE)
    return {f"{key}:{piece}": text[start : start + _PIECE] for piece, start in enumerate(starts)}


def write(study: Study, trial: FrozenTrial | Trial, key: str, value: Any) -> None:
    """Attach ``value``, anything that JSON can hold, to a trial that is running."""
    write_by_id(study, trial._trial_id, key, value)


def write_by_id(study: Study, trial_id: int, key: str, value: Any) -> None:
    """As :func:`write`."""
    for name, piece in as_attributes(key, value).items():
        study._storage.set_trial_system_attr(trial_id, name, piece)


def read(attributes: Mapping[str, Any], key: str) -> Any:
    """What :func:`write` attached, from a trial's ``system_attrs``; None if nothing whole is."""
    pieces: list[str] = []
    while (piece := attributes.get(f"{key}:{len(pieces)}")) is not None:
        pieces.append(piece)
    try:  # without the pieces that a longer value, which this one replaced, had beyond its own
        return json.JSONDecoder().raw_decode("".join(pieces))[0]
    except json.JSONDecodeError:  # none, or a worker was stopped between two pieces
        return None


def write_study(study: Study, key: str, value: Any) -> None:
    """Attach ``value``, JSON of at most 2000 characters, to a study; the last writer wins."""
    text = json.dumps(value)
    if len(text) > _PIECE:
        raise ValueError(f"`value` must be at most {_PIECE} characters as JSON, got {len(text)}.")
    study._storage.set_study_system_attr(study._study_id, key, text)


def read_study(study: Study, key: str) -> Any:
    """What :func:`write_study` attached, or None."""
    text = study._storage.get_study_system_attrs(study._study_id).get(key)
    return None if text is None else json.loads(text)


def create_trial(study: Study, template: FrozenTrial) -> int:
    """Add a trial like ``template``, which may be running; the id that the storage gave it.

    Ids of one study ascend in the order in which other workers come to see the trials.
    """
    return study._storage.create_new_trial(study._study_id, template)


def next_in_sequence(study: Study, index: int) -> bool:
    """If a QMCSampler has drawn in ``study``, let it draw the point of this index next."""
    attributes = study._storage.get_study_system_attrs(study._study_id)
    drawn = [key for key in attributes if key.startswith("qmc:")]
    for key in drawn:
        study._storage.set_study_system_attr(study._study_id, key, index - 1)
    return bool(drawn)


def finish(
    study: Study, trial_id: int, state: TrialState, values: Sequence[float] | None = None
) -> bool:
    """Give a running trial its final state; False if another worker gave it another one.

    To be called again if it raises: whether the storage did it before it raised is found out.
    """
    try:
        with writes_at_once(study):
            return study._storage.set_trial_state_values(trial_id, state, values)
    except UpdateFinishedTrialError:
        return study._storage.get_trial(trial_id).state == state


def is_passing(error: BaseException) -> bool:
    """Whether a storage that raised ``error`` may answer if asked again: busy, or out of reach."""
    if isinstance(error, StorageInternalError):
        return True
    grpc = sys.modules.get("grpc")
    if grpc is None or not isinstance(error, grpc.RpcError):
        return False
    return error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def get_trial(study: Study, trial_id: int) -> FrozenTrial:
    return study._storage.get_trial(trial_id)


def another_study(study: Study, sampler: BaseSampler, pruner: BasePruner) -> Study:
    """The same study in the same storage, with another sampler and pruner."""
    return optuna.load_study(
        study_name=study.study_name, storage=study._storage, sampler=sampler, pruner=pruner
    )


def memory_of(study: Study) -> InMemoryStorage | None:
    """The storage, if no other process can see it."""
    return study._storage if isinstance(study._storage, InMemoryStorage) else None


_at_once = threading.local()


@contextlib.contextmanager
def writes_at_once(study: Study) -> Iterator[None]:
    """In this block no other process comes between what a transaction reads and what it writes.

    Needed for SQLite only. Optuna locks the rows that it will change, but SQLite ignores that and
    begins a transaction at the first write, so that two workers may each find a trial running and
    finish it.
    """
    engine = getattr(getattr(study._storage, "_backend", study._storage), "engine", None)
    if engine is None or engine.dialect.name != "sqlite":
        yield
        return
    from sqlalchemy import event

    if not event.contains(engine, "begin", _begin_immediate):
        event.listen(engine, "begin", _begin_immediate)
    _at_once.active = True
    try:
        yield
    finally:
        _at_once.active = False


def _begin_immediate(connection: Any) -> None:
    if getattr(_at_once, "active", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

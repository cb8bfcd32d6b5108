"""What a trial records of a segment, read again."""

from __future__ import annotations

import math

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from optuna_hpx.population._segment import Segment, Task
from optuna_hpx.population.maths.plan import Kind
from optuna_hpx.trials import storage

ROOT = Task((0, 3), None, Kind.ROOT, 17)


def trial(task: Task, state: TrialState, value: float | None = None) -> FrozenTrial:
    attributes = storage.as_attributes(storage.SEGMENT, task.record)
    attributes |= storage.as_attributes(storage.LEASE, [4, 0.5])
    attributes |= storage.as_attributes(storage.CHECKPOINT, {"sha256": "ab", "parent": None})
    return create_trial(state=state, value=value, system_attrs=attributes)


def test_a_record_is_read_as_it_was_written() -> None:
    root = Segment.from_trial(trial(ROOT, TrialState.RUNNING), 1.0)
    assert root is not None
    assert (root.slot, root.parent, root.kind, root.seed) == ((0, 3), None, "root", 17)
    assert (root.generation, root.lease, root.sha256) == (0, (4, 0.5), "ab")
    child = Segment.from_trial(trial(Task((1, 2), root, Kind.VARY, 5), TrialState.RUNNING), 1.0)
    assert child is not None
    assert (child.slot, child.parent, child.kind) == ((1, 2), root.number, "vary")


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("value", [2.5, -2.5, math.inf, -math.inf])
def test_losses(sign: float, value: float) -> None:
    segment = Segment.from_trial(trial(ROOT, TrialState.COMPLETE, value), sign)
    assert segment is not None
    assert segment.loss == (sign * value if math.isfinite(value) else math.inf)


def test_losses_of_what_has_no_value() -> None:
    pruned = Segment.from_trial(trial(ROOT, TrialState.PRUNED), 1.0)
    running = Segment.from_trial(trial(ROOT, TrialState.RUNNING), 1.0)
    assert pruned is not None
    assert running is not None
    assert pruned.is_pruned
    assert pruned.loss == math.inf
    assert math.isnan(running.loss)


def test_other_trials_are_no_segments() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    assert Segment.from_trial(study.trials[0], 1.0) is None

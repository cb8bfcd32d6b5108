"""Schedules trained again, to the last bit."""

from __future__ import annotations

import dataclasses
import math
import tracemalloc
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx.population import (
    Checkpoint,
    ReplayError,
    Schedule,
)
from tests.population.models import descend
from tests.population.runs import scheduler


def changed(schedule: Schedule, at: int, **values: Any) -> Schedule:
    steps = list(schedule.steps)
    steps[at] = dataclasses.replace(steps[at], **values)
    return dataclasses.replace(schedule, steps=tuple(steps))


def test_a_replay_notices_the_last_bit() -> None:
    run = scheduler()
    run.optimize(descend)
    schedule = run.best_schedule()
    step = schedule.steps[1]
    for values in (
        {"params": {**step.params, "rate": float(np.nextafter(step.params["rate"], 0.0))}},
        {"seed": step.seed + 1},
        {"value": step.value + 1e-12},
        {"sha256": "0" * 64},
    ):
        wrong = changed(schedule, 1, **values)
        with pytest.raises(ReplayError, match=r"generation 1 (came to|left a checkpoint)"):
            run.replay(descend, wrong)
        assert math.isfinite(run.replay(descend, wrong, verify=False))


def test_a_replay_of_a_segment_that_asks_its_trial() -> None:
    seen: list[dict[str, Any]] = []

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        seen.append(trial.user_attrs)
        return descend(trial, checkpoint)

    run = scheduler()
    run.optimize(segment)
    schedule = run.best_schedule()
    trained = [seen[step.number] for step in schedule.steps]
    seen.clear()
    run.replay(segment, schedule)
    assert seen == trained


def test_a_replay_holds_one_checkpoint_at_a_time() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x = np.zeros(100_000)
        checkpoint.load(x=x)
        checkpoint.save(x=x)
        return trial.suggest_float("y", 0, 1) - checkpoint.generation

    run = scheduler(population_size=1, n_generations=12)
    run.optimize(segment)
    schedule = run.best_schedule()
    tracemalloc.start()
    run.replay(segment, schedule)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(schedule) == 12
    assert peak < 8 * 800_000


def test_a_replay_on_another_build_says_so() -> None:
    run = scheduler()
    run.optimize(descend)
    wrong = changed(run.best_schedule(), 0, sha256="0" * 64)
    wrong = dataclasses.replace(wrong, environment={**wrong.environment, "numpy": "0.1"})
    with pytest.raises(ReplayError, match=r"made elsewhere \(numpy 0.1 then and"):
        run.replay(descend, wrong)


def test_a_replay_with_another_segment() -> None:
    run = scheduler(n_generations=2)
    run.optimize(descend)

    def changed_segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        trial.suggest_float("decay", 0, 1)
        return descend(trial, checkpoint)

    with pytest.raises(ReplayError, match=r"it has \['momentum', 'rate'\]"):
        run.replay(changed_segment, run.best_schedule())

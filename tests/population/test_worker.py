"""What a segment may return, leave, raise and forget."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx._checks import returned_number
from optuna_hpx.population import (
    Checkpoint,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.trials import storage as _storage
from tests.population.models import check_run, descend
from tests.population.runs import N, T, scheduler, table


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_segment_that_diverges_has_no_children(direction: str) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        return math.nan if trial.params["rate"] > 0.3 else value

    study = optuna.create_study(direction=direction)
    scheduler(study).optimize(segment)
    check_run(study, N, T)
    worst = math.inf if direction == "minimize" else -math.inf
    diverged = [t for t in study.trials if t.params["rate"] > 0.3]
    assert diverged
    assert all(t.value == worst for t in diverged)
    parents = {t.user_attrs["parent"] for t in study.trials}
    assert not parents & {t.number for t in diverged}


def test_an_exception_is_raised_and_the_slot_tried_again() -> None:
    fails = [True]

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if checkpoint.generation == 1 and fails:
            fails.pop()
            raise ZeroDivisionError("by hand")
        return descend(trial, checkpoint)

    study = optuna.create_study()
    run = scheduler(study)
    with pytest.raises(ZeroDivisionError):
        run.optimize(segment)
    failed = study.trials[-1]
    assert failed.state == TrialState.FAIL
    told = _storage.read(failed.system_attrs, _storage.FAILURE)
    assert told == {"why": "error", "message": "ZeroDivisionError('by hand')"}
    run.optimize(segment)
    whole = scheduler()
    whole.optimize(descend)
    check_run(study, N, T)
    assert [row[:5] for row in table(study)] == [row[:5] for row in table(whole._study)]


def test_a_slot_that_always_fails_is_given_up() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.params["rate"] > 0.3:
            raise ValueError("too large")
        return value

    study = optuna.create_study()
    run = scheduler(study, max_attempts=2)
    run.optimize(segment, catch=ValueError)
    assert run.is_complete
    ledger = Ledger(study)
    ledger.update()
    given_up = [slot for slot, count in ledger.failures.items() if count]
    assert given_up
    assert all(ledger.failures[slot] == 2 for slot in given_up)
    assert len(ledger.published) == N * T - len(given_up)
    with pytest.raises(ValueError, match="a run with `max_attempts` 2"):
        scheduler(study, max_attempts=3).optimize(segment)


@pytest.mark.parametrize(
    ("segment", "error", "match"),
    [
        (lambda trial, checkpoint: "0.5", TypeError, "must return a number, got '0.5'"),
        (lambda trial, checkpoint: 1.0, ValueError, "must call checkpoint.save"),
        (lambda trial, checkpoint: None, TypeError, "got None"),
    ],
)
def test_segments_that_are_none(segment: Any, error: type, match: str) -> None:
    run = scheduler()
    with pytest.raises(error, match=match):
        run.optimize(segment)
    assert run._study.trials[-1].state == TrialState.FAIL


def test_the_last_generation_need_not_save() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        return trial.suggest_float("x", 0, 1)

    run = scheduler(n_generations=1)
    run.optimize(segment)
    assert run.best_schedule().steps[0].sha256 is None
    assert run.replay(segment, run.best_schedule()) == run._study.best_value


def test_parts_that_are_not_loaded(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x, v = np.zeros(1), np.zeros(1)
        checkpoint.load(x=x)
        checkpoint.save(x=x, v=v)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert said.text.count("saved ['v'], which the segment does not load") == 1


def test_parts_that_are_loaded_twice(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x, v = np.zeros(1), np.zeros(1)
        checkpoint.load(x=x, v=v)
        checkpoint.load(x=x)
        checkpoint.save(x=x, v=v)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert "does not load" not in said.text


def test_a_segment_that_never_loads(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        checkpoint.save(step=1)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert said.text.count("does not call checkpoint.load") == 1


def test_what_a_segment_returns() -> None:
    torch = pytest.importorskip("torch")
    for one in (torch.ones(1), np.ones((1, 1)), 1):
        assert returned_number("The segment", one) == 1.0
    with pytest.raises(TypeError, match="must return a number, got tensor"):
        returned_number("The segment", torch.zeros(2))

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> Any:
        return torch.tensor([trial.suggest_float("x", 0, 1)], dtype=torch.float64)

    run = scheduler(n_generations=1)
    run.optimize(segment)
    assert [t.value for t in run._study.trials] == [t.params["x"] for t in run._study.trials]

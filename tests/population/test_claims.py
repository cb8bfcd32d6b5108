"""Which slot a worker takes, and from which parent."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
    GPBTScheduler,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.trials import storage as _storage
from tests.population.models import check_run, descend
from tests.population.runs import N, T, claim_and_die, scheduler, table


def test_asynchronous_children_begin_before_their_generation() -> None:
    """One slow segment must not hold the others up, not even those of the last generation."""
    last_began = threading.Event()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if checkpoint.generation == T - 1:
            last_began.set()
        elif trial.number == 0:
            assert last_began.wait(60.0)
        return descend(trial, checkpoint)

    study = optuna.create_study()
    run = scheduler(study, synchronous=False)
    run.optimize(segment, n_jobs=2)
    assert study.trials[0].state == TrialState.COMPLETE
    published = Ledger(study)
    published.update()
    assert len(published.published) == N * T
    for segment_ in published.published.values():
        if segment_.parent is not None:
            parent = published.by_number[segment_.parent]
            assert parent.generation == segment_.generation - 1
            assert parent.trial.datetime_complete <= segment_.trial.datetime_start
    assert run.replay(descend, run.best_schedule()) == study.best_value


def test_asynchronous_workers_take_the_earliest_generation_first() -> None:
    """Children that begin early know few parents to choose from."""
    study = optuna.create_study()
    begun = [0, 0, 0]

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        generation = checkpoint.generation
        begun[generation] += 1
        if generation > 0:
            # Two at work: all but two of the generation before, or of its parents, are done.
            assert begun[generation - 1] >= 20 - 4
        time.sleep(0.01)
        return descend(trial, checkpoint)

    run = GPBTScheduler(study, population_size=20, n_generations=3, seed=0, synchronous=False)
    run.optimize(segment, n_jobs=2)


@pytest.mark.parametrize("synchronous", [True, False])
@pytest.mark.parametrize("n", [1, N])
def test_after_a_generation_that_diverged_the_one_before_has_children_again(
    n: int, synchronous: bool
) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        return math.inf if checkpoint.generation == 1 else value

    study = optuna.create_study()
    run = scheduler(study, population_size=n, synchronous=synchronous)
    run.optimize(segment, timeout=20.0)
    generation = {t.number: t.user_attrs["generation"] for t in study.trials}
    parents = [generation[t.user_attrs["parent"]] for t in study.trials[2 * n : 3 * n]]
    assert parents == [0] * n
    assert len([t for t in study.trials if t.state == TrialState.COMPLETE]) == n * T
    schedule = run.best_schedule()
    assert [step.generation for step in schedule.steps][:2] == [0, 2]
    assert run.replay(segment, schedule) == study.best_value


def test_if_nothing_ever_converges_the_error_says_so() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        descend(trial, checkpoint)
        return math.nan

    run = scheduler()
    with pytest.raises(RuntimeError, match="Generation 1 has no parents: of 8 segments none"):
        run.optimize(segment)
    with pytest.raises(ValueError, match="No segment of the study came to a finite value"):
        run.best_schedule()


def test_a_generation_that_only_raises_ends_with_what_to_do() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        raise OSError("no data")

    with pytest.raises(RuntimeError, match="failed trials of the study say"):
        scheduler().optimize(segment, catch=OSError)


def test_a_dead_workers_segment_is_trained_by_another() -> None:
    study = optuna.create_study()
    run = scheduler(study, lease_seconds=0.3)
    claim_and_die(study, run, slot=2)
    run.optimize(descend)
    check_run(study, N, T)
    assert study.trials[0].state == TrialState.FAIL
    assert _storage.read(study.trials[0].system_attrs, _storage.FAILURE)["why"] == "lost"
    whole = scheduler()
    whole.optimize(descend)
    assert [row[:5] for row in table(study)] == [row[:5] for row in table(whole._study)]


def test_of_two_workers_without_a_seed_the_first_ones_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another one's first trial comes between this one's look and its own first trial."""
    study = optuna.create_study()
    first, second = (scheduler(study, seed=None, lease_seconds=0.3) for _ in range(2))
    create_trial = _storage.create_trial

    def create(*args: Any) -> int:
        monkeypatch.undo()
        claim_and_die(study, first, slot=2)
        return create_trial(*args)

    monkeypatch.setattr(_storage, "create_trial", create)
    second.optimize(descend)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.run == first._run.settings.record
    for slot, segment in ledger.published.items():
        assert segment.seed == first._run.seed_of(slot)


def test_waiting_for_a_worker_that_is_gone(said: pytest.LogCaptureFixture) -> None:
    study = optuna.create_study()
    run = scheduler(study, population_size=2, n_generations=1, lease_seconds=5.0)
    claim_and_die(study, run, slot=1, lease=5.0)
    run.optimize(descend)
    assert "Waiting for other workers, which train trial 0." in said.text

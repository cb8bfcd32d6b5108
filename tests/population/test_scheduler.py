"""A run from its first segment to its schedule."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
    GPBTScheduler,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.maths import plan as plans
from tests.population.models import check_run, choose, descend
from tests.population.runs import N, T, scheduler, table


@pytest.mark.parametrize("segment", [descend, choose])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_run(segment: Any, direction: str) -> None:
    study = optuna.create_study(direction=direction)
    run = scheduler(study)
    assert not run.is_complete
    run.optimize(segment)
    assert run.is_complete
    check_run(study, N, T)
    assert len(study.trials) == N * T
    schedule = run.best_schedule()
    assert schedule.steps[-1].value == study.best_value
    assert run.replay(segment, schedule) == study.best_value


def test_it_finds_that_the_rate_must_fall() -> None:
    found = []
    for seed in range(3):
        run = scheduler(population_size=15, n_generations=6, seed=seed)
        run.optimize(descend)
        rates = [step.params["rate"] for step in run.best_schedule().steps]
        found.append(rates[-1] < 0.5 * max(rates))
    assert all(found)


def test_the_same_trials_again_with_one_seed() -> None:
    tables = []
    for seed in (0, 0, 1):
        run = scheduler(seed=seed)
        run.optimize(descend)
        tables.append(table(run._study))
    assert tables[0] == tables[1] != tables[2]


@pytest.mark.parametrize("segment", [descend, choose])
def test_the_default_does_not_depend_on_the_number_of_workers(segment: Any) -> None:
    alone, together = scheduler(), scheduler()
    alone.optimize(segment)
    together.optimize(segment, n_jobs=4)
    check_run(together._study, N, T)
    assert table(alone._study) == table(together._study)


def test_without_a_seed_runs_differ_and_two_workers_agree() -> None:
    first, second = scheduler(seed=None), scheduler(seed=None)
    first.optimize(descend)
    second.optimize(descend)
    assert table(first._study) != table(second._study)
    other = GPBTScheduler(first._study, population_size=N, n_generations=T)
    assert other.best_schedule() == first.best_schedule()
    assert other._run.settings == first._run.settings


def test_the_plan_of_the_paper() -> None:
    study = optuna.create_study()
    GPBTScheduler.paper(study, population_size=12, n_generations=3, seed=0).optimize(descend)
    check_run(study, 12, 3, plan=plans.paper(12, 3))
    ledger = Ledger(study)
    ledger.update()
    kinds = [s.kind for s in ledger.generation(1)]
    assert kinds == (["continue"] + ["propose"] * 3) * 3


def test_a_run_goes_on_where_it_stopped() -> None:
    whole = scheduler()
    whole.optimize(descend)
    study = optuna.create_study()
    for _ in range(N * T):
        run = scheduler(study)
        done = [0]

        def after(study: Any, trial: Any, run: Any = run, done: Any = done) -> None:
            done[0] += 1
            if done[0] == 5:
                run.stop()

        run.optimize(descend, callbacks=[after])
        if run.is_complete:
            break
        assert done[0] == 5
    assert table(study) == table(whole._study)


def test_interrupted_from_the_keyboard() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if trial.number == 3:
            raise KeyboardInterrupt
        return descend(trial, checkpoint)

    run = scheduler()
    with pytest.raises(KeyboardInterrupt):
        run.optimize(segment)
    assert run._study.trials[-1].state == TrialState.FAIL
    run.optimize(descend)
    check_run(run._study, N, T)


def test_the_best_model_can_be_loaded() -> None:
    run = scheduler()
    run.optimize(descend)
    x = np.zeros(6)
    assert run.best_checkpoint().load(x=x, steps=0)["steps"] == 5 * len(run.best_schedule())
    assert np.logspace(-1, 0, 6) @ x**2 / 2.0 == run._study.best_value


def test_a_generation_as_a_study() -> None:
    run = scheduler()
    run.optimize(descend)
    alone = run.generation(2)
    assert len(alone.trials) == N
    expected = [t.values for t in run._study.trials if t.user_attrs["generation"] == 2]
    assert [t.values for t in alone.trials] == expected
    assert optuna.importance.get_param_importances(alone)


def test_other_trials_of_the_study_are_left_alone() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("y", 0, 1), n_trials=3)
    study.enqueue_trial({"y": 0.5})
    scheduler(study).optimize(descend)
    check_run(study, N, T)
    assert [set(t.params) for t in study.trials[:3]] == [{"y"}] * 3
    assert study.trials[3].state == TrialState.WAITING


def test_the_users_study_keeps_its_sampler() -> None:
    sampler = TPESampler()
    study = optuna.create_study(sampler=sampler)
    scheduler(study).optimize(descend)
    assert study.sampler is sampler

"""TaskRacingPruner: what it drops, what it does not, and what a decision costs."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.pruners import WilcoxonPruner
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, task_matrix
from optuna_hpx.tasks.maths import racing
from tests.tasks.problems import add_trial

N_TASKS = 30


def race(
    losses: np.ndarray,
    pruner: optuna.pruners.BasePruner,
    *,
    direction: str = "minimize",
    aggregate: Any = "mean",
    seed: int = 0,
) -> optuna.Study:
    """Trial k has the values in row k of ``losses`` (m, T)."""
    study = optuna.create_study(direction=direction, sampler=RandomSampler(seed=0), pruner=pruner)

    def evaluate(trial: optuna.Trial, task: int) -> float:
        trial.suggest_int("row", trial.number, trial.number)
        return float(losses[trial.number, task])

    objective = MultiTaskObjective(
        evaluate, range(losses.shape[1]), aggregate=aggregate, seed=seed
    )
    study.optimize(objective, n_trials=len(losses))
    return study


def states(study: optuna.Study) -> list[str]:
    return [trial.state.name for trial in study.trials]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("test", ["t", "wilcoxon"])
def test_drops_what_is_worse_and_keeps_what_is_better(direction: str, test: Any) -> None:
    rng = np.random.default_rng(0)
    losses = rng.normal(size=(4, N_TASKS)) + np.array([[0.0], [2.0], [-0.5], [2.0]])
    sign = -1.0 if direction == "maximize" else 1.0
    study = race(sign * losses, TaskRacingPruner(test=test), direction=direction)
    assert states(study) == ["COMPLETE", "PRUNED", "COMPLETE", "PRUNED"]
    n_seen = task_matrix(study).notna().sum(axis=1)
    assert 5 <= n_seen[1] <= 12
    assert study.best_trial.number == 2


def test_nothing_is_dropped_before_enough_tasks() -> None:
    losses = np.array([np.zeros(N_TASKS), np.ones(N_TASKS)])
    losses += 0.01 * np.random.default_rng(0).normal(size=losses.shape)
    for n_startup in (2, 5, 20):
        study = race(losses, TaskRacingPruner(n_startup_tasks=n_startup))
        assert n_startup <= task_matrix(study).notna().sum(axis=1)[1] <= n_startup + 2
    study = race(losses, TaskRacingPruner(n_startup_tasks=N_TASKS))
    assert states(study) == ["COMPLETE", "COMPLETE"]


def test_equal_configurations() -> None:
    """As good as the best one, 120 of them, with tied values: standard error .03 at .1."""
    rng = np.random.default_rng(0)
    base = rng.choice([0.7, 0.8, 0.9], size=N_TASKS)
    losses = base + rng.choice([-0.1, 0.0, 0.1], size=(121, N_TASKS))
    losses[0] = base  # not chosen as the best of many, which it would be a little
    study = _against(losses, TaskRacingPruner())
    n_ours = states(study).count("PRUNED")
    assert n_ours <= 0.1 * 120 + 3 * 3.3
    # Of ties SciPy enumerates all signs, for up to ten seconds: spare it that.
    untied = losses + 1e-7 * rng.uniform(size=losses.shape)
    study = _against(untied, WilcoxonPruner())
    assert states(study).count("PRUNED") > 2 * n_ours


def _against(losses: np.ndarray, pruner: optuna.pruners.BasePruner) -> optuna.Study:
    """Each row against the first, whose values nobody improves on: all others are dropped."""
    study = optuna.create_study(sampler=RandomSampler(seed=0), pruner=pruner)
    rng = np.random.default_rng(1)
    for k, row in enumerate(losses):
        trial = study.ask()
        dropped = False
        for i in rng.permutation(len(row)).tolist():
            trial.report(row[i], i)
            dropped = k > 0 and trial.should_prune()
            if dropped:
                break
        state = (
            TrialState.COMPLETE if k == 0 else TrialState.PRUNED if dropped else TrialState.FAIL
        )
        study.tell(trial, float(row.mean()) if k == 0 else None, state=state)
    return study


def test_equal_configurations_after_some_that_are_all_but_the_best() -> None:
    """As TPE tries them on a plateau: the differences of these are no scale for others."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=N_TASKS)
    study = optuna.create_study(sampler=RandomSampler(seed=0), pruner=TaskRacingPruner())
    for k in range(5):
        values = base + 0.001 * k
        add_trial(study, 0.05 * k, dict(enumerate(values.tolist())))
    n_dropped = 0
    for _ in range(100):
        trial = study.ask()
        for i in rng.permutation(N_TASKS).tolist():
            trial.report(base[i] + rng.normal(), i)
            if trial.should_prune():
                n_dropped += 1
                break
        study.tell(trial, state=TrialState.FAIL)
    assert n_dropped <= 10 + 3 * 3


def test_differences_that_are_rarely_large_need_a_second_trial() -> None:
    """A little worse on most tasks, much better on a few: not worse at all."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=N_TASKS)

    def rarely(seed: int) -> np.ndarray:
        better = np.random.default_rng(seed).permutation(N_TASKS) < 3
        return base + np.where(better, -0.95, 0.1)

    losses = np.array([base, rarely(1), *(rarely(seed) for seed in range(2, 12))])
    # The second trial is complete, and shows what differences are like.
    study = optuna.create_study(sampler=RandomSampler(seed=0), pruner=TaskRacingPruner())
    for row in losses[:2]:
        add_trial(study, 0.05 * len(study.trials), dict(enumerate(row.tolist())))
    n_dropped = 0
    for row in losses[2:]:
        trial = study.ask()
        for i in rng.permutation(N_TASKS).tolist():
            trial.report(row[i], i)
            if trial.should_prune():
                n_dropped += 1
                break
        study.tell(trial, state=TrialState.FAIL)
    assert n_dropped <= 2


@pytest.mark.parametrize("aggregate", ["median", "worst"])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_other_aggregates_drop_only_what_cannot_win(aggregate: Any, direction: str) -> None:
    rng = np.random.default_rng(0)
    for seed in range(5):
        losses = rng.normal(size=(12, 9)) + rng.normal(size=(12, 1))
        sign = -1.0 if direction == "maximize" else 1.0
        raced = race(
            sign * losses, TaskRacingPruner(), direction=direction, aggregate=aggregate, seed=seed
        )
        whole = race(
            sign * losses,
            optuna.pruners.NopPruner(),
            direction=direction,
            aggregate=aggregate,
            seed=seed,
        )
        assert raced.best_trial.number == whole.best_trial.number
        assert raced.best_value == whole.best_value
        assert "PRUNED" in states(raced)


def test_values_that_are_not_finite() -> None:
    losses = np.random.default_rng(0).normal(size=(4, N_TASKS))
    losses[1, 7] = np.inf
    losses[2, :] = -np.inf
    study = race(losses[[0, 1]], TaskRacingPruner())
    assert states(study) == ["COMPLETE", "PRUNED"]
    assert not TaskRacingPruner().prune(study, study.trials[0])
    study = race(losses[[0, 2]], TaskRacingPruner())
    assert states(study) == ["COMPLETE", "COMPLETE"]


def test_an_incomplete_best_is_no_opponent() -> None:
    study = optuna.create_study(pruner=TaskRacingPruner())
    add_trial(study, 0.0, dict.fromkeys(range(3), -100.0))
    add_trial(study, 0.5, dict.fromkeys(range(10), 0.0))
    trial = study.ask()
    for i in range(9):
        trial.report(-1.0 - 0.1 * (i % 2), i)
    assert not trial.should_prune()


def test_without_an_opponent() -> None:
    study = optuna.create_study(pruner=TaskRacingPruner())
    trial = study.ask()
    assert not trial.should_prune()
    trial.report(1.0, 0)
    assert not trial.should_prune()


def test_an_infeasible_trial_is_no_opponent() -> None:
    def constraints(trial: optuna.trial.FrozenTrial) -> list[float]:
        return [1.0 if trial.number == 0 else -1.0]

    losses = np.array([np.zeros(N_TASKS), np.ones(N_TASKS)])
    losses += 0.01 * np.random.default_rng(0).normal(size=losses.shape)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=0, constraints_func=constraints),
        pruner=TaskRacingPruner(),
    )
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: trial.suggest_float("x", 0, 1) * 0 + losses[trial.number, task],
            range(N_TASKS),
        ),
        n_trials=2,
    )
    assert states(study) == ["COMPLETE", "COMPLETE"]


def test_a_decision_takes_less_than_a_millisecond() -> None:
    """At 50 tasks with tied values; the slowest of three medians, for a machine that is busy."""
    rng = np.random.default_rng(0)
    study = optuna.create_study(pruner=TaskRacingPruner())
    for k in range(10):
        values = rng.choice([0.8, 0.9], size=50).tolist()
        add_trial(study, 0.05 * k, dict(enumerate(values)))
    trial = study.ask()
    for i in range(49):
        trial.report(float(rng.choice([0.8, 0.9])), i)
    frozen, pruner = study.trials[-1], study.pruner
    pruner.prune(study, frozen)
    medians = []
    for _ in range(3):
        times = []
        for _ in range(50):
            begin = time.perf_counter()
            pruner.prune(study, frozen)
            times.append(time.perf_counter() - begin)
        medians.append(np.median(times))
    assert min(medians) < 1e-3


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"test": "sign"}, ValueError, "`test` must be one of"),
        ({"overall_alpha": 0.0}, ValueError, r"`overall_alpha` must be in \(0, 1\)"),
        ({"overall_alpha": "x"}, TypeError, "`overall_alpha` must be a number"),
        ({"n_startup_tasks": 1}, ValueError, "`n_startup_tasks` must be at least 2"),
    ],
)
def test_bad_arguments(kwargs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TaskRacingPruner(**kwargs)


def test_the_threshold_is_simulated_once() -> None:
    racing.threshold("t", 40, 5, 0.1, knows_spread=True)
    hits = racing.threshold.cache_info().hits
    racing.threshold("t", 40, 5, 0.1, knows_spread=True)
    assert racing.threshold.cache_info().hits == hits + 1

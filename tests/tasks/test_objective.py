"""MultiTaskObjective, and the matrix that it leaves in the study."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from benchmarks.population.gpbt_soak import open_storage
from optuna_hpx import MultiTaskObjective, TaskRacingPruner, task_matrix
from tests.tasks.problems import evaluate, utility


def tune(objective: Any, n_trials: int = 6, **kwargs: Any) -> optuna.Study:
    study = optuna.create_study(
        direction="maximize", sampler=RandomSampler(seed=0), **{"pruner": None, **kwargs}
    )
    study.optimize(objective, n_trials=n_trials)
    return study


@pytest.mark.parametrize(
    ("aggregate", "of"), [("mean", np.mean), ("median", np.median), ("worst", np.min)]
)
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_what_a_trial_is_worth(aggregate: Any, of: Callable[..., float], direction: str) -> None:
    objective = MultiTaskObjective(evaluate, range(7), aggregate=aggregate, seed=0)
    study = optuna.create_study(
        direction=direction, sampler=RandomSampler(seed=0), pruner=optuna.pruners.NopPruner()
    )
    study.optimize(objective, n_trials=4)
    if aggregate == "worst" and direction == "minimize":
        of = np.max
    for trial in study.trials:
        values = [utility(trial.params["x"], task) for task in range(7)]
        assert trial.value == pytest.approx(of(values))
        assert trial.intermediate_values == dict(enumerate(values))


def test_the_matrix_of_trials_and_tasks() -> None:
    def prune_early(trial: optuna.Trial, task: int) -> float:
        if trial.number == 1 and len(trial._cached_frozen_trial.intermediate_values) == 2:
            raise optuna.TrialPruned
        return evaluate(trial, task)

    study = tune(MultiTaskObjective(prune_early, range(5), seed=0), pruner=None)
    matrix = task_matrix(study)
    assert matrix.shape == (6, 5)
    assert matrix.index.name == "trial"
    assert matrix.columns.name == "task"
    assert matrix.loc[1].notna().sum() == 2
    assert study.trials[1].state == TrialState.PRUNED
    x = study.trials[3].params["x"]
    np.testing.assert_allclose(matrix.loc[3], [utility(x, task) for task in range(5)])


def test_each_trial_has_an_order_of_its_own() -> None:
    def orders(seed: int | None) -> list[list[int]]:
        seen: list[list[int]] = []

        def note(trial: optuna.Trial, task: int) -> float:
            if not trial._cached_frozen_trial.intermediate_values:
                seen.append([])
            seen[-1].append(task)
            return evaluate(trial, task)

        tune(MultiTaskObjective(note, list(range(30)), seed=seed, reuse_values=False))
        return seen

    first = orders(0)
    assert all(sorted(order) == list(range(30)) for order in first)
    assert len({tuple(order) for order in first}) == 6
    assert orders(0) == first
    assert orders(1) != first
    assert orders(None) != orders(None)


class BrokenError(Exception):
    pass


def failing(trial: optuna.Trial, task: int) -> float:
    if trial.number == 1 and task == 2:
        raise BrokenError("of all things")
    return float("nan") if trial.number == 2 and task == 3 else evaluate(trial, task)


def test_a_task_that_raises_fails_the_trial_and_keeps_the_others() -> None:
    objective = MultiTaskObjective(failing, range(6), seed=1)
    study = optuna.create_study(sampler=RandomSampler(seed=0), pruner=optuna.pruners.NopPruner())
    study.optimize(objective, n_trials=4, catch=(BrokenError, ValueError))
    states = [t.state for t in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.FAIL, TrialState.COMPLETE]
    assert study.trials[1].user_attrs["task_errors"] == {"2": "BrokenError('of all things')"}
    assert "NaN on task 3" in study.trials[2].user_attrs["task_errors"]["3"]
    order = np.random.default_rng([1, 1]).permutation(6).tolist()
    assert set(study.trials[1].intermediate_values) == set(order[: order.index(2)])
    with pytest.raises(BrokenError):
        MultiTaskObjective(lambda t, task: failing(_Second(), task), [2])(
            optuna.create_study().ask()
        )


class _Second:
    number = 1


def test_a_task_that_raises_can_count_as_the_worst() -> None:
    objective = MultiTaskObjective(failing, range(6), seed=1, error_value=-1.0)
    study = tune(objective, 4, pruner=optuna.pruners.NopPruner())
    assert all(t.state == TrialState.COMPLETE for t in study.trials)
    assert task_matrix(study).loc[1, 2] == -1.0
    assert task_matrix(study).loc[2, 3] == -1.0
    assert set(study.trials[2].user_attrs["task_errors"]) == {"3"}
    assert "task_errors" not in study.trials[0].user_attrs


def test_a_task_that_raises_before_its_first_suggest_is_no_other_configuration() -> None:
    def unreadable(trial: optuna.Trial, task: int) -> float:
        if task == 3:
            raise OSError("cannot read it")
        return evaluate(trial, task)

    objective = MultiTaskObjective(unreadable, range(6), seed=0, error_value=-1.0)
    study = tune(objective, 12, pruner=optuna.pruners.NopPruner())
    orders = [np.random.default_rng([0, k]).permutation(6).tolist() for k in range(12)]
    assert any(order[0] == 3 for order in orders)
    for trial in study.trials:
        assert trial.state == TrialState.COMPLETE
        assert trial.params.keys() == {"x"}
        assert trial.intermediate_values == {
            task: -1.0 if task == 3 else utility(trial.params["x"], task) for task in range(6)
        }


def test_values_are_kept_where_the_first_task_of_the_second_trial_raises() -> None:
    calls: list[tuple[int, int]] = []
    objective: Any = None

    def first_task_raises(trial: optuna.Trial, task: int) -> float:
        calls.append((trial.number, task))
        if trial.number == 1 and task == objective._order(1)[0]:
            raise OSError("away for once")
        return trial.suggest_float("x", 0.5, 0.5) + task

    objective = MultiTaskObjective(first_task_raises, range(5), seed=0, error_value=-1.0)
    study = tune(objective, 2, pruner=optuna.pruners.NopPruner())
    order = objective._order(1)
    assert [task for number, task in calls if number == 1] == order[:2]
    assert study.trials[1].intermediate_values == {
        task: -1.0 if task == order[0] else 0.5 + task for task in range(5)
    }


@pytest.mark.parametrize("first", [2, None])
def test_hyperparameters_that_only_some_tasks_have_are_refused(first: int | None) -> None:
    def uneven(trial: optuna.Trial, task: int) -> float:
        if len(trial.params) == 0 and first is not None and task != first:
            raise OSError("before any")
        x = trial.suggest_float("x", 0, 1)
        return x + (trial.suggest_float("y", 0, 1) if task == 4 else 0.0)

    objective = MultiTaskObjective(uneven, range(5), seed=8, error_value=0.0)
    assert objective._order(0).index(2) < objective._order(0).index(4)
    with pytest.raises(ValueError, match=r"same hyperparameters.*\['y'\] in addition on task 4"):
        tune(objective, 1, pruner=optuna.pruners.NopPruner())


def test_an_interrupt_is_no_error_of_a_task() -> None:
    def interrupted(trial: optuna.Trial, task: int) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(MultiTaskObjective(interrupted, range(3), error_value=0.0))


def test_a_study_keeps_to_its_tasks() -> None:
    study = tune(MultiTaskObjective(evaluate, range(5)), 1)
    with pytest.raises(ValueError, match=r"`n_tasks` 5, got 6.*enqueue_trial"):
        study.optimize(MultiTaskObjective(evaluate, range(6)), n_trials=1)
    with pytest.raises(ValueError, match=r"`aggregate` 'mean', got 'worst'"):
        study.optimize(MultiTaskObjective(evaluate, range(5), aggregate="worst"), n_trials=1)
    study.optimize(MultiTaskObjective(evaluate, range(5), seed=3), n_trials=1)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"evaluate": 3}, TypeError, "`evaluate` must be a function"),
        ({"tasks": []}, ValueError, "`tasks` must have at least one"),
        ({"tasks": {1, 2}}, TypeError, "`tasks` must be a sequence, got a set"),
        ({"tasks": iter([1])}, TypeError, "`tasks` must be a sequence"),
        ({"aggregate": "best"}, ValueError, "`aggregate` must be one of"),
        ({"seed": -1}, ValueError, "`seed` must not be negative"),
        ({"error_value": float("nan")}, ValueError, "`error_value` must be finite"),
    ],
)
def test_bad_arguments(kwargs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        MultiTaskObjective(**{"evaluate": evaluate, "tasks": [1], **kwargs})


@pytest.mark.parametrize(
    "pruner",
    [
        None,
        optuna.pruners.HyperbandPruner(min_resource=1, max_resource=5),
        optuna.pruners.SuccessiveHalvingPruner(),
        optuna.pruners.PatientPruner(optuna.pruners.MedianPruner(), 0),
    ],
)
def test_pruners_of_learning_curves_are_not_asked(
    pruner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    optuna.logging.enable_propagation()
    try:
        study = tune(MultiTaskObjective(evaluate, range(9)), 12, pruner=pruner)
    finally:
        optuna.logging.disable_propagation()
    assert {t.state for t in study.trials} == {TrialState.COMPLETE}
    said = [r for r in caplog.records if "pruner=TaskRacingPruner()" in r.getMessage()]
    assert len({record.created for record in said}) == 1  # once, by however many handlers


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize", "minimize"])
    with pytest.raises(ValueError, match="must have one objective, got 2"):
        study.optimize(MultiTaskObjective(evaluate, range(2)), n_trials=1)
    with pytest.raises(ValueError, match="must have one objective, got 2"):
        task_matrix(study)


def test_a_study_without_tasks() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0.0, 1.0), n_trials=2)
    with pytest.raises(ValueError, match="value for each task, got none"):
        task_matrix(study)


def test_a_configuration_that_comes_again_costs_one_task() -> None:
    evaluated: list[tuple[int, int]] = []

    def noisy(trial: optuna.Trial, task: int) -> float:
        evaluated.append((trial.number, task))
        x = trial.suggest_float("x", 0.0, 1.0, step=0.5)
        if trial.number == 0 and len(evaluated) == 4:
            raise optuna.TrialPruned
        return x + 0.001 * len(evaluated)

    study = optuna.create_study(pruner=optuna.pruners.NopPruner())
    for x in (0.5, 0.5, 1.0, 0.5):
        study.enqueue_trial({"x": x})
    study.optimize(MultiTaskObjective(noisy, range(8), seed=0), n_trials=4)
    number = [trial for trial, _ in evaluated]
    # The first stopped in its fourth task; the second had one of its three, or another, first.
    assert [number.count(k) for k in (0, 2, 3)] == [4, 8, 1]
    assert number.count(1) in (5, 6)
    matrix = task_matrix(study)
    seen = matrix.loc[0].notna()
    assert (matrix.loc[1, seen] == matrix.loc[0, seen]).all()
    assert (matrix.loc[3] == matrix.loc[1]).all()
    assert study.trials[3].value == pytest.approx(matrix.loc[1].mean())
    before = len(evaluated)
    study.enqueue_trial({"x": 0.5})
    study.optimize(MultiTaskObjective(noisy, range(8), reuse_values=False), n_trials=1)
    assert len(evaluated) == before + 8
    assert (task_matrix(study).loc[4] != matrix.loc[1]).all()


def test_an_error_may_not_come_again() -> None:
    calls: list[int] = []

    def once(trial: optuna.Trial, task: int) -> float:
        calls.append(task)
        trial.suggest_float("x", 0.0, 0.0)
        if len(calls) == 2:
            raise MemoryError("busy")
        return 1.0

    objective = MultiTaskObjective(once, range(4), seed=0, error_value=0.0)
    study = tune(objective, 2, pruner=optuna.pruners.NopPruner())
    assert [trial.value for trial in study.trials] == [0.75, 1.0]
    assert "task_errors" not in study.trials[1].user_attrs


def test_reports_of_its_own_would_be_tasks() -> None:
    def epochs(trial: optuna.Trial, task: int) -> float:
        for epoch in range(3):
            trial.report(0.0, epoch)
        return 0.9

    with pytest.raises(RuntimeError, match=r"must not call trial\.report"):
        tune(MultiTaskObjective(epochs, range(6)), 1)


def test_each_task_has_the_same_hyperparameters() -> None:
    def own(trial: optuna.Trial, task: int) -> float:
        return trial.suggest_float(f"x{task}", 0.0, 1.0)

    with pytest.raises(ValueError, match=r"same hyperparameters for each task, got \['x"):
        tune(MultiTaskObjective(own, range(6)), 1)


def test_what_it_must_be_called_with_and_return() -> None:
    with pytest.raises(TypeError, match="must be a Trial of a study, got a FixedTrial"):
        MultiTaskObjective(evaluate, [0])(optuna.trial.FixedTrial({"x": 0.5}))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"must return a number, got \(1, 2\) on task 0"):
        tune(MultiTaskObjective(lambda trial, task: (1, 2), [0]), 1)  # type: ignore[arg-type, return-value]


# Workers and storages


def test_every_storage_holds_the_matrix(storage: BaseStorage) -> None:
    study = optuna.create_study(
        storage=storage, sampler=TPESampler(seed=0), pruner=TaskRacingPruner(), study_name="s"
    )
    study.optimize(MultiTaskObjective(evaluate, range(12), seed=0), n_trials=15)
    again = optuna.load_study(study_name="s", storage=storage)
    matrix = task_matrix(again)
    memory = optuna.create_study(sampler=TPESampler(seed=0), pruner=TaskRacingPruner())
    memory.optimize(MultiTaskObjective(evaluate, range(12), seed=0), n_trials=15)
    np.testing.assert_allclose(matrix, task_matrix(memory))
    assert matrix.isna().to_numpy().any()


def _work(address: str) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        study_name="s",
        storage=open_storage(address),
        sampler=RandomSampler(),
        pruner=TaskRacingPruner(),
    )
    study.optimize(MultiTaskObjective(evaluate, range(12)), n_trials=8)


def test_processes_share_it(address: str) -> None:
    storage = open_storage(address)
    study = optuna.create_study(storage=storage, study_name="s")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(address,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    matrix = task_matrix(study)
    assert matrix.shape == (16, 12)
    for trial in study.trials:
        for task, value in trial.intermediate_values.items():
            assert value == utility(trial.params["x"], task)
        assert trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
        is_whole = len(trial.intermediate_values) == 12
        assert is_whole or trial.state == TrialState.PRUNED


def test_it_can_be_sent_to_another_process() -> None:
    objective = pickle.loads(pickle.dumps(MultiTaskObjective(evaluate, range(3), seed=0)))
    assert (
        tune(objective, 2).best_value == tune(MultiTaskObjective(evaluate, range(3)), 2).best_value
    )

"""Which configuration is the best, and when none can be certified."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.tasks import NoCertificateError
from optuna_hpx.tasks._choice import bounded_values, choose_best
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._task_study import TaskStudy
from optuna_hpx.tasks.maths.utility import UtilityScale
from tests.tasks import by_hand as hand

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
NAN = math.nan


def best_of(study: optuna.Study) -> int:
    tasks = TaskStudy.of(study)
    return choose_best(tasks, Configurations.of(tasks))


def refusal(study: optuna.Study) -> NoCertificateError:
    with pytest.raises(NoCertificateError) as raised:
        best_of(study)
    return raised.value


@pytest.mark.parametrize(
    ("aggregate", "direction", "row"),
    [
        ("mean", "minimize", 0),
        ("mean", "maximize", 1),
        ("median", "minimize", 2),
        ("median", "maximize", 1),
        ("worst", "minimize", 1),
        ("worst", "maximize", 1),
    ],
)
def test_the_best_by_each_aggregate(aggregate: str, direction: str, row: int) -> None:
    """Means 2, 8/3, 7/3; medians 2, 3, 1; largest 4, 3, 5; smallest 0, 2, 1."""
    rows = [(0.0, 2.0, 4.0), (2.0, 3.0, 3.0), (5.0, 1.0, 1.0)]
    trials = [(k, values, COMPLETE) for k, values in enumerate(rows)]
    assert best_of(hand.study(trials, direction=direction, aggregate=aggregate)) == row


def test_of_equal_ones_the_first() -> None:
    trials = [(k, (0.5, 0.5, 0.5), COMPLETE) for k in (4, 2, 3)]
    assert best_of(hand.study(trials)) == 0


def test_a_configuration_is_the_best_by_its_first_values() -> None:
    trials = [(0, (0.3, 0.3), COMPLETE), (1, (0.4, 0.4), COMPLETE), (1, (0.2, 0.2), COMPLETE)]
    assert best_of(hand.study(trials)) == 0


def test_one_that_was_pruned_and_then_finished_may_be_the_best() -> None:
    trials = [
        (0, (0.3, 0.3), COMPLETE),
        (1, (0.2,), PRUNED),
        (2, (0.1,), FAIL),
        (1, (0.2, 0.2), COMPLETE),
    ]
    assert best_of(hand.study(trials)) == 1


def test_one_task_is_too_few() -> None:
    error = refusal(hand.study([(0, (0.5,), COMPLETE)]))
    assert error.reason == "`study` must have at least 2 tasks, got 1."


@pytest.mark.parametrize(
    ("trials", "most"),
    [
        ([], 0),
        ([(None, (), FAIL)], 0),
        ([(0, (0.1,), PRUNED), (1, {0: 0.1, 2: 0.1}, FAIL)], 2),
        ([(0, (0.1, 0.1, 0.1), PRUNED)], 3),
        ([(0, (0.1, math.inf, 0.1), COMPLETE)], 2),
    ],
)
def test_none_was_evaluated_on_all_tasks(
    trials: list[tuple[int | None, tuple[float, ...], TrialState]], most: int
) -> None:
    error = refusal(hand.study(trials, aggregate="mean"))
    assert error.reason == (
        "`study` must have a trial that is COMPLETE and has a value for each of the 3 tasks, 0 to "
        f"2, got at most {most} values in any."
    )
    assert error.advice.startswith("Finish one without pruning")


def test_a_better_one_has_not_all_tasks() -> None:
    error = refusal(hand.study([(0, (0.3, 0.3), COMPLETE), (1, (0.1,), COMPLETE)]))
    assert error.reason == (
        "The best trial of `study`, 1, must have been evaluated on all 2 tasks and be feasible "
        "whenever it was tried, got 1 tasks."
    )
    assert error.advice.startswith("Finish it: `study.enqueue_trial(study.best_params)`")


def test_the_best_broke_a_constraint_when_it_was_tried_again() -> None:
    trials = [(0, (0.3, 0.3), COMPLETE), (1, (0.1, 0.1), COMPLETE), (1, (0.1, 0.1), COMPLETE)]
    error = refusal(hand.study(trials, infeasible=[2]))
    assert error.reason.startswith("The best trial of `study`, 1, must have been evaluated")
    assert best_of(hand.study(trials[:2], infeasible=[1])) == 0, "it is no best trial of Optuna's"


def values_between(low: float, high: float, direction: str = "minimize") -> np.ndarray:
    trials = [(7, (0.2, 0.4, 0.6), COMPLETE), (8, {0: 0.9, 2: 0.1}, PRUNED)]
    tasks = TaskStudy.of(hand.study(trials, direction=direction))
    scale = UtilityScale(low, high, is_maximised=direction == "maximize")
    return bounded_values(tasks, Configurations.of(tasks), scale)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_values_are_in_the_users_own_sign(direction: str) -> None:
    values = values_between(0.1, 0.9, direction)
    np.testing.assert_array_equal(values, [[0.2, 0.4, 0.6], [0.9, NAN, 0.1]])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize(
    ("bounds", "outside"),
    [
        ((0.0, 0.5), r"\(0, 0.5\), but trial 0 has 0.6 on task 2"),
        ((0.0, 0.7), r"\(0, 0.7\), but trial 1 has 0.9 on task 0"),
        ((0.11, 1.0), r"\(0.11, 1\), but trial 1 has 0.1 on task 2"),
    ],
)
def test_the_first_value_that_breaks_the_bounds_is_named(
    bounds: tuple[float, float], outside: str, direction: str
) -> None:
    with pytest.raises(ValueError, match=f"`bounds` must hold all values, got {outside}"):
        values_between(*bounds, direction)

"""Who was evaluated on which tasks, of studies that are small enough to be read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from optuna_hpx.tasks._configurations import Configurations, identity
from optuna_hpx.tasks._task_study import TaskStudy
from tests.tasks import by_hand as hand

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
NAN = math.nan


def of(study: optuna.Study) -> Configurations:
    return Configurations.of(TaskStudy.of(study))


def trial(**parameters: tuple[Any, BaseDistribution]) -> FrozenTrial:
    return create_trial(
        value=0.0,
        params={name: value for name, (value, _) in parameters.items()},
        distributions={name: d for name, (_, d) in parameters.items()},
    )


def tried(*trials: FrozenTrial) -> Configurations:
    return Configurations(trials, np.zeros((len(trials), 2)), np.full(len(trials), True))


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_of_a_configuration_that_came_again_the_first_values_count(
    direction: str, sign: float
) -> None:
    study = hand.study(
        [
            (5, {0: 1.0}, PRUNED),
            (2, (4.0, 5.0, 6.0), COMPLETE),
            (5, {0: 9.0, 2: 3.0}, FAIL),
            (5, (8.0, 2.0, 8.0), COMPLETE),
            (3, {1: 7.0}, PRUNED),
        ],
        direction=direction,
    )
    found = of(study)
    assert [first.number for first in found.trials] == [0, 1, 4]
    np.testing.assert_array_equal(
        sign * found.losses, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [NAN, 7.0, NAN]]
    )
    assert found.is_finished.tolist() == [True, True, False]
    assert found.complete.tolist() == [0, 1]


def test_without_parameters_every_trial_is_a_configuration() -> None:
    study = hand.study([(None, (1.0, 2.0), COMPLETE), (None, (3.0, 4.0), COMPLETE)])
    np.testing.assert_array_equal(of(study).losses, [[1.0, 2.0], [3.0, 4.0]])


def test_what_failed_before_it_began_is_no_configuration() -> None:
    study = hand.study([(None, (), FAIL), (4, (), FAIL), (None, (1.0, 2.0), COMPLETE)])
    found = of(study)
    assert [first.number for first in found.trials] == [1, 2], "trial 1 had chosen its parameters"
    assert found.complete.tolist() == [1]


def test_a_study_without_trials() -> None:
    found = of(hand.study([], aggregate="mean"))
    assert found.trials == ()
    assert found.losses.shape == (0, 3)
    assert found.complete.tolist() == []
    assert found.best_first("mean").tolist() == []


def test_one_that_broke_a_constraint_once_is_not_finished() -> None:
    rows = (1.0, 2.0)
    study = hand.study(
        [(0, rows, COMPLETE), (1, rows, COMPLETE), (0, rows, COMPLETE), (2, rows, PRUNED)],
        infeasible=[2],
    )
    assert of(study).is_finished.tolist() == [False, True, False]


def test_an_infinite_value_is_no_result() -> None:
    found = of(hand.study([(0, (1.0, math.inf), COMPLETE), (1, (5.0, 6.0), COMPLETE)]))
    assert found.is_finished.all()
    assert found.complete.tolist() == [1]


@pytest.mark.parametrize(
    ("aggregate", "order"),
    [("mean", [3, 1, 0]), ("median", [0, 3, 1]), ("worst", [1, 3, 0])],
)
def test_the_best_come_first(aggregate: str, order: list[int]) -> None:
    """Means 4, 3, -, 2 2/3; medians 1, 3, -, 2; largest 10, 3, -, 4: row 2 is not complete."""
    losses = np.array([[1.0, 1.0, 10.0], [3.0, 3.0, 3.0], [0.0, 0.0, NAN], [2.0, 2.0, 4.0]])
    trials = tuple(trial(k=(k, IntDistribution(0, 3))) for k in range(4))
    found = Configurations(trials, losses, np.full(4, True))
    assert found.best_first(aggregate).tolist() == order


def test_equal_ones_stay_in_the_order_of_their_trials() -> None:
    trials = tuple(trial(k=(k, IntDistribution(0, 29))) for k in range(30))
    losses = np.full((30, 2), 0.5)
    losses[7] = 0.1
    order = Configurations(trials, losses, np.full(30, True)).best_first("mean").tolist()
    assert order == [7, *(k for k in range(30) if k != 7)]


def test_the_row_of_a_later_trial() -> None:
    study = hand.study([(k, (1.0, 1.0), COMPLETE) for k in (5, 2, 5, 2, 9)])
    found = of(study)
    assert [found.row_of(later) for later in study.trials] == [0, 1, 0, 1, 2]
    assert found.row_of(trial(k=(7, IntDistribution(0, 9)))) is None


X, N = FloatDistribution(0.0, 1.0), IntDistribution(0, 9)
C = CategoricalDistribution(["a", None, 2.5])


def test_parameters_are_found_in_any_order_and_but_for_rounding() -> None:
    found = tried(
        trial(x=(0.1, X)),
        trial(x=(0.1 + 0.2, X), n=(3, N)),
        trial(x=(0.0, X), n=(3, N)),
        trial(c=(None, C)),
        trial(c=(2.5, C)),
    )
    assert found.find({"x": 0.1}) == 0
    assert found.find({"n": 3, "x": 0.3}) == 1
    assert found.find({"n": np.int64(3), "x": 0}) == 2
    assert found.find({"x": 1e-13, "n": 3}) == 2
    assert found.find({"c": None}) == 3
    assert found.find({"c": 2.5}) == 4


def test_parameters_that_were_not_tried() -> None:
    found = tried(trial(x=(0.1, X)), trial(x=(0.3, X), n=(3, N)))
    for params in (
        {},
        {"x": 0.3},
        {"x": 0.3, "n": 4},
        {"x": 0.3 + 1e-8, "n": 3},
        {"x": 0.1, "n": 3},
        {"x": "0.1"},
        {"x": None},
        {"y": 0.1},
        {"x": 0.3, "n": 3, "y": 1},
    ):
        assert found.find(params) is None


def test_what_trials_of_one_configuration_have_alike() -> None:
    one = trial(x=(0.1, X), n=(3, N))
    assert identity(one) == identity(trial(n=(3, N), x=(0.1, X)))
    assert identity(one) != identity(trial(n=(3, N), x=(0.1 + 1e-12, X)))
    assert identity(one) != identity(trial(x=(0.1, X)))
    assert identity(one) != identity(trial(y=(0.1, X), n=(3, N)))


def test_choices_that_cannot_be_hashed_have_an_identity() -> None:
    lists: Any = CategoricalDistribution([[1, 2], [3]])
    one, other = trial(c=([1, 2], lists)), trial(c=([3], lists))
    assert hash(identity(one)) == hash(identity(trial(c=([1, 2], lists))))
    assert identity(one) != identity(other)


def test_without_parameters_a_trial_is_known_by_its_number() -> None:
    study = hand.study([(None, (1.0,), COMPLETE)] * 2)
    assert [identity(trial) for trial in study.trials] == [0, 1]

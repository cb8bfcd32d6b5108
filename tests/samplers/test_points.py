"""Trials become points and points parameters, whatever the space."""

from __future__ import annotations

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

from optuna_hpx import TrialTable
from optuna_hpx.samplers._points import PointSpace, constraint_values, whole_space

SPACE: dict[str, BaseDistribution] = {
    "x": FloatDistribution(-2.0, 3.0),
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "s": FloatDistribution(0.0, 1.0, step=0.25),
    "n": IntDistribution(1, 6),
    "m": IntDistribution(1, 5000),
    "w": IntDistribution(1, 64, log=True),
    "k": CategoricalDistribution(["a", "b", None]),
}


def _study(n: int) -> optuna.Study:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(n):
        study.tell(study.ask(SPACE), 0.0)
    return study


def test_parameters_are_points_and_come_back() -> None:
    study = _study(40)
    space = PointSpace(SPACE)
    points = space.points_of(TrialTable.of(study))
    assert points.shape == (40, 7)
    for trial, point in zip(study.trials, points, strict=True):
        params = space.params_at(point)
        assert {k: type(x) for k, x in params.items()} == {
            k: type(x) for k, x in trial.params.items()
        }
        for name, value in trial.params.items():
            assert params[name] == (pytest.approx(value) if name in ("x", "lr") else value)
        assert space.point_of(trial.params) == pytest.approx(point)


def test_every_point_is_a_value_of_the_domain() -> None:
    space = PointSpace(SPACE)
    rng = np.random.default_rng(0)
    for u in [np.zeros(7), np.ones(7), *rng.random((200, 7))]:
        u[6] = np.floor(2.999 * u[6])
        for name, value in space.params_at(u).items():
            assert SPACE[name]._contains(SPACE[name].to_internal_repr(value)), (name, value)


def test_what_is_absent_stays_absent() -> None:
    space = PointSpace(SPACE)
    point = space.point_of({"x": 0.5, "k": "b"})
    assert np.isnan(point).tolist() == [False, True, True, True, True, True, False]
    assert space.params_at(point) == {"x": 0.5, "k": "b"}
    assert np.isnan(space.point_of({"x": 9.0, "k": "c"})).all(), "outside of the domain"


def test_the_whole_space_has_every_parameter_as_it_was_last() -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("one", 1.0, 1.0)
        x = trial.suggest_float("x", 0, 1 + trial.number)
        return x + (trial.suggest_int("n", 1, 3) if trial.number == 1 else 0)

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=4)
    assert whole_space(TrialTable.of(study)) == {
        "x": FloatDistribution(0, 4),
        "n": IntDistribution(1, 3),
    }


def test_trials_outside_of_the_domain_of_today_are_no_points() -> None:
    study = optuna.create_study()
    for x, high in ((0.2, 1.0), (0.9, 1.0), (0.3, 0.5)):
        study.add_trial(
            optuna.create_trial(
                params={"x": x, "y": 0.5},
                distributions={"x": FloatDistribution(0, high), "y": FloatDistribution(0, 1)},
                value=x,
            )
        )
    table = TrialTable.of(study)
    points = PointSpace(whole_space(table)).points_of(table)
    assert points[[0, 2], 0] == pytest.approx([0.4, 0.6])
    assert np.isnan(points[1]).all()


def test_running_trials_of_which_nothing_is_known_are_no_points() -> None:
    space = PointSpace(SPACE)
    running: list[dict[str, Any]] = [{}, {"x": 0.5}, {"other": 1}]
    points = space.points_of_running(running)
    assert points.shape == (1, 7)
    assert points[0, 0] == pytest.approx(0.5)
    assert space.points_of_running([]).shape == (0, 7)


def test_constraints_have_a_column_for_each_name() -> None:
    study = optuna.create_study()

    def objective(trial: optuna.Trial) -> float:
        if trial.number > 0:
            trial.set_constraint("a", float(trial.number))
        if trial.number > 1:
            trial.set_constraint("b", -1.0)
        return 0.0

    study.optimize(objective, n_trials=3)
    values = constraint_values(TrialTable.of(study))
    expected = [[np.nan, np.nan], [1.0, np.nan], [2.0, -1.0]]
    assert np.array_equal(np.transpose(list(values.values())), expected, equal_nan=True)
    assert list(values) == ["a", "b"]
    study.optimize(objective, n_trials=1)
    again = constraint_values(TrialTable.of(study))
    expected = [*expected, [3.0, -1.0]]
    assert np.array_equal(np.transpose(list(again.values())), expected, equal_nan=True)
    assert constraint_values(TrialTable.of(optuna.create_study())) == {}

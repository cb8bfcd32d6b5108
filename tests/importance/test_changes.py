from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.importance._changes import (
    Change,
    Changes,
    configuration_of,
    trials_at,
    values_of,
)
from optuna_hpx.trials.table import INACTIVE


@pytest.fixture(scope="module")
def table() -> TrialTable:
    """An optimiser with a parameter of its own each, and two that all trials have."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("lr", 1e-4, 1, log=True)
        trial.suggest_int("layers", 1, 5)
        if trial.suggest_categorical("optimizer", ["sgd", "adam"]) == "sgd":
            return trial.suggest_float("momentum", 0, 1)
        return trial.suggest_float("beta", 0, 1)

    study.optimize(objective, n_trials=80)
    return TrialTable.from_study(study)


SGD = {"lr": 0.01, "layers": 2, "optimizer": "sgd", "momentum": 0.9}
ADAM = {"lr": 0.1, "layers": 2, "optimizer": "adam", "beta": 0.5}


def _changes(table: TrialTable, before: dict[str, Any], after: dict[str, Any]) -> Changes:
    ends = (configuration_of("end", end, table) for end in (before, after))
    return Changes.of(table.columns, *ends, seed=0)


def _external(changes: Changes, sets: list[list[bool]]) -> list[dict[str, Any]]:
    columns = {n: c.external() for n, c in changes.points(np.array(sets)).items()}
    return [
        {name: column[k] for name, column in columns.items() if column[k] is not None}
        for k in range(len(sets))
    ]


def test_a_branch_is_one_change_and_brings_its_parameters(table: TrialTable) -> None:
    changes = _changes(table, SGD, ADAM)
    assert changes.names == ("lr", "optimizer")
    first, lr, optimizer, last = _external(
        changes, [[False, False], [True, False], [False, True], [True, True]]
    )
    assert first == SGD
    assert last == ADAM
    assert lr == SGD | {"lr": 0.1}
    assert optimizer == ADAM | {"lr": 0.01}


def test_changes_in_words(table: TrialTable) -> None:
    changes = _changes(table, SGD, ADAM)
    points = changes.points(np.array([[False, False], [False, True], [True, True]]))
    optimizer, lr = changes.describe(points, np.array([1, 0]))
    assert optimizer == Change("optimizer", "sgd", "adam", {"beta": 0.5}, {"momentum": 0.9})
    assert str(optimizer) == "optimizer sgd → adam (with beta = 0.5, without momentum)"
    assert str(lr) == "lr 0.01 → 0.1"


def test_within_a_branch_its_parameter_is_a_change(table: TrialTable) -> None:
    changes = _changes(table, SGD, SGD | {"momentum": 0.1, "layers": 5})
    assert changes.names == ("layers", "momentum")


def test_without_a_rule_coming_and_going_is_a_change_of_its_own() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    rng = np.random.default_rng(0)

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        return trial.suggest_float("extra", 0, 1) if rng.random() < 0.5 else x

    study.optimize(objective, n_trials=60)
    table = TrialTable.from_study(study)
    changes = _changes(table, {"x": 0.2}, {"x": 0.2, "extra": 0.7})
    assert changes.names == ("extra",)
    assert _external(changes, [[False], [True]]) == [{"x": 0.2}, {"x": 0.2, "extra": 0.7}]


def test_the_same_configuration_has_no_change(table: TrialTable) -> None:
    assert _changes(table, SGD, SGD).names == ()


def test_the_values_of_a_trial(table: TrialTable) -> None:
    for row in (0, 5):
        assert values_of(table, row) == table.trials[row].params
        back = configuration_of("end", values_of(table, row), table)
        for name, (code, value) in back.items():
            assert table.columns[name].regime[row] == code != INACTIVE
            assert table.columns[name].values[row] == value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SGD | {"lr": 2.0}, "lies in no domain"),
        (SGD | {"optimizer": "lion"}, "lies in no domain"),
        (SGD | {"depth": 2}, r"names \['depth'\]"),
        ({"lr": 0.1, "optimizer": "sgd"}, r"a value of \['layers'\]"),
    ],
)
def test_configurations_that_are_none(
    values: dict[str, Any], message: str, table: TrialTable
) -> None:
    with pytest.raises(ValueError, match=message) as error:
        configuration_of("baseline", values, table)
    assert "`baseline`" in str(error.value)


def test_trials_at_points(table: TrialTable) -> None:
    end = values_of(table, 3)
    near = end | {"lr": end["lr"] * 1.01}
    far = end | {"lr": 0.9 if end["lr"] < 0.1 else 1e-4}
    for values, expected in ((end, [3]), (near, [3]), (far, [])):
        changes = _changes(table, values, end)
        points = changes.points(np.zeros((1, len(changes.names)), dtype=bool))
        (rows,) = trials_at(table, points)
        assert rows.tolist() == expected

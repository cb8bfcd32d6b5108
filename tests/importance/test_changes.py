from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.importance._changes import Change, Changes
from optuna_hpx.importance._configurations import configuration_of
from optuna_hpx.importance._error import NoSurrogateError


@pytest.fixture(scope="module")
def table() -> TrialTable:
    return optimisers()


def optimisers() -> TrialTable:
    """Make trials of an optimiser with a parameter of its own each, and two that all have."""
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


def changes_of(table: TrialTable, before: dict[str, Any], after: dict[str, Any]) -> Changes:
    ends = (configuration_of("end", end, table) for end in (before, after))
    return Changes.of(table.columns, *ends, seed=0)


def _external(changes: Changes, sets: list[list[bool]]) -> list[dict[str, Any]]:
    columns = {n: c.external() for n, c in changes.points(np.array(sets)).items()}
    return [
        {name: column[k] for name, column in columns.items() if column[k] is not None}
        for k in range(len(sets))
    ]


def test_a_branch_is_one_change_and_brings_its_parameters(table: TrialTable) -> None:
    changes = changes_of(table, SGD, ADAM)
    assert changes.names == ("lr", "optimizer")
    first, lr, optimizer, last = _external(
        changes, [[False, False], [True, False], [False, True], [True, True]]
    )
    assert first == SGD
    assert last == ADAM
    assert lr == SGD | {"lr": 0.1}
    assert optimizer == ADAM | {"lr": 0.01}


def test_changes_in_words(table: TrialTable) -> None:
    changes = changes_of(table, SGD, ADAM)
    points = changes.points(np.array([[False, False], [False, True], [True, True]]))
    optimizer, lr = changes.describe(points, np.array([1, 0]))
    assert optimizer == Change("optimizer", "sgd", "adam", {"beta": 0.5}, {"momentum": 0.9})
    assert str(optimizer) == "optimizer sgd → adam (with beta = 0.5, without momentum)"
    assert str(lr) == "lr 0.01 → 0.1"


def test_within_a_branch_its_parameter_is_a_change(table: TrialTable) -> None:
    changes = changes_of(table, SGD, SGD | {"momentum": 0.1, "layers": 5})
    assert changes.names == ("layers", "momentum")


def test_without_a_rule_coming_and_going_is_a_change_of_its_own() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    rng = np.random.default_rng(0)

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        return trial.suggest_float("extra", 0, 1) if rng.random() < 0.5 else x

    study.optimize(objective, n_trials=60)
    table = TrialTable.from_study(study)
    changes = changes_of(table, {"x": 0.2}, {"x": 0.2, "extra": 0.7})
    assert changes.names == ("extra",)
    assert _external(changes, [[False], [True]]) == [{"x": 0.2}, {"x": 0.2, "extra": 0.7}]


def test_the_same_configuration_has_no_change(table: TrialTable) -> None:
    assert changes_of(table, SGD, SGD).names == ()


def _study(objective: Any, n: int) -> TrialTable:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=n)
    return TrialTable.from_study(study)


def _nested(trial: optuna.Trial) -> float:
    """The extra is there only if both choices say so."""
    a = trial.suggest_categorical("a", ["off", "on"])
    b = trial.suggest_categorical("b", ["off", "on"])
    return trial.suggest_float("extra", 0, 1) if (a, b) == ("on", "off") else 1.0


def test_a_parameter_that_only_a_step_in_between_has_takes_the_median_of_the_trials() -> None:
    table = _study(_nested, 80)
    changes = changes_of(table, {"a": "off", "b": "off"}, {"a": "on", "b": "on"})
    assert changes.names == ("a", "b")
    start, between, other, end = _external(
        changes, [[False, False], [True, False], [False, True], [True, True]]
    )
    median = np.nanmedian(table.columns["extra"].values)
    assert between["extra"] == pytest.approx(median, abs=0.1)
    assert not {"extra"} & (start.keys() | other.keys() | end.keys())
    path = changes.points(np.array([[False, False], [True, False], [True, True]]))
    first, second = changes.describe(path, np.array([0, 1]))
    assert list(first.brought) == ["extra"] == list(second.dropped)


def test_bounds_that_another_parameter_sets_hold_in_between() -> None:
    def objective(trial: optuna.Trial) -> float:
        size = trial.suggest_categorical("size", ["small", "large"])
        trial.suggest_float("x", 0, 1)
        return trial.suggest_int("k", 1, 3 if size == "small" else 9)

    table = _study(objective, 80)
    changes = changes_of(
        table, {"size": "large", "x": 0.1, "k": 8}, {"size": "small", "x": 0.1, "k": 2}
    )
    (small,) = _external(changes, [[True, False]])
    assert small == {"size": "small", "x": 0.1, "k": 3}
    points = changes.points(np.array([[False, False], [True, False], [True, True]]))
    size, k = changes.describe(points, np.array([0, 1]))
    assert str(size) == "size large → small (with k = 3)"
    assert str(k) == "k 8 → 2"


def _rare(trial: optuna.Trial) -> float:
    """One trial of 40 has the branch, so that no rule can be tried on another one."""
    branch = ["plain", "rare"][trial.number == 39]
    trial.suggest_float("x", 0, 1)
    other = trial.suggest_categorical("other", ["u", "v", "w"])
    if trial.suggest_categorical("m", ["plain", "rare"]) != branch:
        raise optuna.TrialPruned
    return trial.suggest_float("y", 0, 1) if branch == "rare" else float(other == "u")


def _rare_table(*, is_other_unique: bool = False) -> TrialTable:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for k in range(40):
        is_rare = k == 39
        other = "w" if is_other_unique and is_rare else "uv"[k % 2]
        study.enqueue_trial(
            {"x": (k * 7 % 40) / 40, "other": other, "m": "rare" if is_rare else "plain", "y": 0.3}
        )
    study.optimize(_rare, n_trials=40)
    return TrialTable.from_study(study)


def test_the_parameter_of_a_branch_with_one_trial_comes_with_the_branch() -> None:
    table = _rare_table()
    after = table.trials[39].params
    changes = changes_of(table, table.trials[20].params, after)
    assert "y" not in changes.names
    made = [[name == "m" for name in changes.names], [name != "m" for name in changes.names]]
    branch, others = _external(changes, made)
    assert branch["y"] == 0.3
    assert "y" not in others


def test_where_two_changes_may_bring_it_the_path_is_refused() -> None:
    table = _rare_table(is_other_unique=True)
    with pytest.raises(NoSurrogateError, match="with which of the changes of other and m the"):
        changes_of(table, table.trials[20].params, table.trials[39].params)


def test_a_choice_that_is_none_is_there() -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        return float(trial.suggest_categorical("penalty", [None, "l1"]) is None)

    table = _study(objective, 60)
    changes = changes_of(table, {"x": 0.1, "penalty": "l1"}, {"x": 0.1, "penalty": None})
    (change,) = changes.describe(changes.points(np.array([[False], [True]])), np.array([0]))
    assert str(change) == "penalty l1 → None"


def test_a_parameter_that_comes_by_itself_was_not_there() -> None:
    rng = np.random.default_rng(0)
    table = _study(
        lambda trial: (
            trial.suggest_float("x", 0, 1)
            + (trial.suggest_float("extra", 0, 1) if rng.random() < 0.5 else 0.0)
        ),
        60,
    )
    changes = changes_of(table, {"x": 0.2}, {"x": 0.2, "extra": 0.7})
    (change,) = changes.describe(changes.points(np.array([[False], [True]])), np.array([0]))
    assert str(change) == "extra not there → 0.7"


def test_values_that_look_alike_are_told_apart() -> None:
    assert str(Change("batch", "64", 64)) == "batch '64' → 64"

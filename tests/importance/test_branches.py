from __future__ import annotations

from typing import Any

import optuna
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.importance._configurations import configuration_of, values_of
from tests.importance.test_changes import ADAM, SGD, optimisers


def _table(objective: Any, n: int = 80) -> TrialTable:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=n)
    return TrialTable.from_study(study)


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SGD | {"beta": 0.5}, "`baseline` has 'beta'"),
        (_without(SGD, "momentum"), "`baseline` lacks 'momentum'"),
        (_without(SGD, "momentum") | {"beta": 0.5}, "`baseline` (has 'beta'|lacks 'momentum')"),
    ],
)
def test_a_configuration_of_no_branch_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        configuration_of("baseline", values, optimisers())
    assert "cannot exist, as far as the trials tell" in str(error.value)


def test_the_branches_there_are_and_the_trials_themselves_are_taken() -> None:
    table = optimisers()
    for values in (SGD, ADAM, *(values_of(table, row) for row in range(0, 80, 7))):
        assert configuration_of("baseline", values, table).keys() == values.keys()


def _gate(trial: optuna.Trial) -> float:
    if trial.suggest_float("x", 0, 1) < 0.5:
        return trial.suggest_float("y", 0, 1)
    return 1.0


@pytest.mark.parametrize(("x", "is_refused"), [(0.2, False), (0.4999, False), (0.9, True)])
def test_a_gate_by_a_number_is_known_to_lie_between_two_trials(
    x: float, *, is_refused: bool
) -> None:
    table = _table(_gate)
    if not is_refused:
        configuration_of("baseline", {"x": x, "y": 0.5}, table)
        return
    with pytest.raises(ValueError, match="has 'y', but as the others are, trials lack it"):
        configuration_of("baseline", {"x": x, "y": 0.5}, table)


def test_bounds_that_another_parameter_sets_are_checked() -> None:
    def objective(trial: optuna.Trial) -> float:
        n = trial.suggest_int("n", 1, 5)
        return trial.suggest_int("k", 1, n)

    table = _table(objective)
    configuration_of("baseline", {"n": 3, "k": 2}, table)
    with pytest.raises(ValueError, match="as the others are, it is drawn from Int"):
        configuration_of("baseline", {"n": 2, "k": 5}, table)


def test_a_choice_that_no_trial_with_the_parameter_has_contradicts_it() -> None:
    """Chance decides about y where the model has it at all: no rule is found."""

    def objective(trial: optuna.Trial) -> float:
        model = trial.suggest_categorical("m", ["a", "b", "c"])
        coin = trial.number % 7 == 3
        return trial.suggest_float("y", 0, 1) if model == "a" and coin else 1.0

    table = _table(objective)
    configuration_of("baseline", {"m": "a", "y": 0.5}, table)
    with pytest.raises(ValueError, match=r"none of the \d+ trials with m = b have it"):
        configuration_of("baseline", {"m": "b", "y": 0.5}, table)

"""TaskStudy: what is written in a study, and what a table of it can know."""

from __future__ import annotations

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from optuna_hpx import MultiTaskObjective, TrialTable, certify, plot_task_racing, task_matrix
from optuna_hpx.tasks._task_study import TaskStudy, values_of
from tests.tasks.problems import add_trial, evaluate


def tuned(aggregate: str = "mean") -> optuna.Study:
    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=0), pruner=optuna.pruners.NopPruner()
    )
    study.optimize(
        MultiTaskObjective(evaluate, range(6), aggregate=aggregate, seed=0),  # type: ignore[arg-type]
        n_trials=5,
    )
    return study


def test_a_table_says_the_same_as_its_study() -> None:
    study = tuned()
    table = TrialTable.from_study(study)
    pd.testing.assert_frame_equal(task_matrix(table), task_matrix(study))
    assert plot_task_racing(table).to_json() == plot_task_racing(study).to_json()
    assert str(certify(table, bounds=(0, 1))) == str(certify(study, bounds=(0, 1)))
    assert TaskStudy.of(study).is_declared
    assert not TaskStudy.of(table).is_declared


def test_a_table_does_not_know_the_sampler() -> None:
    study = tuned()
    assert certify(study, bounds=(0, 1), method="holdout").is_finite_sample
    table = TrialTable.from_study(study)
    assert not certify(table, bounds=(0, 1), method="holdout").is_finite_sample


@pytest.mark.parametrize("aggregate", ["median", "worst"])
def test_a_table_of_another_aggregate_is_refused(aggregate: str) -> None:
    study = tuned(aggregate)
    assert TaskStudy.of(study).aggregate == aggregate
    with pytest.raises(ValueError, match="must be the Study itself where a trial is not worth"):
        TaskStudy.of(TrialTable.from_study(study))


def test_a_data_frame_has_no_tasks() -> None:
    table = TrialTable.from_frame(pd.DataFrame({"x": [0.1, 0.2], "y": [1.0, 2.0]}), value="y")
    with pytest.raises(ValueError, match="made from a data frame has no values of tasks"):
        task_matrix(table)


def test_tasks_that_no_trial_came_to_are_in_the_study_only() -> None:
    study = optuna.create_study()
    MultiTaskObjective(evaluate, range(9))._begin(study)
    add_trial(study, 0.5, {0: 1.0, 3: 2.0}, state=TrialState.PRUNED)
    assert TaskStudy.of(study).n_tasks == 9
    assert TaskStudy.of(TrialTable.from_study(study)).n_tasks == 4
    values = values_of(study.trials[0], 5)
    np.testing.assert_array_equal(values, [1.0, np.nan, np.nan, 2.0, np.nan])

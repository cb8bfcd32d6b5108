"""task_matrix: a row for each trial, a column for each task."""

from __future__ import annotations

import math
import sys

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable, task_matrix
from tests.tasks import by_hand as hand

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
NAN = math.nan


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_values_are_as_they_were_reported(direction: str) -> None:
    study = hand.study(
        [
            (0, (1.0, -2.0, 3.0), COMPLETE),
            (1, {2: 4.0}, PRUNED),
            (None, (), FAIL),
            (0, {0: math.inf, 1: 5.0}, FAIL),
        ],
        direction=direction,
    )
    matrix = task_matrix(study)
    pd.testing.assert_frame_equal(
        matrix,
        pd.DataFrame(
            [[1.0, -2.0, 3.0], [NAN, NAN, 4.0], [NAN] * 3, [math.inf, 5.0, NAN]],
            index=pd.Index([0, 1, 2, 3], name="trial"),
            columns=pd.RangeIndex(3, name="task"),
        ),
    )


def test_rows_are_named_by_the_numbers_of_finished_trials() -> None:
    study = hand.study([(0, (1.0, 2.0), COMPLETE)])
    study.ask()  # it runs
    study.add_trial(study.trials[0])
    matrix = task_matrix(study)
    assert matrix.index.tolist() == [0, 2]
    assert matrix.loc[2].tolist() == [1.0, 2.0]


def test_tasks_that_were_declared_have_a_column() -> None:
    study = hand.study([(0, (1.0, 2.0), PRUNED)], aggregate="mean", n_tasks=4)
    assert task_matrix(study).shape == (1, 4)
    assert task_matrix(study)[[2, 3]].isna().all(axis=None)
    assert task_matrix(TrialTable.from_study(study)).shape == (1, 2)


def test_steps_that_are_no_tasks_are_left_out() -> None:
    study = hand.study([(0, {0: 1.0, 1: 2.0, 7: 3.0}, PRUNED)], aggregate="mean", n_tasks=2)
    assert task_matrix(study).to_numpy().tolist() == [[1.0, 2.0]]


def test_a_study_that_has_not_begun() -> None:
    matrix = task_matrix(hand.study([], aggregate="worst", n_tasks=3))
    assert matrix.shape == (0, 3)
    assert matrix.columns.tolist() == [0, 1, 2]


def test_one_trial_on_one_task() -> None:
    np.testing.assert_array_equal(task_matrix(hand.study([(0, (0.5,), COMPLETE)])), [[0.5]])


def test_what_has_no_tasks() -> None:
    with pytest.raises(TypeError, match="`study` must be"):
        task_matrix([1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`study` must have trials with a value for each task"):
        task_matrix(optuna.create_study())
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        task_matrix(optuna.create_study(directions=["minimize", "maximize"]))


def test_without_pandas_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'optuna-hpx\[report\]'"):
        task_matrix(hand.study([(0, (0.5,), COMPLETE)]))

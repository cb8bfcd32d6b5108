"""task_matrix: the value of each trial on each task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx._imports import require
from optuna_hpx.tasks._task_study import TaskStudy, values_of

if TYPE_CHECKING:
    import pandas as pd
    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

__all__ = ["task_matrix"]


def task_matrix(study: Study | TrialTable) -> pd.DataFrame:
    """Tabulate the value of each finished trial on each task.

    Args:
        study: Of a :class:`MultiTaskObjective`, or one whose trials report task i as step i; or a
            table of one. A table does not hold how many tasks were declared: it has as many as
            the trials came to.

    Returns:
        One row per trial, named by its number, one column per task, by its index; NaN where the
        trial was not evaluated on the task: pruned before, or failed.

    Raises:
        TypeError: If ``study`` is neither a study nor a table.
        ValueError: If the study has several objectives, or no values of tasks; if it is a table
            in which a trial is not worth the mean of its tasks.
        ImportError: If pandas is missing.

    Example:
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, task_matrix
        >>> def evaluate(trial, task):
        ...     return (trial.suggest_float("x", 0, 4, step=2) - task) ** 2
        >>> study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler(seed=0))
        >>> study.optimize(MultiTaskObjective(evaluate, tasks=[0, 1, 3], seed=0))
        >>> task_matrix(study).set_index(study.trials_dataframe()["params_x"]).sort_index()
        task         0    1    2
        params_x
        0.0        0.0  1.0  9.0
        2.0        4.0  1.0  1.0
        4.0       16.0  9.0  1.0
    """
    pandas = require("pandas", extra="report")
    tasks = TaskStudy.of(study)
    n_tasks = tasks.n_tasks
    rows = [values_of(trial, n_tasks) for trial in tasks.table.trials]
    frame: pd.DataFrame = pandas.DataFrame(
        np.array(rows).reshape(len(rows), n_tasks),
        index=pandas.Index(tasks.table.numbers, name="trial"),
        columns=pandas.RangeIndex(n_tasks, name="task"),
    )
    return frame

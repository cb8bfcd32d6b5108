"""The best configuration of a study over tasks, and whether it can be certified."""

from __future__ import annotations

import numpy as np

from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks._task_study import TaskStudy
from optuna_hpx.tasks.maths.utility import UtilityScale
from optuna_hpx.trials.table import loss_sign

__all__ = ["bounded_values", "choose_best"]


def choose_best(tasks: TaskStudy, tried: Configurations) -> int:
    """Choose the best configuration of those that were evaluated on all tasks.

    Returns:
        Its row in ``tried``.

    Raises:
        NoCertificateError: If there is none, or a better one was not evaluated on all tasks.
    """
    if tasks.n_tasks < 2:
        raise NoCertificateError(f"`study` must have at least 2 tasks, got {tasks.n_tasks}.")
    best_first = tried.best_first(tasks.aggregate)
    if not len(best_first):
        most = int(np.isfinite(tried.losses).sum(axis=1).max(initial=0))
        raise NoCertificateError(
            f"`study` must have a trial that is COMPLETE and has a value for each of the "
            f"{tasks.n_tasks} tasks, 0 to {tasks.n_tasks - 1}, got at most {most} values in any.",
            "Finish one without pruning, e.g. "
            "`study.pruner = optuna.pruners.NopPruner()` and `study.optimize(objective, 1)`.",
        )
    table = tasks.table
    if len(table.best):  # else the values are finite, but not what they come to
        best_trial = table.trials[table.best[0]]  # as Optuna has it
        row = tried.row_of(best_trial)
        if row is not None and row not in best_first:
            n_tasks = int(np.isfinite(tried.losses[row]).sum())
            raise NoCertificateError(
                f"The best trial of `study`, {best_trial.number}, must have been evaluated on all "
                f"{tasks.n_tasks} tasks and be feasible whenever it was tried, got {n_tasks} "
                "tasks.",
                "Finish it: `study.enqueue_trial(study.best_params)`, and "
                "`study.optimize(objective, 1)` without pruning.",
            )
    return int(best_first[0])


def bounded_values(tasks: TaskStudy, tried: Configurations, scale: UtilityScale) -> np.ndarray:
    """Return the values of all configurations, (m, T), in the user's own sign.

    Raises:
        ValueError: If one breaks the bounds of ``scale``.
    """
    values: np.ndarray = loss_sign(tasks.table.directions[0]) * tried.losses
    outside = np.argwhere((values < scale.low) | (values > scale.high))
    if len(outside):
        row, task = outside[0].tolist()
        raise ValueError(
            f"`bounds` must hold all values, got ({scale.low:g}, {scale.high:g}), but trial "
            f"{tried.trials[row].number} has {values[row, task]:g} on task {task}. Let `evaluate` "
            "clip what it returns to bounds that are known beforehand, choose `error_value` "
            "within them, and tune again."
        )
    return values

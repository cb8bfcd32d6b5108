"""The tasks of a study: who was evaluated on which, and what came out."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    import pandas as pd
    from optuna.study import Study
    from optuna.trial import Trial

__all__ = ["AGGREGATES", "Configurations", "TaskStudy", "identity", "task_matrix", "values_of"]

AGGREGATES: dict[str, Callable[..., Any]] = {
    "mean": np.mean,
    "median": np.median,
    "worst": np.max,
}
"""Of losses: how the tasks of a configuration come to one number."""


_SPARSE = 100  # steps up to so many times their number are tasks that few trials came to


@dataclass(frozen=True)
class TaskStudy:
    """What a study says of its tasks.

    Attributes:
        n_tasks: T.
        aggregate: One of :data:`AGGREGATES`.
        is_declared: Whether :class:`MultiTaskObjective` wrote it; else it is read off the trials.
    """

    n_tasks: int
    aggregate: str
    is_declared: bool

    @classmethod
    def find(cls, study: Study, table: TrialTable) -> TaskStudy | None:
        """Of ``study``, whose finished trials are ``table``; None if it has no tasks so far."""
        told = storage.read_study(study, storage.TASKS)
        if told is not None:
            return cls(int(told["n_tasks"]), str(told["aggregate"]), True)
        steps = {step for trial in table.trials for step in trial.intermediate_values}
        if not steps or max(steps) >= _SPARSE * len(steps):  # no steps from 0 on: not tasks
            return None
        return cls(max(steps) + 1, "mean", False)

    @classmethod
    def of(cls, study: Study, table: TrialTable) -> TaskStudy:
        """As :meth:`find`.

        Raises:
            ValueError: If it has several objectives, or no trial reported a value for a task.
        """
        if len(table.directions) > 1:
            raise ValueError(
                f"`study` must have one objective, got {len(table.directions)}: the values of "
                "tasks are those of one."
            )
        found = cls.find(study, table)
        if found is None:
            raise ValueError(
                "`study` must have trials with a value for each task, got none: tune a "
                "MultiTaskObjective, or report the value of task i = 0, 1, ... as step i."
            )
        return found


@dataclass(frozen=True)
class Configurations:
    """What was tried: each configuration once, in the order of the trials that were first.

    A configuration that was tried again keeps, for each task, the first value it came to. With
    evaluations that are noisy, taking the best of several would be a choice that no certificate
    knows of.

    Attributes:
        trials: (m,) the first trial of each.
        losses: (m, T) NaN where it was not evaluated.
        is_finished: (m,) whether a trial of it is COMPLETE, and none broke a constraint.
    """

    trials: tuple[FrozenTrial, ...]
    losses: np.ndarray
    is_finished: np.ndarray

    @classmethod
    def of(cls, table: TrialTable, n_tasks: int) -> Configurations:
        sign = loss_sign(table.directions[0])
        rows: dict[Hashable, int] = {}
        trials: list[FrozenTrial] = []
        losses: list[np.ndarray] = []
        complete: set[int] = set()
        infeasible: set[int] = set()
        for trial, is_feasible in zip(table.trials, table.feasible.tolist(), strict=True):
            if not trial.params and not trial.intermediate_values:
                continue  # it failed before it began
            row = rows.setdefault(identity(trial), len(trials))
            if row == len(trials):
                trials.append(trial)
                losses.append(np.full(n_tasks, np.nan))
            value = sign * values_of(trial, n_tasks)
            losses[row] = np.where(np.isnan(losses[row]), value, losses[row])
            if trial.state == TrialState.COMPLETE:
                complete.add(row)
            if not is_feasible:
                infeasible.add(row)
        return cls(
            tuple(trials),
            np.array(losses).reshape(len(trials), n_tasks),
            np.isin(np.arange(len(trials)), list(complete - infeasible)),
        )

    @property
    def complete(self) -> np.ndarray:
        """Rows of those that finished, on all tasks, and break no constraint."""
        return np.flatnonzero(np.isfinite(self.losses).all(axis=1) & self.is_finished)

    def best_first(self, aggregate: str) -> np.ndarray:
        """The rows of :attr:`complete`, those of the smallest aggregate first."""
        rows = self.complete
        losses = AGGREGATES[aggregate](self.losses[rows], axis=1)
        order: np.ndarray = rows[np.argsort(losses, kind="stable")]
        return order

    def row_of(self, trial: FrozenTrial) -> int:
        """Of a trial of the table."""
        return [identity(first) for first in self.trials].index(identity(trial))

    def find(self, params: dict[str, Any]) -> int | None:
        """Of the configuration with these ``params``, None if it was not tried."""
        for row, trial in enumerate(self.trials):
            if trial.params.keys() == params.keys() and all(
                _is_same(value, params[name]) for name, value in trial.params.items()
            ):
                return row
        return None


def _is_same(a: Any, b: Any) -> bool:
    """Floats but for rounding: a grid holds 0.30000000000000004."""
    if isinstance(a, float) and isinstance(b, Real):
        return math.isclose(a, float(b), rel_tol=1e-9, abs_tol=1e-12)
    return bool(a == b)


def identity(trial: FrozenTrial | Trial) -> Hashable:
    """The same for trials of the same configuration; one without parameters is like no other."""
    if not trial.params:
        return trial.number
    return tuple(
        (name, trial.distributions[name].to_internal_repr(value))
        for name, value in sorted(trial.params.items())
    )


def values_of(trial: FrozenTrial, n_tasks: int) -> np.ndarray:
    """(T,) values by task; NaN where there is none."""
    values = np.full(n_tasks, np.nan)
    for step, value in trial.intermediate_values.items():
        if 0 <= step < n_tasks:
            values[step] = value
    return values


def task_matrix(study: Study) -> pd.DataFrame:
    """The value of each finished trial on each task.

    Returns:
        One row per trial, named by its number, one column per task, by its index; NaN where the
        trial was not evaluated on the task: pruned before, or failed.

    Raises:
        ValueError: If the study has several objectives, or no values of tasks.
        ImportError: If pandas is missing.
    """
    from optuna_hpx._imports import require

    pandas = require("pandas", extra="report")
    table = TrialTable.from_study(study)
    n_tasks = TaskStudy.of(study, table).n_tasks
    rows: Sequence[np.ndarray] = [values_of(trial, n_tasks) for trial in table.trials]
    frame: pd.DataFrame = pandas.DataFrame(
        np.array(rows).reshape(len(table), n_tasks),
        index=pandas.Index(table.numbers, name="trial"),
        columns=pandas.RangeIndex(n_tasks, name="task"),
    )
    return frame

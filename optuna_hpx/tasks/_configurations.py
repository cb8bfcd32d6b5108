"""Configurations: who was evaluated on which tasks, and what came out."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.tasks._task_study import TaskStudy, values_of
from optuna_hpx.tasks.maths.aggregates import AGGREGATES
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    from optuna.trial import Trial

__all__ = ["Configurations", "identity"]


@dataclass(frozen=True)
class Configurations:
    """All configurations that were tried, each once, in the order of their first trials.

    A configuration that was tried again keeps, for each task, the first value it came to. With
    evaluations that are noisy, taking the best of several would be a choice that no certificate
    knows of.

    Attributes:
        trials: (m,) the first trial of each configuration.
        losses: (m, T) NaN where it was not evaluated.
        is_finished: (m,) whether a trial of it is COMPLETE, and none broke a constraint.
    """

    trials: tuple[FrozenTrial, ...]
    losses: np.ndarray
    is_finished: np.ndarray

    @classmethod
    def of(cls, tasks: TaskStudy) -> Configurations:
        """Gather the configurations of a study over tasks. O(n T)."""
        table, n_tasks = tasks.table, tasks.n_tasks
        sign = loss_sign(table.directions[0])
        rows: dict[Hashable, int] = {}
        trials: list[FrozenTrial] = []
        losses: list[np.ndarray] = []
        complete: set[int] = set()
        infeasible: set[int] = set()
        for trial, is_feasible in zip(table.trials, table.feasible.tolist(), strict=True):
            if _failed_at_once(trial):
                continue
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
        """Rows of those that finished, on all tasks, and broke no constraint."""
        return np.flatnonzero(np.isfinite(self.losses).all(axis=1) & self.is_finished)

    def best_first(self, aggregate: str) -> np.ndarray:
        """Sort the rows of :attr:`complete`, those of the smallest aggregate first."""
        rows = self.complete
        losses = AGGREGATES[aggregate](self.losses[rows], axis=1)
        order: np.ndarray = rows[np.argsort(losses, kind="stable")]
        return order

    def row_of(self, trial: FrozenTrial) -> int | None:
        """Return the row of the configuration that a trial of the table had; None if of none."""
        rows = {identity(first): row for row, first in enumerate(self.trials)}
        return rows.get(identity(trial))

    def find(self, params: dict[str, Any]) -> int | None:
        """Return the row of the configuration ``params``; None if it was not tried."""
        for row, trial in enumerate(self.trials):
            if trial.params.keys() == params.keys() and all(
                _is_same(value, params[name]) for name, value in trial.params.items()
            ):
                return row
        return None


def _failed_at_once(trial: FrozenTrial) -> bool:
    """Tell whether no task came to a value before a hyperparameter was asked for.

    Such a trial is no configuration: nobody knows what it would have been. What stands for its
    values is what :class:`MultiTaskObjective` counts for a task that raises.
    """
    errors = trial.user_attrs.get("task_errors", {})
    return not trial.params and all(str(step) in errors for step in trial.intermediate_values)


def _is_same(a: Any, b: Any) -> bool:
    """Compare two values, floats but for rounding: a grid holds 0.30000000000000004."""
    if isinstance(a, float) and isinstance(b, Real):
        return math.isclose(a, float(b), rel_tol=1e-9, abs_tol=1e-12)
    return bool(a == b)


def identity(trial: FrozenTrial | Trial) -> Hashable:
    """Return what trials of one configuration have alike; without parameters, the number."""
    if not trial.params:
        return trial.number
    return tuple(
        (name, trial.distributions[name].to_internal_repr(value))
        for name, value in sorted(trial.params.items())
    )

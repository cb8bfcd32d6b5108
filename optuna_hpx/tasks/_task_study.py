"""TaskStudy: what a study over tasks says of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["TaskStudy", "values_of"]

_SPARSE = 100  # steps up to so many times their number are tasks that few trials came to


@dataclass(frozen=True, eq=False)
class TaskStudy:
    """The finished trials of a study, and what it says of its tasks.

    What :class:`MultiTaskObjective` wrote into the study is not in a :class:`TrialTable`. Of a
    table, as of a study in which nothing is written, the tasks are read off the trials: they are
    the steps that were reported, and a trial is worth their mean.

    Attributes:
        table: The trials.
        n_tasks: T.
        aggregate: One of :data:`.aggregates.AGGREGATES`.
        is_declared: Whether :class:`MultiTaskObjective` wrote it; else it is read off the trials.
    """

    table: TrialTable
    n_tasks: int
    aggregate: str
    is_declared: bool

    @classmethod
    def find(cls, study: Study | TrialTable) -> TaskStudy | None:
        """Read what ``study`` says of its tasks; None if it has none so far."""
        table = TrialTable.of(study)
        entry: Any = None
        if study is not table:
            entry = storage.read_study(cast("Study", study), storage.TASKS)
        if entry is not None:
            return cls(table, int(entry["n_tasks"]), str(entry["aggregate"]), True)
        steps = {step for trial in table.trials for step in trial.intermediate_values}
        if not steps or max(steps) >= _SPARSE * len(steps):  # no steps from 0 on: not tasks
            return None
        return cls(table, max(steps) + 1, "mean", False)

    @classmethod
    def of(cls, study: Study | TrialTable) -> TaskStudy:
        """Read what ``study`` says of its tasks, which it must have.

        Raises:
            TypeError: If ``study`` is neither a study nor a table.
            ValueError: If it has several objectives; if no trial reported a value for a task; or
                if it is a table in which a trial is not worth the mean of its tasks.
        """
        tasks = cls.find(study)
        table = TrialTable.of(study)
        if len(table.directions) > 1:
            raise ValueError(
                f"`study` must have one objective, got {len(table.directions)}: the values of "
                "tasks are those of one."
            )
        if len(table) and not table.trials:
            raise ValueError(
                "`study` must be a Study, or a TrialTable of one: a table that was made from a "
                "data frame has no values of tasks."
            )
        if tasks is None:
            raise ValueError(
                "`study` must have trials with a value for each task, got none: tune a "
                "MultiTaskObjective, or report the value of task i = 0, 1, ... as step i."
            )
        if study is table:
            tasks._check_means()
        return tasks

    def _check_means(self) -> None:
        """Refuse a table of another aggregate, which would be taken for a mean."""
        for trial in self.table.trials:
            if trial.state != TrialState.COMPLETE:
                continue
            mean = float(values_of(trial, self.n_tasks).mean())
            value = trial.values[0]
            if np.isfinite(mean) and not np.isclose(value, mean):
                raise ValueError(
                    "`study` must be the Study itself where a trial is not worth the mean of its "
                    f"tasks, got a TrialTable, in which trial {trial.number} is worth {value:g}, "
                    f"and the mean of its tasks is {mean:g}. What a trial is worth stands in the "
                    "study, and not in a table of its trials."
                )


def values_of(trial: FrozenTrial, n_tasks: int) -> np.ndarray:
    """Return (T,) the values of ``trial`` by task; NaN where there is none."""
    values = np.full(n_tasks, np.nan)
    for step, value in trial.intermediate_values.items():
        if 0 <= step < n_tasks:
            values[step] = value
    return values

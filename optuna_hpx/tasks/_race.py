"""Race: who was evaluated on how many tasks, and how far behind the best."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.tasks._configurations import Configurations, identity
from optuna_hpx.tasks._task_study import TaskStudy, values_of
from optuna_hpx.tasks.maths.aggregates import AGGREGATES
from optuna_hpx.tasks.maths.racing import mean_differences
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["Race"]


@dataclass(frozen=True, eq=False)
class Race:
    """The n finished trials of a study over T tasks.

    Attributes:
        tasks: The trials, and what the study says of its tasks.
        n_seen: (n,) on how many tasks each was evaluated.
        behind: (n,) mean loss less that of the best on the tasks that both have: positive is
            worse. NaN where there is none, or no best.
        error: (n,) standard error of ``behind``, from the differences task by task; NaN for fewer
            than two.
        best: Row of the first trial of the best configuration that was evaluated on all tasks,
            that of :func:`certify`; it may itself have been dropped, and completed when tried
            again. None if there is none.
        best_value: Its aggregate, in the user's own sign; NaN if there is none.
        n_whole: Evaluations that all configurations would have taken of which a trial did not
            fail, had none been pruned.
        n_saved: Of these, those that were saved as trials were pruned.
        in_unit_interval: Whether all values of tasks lie in [0, 1].

    Of a configuration that was tried again, ``n_whole`` and ``n_saved`` count each task once:
    :class:`MultiTaskObjective` reuses its values, and that is not what racing saved.
    """

    tasks: TaskStudy
    n_seen: np.ndarray
    behind: np.ndarray
    error: np.ndarray
    best: int | None
    best_value: float
    n_whole: int
    n_saved: int
    in_unit_interval: bool

    @classmethod
    def of(cls, study: Study | TrialTable) -> Race:
        """Read the race from a study, or a table of it. O(n T).

        Raises:
            TypeError: If ``study`` is neither a study nor a table.
            ValueError: If it has several objectives, or no values of tasks; if it is a table in
                which a trial is not worth the mean of its tasks.
        """
        tasks = TaskStudy.of(study)
        table = tasks.table
        sign = loss_sign(table.directions[0])
        rows = [values_of(trial, tasks.n_tasks) for trial in table.trials]
        values = np.array(rows).reshape(len(rows), tasks.n_tasks)
        has_value = ~np.isnan(values)
        tried = Configurations.of(tasks)
        behind, error = np.full((2, len(rows)), np.nan)
        best, best_value = None, np.nan
        best_first = tried.best_first(tasks.aggregate)
        if len(best_first):
            first = int(best_first[0])
            best = int(np.searchsorted(table.numbers, tried.trials[first].number))
            best_value = sign * float(AGGREGATES[tasks.aggregate](tried.losses[first]))
            behind, error = mean_differences(sign * values - tried.losses[first])
        n_whole, n_saved = _evaluations(table, tried, tasks.n_tasks)
        return cls(
            tasks=tasks,
            n_seen=has_value.sum(axis=1),
            behind=behind,
            error=error,
            best=best,
            best_value=best_value,
            n_whole=n_whole,
            n_saved=n_saved,
            in_unit_interval=bool(((values >= 0.0) & (values <= 1.0))[has_value].all()),
        )

    @property
    def table(self) -> TrialTable:
        """The trials."""
        return self.tasks.table

    @property
    def share_saved(self) -> float:
        """``n_saved`` as a share of ``n_whole``."""
        return self.n_saved / self.n_whole

    @property
    def whole(self) -> np.ndarray:
        """(n,) which trials were evaluated on all tasks."""
        return self.n_seen == self.tasks.n_tasks

    @property
    def dropped(self) -> np.ndarray:
        """(n,) which trials were pruned."""
        return self.table.states == TrialState.PRUNED

    @property
    def failed(self) -> np.ndarray:
        """(n,) which trials failed."""
        return self.table.states == TrialState.FAIL


def _evaluations(table: TrialTable, tried: Configurations, n_tasks: int) -> tuple[int, int]:
    """Count ``n_whole`` and ``n_saved`` of a :class:`Race`."""
    n_seen = {
        identity(first): int(np.count_nonzero(~np.isnan(losses)))
        for first, losses in zip(tried.trials, tried.losses, strict=True)
    }
    states: dict[Hashable, set[TrialState]] = {}
    for trial in table.trials:
        states.setdefault(identity(trial), set()).add(trial.state)
    n_whole = n_tasks * sum(ends != {TrialState.FAIL} for ends in states.values())
    n_saved = sum(
        n_tasks - n_seen.get(configuration, 0)
        for configuration, ends in states.items()
        if TrialState.PRUNED in ends and TrialState.COMPLETE not in ends
    )
    return n_whole, n_saved

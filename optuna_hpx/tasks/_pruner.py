"""TaskRacingPruner: drop the trials that are surely worse than the best, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from optuna.pruners import BasePruner

from optuna_hpx import _checks
from optuna_hpx.tasks._rows import AGGREGATES, Configurations, TaskStudy, values_of
from optuna_hpx.tasks.maths import racing
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["TaskRacingPruner"]

_N_OTHERS = 5  # good configurations from which the spread of differences is learnt


@dataclass(frozen=True)
class _Incumbent:
    """The best of the configurations that were evaluated on all tasks.

    Attributes:
        losses: (T,)
        s_0: The usual spread of differences to it, 0 if not known.
    """

    tasks: TaskStudy
    losses: np.ndarray
    s_0: float


class TaskRacingPruner(BasePruner):
    """Drops a trial as soon as it is surely worse than the best, on the tasks they share.

    For objectives that report the value of task i as step i, in a random order, as
    :class:`MultiTaskObjective` does. A trial is compared, by the differences task by task, with
    the best trial that was evaluated on all tasks, from ``n_startup_tasks`` tasks on and after
    each task. The chance to drop a trial whose values differ from the best one's by chance only is
    ``overall_alpha`` for all of these looks together, and not for each, over which it would add up
    to a multiple. The best of many trials is the best partly by luck of the tasks of this study; a
    trial that would be as good on other tasks is behind on these, and is dropped more often: of 20
    such trials in a row, up to 40 %.

    "t" compares means, which is what the mean over tasks and :func:`certify` are about. Its scale
    is never taken to be smaller than what good trials usually differ by: a trial that is a little
    worse on most tasks and much better on a few is then not dropped before one of the few came up.
    "wilcoxon" compares pseudo-medians: more powerful with outliers, wrong about means where
    differences are skewed.

    The size holds for differences that are independent from task to task. Where a
    :class:`MultiTaskObjective` aggregates by "worst" or "median", a trial is dropped only when
    its aggregate cannot be better than the best any more.

    Args:
        test: "t" or "wilcoxon".
        overall_alpha: Of all looks at one trial together.
        n_startup_tasks: Before so many tasks no trial is dropped; at least 2. With fewer than 5,
            later looks must ask for so much more that hardly anything is gained.

    Cost of a decision: well under a millisecond, but for reading the study. Once per process and
    number of tasks the size is found by simulation: half a second for 50 tasks, in proportion to
    them; with "wilcoxon" to their square.

    Raises:
        ValueError: If an argument is not possible.
    """

    def __init__(
        self,
        *,
        test: Literal["t", "wilcoxon"] = "t",
        overall_alpha: float = 0.1,
        n_startup_tasks: int = 5,
    ) -> None:
        _checks.one_of("test", test, racing.STATISTICS)
        _checks.quantile("overall_alpha", overall_alpha)
        _checks.count("n_startup_tasks", n_startup_tasks, at_least=2)
        self._test, self._alpha, self._n_startup = test, float(overall_alpha), n_startup_tasks
        self._last: tuple[TrialTable, _Incumbent | None] | None = None

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether ``trial`` is worse than the best of ``study``. Called by ``should_prune``."""
        if not trial.intermediate_values:
            return False
        table = TrialTable.from_study(study)
        best = self._incumbent(study, table)
        if best is None:
            return False
        sign = loss_sign(table.directions[0])
        losses = sign * values_of(trial, best.tasks.n_tasks)
        seen = ~np.isnan(losses)
        if best.tasks.aggregate != "mean":
            return _cannot_win(best, losses[seen])
        if np.isposinf(losses[seen]).any():
            return True  # so is its mean
        n = int(seen.sum())
        if not self._n_startup <= n < len(losses) or np.isneginf(losses[seen]).any():
            return False
        d = losses[seen] - best.losses[seen]
        z_alpha = racing.threshold(
            self._test,
            len(losses),
            self._n_startup,
            self._alpha,
            knows_spread=self._test == "t" and best.s_0 >= float(d.std(ddof=1)),
        )
        return bool(racing.STATISTICS[self._test](d, best.s_0) > z_alpha)

    def _incumbent(self, study: Study, table: TrialTable) -> _Incumbent | None:
        """Found anew when a trial has finished; threads may do so twice."""
        last = self._last
        if last is None or last[0] is not table:
            last = self._last = table, _find(study, table)
        return last[1]


def _find(study: Study, table: TrialTable) -> _Incumbent | None:
    """None if no trial was evaluated on all tasks."""
    tasks = TaskStudy.find(study, table)
    if tasks is None:
        return None
    tried = Configurations.of(table, tasks.n_tasks)
    rows = tried.best_first(tasks.aggregate)
    if not len(rows):
        return None
    s_0 = racing.spread(tried.losses, int(rows[0]), rows[1 : 1 + _N_OTHERS])
    return _Incumbent(tasks, tried.losses[rows[0]], s_0)


def _cannot_win(best: _Incumbent, losses: np.ndarray) -> bool:
    """Whether the "median" or "worst" of all tasks is worse, whatever those to come are."""
    bar = float(AGGREGATES[best.tasks.aggregate](best.losses))
    n_worse = int((losses > bar).sum())
    return n_worse > (best.tasks.n_tasks // 2 if best.tasks.aggregate == "median" else 0)

"""TaskRacingPruner: drop the trials that are surely worse than the best, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from optuna.pruners import BasePruner

from optuna_hpx import _checks
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._task_study import TaskStudy, values_of
from optuna_hpx.tasks.maths import racing
from optuna_hpx.tasks.maths.aggregates import cannot_win
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
        aggregate: What it is the best by.
        losses: (T,) its losses.
        s_0: The usual spread of differences to it, 0 if not known.
    """

    aggregate: str
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
        TypeError: If an argument is of the wrong type.
        ValueError: If an argument is not possible.

    Example:
        Twenty tasks, of which bad trials see five or six:

        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, TaskRacingPruner, task_matrix
        >>> def evaluate(trial, task):
        ...     return (trial.suggest_float("x", -5, 5) - task % 3) ** 2
        >>> study = optuna.create_study(
        ...     sampler=optuna.samplers.RandomSampler(seed=0), pruner=TaskRacingPruner()
        ... )
        >>> study.enqueue_trial({"x": 1.0})
        >>> study.enqueue_trial({"x": 4.0})
        >>> study.optimize(MultiTaskObjective(evaluate, range(20), seed=0), n_trials=2)
        >>> [trial.state.name for trial in study.trials]
        ['COMPLETE', 'PRUNED']
        >>> task_matrix(study).notna().sum(axis=1).tolist()
        [20, 5]
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
        """Decide whether ``trial`` is worse than the best one; ``trial.should_prune()`` calls it.

        Args:
            study: The study.
            trial: A trial that is running, with the values of its tasks so far.
        """
        if not trial.intermediate_values:
            return False
        table = TrialTable.from_study(study)
        best = self._incumbent(study, table)
        if best is None:
            return False
        sign = loss_sign(table.directions[0])
        losses = sign * values_of(trial, len(best.losses))
        has_value = ~np.isnan(losses)
        if best.aggregate != "mean":
            return cannot_win(losses[has_value], best.losses, best.aggregate)
        if np.isposinf(losses[has_value]).any():
            return True  # so is its mean
        if np.isneginf(losses[has_value]).any():
            return False
        return self._is_worse(losses[has_value] - best.losses[has_value], best)

    def _is_worse(self, d: np.ndarray, best: _Incumbent) -> bool:
        """Test the differences ``d`` (n,) to the best on the tasks so far."""
        n_tasks = len(best.losses)
        if not self._n_startup <= len(d) < n_tasks:
            return False
        z_alpha = racing.threshold(
            self._test,
            n_tasks,
            self._n_startup,
            self._alpha,
            knows_spread=self._test == "t" and best.s_0 >= float(d.std(ddof=1)),
        )
        return bool(racing.STATISTICS[self._test](d, best.s_0) > z_alpha)

    def _incumbent(self, study: Study, table: TrialTable) -> _Incumbent | None:
        """Return the best, found anew when a trial has finished; threads may do so twice."""
        last = self._last
        if last is None or last[0] is not table:
            last = self._last = table, _find_incumbent(study)
        return last[1]


def _find_incumbent(study: Study) -> _Incumbent | None:
    """Find the best configuration; None if no trial was evaluated on all tasks."""
    tasks = TaskStudy.find(study)
    if tasks is None:
        return None
    tried = Configurations.of(tasks)
    rows = tried.best_first(tasks.aggregate)
    if not len(rows):
        return None
    s_0 = racing.spread(tried.losses, int(rows[0]), rows[1 : 1 + _N_OTHERS])
    return _Incumbent(tasks.aggregate, tried.losses[rows[0]], s_0)

"""MultiTaskObjective: one configuration, evaluated on a sample of tasks."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np
import optuna
from optuna.logging import get_logger
from optuna.pruners import (
    HyperbandPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
)

from optuna_hpx import _checks
from optuna_hpx.tasks._configurations import identity
from optuna_hpx.tasks.maths.aggregates import AGGREGATES
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import Trial

__all__ = ["MultiTaskObjective"]

Task = TypeVar("Task")

_logger = get_logger("optuna.hpx")
_BY_STEP = (HyperbandPruner, PatientPruner, PercentilePruner, SuccessiveHalvingPruner)
"""Pruners that take the values of a trial for the course of one training: not those of tasks."""


class MultiTaskObjective(Generic[Task]):
    """An objective for ``study.optimize`` that is worth how well it does over many tasks.

    Each trial is evaluated on the tasks in a random order of its own, and reports the value of
    task i as step i: the study holds the matrix of trials and tasks, see :func:`task_matrix`.
    After each task the study's pruner may drop the trial, as :class:`TaskRacingPruner` does for
    those that are surely worse than the best; Optuna's pruners that compare learning curves, of
    which MedianPruner is the default of a study, are not asked. Workers in threads, processes or
    on other machines share it as they share any objective; it keeps nothing of a study.

    Tasks are data sets, seeds, folds, users, instances of a problem: whatever the tuned values are
    to hold for. For :func:`certify` they must be drawn like those to come, independently of each
    other, and what is random in an evaluation, like the seed of a training, belongs to the task.

    Where a sampler comes back to a configuration, as TPE often does on a grid, the values that
    finished trials have of it are not evaluated again, but for one of them.

    Args:
        evaluate: ``evaluate(trial, task)`` suggests the hyperparameters, the same ones for each
            task, and returns the value on ``task``. It must not report to the trial: step i is
            task i.
        tasks: At least one. Index i must mean the same task in all workers.
        aggregate: What the trial returns: "mean", "median", or "worst" of its values. Certificates
            are about the mean, whatever it is.
        seed: Of the order of the tasks; with it, that of trial k is always the same.
        error_value: What a task counts as that raises an exception or comes to NaN: a number, as
            bad as can be; None: the exception is raised, so that the trial fails as Optuna has
            it (``study.optimize(catch=...)``). Either way it stands in the trial's
            ``user_attrs["task_errors"]``, and the values of the tasks before are kept. Samplers
            like TPE do not learn from trials that failed, and come back to what fails. A trial in
            which each task raised before its first ``suggest`` is no configuration, and
            :func:`certify` passes over it.
        reuse_values: Whether a configuration that was tried before keeps the values of finished
            trials. If not, it is evaluated again; :func:`certify` counts the first values anyway.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If there are no tasks, ``aggregate`` is unknown, or ``error_value`` is NaN. At
            the first trial: if the study has several objectives, or was begun with another number
            of tasks or aggregate.

    Example:
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective
        >>> def evaluate(trial, task):
        ...     return (trial.suggest_float("x", 0, 4, step=1) - task) ** 2
        >>> objective = MultiTaskObjective(evaluate, tasks=[0, 1, 3, 4], seed=0)
        >>> study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler(seed=0))
        >>> study.optimize(objective)
        >>> study.best_params, study.best_value
        ({'x': 2.0}, 2.5)
    """

    def __init__(
        self,
        evaluate: Callable[[Trial, Task], float],
        tasks: Sequence[Task],
        *,
        aggregate: Literal["mean", "median", "worst"] = "mean",
        seed: int | None = None,
        error_value: float | None = None,
        reuse_values: bool = True,
    ) -> None:
        if not callable(evaluate):
            raise TypeError(
                f"`evaluate` must be a function of a trial and a task, got {evaluate!r}."
            )
        if not hasattr(tasks, "__len__") or not hasattr(tasks, "__getitem__"):
            raise TypeError(f"`tasks` must be a sequence, got a {type(tasks).__name__}.")
        if len(tasks) == 0:
            raise ValueError("`tasks` must have at least one task, got none.")
        _checks.one_of("aggregate", aggregate, AGGREGATES)
        _checks.seed("seed", seed)
        if error_value is not None:
            _checks.finite("error_value", error_value)
        _checks.switch("reuse_values", reuse_values)
        self._evaluate, self._tasks = evaluate, tasks
        self._aggregate, self._seed, self._error_value = aggregate, seed, error_value
        self._reuse_values = bool(reuse_values)
        self._has_warned = False

    @property
    def tasks(self) -> Sequence[Task]:
        """The tasks, as given."""
        return self._tasks

    def __call__(self, trial: Trial) -> float:
        """Evaluate a trial on all tasks, and return their aggregate.

        Raises:
            optuna.TrialPruned: Where the pruner drops the trial.
            TypeError: If ``trial`` is none of a study, or ``evaluate`` returned no number.
            ValueError: If the study is of other tasks, or tasks have other hyperparameters.
        """
        if not isinstance(trial, optuna.Trial):
            raise TypeError(f"`trial` must be a Trial of a study, got a {type(trial).__name__}.")
        self._begin(trial.study)
        may_prune = self._may_prune(trial.study)
        values = np.full(len(self._tasks), np.nan)
        names: set[str] | None = None
        earlier: dict[int, float] = {}
        for i in self._order(trial.number):
            if i not in earlier:
                values[i], is_error = self._value(trial, i)
                if names is not None:
                    _check_same(names, trial.params, i)
                elif not is_error:  # only a task that was evaluated tells the configuration
                    names = set(trial.params)
                    earlier = self._earlier_values(trial)
            values[i] = earlier.get(i, values[i])
            trial.report(values[i], i)
            if may_prune and trial.should_prune():
                raise optuna.TrialPruned(
                    f"After {np.isfinite(values).sum()} of {len(values)} tasks."
                )
        sign = loss_sign("maximize" if _maximizes(trial.study) else "minimize")
        return sign * float(AGGREGATES[self._aggregate](sign * values))

    def _may_prune(self, study: Study) -> bool:
        if not isinstance(study.pruner, _BY_STEP):
            return True
        if not self._has_warned:
            self._has_warned = True
            _logger.warning(
                f"The study's {type(study.pruner).__name__} compares learning curves, and is not "
                "asked about tasks: create the study with pruner=TaskRacingPruner(), or with "
                "NopPruner() for none."
            )
        return False

    def _earlier_values(self, trial: Trial) -> dict[int, float]:
        """Collect by task the first value that a finished trial of the same configuration had."""
        values: dict[int, float] = {}
        if self._reuse_values and trial.params:
            mine = identity(trial)
            for other in TrialTable.from_study(trial.study).trials:
                if other.params == trial.params and identity(other) == mine:
                    errors = other.user_attrs.get("task_errors", {})  # may not come again
                    for i, value in other.intermediate_values.items():
                        if str(i) not in errors:
                            values.setdefault(i, value)
        return values

    def _order(self, number: int) -> list[int]:
        seed = None if self._seed is None else [self._seed, number]
        order: list[int] = np.random.default_rng(seed).permutation(len(self._tasks)).tolist()
        return order

    def _value(self, trial: Trial, i: int) -> tuple[float, bool]:
        """Evaluate the trial on task ``i``; return the value, and whether it is that of errors."""
        try:
            with _reports_refused(trial):
                returned = self._evaluate(trial, self._tasks[i])
            value = _checks.returned_number("`evaluate`", returned, f" on task {i}")
            if math.isnan(value):
                raise ValueError(f"`evaluate` returned NaN on task {i}.")
        except optuna.TrialPruned:
            raise
        except Exception as error:
            self._note(trial, i, error)
            if self._error_value is None:
                raise
            _logger.warning(
                f"Trial {trial.number} counts as {self._error_value:g} on task {i}: {error!r}",
                exc_info=error,
            )
            return float(self._error_value), True
        return value, False

    def _note(self, trial: Trial, i: int, error: Exception) -> None:
        errors: dict[str, Any] = trial.user_attrs.get("task_errors", {})
        trial.set_user_attr("task_errors", {**errors, str(i): repr(error)[:200]})

    def _begin(self, study: Study) -> None:
        """Write into the study what its tasks are, or compare with what is there."""
        if len(study.directions) > 1:
            raise ValueError(f"The study must have one objective, got {len(study.directions)}.")
        mine = {"n_tasks": len(self._tasks), "aggregate": self._aggregate}
        earlier = storage.read_study(study, storage.TASKS)
        if earlier is None:
            storage.write_study(study, storage.TASKS, mine)
        elif earlier != mine:
            name = next(name for name in mine if earlier[name] != mine[name])
            raise ValueError(
                f"The study was begun with `{name}` {earlier[name]!r}, got {mine[name]!r}. For "
                "other tasks begin a new study; the best of this one can be enqueued there: "
                "`new.enqueue_trial(old.best_params)`."
            )


@contextlib.contextmanager
def _reports_refused(trial: Trial) -> Iterator[None]:
    """Refuse reports while a task is evaluated: they would stand as values of other tasks."""

    def refuse(value: float, step: int) -> None:
        raise RuntimeError("`evaluate` must not call trial.report: there, step i is task i.")

    trial.report = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        del trial.report


def _check_same(names: set[str], params: dict[str, Any], i: int) -> None:
    more = sorted(set(params) - names)
    if more:
        raise ValueError(
            f"`evaluate` must suggest the same hyperparameters for each task, got {more} in "
            f"addition on task {i}."
        )


def _maximizes(study: Study) -> bool:
    return study.direction == optuna.study.StudyDirection.MAXIMIZE

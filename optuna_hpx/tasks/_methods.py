"""The methods of :func:`certify`: what each needs, the bound that it gives, and its words.

Another method is another class here, and its name in :data:`METHODS`. Formulas are in ``maths/``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks.maths import bounds
from optuna_hpx.tasks.maths.aggregates import AGGREGATES
from optuna_hpx.tasks.maths.betting import betting
from optuna_hpx.tasks.maths.oscillations import oscillation_width

__all__ = ["METHODS", "CertificateMethod", "TaskSample", "bootstrap_bound"]

_HELD_OUT = 0.4  # share of the tasks that judge the winner; the others choose it
_N_BOOTSTRAP = 4000
_N_SIGNS = 200
_LOG_MANY = 50.0  # exp of it is more configurations than were ever tried, and does not overflow


@dataclass(frozen=True, eq=False)
class TaskSample:
    """The sample of tasks that a bound rests on, and the configuration that was chosen by it.

    Attributes:
        tried: The m configurations.
        u: (m, T) their utilities in [0, 1]; NaN where one was not evaluated.
        aggregate: What the best was chosen by.
        winner: Row of the chosen configuration.
        tasks: Columns of ``u`` by which the winner is judged.
        log_n_configs: ln M, of the configurations among which was chosen.
        delta: Probability of being wrong.
        n_oscillations: B, if declared.
    """

    tried: Configurations
    u: np.ndarray
    aggregate: str
    winner: int
    tasks: np.ndarray
    log_n_configs: float
    delta: float
    n_oscillations: float | None

    @property
    def x(self) -> np.ndarray:
        """Utilities of the winner on the tasks by which it is judged."""
        x: np.ndarray = self.u[self.winner, self.tasks]
        return x


class CertificateMethod(ABC):
    """A way from a sample of tasks to a bound on the mean over all tasks.

    Attributes:
        name: What :func:`certify` calls it.
        counts_space: Whether the bound rests on the number of configurations of the space.
        is_held_out: Whether the tasks that the winner is judged by had no part in its choice.
        can_plan: Whether :meth:`Certificate.tasks_needed` plans for this method's own bound.
        assumptions: What the bound rests on, beside what all bounds do.
    """

    name: ClassVar[str]
    counts_space: ClassVar[bool] = False
    is_held_out: ClassVar[bool] = False
    can_plan: ClassVar[bool] = False
    assumptions: ClassVar[tuple[str, ...]] = ()

    def choose(self, sample: TaskSample) -> TaskSample:
        """Choose the winner and the tasks by which it is judged: by default the best, and all."""
        return sample

    @abstractmethod
    def bound(self, sample: TaskSample) -> float:
        """Return a lower bound on the expected utility of the winner; it may be below 0."""

    def is_finite_sample(self, *, is_blind: bool) -> bool:
        """Decide whether the bound holds for any number of tasks.

        Args:
            is_blind: Whether configurations were proposed without a look at values.
        """
        return True

    def all_assumptions(self, *, is_blind: bool) -> tuple[str, ...]:
        """List what the bound rests on; arguments as in :meth:`is_finite_sample`."""
        return self.assumptions

    def scope(self, n_tried: int, n_configs: str) -> str:
        """Say among what the winner was chosen.

        Args:
            n_tried: Configurations that were evaluated on all tasks.
            n_configs: M, as text.
        """
        return f"chosen among {n_configs} configurations"


class Betting(CertificateMethod):
    """A bet on each task against the bound, for all M configurations at once."""

    name = "betting"
    counts_space = True
    can_plan = True

    def bound(self, sample: TaskSample) -> float:
        """Return the bound by betting at level delta / M."""
        return betting(sample.x, sample.log_n_configs, sample.delta)


class Hoeffding(CertificateMethod):
    """The range of the utilities alone."""

    name = "hoeffding"
    counts_space = True

    def bound(self, sample: TaskSample) -> float:
        """Return Hoeffding's bound at level delta / M."""
        return bounds.hoeffding(sample.x, sample.log_n_configs, sample.delta)


class Holdout(CertificateMethod):
    """Betting on tasks that had no part in the choice, as if there were one configuration."""

    name = "holdout"
    is_held_out = True

    def choose(self, sample: TaskSample) -> TaskSample:
        """Choose the best of 60 % of the tasks, in a fixed random order; judge by the others."""
        n_tasks = sample.u.shape[1]
        order = np.random.default_rng(0).permutation(n_tasks)
        n_held_out = min(max(1, round(_HELD_OUT * n_tasks)), n_tasks - 1)
        complete = sample.tried.complete
        utilities = sample.u[np.ix_(complete, order[n_held_out:])]
        losses = AGGREGATES[sample.aggregate](1.0 - utilities, axis=1)
        return replace(
            sample,
            winner=int(complete[losses.argmin()]),
            tasks=np.sort(order[:n_held_out]),
            log_n_configs=0.0,
        )

    def bound(self, sample: TaskSample) -> float:
        """Return the bound by betting of a single configuration."""
        return betting(sample.x, sample.log_n_configs, sample.delta)

    def is_finite_sample(self, *, is_blind: bool) -> bool:
        """Decide it by whether the held-out tasks had no part in what was proposed, either."""
        return is_blind

    def all_assumptions(self, *, is_blind: bool) -> tuple[str, ...]:
        """Say whether proposals were blind."""
        if is_blind:
            return (
                "Configurations were proposed without a look at the values of tasks, as the "
                "sampler that the study has now would.",
            )
        return ("The sampler or pruner saw the values of the tasks held out: approximate.",)

    def scope(self, n_tried: int, n_configs: str) -> str:
        """Say that the winner was chosen elsewhere."""
        return "chosen on other tasks"


class Bootstrap(CertificateMethod):
    """The largest error of the configurations that were evaluated on all tasks."""

    name = "bootstrap"
    assumptions = ("There are tasks enough for the central limit theorem.",)

    def bound(self, sample: TaskSample) -> float:
        """Return the bound by the multiplier bootstrap."""
        return bootstrap_bound(sample, sample.u)

    def is_finite_sample(self, *, is_blind: bool) -> bool:
        """Return False: it is approximate."""
        return False

    def scope(self, n_tried: int, n_configs: str) -> str:
        """Name the configurations that had all tasks."""
        return f"chosen among the {n_tried} configurations evaluated on all tasks"


class Rademacher(CertificateMethod):
    """The empirical Rademacher complexity of all configurations, or Massart's bound of it."""

    name = "rademacher"
    counts_space = True

    def bound(self, sample: TaskSample) -> float:
        """Return the bound by the complexity if all M were evaluated, else by Massart's lemma."""
        x, complete = sample.x, sample.tried.complete
        mean = float(x.mean())
        if len(complete) != round(math.exp(min(sample.log_n_configs, _LOG_MANY))):
            return mean - bounds.massart(len(x), sample.log_n_configs, sample.delta)
        rng = np.random.default_rng(0)
        return mean - bounds.rademacher(sample.u[complete].T, sample.delta, _N_SIGNS, rng)


class Oscillation(CertificateMethod):
    """The oscillations of the tasks' curves along one hyperparameter."""

    name = "oscillation"
    assumptions = ("One real hyperparameter; `n_oscillations` is proven for every task.",)

    def bound(self, sample: TaskSample) -> float:
        """Return the bound by at most B oscillations of every task.

        Raises:
            ValueError: If B is missing or less than 1, or there are several hyperparameters.
        """
        if sample.n_oscillations is None:
            raise ValueError(
                '`n_oscillations` must be a number for method="oscillation", got None.'
            )
        _checks.finite("n_oscillations", sample.n_oscillations)
        if sample.n_oscillations < 1:
            raise ValueError(
                f"`n_oscillations` must be at least 1, got {sample.n_oscillations!r}."
            )
        names = {name for trial in sample.tried.trials for name in trial.params}
        if len(names) > 1:
            raise ValueError(
                'method="oscillation" is for one hyperparameter, but the study has '
                f"{sorted(names)}."
            )
        x, log_b = sample.x, math.log(sample.n_oscillations)
        return float(x.mean()) - oscillation_width(len(x), sample.delta, log_oscillations=log_b)


METHODS: dict[str, CertificateMethod] = {
    method.name: method
    for method in (
        Betting(),
        Bootstrap(),
        Hoeffding(),
        Holdout(),
        Oscillation(),
        Rademacher(),
    )
}
"""All methods by name."""


def bootstrap_bound(sample: TaskSample, u: np.ndarray) -> float:
    """Bound the winner's mean of ``u`` (m, T) from below, by the multiplier bootstrap."""
    complete = sample.tried.complete
    place = int(np.flatnonzero(complete == sample.winner)[0])
    rng = np.random.default_rng(0)
    return bounds.bootstrap(u[complete].T, place, sample.delta, _N_BOOTSTRAP, rng)

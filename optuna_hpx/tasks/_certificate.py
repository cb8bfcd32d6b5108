"""Certificate: what a tuned configuration is worth on the next task, at least."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.tasks._improvement import Improvement
from optuna_hpx.tasks._methods import METHODS, CertificateMethod
from optuna_hpx.tasks.maths.betting import tasks_for_width
from optuna_hpx.tasks.maths.utility import UtilityScale

__all__ = ["Certificate"]

_HARDLY = 0.01  # of the range: a bound this close to the worst value says nothing


@dataclass(frozen=True, eq=False)
class Certificate:
    """A one-sided bound on the mean value of a tuned configuration over tasks like those seen.

    :meth:`summary`, or ``print``, says it in words.

    Attributes:
        params: The configuration.
        trial: Number of the trial that was first to try it.
        direction: "minimize" or "maximize".
        values: (T,) its value on each task.
        observed: Their mean; for "holdout", that of the tasks held out.
        bound: What the mean over the distribution of tasks is no worse than.
        naive: What a one-sided t interval of this configuration alone would say. But for
            "holdout", it ignores that the configuration was chosen for its observed mean, and
            holds less often than said.
        delta: Probability, over the draw of the tasks, that ``bound`` does not hold.
        method: As asked for.
        is_finite_sample: Whether the bound holds for any number of tasks; else it is approximate.
        n_tasks: Tasks on which the bound rests.
        n_tried: Configurations that were evaluated on all tasks.
        log_n_configs: Natural logarithm of :attr:`n_configs`.
        bounds: Between which all values lie.
        baseline: None if no baseline was named.
        assumptions: What the bound rests on.

    Example:
        >>> import numpy as np
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, certify
        >>> places = np.random.default_rng(0).uniform(0.2, 0.8, 60)
        >>> def evaluate(trial, place):
        ...     return (trial.suggest_float("x", 0, 1, step=0.1) - place) ** 2
        >>> study = optuna.create_study(
        ...     sampler=optuna.samplers.BruteForceSampler(seed=0),
        ...     pruner=optuna.pruners.NopPruner(),
        ... )
        >>> study.optimize(MultiTaskObjective(evaluate, places, seed=0))
        >>> certificate = certify(study, bounds=(0, 1))
        >>> round(certificate.upper_bound, 3), certificate.is_finite_sample
        (0.115, True)
        >>> certificate.tasks_needed(width=0.02)
        277
        >>> for line in certificate.summary().splitlines()[1:3]:
        ...     print(line)
        Mean over tasks like these: at most 0.1153 with probability 0.95 (betting, finite-sample).
        Observed on 60 tasks: 0.0317; chosen among 11 configurations.
    """

    params: dict[str, Any]
    trial: int
    direction: str
    values: np.ndarray = field(repr=False)
    observed: float
    bound: float
    naive: float
    delta: float
    method: str
    is_finite_sample: bool
    n_tasks: int
    n_tried: int
    log_n_configs: float
    bounds: tuple[float, float]
    baseline: Improvement | None
    assumptions: tuple[str, ...]

    @property
    def lower_bound(self) -> float | None:
        """What the mean is at least; None if the study minimises."""
        return self.bound if self.direction == "maximize" else None

    @property
    def upper_bound(self) -> float | None:
        """What the mean is at most; None if the study maximises."""
        return self.bound if self.direction == "minimize" else None

    @property
    def n_configs(self) -> float:
        """Configurations among which was chosen, declared or counted; may be infinite."""
        if self.log_n_configs > 700.0:
            return math.inf
        n = math.exp(self.log_n_configs)
        return float(round(n)) if n < 2.0**30 else n

    @property
    def width(self) -> float:
        """How far the bound lies from the observed mean, in units of the value."""
        return abs(self.observed - self.bound)

    @property
    def is_vacuous(self) -> bool:
        """Whether the bound says hardly more, by 1 % of them, than the bounds of values do."""
        return abs(self.bound - self._scale.worst) <= _HARDLY * self._scale.range

    @property
    def _scale(self) -> UtilityScale:
        return UtilityScale(*self.bounds, is_maximised=self.direction == "maximize")

    def tasks_needed(self, width: float) -> int:
        """Estimate how many tasks put a "betting" bound within ``width`` of the observed mean.

        It is the number in all, also for "holdout", whatever the method of this certificate, as
        if the values went on as they are, and the configurations stayed as many.

        Args:
            width: In units of the value.

        Raises:
            TypeError: If ``width`` is not a number.
            ValueError: If ``width`` is not positive.
        """
        _checks.finite("width", width)
        if width <= 0.0:
            raise ValueError(f"`width` must be positive, got {width!r}.")
        scale = self._scale
        return tasks_for_width(
            scale.utilities(self.values), width / scale.range, self.log_n_configs, self.delta
        )

    @property
    def _way(self) -> CertificateMethod:
        return METHODS[self.method]

    @property
    def is_held_out(self) -> bool:
        """Whether the observed mean is of tasks that had no part in the choice."""
        return self._way.is_held_out

    def tasks_to_halve(self) -> int | None:
        """Estimate how many tasks halve :attr:`width`; None where it is 0 or not by betting."""
        half = self.width / 2.0
        return self.tasks_needed(half) if self._way.can_plan and half > 0.0 else None

    def summary(self) -> str:
        """Say it in a few lines for people."""
        from optuna_hpx.tasks._summary import summarise

        return summarise(self, self._way)

    def __str__(self) -> str:
        return self.summary()

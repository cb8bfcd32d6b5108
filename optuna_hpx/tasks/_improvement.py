"""Improvement: how much better the tuned configuration is than a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optuna_hpx.tasks._methods import TaskSample, bootstrap_bound
from optuna_hpx.tasks.maths.betting import improvement
from optuna_hpx.tasks.maths.utility import UtilityScale

__all__ = ["Improvement", "compare"]


@dataclass(frozen=True)
class Improvement:
    """How much better the tuned configuration is than a baseline, on average over tasks.

    In the sense of the study's direction: positive is better.

    Attributes:
        params: Of the baseline.
        observed: Mean difference on the tasks of the study.
        lower_bound: Finite-sample, for any way of tuning, at the certificate's ``delta``.
        approximate_lower_bound: By the multiplier bootstrap; its coverage is approximate.
        n_tasks_needed: Tasks after which ``lower_bound`` would be positive if the observed
            difference and its spread stayed the same; None if the difference is not positive.

    Example:
        The default was named before tuning, and enqueued:

        >>> import numpy as np
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, certify
        >>> places = np.random.default_rng(0).uniform(0.2, 0.8, 60)
        >>> def evaluate(trial, place):
        ...     return 1 - (trial.suggest_float("x", 0, 1, step=0.1) - place) ** 2
        >>> study = optuna.create_study(
        ...     direction="maximize",
        ...     sampler=optuna.samplers.BruteForceSampler(seed=0),
        ...     pruner=optuna.pruners.NopPruner(),
        ... )
        >>> study.enqueue_trial({"x": 0.0})
        >>> study.optimize(MultiTaskObjective(evaluate, places, seed=0))
        >>> improvement = certify(study, bounds=(0, 1), baseline={"x": 0.0}).baseline
        >>> round(improvement.observed, 2), round(improvement.lower_bound, 2)
        (0.25, 0.12)
    """

    params: dict[str, Any]
    observed: float
    lower_bound: float
    approximate_lower_bound: float
    n_tasks_needed: int | None


def compare(sample: TaskSample, baseline: dict[str, Any], scale: UtilityScale) -> Improvement:
    """Compare the winner with a configuration that was named before tuning, on all tasks.

    Args:
        sample: With the winner, and ln M of all configurations that could have won.
        baseline: Parameters of a configuration that was tried.
        scale: For differences in units of the value.

    Raises:
        TypeError: If the baseline is no dict.
        ValueError: If it was not tried, or not on all tasks.
    """
    if not isinstance(baseline, Mapping):
        raise TypeError(f"`baseline` must be a dict of parameters or None, got {baseline!r}.")
    tried, u = sample.tried, sample.u
    row = tried.find(baseline)
    if row is None:
        raise ValueError(
            f"`baseline` must be the parameters of a trial, all of them, got {baseline!r}, which "
            "none has. Before tuning: `study.enqueue_trial(baseline)`."
        )
    if row not in tried.complete:
        raise ValueError(
            f"`baseline` must have been evaluated on all {u.shape[1]} tasks, got "
            f"{int(np.isfinite(u[row]).sum())} in trial {tried.trials[row].number}. Finish it: "
            "`study.enqueue_trial(baseline)`, and `study.optimize(objective, 1)` without pruning."
        )
    d = u[sample.winner] - u[row]
    bound = improvement(d, sample.log_n_configs, sample.delta)
    return Improvement(
        params=dict(baseline),
        observed=scale.range * float(d.mean()),
        lower_bound=scale.range * bound.lower,
        approximate_lower_bound=scale.range * bootstrap_bound(sample, u - u[row]),
        n_tasks_needed=bound.n_tasks_needed,
    )

"""Certificates, samples of tasks and studies whose every number is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import IntDistribution
from optuna.trial import TrialState, create_trial

from optuna_hpx import Certificate, Improvement
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._methods import TaskSample
from optuna_hpx.trials import storage

VALUES = np.array([0.6, 0.7, 0.7, 0.8, 0.9, 0.5])


def certificate(**others: Any) -> Certificate:
    """Of six tasks with mean 0.7, maximised; whatever else is asked for."""
    known: dict[str, Any] = {
        "params": {"x": 0.5},
        "trial": 3,
        "direction": "maximize",
        "values": VALUES,
        "observed": 0.7,
        "bound": 0.4,
        "naive": 0.6,
        "delta": 0.05,
        "method": "betting",
        "is_finite_sample": True,
        "n_tasks": 6,
        "n_tried": 10,
        "log_n_configs": math.log(10.0),
        "bounds": (0.0, 1.0),
        "baseline": None,
        "assumptions": ("None.",),
    }
    return Certificate(**(known | others))


def mirrored() -> Certificate:
    """The same of losses, 1 minus these."""
    return certificate(
        direction="minimize", values=1.0 - VALUES, observed=0.3, bound=0.6, naive=0.4
    )


def baseline(lower: float) -> Improvement:
    return Improvement({"x": 0.1}, 0.2, lower, 0.15, 40)


def sample(u: Any, winner: int = 0, **others: Any) -> TaskSample:
    """Of utilities (m, T), NaN where there is none, of configurations k = 0, 1, ..."""
    u = np.array(u, dtype=float)
    trials = tuple(
        create_trial(
            value=0.0, params={"k": k}, distributions={"k": IntDistribution(0, len(u) - 1)}
        )
        for k in range(len(u))
    )
    for k, trial in enumerate(trials):
        trial.number = k
    known: dict[str, Any] = {
        "tried": Configurations(trials, 1.0 - u, np.full(len(u), True)),
        "u": u,
        "aggregate": "mean",
        "winner": winner,
        "tasks": np.arange(u.shape[1]),
        "log_n_configs": 0.0,
        "delta": 0.05,
        "n_oscillations": None,
    }
    return TaskSample(**(known | others))


def study(
    trials: Sequence[tuple[int | None, dict[int, float] | Sequence[float], TrialState]],
    *,
    direction: str = "minimize",
    aggregate: str | None = None,
    n_tasks: int = 3,
    infeasible: Sequence[int] = (),
) -> optuna.Study:
    """Trials (k, values by task, state) of configurations k; with an aggregate, it is declared.

    One that is complete is worth the aggregate of its values, by default the mean; k = None has no
    parameters.
    """
    made = optuna.create_study(direction=direction)
    worst = np.max if direction == "minimize" else np.min
    worth = {"median": np.median, "worst": worst}.get(aggregate or "mean", np.mean)
    if aggregate is not None:
        entry = {"n_tasks": n_tasks, "aggregate": aggregate}
        storage.write_study(made, storage.TASKS, entry)
    for number, (k, values, state) in enumerate(trials):
        by_task = values if isinstance(values, dict) else dict(enumerate(values))
        made.add_trial(
            create_trial(
                state=state,
                value=float(worth([*by_task.values()])) if state == TrialState.COMPLETE else None,
                params={} if k is None else {"k": k},
                distributions={} if k is None else {"k": IntDistribution(0, 9)},
                intermediate_values=by_task,
                constraints={"c": 1.0 if number in infeasible else -1.0} if infeasible else None,
            )
        )
    return made

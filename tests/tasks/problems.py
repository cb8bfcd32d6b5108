"""Configurations x tasks, with known values."""

from __future__ import annotations

import numpy as np
import optuna


def utility(x: float, task: int) -> float:
    """In [0, 1]: best at .5 on average, at another place on each task."""
    place = 0.5 + 0.3 * np.random.default_rng(task).uniform(-1.0, 1.0)
    return float(1.0 - (x - place) ** 2)


def evaluate(trial: optuna.Trial, task: int) -> float:
    return utility(trial.suggest_float("x", 0.0, 1.0, step=0.05), task)


def add_trial(
    study: optuna.Study,
    x: float,
    values: dict[int, float],
    *,
    state: optuna.trial.TrialState = optuna.trial.TrialState.COMPLETE,
) -> None:
    """A trial of ``x`` whose tasks came to ``values``."""
    study.add_trial(
        optuna.trial.create_trial(
            state=state,
            value=float(np.mean(list(values.values())))
            if state == optuna.trial.TrialState.COMPLETE
            else None,
            params={"x": x},
            distributions={"x": optuna.distributions.FloatDistribution(0.0, 1.0, step=0.05)},
            intermediate_values=values,
        )
    )

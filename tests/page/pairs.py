"""Pairs of studies to compare, of random draws and of a sampler that learns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.pair import Pair

UNIT = FloatDistribution(0.0, 1.0)


def study_of(
    objective: Callable[[optuna.Trial], float],
    n: int,
    sampler: BaseSampler,
    *,
    name: str = "s",
    seconds: float = 1.0,
    direction: str = "minimize",
    storage: str | None = None,
) -> optuna.Study:
    """Trials of that sampler which took ``seconds`` each, one after the other."""
    drawn = optuna.create_study(sampler=sampler, direction=direction)
    drawn.optimize(objective, n_trials=n)
    made = optuna.create_study(
        study_name=name, sampler=sampler, direction=direction, storage=storage
    )
    trials = drawn.trials
    for number, trial in enumerate(trials):
        trial.datetime_start = datetime(2026, 1, 1) + timedelta(seconds=number * seconds)
        trial.datetime_complete = trial.datetime_start + timedelta(seconds=seconds)
    made.add_trials(trials)
    return made


def by_hand(
    values: list[float], *, seconds: float = 1.0, dist: BaseDistribution = UNIT, name: str = "s"
) -> optuna.Study:
    """Trials with these values, at random places."""
    rng = np.random.default_rng(len(values))
    rest = iter(values)

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0.0, 1.0)
        return next(rest)

    sampler = RandomSampler(seed=int(rng.integers(1000)))
    return study_of(objective, len(values), sampler, seconds=seconds, name=name)


def pair_of(a: optuna.Study, b: optuna.Study, labels: tuple[str, str] = ("A", "B")) -> Pair:
    return Pair(labels, (Material.of(a), Material.of(b)))


def _sum(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", 0, 1) + 0.2 * trial.suggest_float("y", 0, 1)


def _far_sum(trial: optuna.Trial) -> float:
    return 0.4 + _sum(trial)


def _other(trial: optuna.Trial) -> float:
    x, z = trial.suggest_float("x", 0.0, 2.0), trial.suggest_categorical("z", ["a", "b", None])
    return (x - 0.4) ** 2 + 0.1 * (z == "a")


@lru_cache(maxsize=1)
def drawn() -> Pair:
    """A is better by .4 after as many trials, and B after as much time at first."""
    a = study_of(_sum, 120, RandomSampler(seed=0), seconds=2.0)
    b = study_of(_far_sum, 90, RandomSampler(seed=1), seconds=1.0)
    return pair_of(a, b)


@lru_cache(maxsize=1)
def chosen() -> Pair:
    """TPE in two search spaces, for 60 trials and for 50."""
    a = study_of(_sum, 60, TPESampler(seed=0))
    b = study_of(_other, 50, TPESampler(seed=1))
    return pair_of(a, b, ("first", "second"))

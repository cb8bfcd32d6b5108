"""Objectives with idle parameters, and samplers that choose trials by what they have seen.

A parameter is idle if its name begins with ``idle``: no value depends on it. ``DESIGN`` are those
on which the test of :mod:`optuna_hpx.importance.maths.model_evidence` was chosen; ``HELD`` are
reported. Noise is drawn from the seed of the study and the number of the trial.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "trials"))
from sampling import HillClimber, Objective

DESIGN: dict[str, Objective] = {}
HELD: dict[str, Objective] = {}


def _in(problems: dict[str, Objective]) -> Callable[[Objective], Objective]:
    def add(objective: Objective) -> Objective:
        problems[objective.__name__] = objective
        return objective

    return add


def floats(trial: optuna.Trial, name: str, d: int, low: float = 0, high: float = 1) -> np.ndarray:
    return np.array([trial.suggest_float(f"{name}{k}", low, high) for k in range(d)])


def rng_of(trial: optuna.Trial) -> np.random.Generator:
    return np.random.default_rng([trial.number, trial.study.user_attrs["seed"]])


@_in(DESIGN)
def quadratic(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3), floats(trial, "idle", 3)
    return float(((x - [0.3, 0.7, 0.5]) ** 2 * [1, 0.5, 0.2]).sum())


@_in(DESIGN)
def valley(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2, -2, 2), floats(trial, "idle", 4)
    return float(100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)


@_in(DESIGN)
def wave(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float(np.sin(6 * np.pi * x[0]) + 0.5 * x[1])


@_in(DESIGN)
def stairs(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 3)
    return float(np.floor(5 * abs(x[0] - 0.6)) + np.floor(3 * x[1]))


@_in(DESIGN)
def cauchy(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float(4 * ((x - 0.4) ** 2).sum() + 0.3 * rng_of(trial).standard_cauchy())


@_in(DESIGN)
def noisy_sum(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float(x.sum() + 0.6 * rng_of(trial).normal())


@_in(DESIGN)
def mixed(trial: optuna.Trial) -> float:
    lr, n = trial.suggest_float("lr", 1e-5, 1e-1, log=True), trial.suggest_int("n", 1, 8)
    c = trial.suggest_categorical("c", list("abcd"))
    trial.suggest_int("idle_int", 1, 10)
    trial.suggest_categorical("idle_choice", list("uvw"))
    floats(trial, "idle", 1)
    return float(abs(np.log10(lr) + 3) + 0.1 * n + 0.8 * (c != "b"))


@_in(DESIGN)
def two_branches(trial: optuna.Trial) -> float:
    floats(trial, "idle", 2)
    if trial.suggest_categorical("m", ["a", "b"]) == "a":
        trial.suggest_float("idle_a", 0, 1)
        return 0.3 + (trial.suggest_float("x_a", 0, 1) - 0.2) ** 2
    trial.suggest_int("idle_b", 1, 5)
    return 0.1 + abs(trial.suggest_float("x_b", 0, 1) - 0.6)


@_in(DESIGN)
def nothing(trial: optuna.Trial) -> float:
    floats(trial, "idle", 5)
    return float(rng_of(trial).normal())


@_in(DESIGN)
def few_of_many(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3), floats(trial, "idle", 12)
    return float(((x - [0.2, 0.6, 0.8]) ** 2 * [1, 1, 0.5]).sum())


@_in(DESIGN)
def exclusive_or(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float((x[0] - 0.5) * (x[1] - 0.5) + 0.01 * rng_of(trial).normal())


@_in(DESIGN)
def uneven_noise(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float(x[1] + 2 * x[0] * rng_of(trial).normal())


@_in(DESIGN)
def bump(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3), floats(trial, "idle", 3)
    return -float(np.exp(-20 * ((x - 0.35) ** 2).sum()))


@_in(DESIGN)
def cliff(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float(10 * (x[0] > 0.37) + x[1] + 3 * (x[1] > 0.6) * x[0])


@_in(DESIGN)
def explosion(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 3)
    return float(np.exp(8 * abs(x[0] - 0.3)) + x[1])


@_in(HELD)
def ishigami(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3, -np.pi, np.pi), floats(trial, "idle", 3)
    return float(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


@_in(HELD)
def friedman(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 5), floats(trial, "idle", 5)
    wave = 10 * np.sin(np.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2
    return float(wave + 10 * x[3] + 5 * x[4] + rng_of(trial).normal())


@_in(HELD)
def rastrigin(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2, -2, 2), floats(trial, "idle", 3)
    return float(((x - 0.3) ** 2 + 3 * (1 - np.cos(2 * np.pi * (x - 0.3)))).sum())


@_in(HELD)
def rotated(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 4, -1, 1), floats(trial, "idle", 4)
    turned = np.array([x[0] + x[1], x[0] - x[1], x[2] + 0.8 * x[3], x[2] - x[3]]) - 0.2
    return float(turned**2 @ [10, 1, 5, 0.5])


@_in(HELD)
def training(trial: optuna.Trial) -> float:
    optimizer = trial.suggest_categorical("optimizer", ["adam", "sgd", "lion", "rprop"])
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    layers = trial.suggest_int("layers", 1, 8)
    trial.suggest_int("idle_width", 16, 512, log=True)
    trial.suggest_categorical("idle_act", ["relu", "tanh", "gelu"])
    trial.suggest_float("idle_dropout", 0, 0.9, step=0.1)
    best = {"adam": -2.5, "sgd": -1.0, "lion": -3.5, "rprop": -2.0}[optimizer]
    miss = min(abs(np.log10(lr) - best), 2.0)
    return 0.4 * miss + 0.05 * (layers - 4) ** 2 + 0.05 * float(rng_of(trial).normal())


@_in(HELD)
def models(trial: optuna.Trial) -> float:
    trial.suggest_float("idle_share", 0, 1)
    trial.suggest_int("idle_seed", 0, 20)
    model = trial.suggest_categorical("model", ["svm", "forest", "boosting"])
    if model == "svm":
        c, g = (trial.suggest_float(name, 1e-3, 1e3, log=True) for name in ("c", "idle_gamma"))
        return 0.2 + 0.1 * (np.log10(c) - 1) ** 2 + 0.0 * g
    if model == "forest":
        return 0.35 + 0.02 * abs(trial.suggest_int("depth", 2, 16) - 9)
    rate = trial.suggest_float("rate", 1e-3, 1, log=True)
    trial.suggest_int("idle_leaves", 2, 9)
    return 0.15 + 0.25 * (np.log10(rate) + 1) ** 2


@_in(HELD)
def plateaus(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3), floats(trial, "idle", 4)
    return float(np.round(3 * max(x[0], 0.3) + 2 * x[1] * x[2]))


@_in(HELD)
def checkers(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    return float((int(3 * x[0]) + int(3 * x[1])) % 2 + 0.3 * x[0])


@_in(HELD)
def outliers(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 3), floats(trial, "idle", 3)
    return float(3 * abs(x - 0.6).sum() + 0.3 * rng_of(trial).standard_t(1.5))


@_in(HELD)
def faint(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 1), floats(trial, "idle", 6)
    return float(np.cos(3 * x[0]) + 1.5 * rng_of(trial).normal())


@_in(HELD)
def constant(trial: optuna.Trial) -> float:
    floats(trial, "idle", 4)
    return 1.0


@_in(HELD)
def pure_noise(trial: optuna.Trial) -> float:
    floats(trial, "idle", 6)
    trial.suggest_categorical("idle_choice", list("abc"))
    return float(rng_of(trial).exponential())


@_in(HELD)
def rounded_noise(trial: optuna.Trial) -> float:
    floats(trial, "idle", 3)
    return float(np.round(2 * rng_of(trial).normal()))


@_in(HELD)
def four_of_fifteen(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 4), floats(trial, "idle", 11)
    return float(np.sqrt(((x - [0.1, 0.5, 0.7, 0.9]) ** 2 * [2, 1, 1, 0.5]).sum()))


@_in(HELD)
def drifting(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 4)
    spread = 0.05 + 0.5 * x[1]
    return float(2 * (x[0] - 0.7) ** 2 + trial.number / 200 + spread * rng_of(trial).normal())


@_in(HELD)
def needle(trial: optuna.Trial) -> float:
    x, _ = floats(trial, "x", 2), floats(trial, "idle", 2)
    return float(np.log(1e-4 + ((x - 0.42) ** 2).sum()) + 2 * (x[0] > 0.8))


SAMPLERS: dict[str, Callable[[int], list[tuple[BaseSampler, int]]]] = {
    "TPE": lambda s: [(TPESampler(seed=s), 200)],
    "TPE, one by one": lambda s: [(TPESampler(seed=s, multivariate=False), 200)],
    "NSGA-II": lambda s: [(NSGAIISampler(seed=s, population_size=20), 200)],
    "CMA-ES": lambda s: [(CmaEsSampler(seed=s), 200)],
    "hill climber": lambda s: [(HillClimber(s), 200)],
    "random, TPE": lambda s: [(RandomSampler(seed=s), 30), (TPESampler(seed=s + 1), 170)],
    "GP": lambda s: [(GPSampler(seed=s), 60)],
}


def study_of(objective: Objective, sampler: str, seed: int) -> optuna.Study:
    """Optimise: 200 trials, 60 of the slow GP."""
    study = optuna.create_study()
    study.set_user_attr("seed", seed)
    for part, n in SAMPLERS[sampler](seed):
        study.sampler = part
        study.optimize(objective, n_trials=n)
    return study


__all__ = ["DESIGN", "HELD", "SAMPLERS", "study_of"]

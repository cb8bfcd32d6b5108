"""Studies to report on, each made once."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import optuna

from optuna_hpx.tasks import MultiTaskObjective, TaskRacingPruner
from tests.tasks.problems import evaluate

EVIL = (
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    'it\'s "quoted" & <b>bold</b>',
    "{{ 7 * 7 }} %{x} ${y} \\u003c",
    "line\u2028separator",
)
HOSTILE = (
    *EVIL,
    "\u202eabc\u2066",
    "a\x00b",
    "\x1b[31mred\x1b[0m\x07",
    "\ud800 half",
    "a\nb\tc\r",
    " ",
    "\u200b",
    "]]>",
    "$x$ \\(y\\)",
    "x" * 1_000_000,
)


@lru_cache(maxsize=1)
def mixed_study() -> optuna.Study:
    """Every kind of parameter, and trials in every state."""
    rng = random.Random(0)

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)
        trial.suggest_float("momentum", 0.0, 0.99)
        trial.suggest_categorical("batch_size", [16, 32, 64])
        kernel = trial.suggest_categorical("kernel", ["rbf", "poly", None])
        trial.suggest_float("depth", 0.0, 1.0 if kernel == "rbf" else 10.0)
        trial.suggest_float("moving", trial.number, trial.number + 5.0)
        trial.suggest_int("width", 8, 512, log=True)
        if kernel == "rbf":
            trial.suggest_float("gamma", 1e-6, 1e3, log=True)
        if rng.random() < 0.05:
            raise optuna.TrialPruned
        if rng.random() < 0.05:
            return float("nan")
        trial.set_constraint("rate", rate - 0.5)
        return -abs(math.log10(rate) + 2.5) + (kernel == "rbf") + rng.gauss(0.0, 0.2)

    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(direction="maximize", study_name="mixed", sampler=sampler)
    study.optimize(objective, n_trials=150)
    return study


@lru_cache(maxsize=1)
def evil_study() -> optuna.Study:
    """Names and choices that would break a page that does not escape them."""
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(study_name=EVIL[0], sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        choices = [trial.suggest_categorical(name, list(EVIL)) for name in EVIL]
        return float(choices.count(EVIL[0])) + trial.number / 1000

    study.optimize(objective, n_trials=40)
    return study


@lru_cache(maxsize=1)
def hostile_study() -> optuna.Study:
    """Names that no page, terminal or encoding can show as they are."""
    rng = random.Random(0)
    unit = optuna.distributions.FloatDistribution(0.0, 1.0)
    study = optuna.create_study(study_name="\ud800" + EVIL[0])
    for _ in range(20):
        params = {name: rng.random() for name in HOSTILE}
        study.add_trial(
            optuna.trial.create_trial(
                params=params, distributions=dict.fromkeys(HOSTILE, unit), value=rng.random()
            )
        )
    return study


@lru_cache(maxsize=1)
def tasks_study() -> optuna.Study:
    """Accuracies on 20 tasks, with racing."""
    study = optuna.create_study(
        direction="maximize",
        study_name="tasks",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=TaskRacingPruner(),
    )
    study.optimize(MultiTaskObjective(evaluate, range(20), seed=0), n_trials=40)
    return study


@lru_cache(maxsize=2)
def many_parameters(n_parameters: int = 60) -> optuna.Study:
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(study_name="many", sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        values = [trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(n_parameters)]
        return sum(value * 0.7**i for i, value in enumerate(values))

    study.optimize(objective, n_trials=50)
    return study

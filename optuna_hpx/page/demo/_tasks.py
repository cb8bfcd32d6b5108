"""The demonstration of tasks: settings that are to be right for data sets not seen yet.

A task is to tell one digit from the others, after a few images. The tasks are drawn at random, as
those to come will be; a configuration that is surely worse than the best is dropped early.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from optuna_hpx.page.demo._by_number import RandomByNumber
from optuna_hpx.page.demo._digits import images_and_digits
from optuna_hpx.tasks import MultiTaskObjective, TaskRacingPruner

if TYPE_CHECKING:
    import optuna

    from optuna_hpx.page.demo._job import Job

__all__ = ["draw_tasks", "evaluate", "tune"]

_N_TASKS = 200
_N_IMAGES = 40

Task = tuple[int, int]
"""A digit, and the seed of the images that are learnt from."""


def tune(job: Job) -> None:
    """Run a worker's share of the trials."""
    objective = MultiTaskObjective(evaluate, draw_tasks(job.seed), seed=job.seed)
    study = job.load(sampler=RandomByNumber(job.seed), pruner=TaskRacingPruner())
    study.optimize(objective, n_trials=job.n_trials, callbacks=[job.end_early])


def draw_tasks(seed: int) -> list[Task]:
    """Draw tasks from all there are."""
    rng = np.random.default_rng(seed)
    digits = rng.integers(10, size=_N_TASKS)
    return [(int(digit), int(rng.integers(2**31))) for digit in digits]


def evaluate(trial: optuna.Trial, task: Task) -> float:
    """Return the balanced accuracy on images that were not learnt from, in [0, 1]."""
    digit, seed = task
    penalty = trial.suggest_float("log10_c", -3.0, 2.0, step=0.25)
    weights = trial.suggest_categorical("class_weight", ["none", "balanced"])
    model = LogisticRegression(
        C=10.0**penalty, class_weight=None if weights == "none" else weights, max_iter=100
    )
    images, digits = images_and_digits()
    is_digit = digits == digit
    learnt, others, truth, truth_of_others = train_test_split(
        images,
        is_digit,
        train_size=_N_IMAGES,
        test_size=400,
        stratify=is_digit,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        prediction = model.fit(learnt, truth).predict(others)
    rates = [np.mean(prediction[truth_of_others == is_it] == is_it) for is_it in (True, False)]
    return float(np.mean(rates))

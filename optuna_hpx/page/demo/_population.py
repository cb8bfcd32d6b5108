"""The demonstration of a population: networks whose hyperparameters change while they train.

A segment is two epochs of a small network on handwritten digits, written in NumPy.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from optuna.artifacts import FileSystemArtifactStore
from sklearn.model_selection import train_test_split

from optuna_hpx.page.demo._digits import images_and_digits
from optuna_hpx.population import GPBTScheduler

if TYPE_CHECKING:
    import optuna

    from optuna_hpx.page.demo._job import Job
    from optuna_hpx.population import Checkpoint

__all__ = ["segment", "tune"]

_POPULATION = 20
_PIXELS, _WIDTH = 64, 32
_EPOCHS = 2
_BATCH = 16


def tune(job: Job) -> None:
    """Train segments beside other workers until all are trained."""
    Path(job.folder).mkdir(exist_ok=True)
    run = GPBTScheduler(
        job.load(),
        population_size=min(_POPULATION, job.n_total),
        n_generations=math.ceil(job.n_total / _POPULATION),
        artifact_store=FileSystemArtifactStore(job.folder),
        seed=job.seed,
    )

    def end_early(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if job.is_over:
            run.stop()

    run.optimize(segment, callbacks=[end_early])


def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    """Train a network on for two epochs, and return its log loss on images it has not seen."""
    learning_rate = trial.suggest_float("learning_rate", 1e-3, 3.0, log=True)
    momentum = trial.suggest_float("momentum", 0.0, 0.99)
    noise = trial.suggest_float("input_noise", 0.0, 0.5)

    rng = np.random.default_rng(checkpoint.seed)
    hidden = rng.normal(0.0, math.sqrt(2.0 / _PIXELS), (_PIXELS, _WIDTH))
    output = rng.normal(0.0, math.sqrt(1.0 / _WIDTH), (_WIDTH, 10))
    state = {
        "hidden": hidden,
        "output": output,
        "hidden_step": np.zeros_like(hidden),
        "output_step": np.zeros_like(output),
    }
    checkpoint.load(**state)  # fills the arrays with the parent's
    images, digits = images_and_digits()
    seen, unseen, digits_seen, digits_unseen = train_test_split(
        images, np.eye(10)[digits], test_size=0.5, stratify=digits, random_state=0
    )
    with np.errstate(all="ignore"):  # what diverges has an infinite loss
        for rows in _batches(len(seen), rng):
            x = seen[rows] + rng.normal(0.0, noise, (len(rows), _PIXELS))
            active = np.maximum(x @ hidden, 0.0)
            error = (_softmax(active @ output) - digits_seen[rows]) / len(rows)
            slope = (error @ output.T) * (active > 0.0)
            for name, gradient in (("output", active.T @ error), ("hidden", x.T @ slope)):
                step = state[f"{name}_step"]
                step *= momentum
                step -= learning_rate * gradient
                state[name] += step
        chances = (_softmax(np.maximum(unseen @ hidden, 0.0) @ output) * digits_unseen).sum(axis=1)
        loss = float(-np.log(chances).mean())
    checkpoint.save(**state)
    return loss


def _batches(n: int, rng: np.random.Generator) -> list[np.ndarray]:
    orders = [rng.permutation(n) for _ in range(_EPOCHS)]
    return [order[start : start + _BATCH] for order in orders for start in range(0, n, _BATCH)]


def _softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))

"""Small models to train in tests, and what must hold of any run."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
from optuna.trial import TrialState

from optuna_hpx.population import Checkpoint
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.maths.plan import annealed
from optuna_hpx.trials import storage

CURVATURE = np.logspace(-1, 0, 6)


def descend(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    """Gradient descent on a noisy quadratic: the rate must fall."""
    rate = trial.suggest_float("rate", 1e-3, 1.0, log=True)
    momentum = trial.suggest_float("momentum", 0.0, 0.9)
    x, v = np.full(6, 2.0), np.zeros(6)
    told = checkpoint.load(x=x, v=v, steps=0)
    rng = np.random.default_rng(checkpoint.seed)
    for _ in range(5):
        v = momentum * v + CURVATURE * x + 0.3 * rng.normal(size=6)
        x -= rate * v
    checkpoint.save(x=x, v=v, steps=told["steps"] + 5)
    return float(CURVATURE @ x**2 / 2.0)


def choose(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    """A conditional space of all kinds of parameters."""
    kind = trial.suggest_categorical("kind", ["a", "b", None])
    x = np.zeros(1)
    checkpoint.load(x=x)
    if kind == "a":
        x += trial.suggest_float("step", 0.1, 0.5, step=0.1) * trial.suggest_int("n", 1, 4)
    elif kind == "b":
        x += trial.suggest_int("log", 1, 100, log=True) / 50.0
    checkpoint.save(x=x)
    return float(x[0])


def check_run(study: optuna.Study, n: int, n_generations: int, *, plan: Any = None) -> None:
    """What must hold of a complete run: every slot once, every child of an able parent."""
    ledger = Ledger(study)
    ledger.update()
    trials = study.get_trials(deepcopy=False)
    assert not [t for t in trials if t.state == TrialState.RUNNING]
    published = [
        (told["generation"], told["slot"])
        for t in trials
        if t.state in (TrialState.COMPLETE, TrialState.PRUNED)
        and (told := storage.read(t.system_attrs, storage.SEGMENT)) is not None
    ]
    assert sorted(published) == [(g, i) for g in range(n_generations) for i in range(n)]
    plan = plan or annealed(n, n_generations)
    for (generation, _), segment in ledger.published.items():
        if generation == 0:
            assert segment.parent is None
            continue
        able = ledger.ranked(generation - 1)[: plan.parents[generation - 1]]
        assert segment.parent in [parent.number for parent in able]
        told = storage.read(segment.trial.system_attrs, storage.CHECKPOINT)
        parent = ledger.by_number[segment.parent]
        if told is not None and told["parent"] is not None:
            assert told["parent"] == parent.sha256
        if segment.kind == "continue":
            assert segment.trial.params == parent.trial.params

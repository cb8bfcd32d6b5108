"""HsicSampler where several ask at once, go on where another stopped, or share a storage."""

from __future__ import annotations

import multiprocessing
import pickle
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from scipy.spatial.distance import pdist

from benchmarks.population.gpbt_soak import open_storage
from optuna_hpx import HsicSampler, sampler_beliefs

_D = 4


def _bowl(trial: optuna.Trial) -> float:
    x = np.array([trial.suggest_float(f"x{k}", 0, 1) for k in range(_D)])
    return float(np.sum((x - [0.2, 0.4, 0.6, 0.8]) ** 2))


def _everything(trial: optuna.Trial) -> float:
    """A branch, a constraint, learning curves that are cut, and failures."""
    x, n = trial.suggest_float("x", 1e-3, 1, log=True), trial.suggest_int("n", 1, 9)
    loss = (x - 0.3) ** 2 + 0.01 * n
    if trial.suggest_categorical("kind", ["a", "b"]) == "a":
        loss += trial.suggest_float("a", 0, 1)
    trial.set_constraint("c", 0.2 - x)
    for step in range(4):
        trial.report(loss + 1.0 / (1 + step), step)
        if trial.should_prune():
            raise optuna.TrialPruned
    if trial.number % 13 == 12:
        raise RuntimeError
    return loss


def _points(trials: list[Any]) -> np.ndarray:
    return np.array([[trial.params[f"x{k}"] for k in range(_D)] for trial in trials])


def _distances(study: optuna.Study) -> np.ndarray:
    """Ask for eight trials at once; return the distances of those that are not TPE's."""
    space = study.trials[-1].distributions
    batch = [study.ask(space) for _ in range(8)]
    return pdist(_points([trial for trial in batch if trial.number % 4]))


@pytest.mark.parametrize("seed", [0, 1])
def test_proposals_of_a_batch_are_spread(seed: int) -> None:
    """They keep more apart than those of a sampler that does not mind the others."""
    study = optuna.create_study(sampler=HsicSampler(seed=seed))
    study.optimize(_bowl, n_trials=20)
    blind = optuna.create_study(sampler=HsicSampler(seed=seed, constant_liar=False))
    blind.add_trials(study.trials)
    apart, alike = _distances(study), _distances(blind)
    assert apart.min() > 0.01
    assert np.median(apart) > 3.0 * np.median(alike)


def test_no_point_is_tried_twice() -> None:
    """Crossings of good trials are often one of them."""
    study = optuna.create_study(sampler=HsicSampler(seed=1))
    study.optimize(_bowl, n_trials=60)
    assert len(np.unique(_points(study.trials), axis=0)) == 60


def test_a_batch_on_a_grid_has_no_point_twice() -> None:
    space: dict[str, Any] = {
        "n": optuna.distributions.IntDistribution(1, 6),
        "k": optuna.distributions.CategoricalDistribution(["a", "b", "c"]),
    }
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    for _ in range(10):
        trial = study.ask(space)
        study.tell(trial, trial.params["n"] + (trial.params["k"] == "a"))
    tried = {tuple(trial.params.values()) for trial in study.trials}
    study.tell(study.ask(space), 1.0)
    batch = [study.ask(space) for _ in range(4)]
    of_process = [tuple(t.params.values()) for t in batch if t.number % 4]
    assert len(set(of_process)) == len(of_process)
    assert not set(of_process) & tried


def test_threads_that_ask_at_once() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(_bowl, n_trials=64, n_jobs=8)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 64
    assert len(np.unique(_points(study.trials), axis=0)) == 64
    assert study.best_value < 0.05


def test_an_interrupted_study_goes_on_as_if_nothing_had_happened(
    storage: optuna.storages.BaseStorage,
) -> None:
    """With the sampler that was pickled meanwhile: all else is in the storage."""
    options: dict[str, Any] = {"n_startup_trials": 5, "n_warmup_steps": 1}
    pruner = optuna.pruners.MedianPruner(**options)
    whole = optuna.create_study(sampler=HsicSampler(seed=0), pruner=pruner)
    whole.optimize(_everything, n_trials=32, catch=RuntimeError)
    sampler = HsicSampler(seed=0)
    study = optuna.create_study(storage=storage, sampler=sampler, pruner=pruner)
    study.optimize(_everything, n_trials=21, catch=RuntimeError)
    again = optuna.load_study(
        study_name=study.study_name,
        storage=storage,
        sampler=pickle.loads(pickle.dumps(sampler)),
        pruner=pruner,
    )
    again.optimize(_everything, n_trials=11, catch=RuntimeError)
    assert {t.state for t in whole.trials} == {
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
    }
    assert [t.params for t in again.trials] == [t.params for t in whole.trials]


def _work(address: str, seed: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        study_name="s", storage=open_storage(address), sampler=HsicSampler(seed=seed)
    )
    study.optimize(_bowl, n_trials=16)


def test_two_processes_at_once(address: str) -> None:
    optuna.create_study(study_name="s", storage=open_storage(address))
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(address, seed)) for seed in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    study = optuna.load_study(study_name="s", storage=open_storage(address))
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 32
    assert len(np.unique(_points(study.trials), axis=0)) == 32
    assert sampler_beliefs(study).fallbacks == ()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_batch_is_told_in_any_order(seed: int) -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=seed))
    for _ in range(5):
        batch = [study.ask() for _ in range(8)]
        values = [_bowl(trial) for trial in batch]
        for k in np.random.default_rng(seed).permutation(8):
            study.tell(batch[k], values[k])
    assert study.best_value < 0.1

"""A verdict is kept by every storage, and one process hears of another's."""

from __future__ import annotations

import multiprocessing
import time

import optuna
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import BaseStorage

from benchmarks.population.gpbt_soak import open_storage
from optuna_hpx import AsymptoticLawCallback, InterleavedSampler
from optuna_hpx.law import _callback
from optuna_hpx.law._draws import draws


def _bowl(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_float("y", -1, 1) ** 2


def test_every_storage_keeps_verdicts_and_marks(storage: BaseStorage) -> None:
    def callback() -> AsymptoticLawCallback:
        return AsymptoticLawCallback(
            min_trials=20, stop=100.0, interleave=2, max_dimension=2, seed=0
        )

    first = callback()
    study = optuna.create_study(
        storage=storage, sampler=TPESampler(seed=0, n_startup_trials=15), study_name="s"
    )
    study.optimize(_bowl, n_trials=60, callbacks=[first])
    assert len(study.trials) < 40
    assert first.reason
    again = optuna.load_study(study_name="s", storage=storage, sampler=TPESampler())
    second = callback()
    assert second.should_stop(again)
    assert second.reason == first.reason
    assert first.law is not None
    assert len(draws(study, n_draws=20)) == first.law.n_trials == 20
    assert isinstance(again.sampler, InterleavedSampler)
    resumed = AsymptoticLawCallback(min_trials=20, interleave=2, max_dimension=2)
    resumed.should_stop(optuna.load_study(study_name="s", storage=storage, sampler=study.sampler))
    assert resumed.law is not None
    assert resumed.law.interval("best_possible") == first.law.interval("best_possible")


def _work(address: str) -> None:
    """Would go on for ever: it has too few trials for a look of its own."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _callback._POLL_SECONDS = 0.0
    study = optuna.load_study(
        study_name="s", storage=open_storage(address), sampler=RandomSampler()
    )

    def objective(trial: optuna.Trial) -> float:
        trial.set_user_attr("began", time.time())
        return _bowl(trial)

    callback = AsymptoticLawCallback(min_trials=10**6, stop=100.0)
    study.optimize(objective, timeout=60.0, callbacks=[callback])
    study.set_user_attr("reason", callback.reason)


def test_another_process_stops_too(address: str) -> None:
    """With the trial that it runs at the verdict, or with the next, if it had just asked."""
    study = optuna.create_study(
        study_name="s", storage=open_storage(address), sampler=RandomSampler(seed=0)
    )
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(address,))
    worker.start()
    deadline = time.monotonic() + 60.0
    while len(study.get_trials(deepcopy=False)) < 3:
        assert worker.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    callback = AsymptoticLawCallback(min_trials=20, stop=100.0, max_dimension=2)
    study.optimize(_bowl, timeout=60.0, callbacks=[callback])
    end = time.time()
    worker.join(60.0)
    assert worker.exitcode == 0
    assert callback.law is not None
    assert study.user_attrs["reason"] == callback.reason != ""
    late = [trial for trial in study.trials if trial.user_attrs.get("began", 0.0) > end]
    assert len(late) <= 1
    assert any("began" in trial.user_attrs for trial in study.trials)

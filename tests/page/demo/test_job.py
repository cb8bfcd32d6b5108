"""What a worker is to do, and when to stop."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import optuna

from optuna_hpx.page.demo._job import Job


def test_an_early_end_is_that_of_the_study(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    optuna.create_study(storage=url, study_name="s")
    stop = cast(Any, threading.Event())
    job = Job(url, "s", str(tmp_path), n_trials=9, n_total=9, n_before=0, seed=0, stop=stop)
    study = job.load(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 3:
            stop.set()
        return trial.suggest_float("x", 0, 1)

    study.optimize(objective, n_trials=9, callbacks=[job.end_early])
    assert job.is_over
    assert len(study.trials) == 4

"""Run a demonstration: several processes, one progress bar, and an end that loses no trial."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from optuna_hpx.page._errors import DemoError
from optuna_hpx.page.demo._demonstrations import DEMONSTRATIONS
from optuna_hpx.page.demo._job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.process import BaseProcess

    from optuna_hpx.page.demo._demonstrations import Demo

__all__ = ["run", "url_of"]

_SPAWN = multiprocessing.get_context("spawn")  # a fork would share the open storage
_WAITS = "?timeout=60"  # for the lock of the file; SQLite's 5 s are not enough on a busy machine
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0  # for the trials in progress, when interrupted, on a busy machine


def url_of(storage_file: str) -> str:
    """Return the URL of an SQLite file as a storage."""
    return f"sqlite:///{storage_file}"


def run(name: str, storage_file: str, *, n_trials: int, n_workers: int, seed: int) -> int:
    """Tune until the study in ``storage_file`` has ``n_trials`` finished trials.

    Args:
        name: Which demonstration, a key of :data:`DEMONSTRATIONS`.
        storage_file: An SQLite file, made if there is none.
        n_trials: Trials in all.
        n_workers: Processes that share the trials.
        seed: Of the draws. With the number of workers that the demonstration has by itself, the
            same seed gives the same trials.

    Returns:
        How many finished trials the study had already.

    Raises:
        DemoError: If the file cannot hold the study, or a worker died.
        KeyboardInterrupt: If interrupted; the workers finish the trials they are at, and end.
    """
    kind = DEMONSTRATIONS[name]
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # the bar tells how far it is
    try:
        study = _open_study(kind, storage_file)
    finally:
        optuna.logging.set_verbosity(verbosity)
    n_before = _n_finished(study)
    stop = _SPAWN.Event()
    workers = [
        _SPAWN.Process(
            target=_work,
            args=(
                name,
                Job(
                    url_of(storage_file) + _WAITS,
                    kind.study_name,
                    folder=f"{Path(storage_file).with_suffix('')}-checkpoints",
                    n_trials=share,
                    n_total=n_trials,
                    n_before=n_before,
                    seed=seed,
                    stop=stop,
                ),
            ),
            daemon=True,
        )
        for share in _shares(n_trials - n_before, n_workers)
    ]
    interrupts: list[int] = []
    try:
        with _noted(interrupts):
            _start(workers)
            if workers:
                _follow(study, workers, n_trials, kind.metric, interrupts)
    finally:
        stop.set()
        _end(workers)
    if interrupts:
        raise KeyboardInterrupt
    if _n_finished(study) < n_trials:
        codes = ", ".join(str(worker.exitcode) for worker in workers)
        raise DemoError(
            f"a worker died (exit statuses {codes}); the same command goes on from here"
        )
    return n_before


def _shares(n_trials: int, n_workers: int) -> list[int]:
    """Split trials evenly; a worker without any is left out."""
    shares = [len(rows) for rows in np.array_split(np.arange(n_trials), n_workers)]
    return [share for share in shares if share]


def _open_study(kind: Demo, storage_file: str) -> optuna.Study:
    try:
        study = optuna.create_study(
            storage=url_of(storage_file) + _WAITS,
            study_name=kind.study_name,
            direction=kind.direction,
            load_if_exists=True,
        )
    except (SQLAlchemyError, RuntimeError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise DemoError(f"cannot keep the study in {storage_file}: {reason}") from error
    directions = [direction.name.lower() for direction in study.directions]
    is_named = study.metric_names == [kind.metric]
    is_new = study.metric_names is None and not study.get_trials(deepcopy=False)
    if directions != [kind.direction] or not (is_named or is_new):
        raise DemoError(
            f"{storage_file} holds another study called {kind.study_name!r}: name another "
            "--storage-file"
        )
    if study.metric_names is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names([kind.metric])
    return study


def _n_finished(study: optuna.Study) -> int:
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


@contextlib.contextmanager
def _noted(interrupts: list[int]) -> Iterator[None]:
    """Note interrupts from the keyboard, and raise none in the midst of a read.

    A read that is left open locks the file, and the workers could not end their trials.
    """
    handler = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _start(workers: Sequence[BaseProcess]) -> None:
    """Start them deaf to an interrupt from the keyboard, which is the parent's to handle."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.signal(signal.SIGINT, handler)


def _follow(
    study: optuna.Study,
    workers: Sequence[BaseProcess],
    n_trials: int,
    metric: str,
    interrupts: Sequence[int],
) -> None:
    """Show the progress until all workers have ended, one of them has died, or an interrupt."""
    with tqdm(total=n_trials, initial=_n_finished(study), unit="trial", desc="Tuning") as bar:
        while not interrupts and any(worker.is_alive() for worker in workers):
            if any(worker.exitcode not in (None, 0) for worker in workers):
                break
            _show(study, bar, metric)
            time.sleep(_POLL_SECONDS)
        _show(study, bar, metric)


def _show(study: optuna.Study, bar: tqdm[None], metric: str) -> None:
    n_finished = _n_finished(study)
    if n_finished <= bar.n:
        return
    trials = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if trials:
        bar.set_postfix_str(f"best {metric} {study.best_value:.4f}", refresh=False)
    bar.update(n_finished - bar.n)


def _end(workers: Sequence[BaseProcess]) -> None:
    """Wait for the trials in progress; end by force what does not."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for worker in workers:
        if worker.pid is None:
            continue
        worker.join(max(deadline - time.monotonic(), 0.0))
        if worker.is_alive():
            worker.terminate()
            worker.join()


def _work(name: str, job: Job) -> None:
    """Run one worker, for its share of the trials."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # again, for systems where it is not inherited
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # a trial that fails is part of the study
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # threads of several workers would fight for the cores
        DEMONSTRATIONS[name].tune(job)

"""The demonstration: tune a classifier of handwritten digits with several processes."""

from __future__ import annotations

import multiprocessing
import signal
import time
from typing import TYPE_CHECKING

import numpy as np
import optuna
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from optuna_hpx.page._errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess
    from multiprocessing.synchronize import Event

STUDY_NAME = "digits"

_SPAWN = multiprocessing.get_context("spawn")  # a fork would share the open storage
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0  # for the trials in progress, when interrupted, on a busy machine


def url_of(storage_file: str) -> str:
    """Return the URL of an SQLite file as a storage."""
    return f"sqlite:///{storage_file}"


def run(storage_file: str, *, n_trials: int, n_workers: int, seed: int) -> int:
    """Tune until the study in ``storage_file`` has ``n_trials`` complete trials.

    Args:
        storage_file: An SQLite file, made if there is none.
        n_trials: Trials in all, drawn at random: so the importances describe the whole space.
        n_workers: Processes that share the trials.
        seed: Seed of the draws. How the workers take turns is left to the machine, so a run with
            several workers does not repeat exactly.

    Returns:
        How many trials the study had already.

    Raises:
        DemoError: If the file cannot hold the study, or a worker died.
        KeyboardInterrupt: If interrupted; the workers finish the trials they are at, and end.
    """
    study = _open_study(storage_file)
    n_before = _n_complete(study)
    stop = _SPAWN.Event()
    workers = [
        _SPAWN.Process(
            target=_work,
            args=(storage_file, share, _sampler_seed(seed, index, n_before), stop),
            daemon=True,
        )
        for index, share in enumerate(_shares(n_trials - n_before, n_workers))
    ]
    try:
        _start(workers)
        if workers:
            _follow(study, workers, n_trials)
    finally:
        stop.set()
        _end(workers)
    if _n_complete(study) < n_trials:
        codes = ", ".join(str(worker.exitcode) for worker in workers)
        raise DemoError(
            f"a worker died (exit statuses {codes}); the same command goes on from here"
        )
    return n_before


def _shares(n_trials: int, n_workers: int) -> list[int]:
    """Split trials evenly; a worker without any is left out."""
    shares = [len(rows) for rows in np.array_split(np.arange(n_trials), n_workers)]
    return [share for share in shares if share]


def _sampler_seed(seed: int, worker: int, n_before: int) -> int:
    """Derive a worker's seed; ``n_before`` keeps a run taken up again from repeating draws."""
    return int(np.random.SeedSequence([seed, worker, n_before]).generate_state(1)[0])


def _open_study(storage_file: str) -> optuna.Study:
    try:
        study = optuna.create_study(
            storage=url_of(storage_file),
            study_name=STUDY_NAME,
            direction="maximize",
            load_if_exists=True,
        )
    except (SQLAlchemyError, RuntimeError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise DemoError(f"cannot keep the study in {storage_file}: {reason}") from error
    if [direction.name for direction in study.directions] != ["MAXIMIZE"]:
        raise DemoError(f"{storage_file} holds another study called {STUDY_NAME!r}")
    return study


def _n_complete(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _start(workers: Sequence[BaseProcess]) -> None:
    """Start them deaf to an interrupt from the keyboard, which is the parent's to handle."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.signal(signal.SIGINT, handler)


def _follow(study: optuna.Study, workers: Sequence[BaseProcess], n_trials: int) -> None:
    """Show the progress until all workers have ended, or one of them has died."""
    with tqdm(total=n_trials, initial=_n_complete(study), unit="trial", desc="Tuning") as bar:
        while any(worker.is_alive() for worker in workers):
            if any(worker.exitcode not in (None, 0) for worker in workers):
                break
            _show(study, bar)
            time.sleep(_POLL_SECONDS)
        _show(study, bar)


def _show(study: optuna.Study, bar: tqdm[None]) -> None:
    n_complete = _n_complete(study)
    if n_complete > bar.n:
        bar.set_postfix_str(f"best accuracy {study.best_value:.4f}", refresh=False)
        bar.update(n_complete - bar.n)


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


def _work(storage_file: str, n_trials: int, seed: int, stop: Event) -> None:
    """Run one worker, for its share of the trials."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # again, for systems where it is not inherited
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    from threadpoolctl import threadpool_limits

    from optuna_hpx.page._digits import objective

    parent = multiprocessing.parent_process()

    def stop_early(study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        if stop.is_set() or (parent is not None and not parent.is_alive()):
            study.stop()

    study = optuna.load_study(
        study_name=STUDY_NAME,
        storage=url_of(storage_file),
        sampler=optuna.samplers.RandomSampler(seed=seed),
    )
    with threadpool_limits(limits=1):  # threads of several workers would fight for the cores
        study.optimize(objective, n_trials=n_trials, callbacks=[stop_early])

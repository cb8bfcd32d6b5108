"""What does the scheduler of a population add to a segment?

Segments that do nothing but suggest two values and save one small array; the time per segment is
therefore that of claiming, suggesting, storing the checkpoint and publishing. Beside it, in the
same run, Optuna's own `study.optimize` with the same sampler-free objective on the same storage.
Then the cost of finding and claiming the next slot when 100, 1000 or 10,000 segments are finished.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import optuna
from gpbt_soak import open_storage, storage_of
from optuna.artifacts import FileSystemArtifactStore
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population._worker import Worker
from optuna_hpx.population.maths.plan import annealed
from optuna_hpx.trials import storage as _storage

SPACE = {
    "a": optuna.distributions.FloatDistribution(0.0, 1.0),
    "b": optuna.distributions.FloatDistribution(1e-3, 1.0, log=True),
}


def objective(trial: optuna.Trial) -> float:
    return trial.suggest_float("a", 0.0, 1.0) + trial.suggest_float("b", 1e-3, 1.0, log=True)


def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    x = np.zeros(10)
    checkpoint.load(x=x)
    checkpoint.save(x=x)
    return objective(trial)


def per_trial(study: optuna.Study, n: int) -> np.ndarray:
    """(n,) seconds of Optuna's own trials."""
    ends = [time.perf_counter()]
    study.optimize(objective, n, callbacks=[lambda s, t: ends.append(time.perf_counter())])
    return np.diff(ends)


def per_segment(study: optuna.Study, folder: str, n: int, sampler: object) -> np.ndarray:
    """(n,) seconds of segments, in a population of 50."""
    scheduler = GPBTScheduler(
        study,
        population_size=50,
        n_generations=n // 50,
        sampler=sampler,  # type: ignore[arg-type]
        artifact_store=FileSystemArtifactStore(folder),
        seed=0,
    )
    ends = [time.perf_counter()]
    scheduler.optimize(segment, callbacks=[lambda s, t: ends.append(time.perf_counter())])
    return np.diff(ends)


def claims(n_finished: int, repetitions: int) -> np.ndarray:
    """Seconds of one look for a slot, its claim and release, with so many segments finished."""
    study = optuna.create_study()
    n = 50
    n_generations = n_finished // n + 2
    scheduler = GPBTScheduler(study, population_size=n, n_generations=n_generations, seed=0)
    _fill(study, scheduler, n, n_finished // n)
    scheduler._run.start(None, (), None)
    worker = Worker(scheduler._run, segment, ())
    scheduler._run.first_unsettled()
    found = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        scheduler._run.update()
        task = worker.claims.choose()
        assert task is not None
        trial_id = worker.claims.take(task)
        assert trial_id is not None
        worker.begin(task, trial_id).suggest_float("a", 0.0, 1.0)
        found.append(time.perf_counter() - begin)
        worker.publisher.fail(trial_id, "lost")
    return np.array(found)


def _fill(study: optuna.Study, scheduler: GPBTScheduler, n: int, n_generations: int) -> None:
    """With segments that are complete, as if trained."""
    rng, plan = np.random.default_rng(0), annealed(n, n_generations + 2)
    for g in range(n_generations):
        for i in range(n):
            parent = None if g == 0 else (g - 1) * n + i % plan.parents[g - 1]
            told = {"generation": g, "slot": i, "parent": parent, "kind": "propose", "seed": 1}
            attributes = _storage.as_attributes(_storage.SEGMENT, told)
            if g == i == 0:
                attributes |= _storage.as_attributes(_storage.RUN, scheduler._run.settings.record)
            a, b = rng.random(2)
            study.add_trial(
                create_trial(
                    state=TrialState.COMPLETE,
                    value=float(i),
                    params={"a": a, "b": 0.001 + 0.99 * b},
                    distributions=dict(SPACE),
                    system_attrs=attributes,
                )
            )


def show(name: str, seconds: np.ndarray) -> None:
    ms = 1e3 * seconds
    late = np.median(ms[-len(ms) // 5 :])
    print(
        f"  {name:28s} median {np.median(ms):7.2f} ms, mean {ms.mean():7.2f}, 95 % "
        f"{np.quantile(ms, 0.95):7.2f}, the last fifth {late:7.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=1000)
    kinds = ["memory", "journal", "sqlite", "postgres", "grpc"]
    parser.add_argument("--storages", nargs="*", default=kinds)
    parser.add_argument("--finished", type=int, nargs="*", default=[100, 1000, 10000])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"{args.segments} segments, one worker")
    for kind in args.storages:
        print(kind)
        with tempfile.TemporaryDirectory() as folder:
            if kind == "memory":
                measure(None, folder, args.segments)
            else:
                with storage_of(kind, Path(folder)) as address:
                    measure(address, folder, args.segments)
    print("to find, claim and begin a segment in memory, of 50 a generation")
    for n_finished in args.finished:
        show(f"{n_finished} finished", claims(n_finished, 50))


def measure(address: str | None, folder: str, n: int) -> None:
    storage = optuna.storages.InMemoryStorage() if address is None else open_storage(address)

    def study(name: str, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
        return optuna.create_study(storage=storage, study_name=name, sampler=sampler)

    checkpoints = Path(folder) / "checkpoints"
    checkpoints.mkdir()
    show("Optuna, random", per_trial(study("o", RandomSampler(seed=0)), n))
    if address is None:
        show("Optuna, TPE", per_trial(study("t", TPESampler(seed=0)), n))
    show("GPBTScheduler", per_segment(study("g"), str(checkpoints), n, None))
    if address is None:
        show("GPBTScheduler, TPE", per_segment(study("gt"), str(checkpoints), n, TPESampler))


if __name__ == "__main__":
    main()

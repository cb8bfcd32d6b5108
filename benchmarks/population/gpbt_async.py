"""Generations or none: what waiting costs where segments take very different times.

Eight workers train 250 segments of the small models of ``gpbt_tasks.py``. A segment takes as long
as a law says, which is slept: all the same, log-normal (the longest of 25 is some 13 times the
median), or one worker in eight ten times slower than the others. With generations (the default) a
free worker waits for the last segment of the generation; with ``synchronous=False`` it starts the
best child that can be chosen from what is finished. "busy" is the share of the workers' time that
was spent in segments. The third arm is the second with parents drawn at random among those that
did not diverge: what is left without selection.

All arms have the same number of segments, which is asserted, and the same lengths for the same
worker and slot; the test loss is that of the checkpoint with the best validation loss.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
import time
from typing import Any, NamedTuple

import numpy as np
import optuna
from gpbt_quality import BUDGET, N_MODELS, N_SEGMENTS, suggest, without_selection
from gpbt_tasks import TASKS, State, Task
from scipy import stats

from optuna_hpx.population import Checkpoint, GPBTScheduler

WORKERS = 8
LAWS = ("equal", "log-normal", "one slow worker")
ARMS = ("generations", "none", "none, shuffled")


class Outcome(NamedTuple):
    seconds: float
    busy: float
    loss: float


class Clock:
    """How long a segment takes; counts what was slept."""

    def __init__(self, law: str, mean: float) -> None:
        self._law, self._mean = law, mean
        self._lock = threading.Lock()
        self._workers: dict[int, int] = {}
        self.slept, self.n = 0.0, 0

    def wait(self, seed: int) -> None:
        with self._lock:
            worker = self._workers.setdefault(threading.get_ident(), len(self._workers))
        length = self._mean
        if self._law == "log-normal":
            length *= float(np.random.default_rng(seed).lognormal(-0.845, 1.3))
        elif self._law == "one slow worker":
            length *= 10.0 if worker == 0 else 1.0
        time.sleep(length)
        with self._lock:
            self.slept += length
            self.n += 1


def run(task: Task, law: str, arm: str, seed: int, mean: float) -> Outcome:
    clock = Clock(law, mean)

    def segment(trial: optuna.trial.Trial, checkpoint: Checkpoint) -> float:
        state = _fresh(task, checkpoint.seed)
        checkpoint.load(**state)
        params = suggest(trial, task.space)
        clock.wait(checkpoint.seed)
        state = task.train(state, params, checkpoint.seed)
        checkpoint.save(**state)
        return task.validate(state)

    scheduler = GPBTScheduler(
        optuna.create_study(),
        population_size=N_MODELS,
        n_generations=N_SEGMENTS,
        seed=seed,
        synchronous=arm == "generations",
    )
    with without_selection() if "shuffled" in arm else contextlib.nullcontext():
        begin = time.perf_counter()
        scheduler.optimize(segment, n_jobs=WORKERS)
        seconds = time.perf_counter() - begin
    if clock.n != BUDGET:
        raise RuntimeError(f"{clock.n} segments were trained, not {BUDGET}.")
    found = _fresh(task, 0)
    scheduler.best_checkpoint().load(**found)
    return Outcome(seconds, clock.slept / (WORKERS * seconds), task.test(found))


def _fresh(task: Task, seed: int) -> State:
    return {name: array.copy() for name, array in task.init(seed).items()}


def interval(x: np.ndarray) -> str:
    """The median, and the sign interval of at least 90 % around it."""
    x = np.sort(x)
    k = int(stats.binom.ppf(0.05, len(x), 0.5))
    return f"{np.median(x):8.4g} [{x[max(k - 1, 0)]:.4g}, {x[min(len(x) - k, len(x) - 1)]:.4g}]"


def show(law: str, task: str, results: dict[str, list[Outcome]]) -> None:
    print(f"{task}, {law}: {len(results[ARMS[0]])} seeds, {BUDGET} segments each", flush=True)
    base = results[ARMS[0]]
    for arm, outcomes in results.items():
        columns = np.array(outcomes).T
        compared = ""
        if arm != ARMS[0]:
            time_ratio = columns[0] / np.array([o.seconds for o in base])
            losses = np.array([o.loss for o in base])
            p = stats.wilcoxon(np.log(columns[2] / losses)).pvalue
            compared = (
                f"  time {np.median(time_ratio):.2f}, loss {np.median(columns[2] / losses):.2f} "
                f"of that with generations (p {p:.2g})"
            )
        print(
            f"  {arm:16s} {np.median(columns[0]):6.2f} s, busy {np.median(columns[1]):.2f}, "
            f"test loss {interval(columns[2])}{compared}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--mean", type=float, default=0.05, help="seconds of a segment, on average"
    )
    parser.add_argument("--tasks", nargs="*", default=["noisyquad", "heldquad", "toyquad"])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in args.tasks:
        for law in LAWS:
            results: dict[str, list[Outcome]] = {arm: [] for arm in ARMS}
            for seed in range(args.seeds):
                task: Any = TASKS[name](seed)
                for arm in ARMS:
                    results[arm].append(run(task, law, arm, seed, args.mean))
            show(law, name, results)


if __name__ == "__main__":
    main()

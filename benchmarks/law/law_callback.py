"""What AsymptoticLawCallback costs a study: its time per call beside Optuna's own per trial.

Random search in memory over floats, with an objective that costs nothing, so that all of the time
is Optuna's. "median" is what nearly every trial pays; "mean" has the looks in it, at numbers of
draws that grow by a quarter, of which few fit a law. Of each figure the least over the seeds is
printed. The rows "watching" only follow the study, "reading" also read ``callback.law`` after each
trial, which fits it at each look, "stopping" ask for a stop and the storage every second for what
other workers decided (by 1e-9 nearly every look is settled without a law, by .02 some
need one), "interleaved" puts InterleavedSampler around the sampler.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import optuna
from optuna.samplers import RandomSampler
from optuna.trial import FrozenTrial

from optuna_hpx import AsymptoticLawCallback

ROWS: dict[str, dict[str, Any]] = {
    "watching": {},
    "reading": {},
    "stopping": {"stop": 1e-9},
    "stopping, .02": {"stop": 0.02},
    "interleaved": {"stop": 1e-9, "interleave": 4, "seed": 0},
}


class Timed:
    """A callback, and the seconds of each of its calls."""

    def __init__(self, callback: AsymptoticLawCallback, *, is_read: bool) -> None:
        self.callback, self.is_read = callback, is_read
        self.seconds: list[float] = []

    def __call__(self, study: optuna.Study, trial: FrozenTrial) -> None:
        start = time.perf_counter()
        self.callback(study, trial)
        if self.is_read:
            assert self.callback.law is not None or len(self.seconds) < 30
        self.seconds.append(time.perf_counter() - start)


def run(n_trials: int, n_params: int, seed: int, callbacks: list[Timed]) -> float:
    """Seconds per trial, the callbacks' among them."""

    def objective(trial: optuna.Trial) -> float:
        return sum(trial.suggest_float(f"x{i}", -1.0, 1.0) ** 2 for i in range(n_params))

    study = optuna.create_study(sampler=RandomSampler(seed=seed))
    start = time.perf_counter()
    study.optimize(objective, n_trials=n_trials, callbacks=list(callbacks))
    return (time.perf_counter() - start) / n_trials


def figures(seconds: np.ndarray, look: float = 1e-2) -> tuple[float, float, float]:
    """Median and mean of the calls, and the mean of those that looked."""
    looks = seconds[seconds > look]
    mean = float(looks.mean()) if len(looks) else 0.0
    return float(np.median(seconds)), float(seconds.mean()), mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1500)
    parser.add_argument("--params", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    n, d, seeds = arguments.trials, arguments.params, range(arguments.seeds)
    run(50, d, 0, [])  # imports, and caches of the processor
    own = min(run(n, d, seed, []) for seed in seeds)
    print(f"{n} trials of {d} floats, least of {len(seeds)} seeds")
    print(f"Optuna alone: {1e6 * own:.0f} microseconds per trial\n")
    print(f"{'':14}{'median/us':>10}{'of Optuna':>10}{'mean/us':>10}{'of Optuna':>10}", end="")
    print(f"{'a look/s':>10}{'looks':>7}")
    for name, options in ROWS.items():
        found, n_looks = [], 0
        for seed in seeds:
            timed = Timed(AsymptoticLawCallback(**options), is_read=name == "reading")
            run(n, d, seed, [timed])
            seconds = np.array(timed.seconds)
            found.append(figures(seconds))
            n_looks = int(np.count_nonzero(seconds > 1e-2))
        median, mean, look = np.min(found, axis=0)
        print(f"{name:14}{1e6 * median:10.2f}{median / own:10.2%}{1e6 * mean:10.0f}", end="")
        print(f"{mean / own:10.0%}{look:10.2f}{n_looks:7d}", flush=True)


if __name__ == "__main__":
    main()

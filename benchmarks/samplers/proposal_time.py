"""How long a sampler takes to propose a trial, and how much memory HsicSampler needs.

All samplers go on with copies of one study of random trials, taking turns; half of the parameters
are floats, the others integers and choices. "first" is the first trial that a new worker proposes
in a study that others filled with ``HsicSampler``, as when a study is resumed. Memory is the peak
of what Python and NumPy allocate for ten trials, beyond what the study takes itself.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Sequence

import numpy as np
import optuna
from arms import is_installed, make
from optuna.samplers import RandomSampler

_N_GP = 3
_MAX_GP = 1000


def _objective(d: int) -> optuna.study.study.ObjectiveFuncType:
    def objective(trial: optuna.Trial) -> float:
        loss = 0.0
        for i in range(d):
            if i % 2 == 0:
                loss += (trial.suggest_float(f"x{i}", 0.0, 1.0) - 0.3) ** 2 / (1 + i)
            elif i % 4 == 1:
                loss += abs(trial.suggest_int(f"n{i}", 1, 64, log=True) - 8) / 640
            else:
                loss += (
                    0.1 * (trial.suggest_categorical(f"c{i}", ["a", "b", "c"]) == "a") / (1 + i)
                )
        return loss

    return objective


def _filled(n: int, d: int) -> optuna.Study:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(_objective(d), n_trials=n)
    return study


def _copy(base: optuna.Study, arm: str) -> optuna.Study:
    study = optuna.create_study(sampler=make(arm, 0))
    study.add_trials(base.get_trials(deepcopy=False))
    return study


def _once(study: optuna.Study, d: int) -> float:
    """Milliseconds of one trial; evaluating it takes some microseconds a parameter."""
    start = time.perf_counter()
    study.optimize(_objective(d), n_trials=1)
    return 1000.0 * (time.perf_counter() - start)


def milliseconds(n: int, d: int, arms: Sequence[str], n_asked: int) -> None:
    base = _filled(n, d)
    studies = {arm: _copy(base, arm) for arm in arms if arm != "gp" or n <= _MAX_GP}
    taken: dict[str, list[float]] = {arm: [] for arm in studies}
    first = {arm: _once(study, d) for arm, study in studies.items()}
    for k in range(n_asked):
        for arm, study in studies.items():
            if arm != "gp" or k < _N_GP:
                taken[arm].append(_once(study, d))
    cells = [
        f"{arm} {np.mean(ms):.1f} ({np.median(ms):.1f}; first {first[arm]:.0f})"
        for arm, ms in taken.items()
    ]
    print(f"  {n:6} trials, {d:2} parameters: {', '.join(cells)}", flush=True)


def second_worker(n: int, d: int) -> None:
    """Time a new worker's first trials in a study that HsicSampler filled from half on."""
    study = _copy(_filled(n // 2, d), "ours")
    study.optimize(_objective(d), n_trials=n - n // 2)
    old = np.mean([_once(study, d) for _ in range(8)])
    study.sampler = make("ours", 1)
    new = [_once(study, d) for _ in range(8)]
    print(
        f"  {n:6} trials, {d:2} parameters: {old:.1f} as before; "
        f"new worker's first {new[0]:.1f}, then {np.mean(new[1:]):.1f}",
        flush=True,
    )


def memory(n: int, d: int) -> None:
    study = _copy(_filled(n, d), "ours")
    tracemalloc.start()
    study.optimize(_objective(d), n_trials=10)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"  {n:6} trials, {d:2} parameters: peak {peak / 2**20:.0f} MiB, "
        f"afterwards {kept / 2**20:.0f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", default="100,200,1000,10000")
    parser.add_argument("--parameters", default="10,50")
    parser.add_argument("--arms", default="ours,hsic,tpe,gp")
    parser.add_argument("--asked", type=int, default=24, help="trials that are timed")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    counts = [int(n) for n in options.trials.split(",")]
    sizes = [int(d) for d in options.parameters.split(",")]
    arms = [arm for arm in options.arms.split(",") if is_installed(arm)]
    print(f"Milliseconds of a trial: mean (median; first) of {options.asked}, seed 0; gp {_N_GP}")
    for d in sizes:
        for n in counts:
            milliseconds(n, d, arms, options.asked)
    print("\nMilliseconds of a trial where a second worker joins, seeds 0 and 1")
    for d in sizes:
        for n in counts:
            if n <= _MAX_GP:
                second_worker(n, d)
    print("\nMemory of ten trials of HsicSampler, seed 0")
    for d in sizes:
        for n in counts:
            memory(n, d)


if __name__ == "__main__":
    main()

"""HsicSampler's Gaussian process beside its ablations and other samplers, at equal trials.

The arms are in arms.py, the statistics in comparison.py. Studies are kept in a file: the same
command goes on where it was stopped, and tables are of all studies in the file.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict
from itertools import product
from pathlib import Path

import optuna
from arms import ARMS, FLAT_ONLY, is_installed, make
from comparison import Runs, Study, print_families, print_problems, print_seeds
from sampler_problems import DEVELOPMENT, HELD_OUT, NETWORKS, SYNTHETIC
from unseen_problems import INFEASIBLE, NEW, NOT_FLAT, REAL, unseen

CHECKPOINTS = (30, 50, 100, 200)
FAMILIES = {
    "new": tuple(NEW),
    "real": tuple(REAL),
    "held_out": (*HELD_OUT, *NETWORKS),
    "synthetic": tuple(SYNTHETIC),
    "development": tuple(DEVELOPMENT),
}
MAIN = "ours,flat,shuffled,no_tpe,hsic,tpe,tpe_once,random,cmaes"


def run(name: str, arm: str, seed: int, n_trials: int) -> Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    one, true = unseen(name, seed), []
    study = optuna.create_study(sampler=make(arm, seed))

    def objective(trial: optuna.Trial) -> float:
        observed, loss = one.suggest(trial)
        true.append(loss if math.isfinite(loss) else INFEASIBLE)
        return observed

    start = time.perf_counter()
    study.optimize(objective, n_trials=n_trials)
    seconds = time.perf_counter() - start
    observed = [
        INFEASIBLE if loss == INFEASIBLE or not trial.values else trial.values[0]
        for trial, loss in zip(study.trials, true, strict=True)
    ]
    return Study(name, arm, seed, observed, true, seconds)


def read(path: Path) -> Runs:
    lines = path.read_text().splitlines() if path.exists() else []
    studies = [Study(**json.loads(line)) for line in lines]
    return {(s.problem, s.arm, s.seed): s for s in studies}


def fill(
    path: Path, wanted: Sequence[tuple[str, str, int]], n_trials: int, jobs: int, limit: float
) -> Runs:
    """Run what is missing in the file until ``limit`` seconds have passed; return all of it."""
    runs = read(path)
    missing = [key for key in wanted if key not in runs or len(runs[key].true) < n_trials]
    stop = time.perf_counter() + limit
    print(f"{len(missing)} of {len(wanted)} studies are missing", flush=True)
    with ProcessPoolExecutor(jobs) as pool, path.open("a") as file:
        queue, running = iter(missing), set[Future[Study]]()
        while True:
            while len(running) < jobs and time.perf_counter() < stop:
                key = next(queue, None)
                if key is None:
                    break
                running.add(pool.submit(run, *key, n_trials))
            if not running:
                return runs
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for study in (future.result() for future in ended):
                runs[study.problem, study.arm, study.seed] = study
                file.write(json.dumps(asdict(study)) + "\n")
                file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished studies, to go on with")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--arms", default=MAIN, help=f"of {', '.join(ARMS)}")
    parser.add_argument("--against", default="ours", help="the arm that others are compared with")
    parser.add_argument("--problems", default=",".join(FAMILIES), help="families, or names")
    parser.add_argument("--n-trials", type=int, default=CHECKPOINTS[-1])
    parser.add_argument("--checkpoints", default=",".join(map(str, CHECKPOINTS)))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new studies")
    options = parser.parse_args()
    words = options.problems.split(",")
    names = [name for word in words for name in FAMILIES.get(word, (word,))]
    arms = [arm for arm in options.arms.split(",") if is_installed(arm)]
    for arm in options.arms.split(","):
        if arm not in arms:
            print(f"{arm} is skipped: it is not installed (requirements.txt)")
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = [
        (name, arm, seed)
        for seed, name, arm in product(seeds, names, arms)
        if not (arm in FLAT_ONLY and name in NOT_FLAT)
    ]
    path = Path(options.store)
    runs = fill(path, wanted, options.n_trials, options.jobs, options.limit)
    order = {arm: k for k, arm in enumerate(ARMS)}
    runs = dict(sorted(runs.items(), key=lambda item: order[item[0][1]]))
    print_seeds(runs)
    checkpoints = [int(n) for n in options.checkpoints.split(",")]
    everything = {**FAMILIES, "all": tuple(n for family in FAMILIES.values() for n in family)}
    print_families(runs, everything, checkpoints, options.against)
    print_problems(runs, checkpoints, options.against)


if __name__ == "__main__":
    main()

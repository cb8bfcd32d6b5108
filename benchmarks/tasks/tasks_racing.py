"""Racing over tasks: who is dropped wrongly, what is saved, what a decision costs.

Beside each other in one run: TaskRacingPruner by t and by signed ranks, Optuna's WilcoxonPruner
at its default p = 0.1 and at a smaller one, "no pruner", and "shuffled", a pruner that drops at
random, at the times at which ours did: what dropping as many as we do is worth without a test.

false   an incumbent and trials as good as it, whose values differ from its by noise of several
        shapes: share that is dropped at any of the looks. "skewed": a little worse on nine tasks
        of ten, much better on the tenth; "gain": the same and on average better; "best of k": the
        incumbent is the luckiest of k on these tasks, and is only as good on others
tuning  TPE on pools of real tasks: evaluations of tasks, and the regret of the best trial, which
        is the best mean over the pool that is possible minus its own
cost    a decision at so many tasks with tied values

WilcoxonPruner is spared ties in the first two parts, by adding 1e-7: it would take seconds each.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import optuna
from optuna.pruners import BasePruner, NopPruner, WilcoxonPruner
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial
from tasks_pools import POOLS, pool

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, task_matrix


class AtRandom(BasePruner):
    """Drops trials after as many tasks as were seen by those that another study dropped."""

    def __init__(self, n_seen: list[int], seed: int) -> None:
        self._n_seen, self._rng = n_seen, np.random.default_rng(seed)
        self._ends: dict[int, int] = {}

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            return False
        end = self._ends.setdefault(trial.number, int(self._rng.choice(self._n_seen)))
        return len(trial.intermediate_values) >= end


PRUNERS: dict[str, Callable[[], BasePruner]] = {
    "TaskRacing, t": TaskRacingPruner,
    "TaskRacing, wilcoxon": lambda: TaskRacingPruner(test="wilcoxon"),
    "Wilcoxon, p = 0.1": WilcoxonPruner,
    "Wilcoxon, p = 0.01": lambda: WilcoxonPruner(p_threshold=0.01),
}

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
SHAPES: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "student": lambda rng, n: rng.standard_t(3, size=n),
    "ties": lambda rng, n: rng.choice([-1.0, 0.0, 1.0], p=[0.3, 0.4, 0.3], size=n),
    "accuracies": lambda rng, n: (rng.binomial(20, 0.8, n) - rng.binomial(20, 0.8, n)) / 20.0,
    "skewed": lambda rng, n: np.where(rng.random(n) < 0.1, -0.9, 0.1) + rng.normal(0, 0.02, n),
    "gain": lambda rng, n: np.where(rng.random(n) < 0.1, -1.4, 0.1) + rng.normal(0, 0.02, n),
}


def dropped(pruner: BasePruner, d: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(r,) after how many tasks each row of ``d`` (r, T) was dropped, T if it was not.

    The incumbent has zeros; ``others`` are further trials that were evaluated on all tasks.
    """
    study = optuna.create_study(pruner=pruner)
    for row in (np.zeros(d.shape[1]), *others):
        values = dict(enumerate(row.tolist()))
        # Whatever they came to, the incumbent is to be the best.
        worth = 0.0 if not row.any() else max(float(row.mean()), 1e-9)
        study.add_trial(create_trial(value=worth, intermediate_values=values))
    ends = np.full(len(d), d.shape[1])
    rng = np.random.default_rng(0)
    for k, row in enumerate(d):
        trial = study.ask()
        frozen = study._storage.get_trial(trial._trial_id)
        for n, i in enumerate(rng.permutation(d.shape[1]).tolist(), start=1):
            frozen.intermediate_values[i] = row[i]
            if n < d.shape[1] and pruner.prune(study, frozen):
                ends[k] = n
                break
        frozen.intermediate_values.clear()
        study.tell(trial, state=TrialState.FAIL)
    return ends


def false_drops(n_trials: int, n_tasks: int) -> None:
    error = math.sqrt(0.1 * 0.9 / n_trials)
    print(f"dropped though as good, {n_tasks} tasks, {n_trials} trials (s.e. {error:.3f} at .1)")
    for shape, draw in SHAPES.items():
        rng = np.random.default_rng(1)
        d, others = draw(rng, (n_trials, n_tasks)), draw(rng, (3, n_tasks))
        others += np.maximum(0.0, 0.05 - others.mean(axis=1, keepdims=True))
        rates = []
        for name, make in PRUNERS.items():
            # SciPy enumerates 2^n signs of small samples with ties, for up to ten seconds.
            untied = 1e-7 * rng.uniform(-1.0, 1.0, size=d.shape) if "Wilcoxon, p" in name else 0.0
            ends = dropped(make(), d + untied, others)
            rates.append(f"{name} {(ends < n_tasks).mean():.3f}")
        print(f"  {shape:11s} " + ", ".join(rates), flush=True)
    for k in (5, 20):
        # Ten studies whose many complete trials every pruner reads again: a quarter of the trials.
        print(f"  best of {k:3d} {_against_the_best_of(k, n_trials // 4, n_tasks)}", flush=True)


def _against_the_best_of(k: int, n_trials: int, n_tasks: int) -> str:
    """The incumbent is the luckiest of ``k`` that are alike, in each of ten studies."""
    rng = np.random.default_rng(2)
    ends: dict[str, list[np.ndarray]] = {name: [] for name in PRUNERS}
    for _ in range(10):
        losses = rng.normal(size=(k, n_tasks))
        best = losses[losses.mean(axis=1).argmin()]
        others = np.array([row - best for row in losses if row is not best])
        others = others[others.any(axis=1)]
        d = rng.normal(size=(n_trials // 10, n_tasks)) - best
        for name, make in PRUNERS.items():
            ends[name].append(dropped(make(), d, others))
    return ", ".join(
        f"{name} {(np.concatenate(found) < n_tasks).mean():.3f}" for name, found in ends.items()
    )


def tune(u: np.ndarray, pruner: BasePruner, seed: int, n_trials: int) -> Study:
    study = optuna.create_study(
        direction="maximize",
        sampler=TPESampler(seed=seed, n_startup_trials=8),
        pruner=pruner,
    )
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: float(
                u[task, trial.suggest_int("configuration", 0, len(u[0]) - 1)]
            ),
            range(len(u)),
            seed=seed,
            reuse_values=False,
        ),
        n_trials=n_trials,
    )
    return study


def tuning(n_studies: int, n_tasks: int, n_trials: int) -> None:
    print(
        f"tuning: TPE, {n_trials} trials, {n_tasks} tasks, {n_studies} studies; all tasks of all"
    )
    print(f"trials would be {n_trials * n_tasks} evaluations; regret: mean (s.e.)")
    for name in POOLS:
        whole = pool(name).u
        truth = whole.mean(axis=0)
        rows: dict[str, list[tuple[float, float, float]]] = {}
        for seed in range(n_studies):
            u = whole[np.random.default_rng([seed, 5]).integers(len(whole), size=n_tasks)]
            u = u + np.random.default_rng(seed).uniform(-1e-7, 1e-7, size=u.shape)
            ours: list[int] = []
            arms: dict[str, Callable[[], BasePruner]] = {
                **PRUNERS,
                "shuffled": partial(AtRandom, ours, seed),
                "no pruner": NopPruner,
            }
            for arm, make in arms.items():
                begin = time.perf_counter()
                study = tune(u, make(), seed, n_trials)
                seen = task_matrix(study).notna().sum(axis=1)
                if arm == "TaskRacing, t":
                    ours += seen.tolist()
                best = study.best_params["configuration"]
                rows.setdefault(arm, []).append(
                    (float(seen.sum()), truth.max() - truth[best], time.perf_counter() - begin)
                )
        print(f"  {name}")
        for arm, found in rows.items():
            n, regret, seconds = np.array(found).T
            print(
                f"    {arm:21s} evaluations {np.median(n):5.0f}  regret {regret.mean():.4f} "
                f"({regret.std(ddof=1) / math.sqrt(len(regret)):.4f})  {np.median(seconds):.2f} s",
                flush=True,
            )


def cost() -> None:
    print("a decision, tied values in {-.1, 0, .1}: median ms (largest)")
    for n_tasks in (10, 13, 50, 200):
        rng = np.random.default_rng(0)
        figures = []
        for name, make in PRUNERS.items():
            pruner = make()
            study = optuna.create_study(pruner=pruner)
            values = rng.choice([-0.1, 0.0, 0.1], size=(5, n_tasks + 1)) + np.arange(5)[:, None]
            for row in values:
                study.add_trial(
                    create_trial(
                        value=float(row.mean()), intermediate_values=dict(enumerate(row.tolist()))
                    )
                )
            d = rng.choice([-0.1, 0.0, 0.1], size=n_tasks)
            trial = study.ask()
            for i in range(n_tasks):
                trial.report(values[0, i] + d[i], i)
            frozen = study.trials[-1]
            pruner.prune(study, frozen)  # what is done once
            times = []
            for _ in range(3 if n_tasks <= 13 and "Wilcoxon, p" in name else 100):
                begin = time.perf_counter()
                pruner.prune(study, frozen)
                times.append(1e3 * (time.perf_counter() - begin))
            figures.append(f"{name} {np.median(times):.2f} ({max(times):.2f})")
        print(f"  {n_tasks:3d} tasks  " + ", ".join(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--studies", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--parts", nargs="*", default=["false", "cost", "tuning"])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if "false" in args.parts:
        false_drops(args.trials, args.tasks)
    if "cost" in args.parts:
        cost()
    if "tuning" in args.parts:
        tuning(args.studies, args.tasks, 30)


if __name__ == "__main__":
    main()

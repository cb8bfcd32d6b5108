"""HsicSampler without its surrogate beside its ablations and others, at equal trials.

Ablations: "shuffled", the activities permuted among the parameters anew at each fit; "averaged",
all activities set to their mean; "oracle", the true active set (synthetic problems only). Values
are compared seed by seed (Wilcoxon's signed-rank test, two-sided, not corrected), pooled after
replacing them by their ranks within a problem.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import optuna
from sampler_problems import DEVELOPMENT, SYNTHETIC, Problem, Run, Store, problem
from scipy import stats

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._evidence import Evidence


class Shuffled(HsicSampler):
    """What HSIC found, but not where."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        activity = super()._activity(evidence)
        return np.random.default_rng(len(evidence.table)).permutation(activity)


class Averaged(HsicSampler):
    """How much HSIC found, but nothing of where."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        activity = super()._activity(evidence)
        return np.full_like(activity, activity.mean())


class Oracle(HsicSampler):
    """The truth in place of HSIC."""

    active: frozenset[str] = frozenset()

    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.array([1.0 if name in self.active else 0.05 for name in evidence.space])


def _oracle(seed: int, known: Problem) -> Oracle:
    sampler = Oracle(surrogate=False, seed=seed)
    sampler.active = known.active
    return sampler


ARMS: dict[str, Callable[[int, Problem], optuna.samplers.BaseSampler]] = {
    "tpe": lambda seed, _: optuna.samplers.TPESampler(seed=seed),
    "hsic": lambda seed, _: HsicSampler(surrogate=False, seed=seed),
    "shuffled": lambda seed, _: Shuffled(surrogate=False, seed=seed),
    "averaged": lambda seed, _: Averaged(surrogate=False, seed=seed),
    "oracle": _oracle,
    "random": lambda seed, _: optuna.samplers.RandomSampler(seed=seed),
    "cma": lambda seed, _: optuna.samplers.CmaEsSampler(
        seed=seed, warn_independent_sampling=False
    ),
    "gp": lambda seed, _: optuna.samplers.GPSampler(seed=seed),
}


def run(name: str, arm: str, seed: int, n_trials: int) -> Run:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    known = problem(name, seed)
    study = optuna.create_study(sampler=ARMS[arm](seed, known))
    costs = []

    def objective(trial: optuna.Trial) -> float:
        loss, cost = known.suggest(trial)
        costs.append(cost)
        return loss

    start = time.perf_counter()
    study.optimize(objective, n_trials=n_trials)
    seconds = time.perf_counter() - start
    return Run(name, arm, seed, [trial.values[0] for trial in study.trials], costs, seconds)


def fill(store: Store, wanted: Sequence[tuple[str, str, int]], n_trials: int, jobs: int) -> None:
    missing = [each for each in wanted if each not in store.runs]
    with ProcessPoolExecutor(jobs) as pool:
        for done in (
            pool.map(run, *zip(*missing, strict=True), [n_trials] * len(missing))
            if (missing)
            else ()
        ):
            store.add(done)


def compare(store: Store, arm: str, other: str, names: Sequence[str], n: int) -> str:
    """Seeds won to lost, p, and how many."""
    differences = []
    for name in names:
        best = {
            key[1:]: min(found.losses[:n]) for key, found in store.runs.items() if key[0] == name
        }
        seeds = [seed for a, seed in best if a == arm and (other, seed) in best]
        pairs = np.array([[best[arm, seed], best[other, seed]] for seed in seeds]).reshape(-1, 2)
        ranks = stats.rankdata(pairs.ravel()).reshape(-1, 2) if len(names) > 1 else pairs
        differences += (ranks[:, 0] - ranks[:, 1]).tolist()
    won, lost = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
    p = stats.wilcoxon(differences).pvalue if any(differences) else 1.0
    return f"{won}-{lost} p={p:.2g}"


def overhead(n_trials: int = 1000, d: int = 10, n_asked: int = 40) -> None:
    """Milliseconds to choose a trial, the samplers taking turns on copies of one study."""

    def objective(trial: optuna.Trial) -> float:
        return sum((trial.suggest_float(f"x{i}", 0.0, 1.0) - 0.3) ** 2 for i in range(d))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    base = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    base.optimize(objective, n_trials=n_trials)
    samplers: dict[str, optuna.samplers.BaseSampler] = {
        "tpe": optuna.samplers.TPESampler(seed=0),
        "hsic": HsicSampler(surrogate=False, seed=0),
        "hsic, cost": HsicSampler(surrogate=False, seed=0, cost="duration"),
    }
    studies = {arm: optuna.create_study(sampler=sampler) for arm, sampler in samplers.items()}
    seconds: dict[str, list[float]] = {arm: [] for arm in studies}
    for study in studies.values():
        study.add_trials(base.trials)
        study.optimize(objective, n_trials=1)
    for _ in range(n_asked):
        for arm, study in studies.items():
            start = time.perf_counter()
            study.optimize(objective, n_trials=1)
            seconds[arm].append(time.perf_counter() - start)
    print(f"\nMilliseconds a trial at {n_trials} trials of {d} parameters; beyond TPE, by turns")
    for arm, taken in seconds.items():
        beyond = 1000.0 * (np.array(taken) - np.array(seconds["tpe"]))
        low, middle, high = np.quantile(beyond, [0.25, 0.5, 0.75])
        print(
            f"  {arm:12}{1000.0 * np.median(taken):7.1f}   {middle:6.1f} [{low:.1f}, {high:.1f}]"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--few", type=int, default=6, help="seeds of oracle, random and CMA-ES")
    parser.add_argument("--gp", type=int, default=1, help="seeds of GPSampler")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", help="file in which to keep finished runs")
    parser.add_argument("--n-trials", type=int, default=200)
    arguments = parser.parse_args()
    store, first = Store(arguments.store), arguments.first_seed
    seeds = range(first, first + arguments.seeds)
    few, fewest = seeds[: arguments.few], seeds[: arguments.gp]
    synthetic, tables = list(SYNTHETIC), list(DEVELOPMENT)
    everything = [*synthetic, *tables]
    main_arms = ("tpe", "hsic", "shuffled", "averaged")
    wanted = [(name, arm, seed) for seed, name, arm in product(seeds, everything, main_arms)]
    wanted += [
        (name, arm, seed) for seed, name, arm in product(few, everything, ("random", "cma"))
    ]
    wanted += [(name, "oracle", seed) for seed, name in product(few, synthetic)]
    wanted += [(name, "gp", seed) for seed, name in product(fewest, ["h6-20", "sp-20", *tables])]
    fill(store, wanted, arguments.n_trials, arguments.jobs)

    halves = (arguments.n_trials // 2, arguments.n_trials)
    for n in halves:
        print(f"\nMedian best loss after {n} trials [quartiles], number of seeds")
        for name in everything:
            print(name)
            for arm in ARMS:
                best = [
                    min(found.losses[:n])
                    for key, found in store.runs.items()
                    if key[:2] == (name, arm) and key[2] in seeds
                ]
                if best:
                    low, middle, high = np.quantile(best, [0.25, 0.5, 0.75])
                    print(f"  {arm:10} {middle:9.4g} [{low:.4g}, {high:.4g}] {len(best):4}")
    contrasts = [("hsic", "tpe"), ("hsic", "shuffled"), ("hsic", "averaged"), ("shuffled", "tpe")]
    contrasts += [("averaged", "tpe"), ("oracle", "hsic"), ("oracle", "tpe"), ("hsic", "cma")]
    contrasts += [("hsic", "gp"), ("tpe", "gp")]
    for n in halves:
        print(f"\nSeeds won to lost after {n} trials, and p of Wilcoxon's test")
        print(f"{'':22}" + "".join(f"{label:>20}" for label in ("synthetic", "tables", "all")))
        for arm, other in contrasts:
            cells = [
                compare(store, arm, other, names, n) for names in (synthetic, tables, everything)
            ]
            print(f"{arm + ' - ' + other:22}" + "".join(f"{cell:>20}" for cell in cells))
        print(f"  {'hsic against':20}{'tpe':>20}{'shuffled':>20}{'averaged':>20}")
        for name in everything:
            cells = [
                compare(store, "hsic", other, [name], n) for other in main_arms if other != "hsic"
            ]
            print(
                f"  {name:20}"
                + "".join(f"{cell:>20}" for cell in cells)
                + "   tpe, shuffled, averaged"
            )
    overhead()
    print("\nMedian seconds of a study")
    for arm in ARMS:
        print(
            f"  {arm:10}",
            *(
                f"{name} {np.median(found):.1f}"
                for name in everything
                if (found := [r.seconds for k, r in store.runs.items() if k[:2] == (name, arm)])
            ),
        )


if __name__ == "__main__":
    main()

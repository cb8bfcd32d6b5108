"""HsicSampler's Gaussian process beside its ablations and Optuna's samplers, at equal trials.

Ablations: "flat", all activities 1; "shuffled", the activities permuted among the parameters;
"no_tpe", no trial in four by TPE; "hsic", ``surrogate=False``. What counts is the truth about the
trial that looks best. Regrets are above the optimum, or, where that is not known, above the best
that any arm found with the same seed; ratios are medians over the pairs that differ. p is of a
sign test, two-sided, not corrected; pairs of one problem are no evidence on others.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import optuna
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial
from sampler_problems import DEVELOPMENT, HELD_OUT, SYNTHETIC
from scipy import stats
from unseen_problems import NEW, unseen

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._evidence import Evidence

CHECKPOINTS = (30, 50, 100)
FAMILIES = {"new": tuple(NEW), "synthetic": tuple(SYNTHETIC)}
FAMILIES["tables"] = (*DEVELOPMENT, *HELD_OUT)


class Flat(HsicSampler):
    """The Gaussian process, and TPE, without HSIC."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.ones(len(evidence.space))


class Shuffled(HsicSampler):
    """What HSIC found, but not where."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        activity = super()._activity(evidence)
        return np.random.default_rng(len(evidence.table)).permutation(activity)


class NoTPE(HsicSampler):
    """No trial by TPE."""

    def _is_for_tpe(self, trial: FrozenTrial) -> bool:
        return False


ARMS: dict[str, Callable[[int], BaseSampler]] = {
    "ours": lambda seed: HsicSampler(seed=seed),
    "flat": lambda seed: Flat(seed=seed),
    "shuffled": lambda seed: Shuffled(seed=seed),
    "no_tpe": lambda seed: NoTPE(seed=seed),
    "hsic": lambda seed: HsicSampler(seed=seed, surrogate=False),
    "tpe": lambda seed: TPESampler(seed=seed),
    "random": lambda seed: RandomSampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}


@dataclass
class Study:
    """Losses of the trials of one study, in order: what was observed, and the truth."""

    problem: str
    arm: str
    seed: int
    observed: list[float]
    true: list[float]
    seconds: float

    def best(self, n: int) -> float:
        """The truth about the trial that looks best of the first n."""
        return self.true[int(np.argmin(self.observed[:n]))]


def run(name: str, arm: str, seed: int, n_trials: int) -> Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    one, true = unseen(name, seed), []
    study = optuna.create_study(sampler=ARMS[arm](seed))

    def objective(trial: optuna.Trial) -> float:
        observed, loss = one.suggest(trial)
        true.append(loss)
        return observed

    start = time.perf_counter()
    study.optimize(objective, n_trials=n_trials)
    seconds = time.perf_counter() - start
    return Study(name, arm, seed, [trial.values[0] for trial in study.trials], true, seconds)


def fill(
    path: Path, wanted: Sequence[tuple[str, str, int]], n_trials: int, jobs: int, limit: float
) -> dict[tuple[str, str, int], Study]:
    """Run what is missing in the file until ``limit`` seconds have passed; return all of it."""
    lines = path.read_text().splitlines() if path.exists() else []
    studies = [Study(**json.loads(line)) for line in lines]
    runs = {(s.problem, s.arm, s.seed): s for s in studies}
    missing = [key for key in wanted if key not in runs]
    stop = time.perf_counter() + limit
    with ProcessPoolExecutor(jobs) as pool, path.open("a") as file:
        for start in range(0, len(missing), jobs):
            if time.perf_counter() > stop:
                break
            part = missing[start : start + jobs]
            for done in pool.map(run, *zip(*part, strict=True), [n_trials] * len(part)):
                runs[done.problem, done.arm, done.seed] = done
                file.write(json.dumps(asdict(done)) + "\n")
                file.flush()
    return runs


@functools.cache
def optimum(name: str, seed: int) -> float | None:
    return 0.0 if name in HELD_OUT | DEVELOPMENT else unseen(name, seed).best


def compare(
    runs: dict[tuple[str, str, int], Study], arm: str, other: str, names: Sequence[str], n: int
) -> str:
    """Return pairs won and lost, p, and the ratio of regrets."""
    ratios, won, lost = [], 0, 0
    for name, seed in sorted({key[::2] for key in runs if key[0] in names}):
        if not {(name, arm, seed), (name, other, seed)} <= runs.keys():
            continue
        a, b = runs[name, arm, seed].best(n), runs[name, other, seed].best(n)
        won, lost = won + (a < b), lost + (a > b)
        if a != b:
            best = optimum(name, seed)
            if best is None:
                best = min(min(s.true) for k, s in runs.items() if k[::2] == (name, seed))
            ratios.append(np.clip((a - best + 1e-12) / (b - best + 1e-12), 1e-3, 1e3))
    if not ratios:
        return "-"
    p = stats.binomtest(won, won + lost).pvalue
    return f"{won}-{lost} p={p:.1g} x{np.median(ratios):.2f}"


def report(runs: dict[tuple[str, str, int], Study]) -> None:
    seeds = {name: len({k[2] for k in runs if k[0] == name}) for name in {k[0] for k in runs}}
    print("Seeds:", ", ".join(f"{name} {n}" for name, n in sorted(seeds.items())))
    arms = [arm for arm in ARMS if any(key[1] == arm for key in runs)]
    for n in CHECKPOINTS:
        print(f"\nours against, after {n} trials: won-lost, p, ratio of regrets")
        print(f"{'':12}" + "".join(f"{family:>26}" for family in FAMILIES))
        for other in arms[1:]:
            cells = [compare(runs, "ours", other, names, n) for names in FAMILIES.values()]
            print(f"{other:12}" + "".join(f"{cell:>26}" for cell in cells))
    last = CHECKPOINTS[-1]
    print(f"\nMedian best true loss after {last} trials")
    print(f"{'':28}" + "".join(f"{arm:>11}" for arm in arms))
    for name in dict.fromkeys(key[0] for key in runs):
        best = {a: [s.best(last) for k, s in runs.items() if k[:2] == (name, a)] for a in arms}
        cells = [f"{np.median(b):11.4g}" if b else f"{'':11}" for b in best.values()]
        print(f"{name:28}" + "".join(cells))
    print(f"\nours against hsic and tpe, by problem, after {last} trials")
    for name in dict.fromkeys(key[0] for key in runs):
        cells = [compare(runs, "ours", other, [name], last) for other in ("hsic", "tpe")]
        print(f"{name:28}" + "".join(f"{cell:>26}" for cell in cells))


def milliseconds(counts: Sequence[int], d: int = 10, n_asked: int = 24) -> None:
    """Print the milliseconds of a trial, the samplers taking turns on copies of one study."""

    def objective(trial: optuna.Trial) -> float:
        return sum((trial.suggest_float(f"x{i}", 0.0, 1.0) - 0.3) ** 2 for i in range(d))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"\nMean milliseconds of a trial of {d} floats; GPSampler's median")
    for n in counts:
        base = optuna.create_study(sampler=RandomSampler(seed=0))
        base.optimize(objective, n_trials=n)
        cells = []
        for arm in ("ours", "hsic", "tpe", "gp"):
            study = optuna.create_study(sampler=ARMS[arm](0))
            study.add_trials(base.trials)
            study.optimize(objective, n_trials=1)
            taken = []
            for _ in range(n_asked if arm != "gp" else 3):
                start = time.perf_counter()
                study.optimize(objective, n_trials=1)
                taken.append(1000.0 * (time.perf_counter() - start))
            middle = np.mean(taken) if arm != "gp" else np.median(taken)
            cells.append(f"{arm} {middle:.1f}")
        print(f"  {n:5} trials: {', '.join(cells)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished studies, to go on with")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--gp", type=int, default=2, help="seeds of GPSampler")
    parser.add_argument("--arms", default="ours,flat,shuffled,no_tpe,hsic,tpe,random")
    parser.add_argument("--problems", default="new,synthetic,tables", help="families, or names")
    parser.add_argument("--n-trials", type=int, default=CHECKPOINTS[-1])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new studies")
    parser.add_argument("--times", default="100,200,1000", help="numbers of trials, or nothing")
    options = parser.parse_args()
    names = [
        name
        for word in options.problems.split(",")
        for name in FAMILIES.get(word, (word,))
        if word
    ]
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = []
    for k, seed in enumerate(seeds):
        arms = [*options.arms.split(","), *(["gp"] if k < options.gp else [])]
        wanted += [(name, arm, seed) for name, arm in product(names, arms)]
    runs = fill(Path(options.store), wanted, options.n_trials, options.jobs, options.limit)
    report(runs)
    if options.times:
        milliseconds([int(n) for n in options.times.split(",")])


if __name__ == "__main__":
    main()

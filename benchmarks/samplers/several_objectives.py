"""HsicSampler with several objectives beside its ablations and Optuna's samplers.

Ablations: "shuffled", the processes learn from losses that are permuted among the trials;
"no_tpe", no trial in four by TPE; "hsic", ``surrogate=False``. What counts is the hypervolume of
what is true of the trials that look non-dominated. Gaps are to the largest hypervolume, or, where
that is not known, to that of all trials of all arms with the same seed; ratios are medians over
the pairs that differ. p is of a sign test, two-sided, not corrected; pairs of one problem are no
evidence on others.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import optuna
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from scipy import stats
from several_objectives_problems import CHOSEN_ON, OTHERS, PROBLEMS, sphere

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._proposal import Lesson
from optuna_hpx.samplers._tpe import Choice
from optuna_hpx.trials.hypervolume import hypervolume
from optuna_hpx.trials.target_set import non_dominated

CHECKPOINTS = (30, 50, 100, 200)


class Shuffled(HsicSampler):
    """What the Gaussian processes are, but not what they learn."""

    def _propose(self, choice: Choice) -> dict[str, Any] | None:
        original = Lesson.of

        def shuffled(*arguments: Any) -> Lesson:
            lesson = original(*arguments)
            rng = np.random.default_rng(len(lesson.points))
            rng.shuffle(lesson.outcomes.losses)
            return lesson

        with mock.patch.object(Lesson, "of", shuffled):
            return super()._propose(choice)


class NoTPE(HsicSampler):
    """No trial by TPE."""

    def _is_for_tpe(self, trial: FrozenTrial) -> bool:
        return False


ARMS: dict[str, Callable[[int], BaseSampler]] = {
    "ours": lambda seed: HsicSampler(seed=seed),
    "shuffled": lambda seed: Shuffled(seed=seed),
    "no_tpe": lambda seed: NoTPE(seed=seed),
    "hsic": lambda seed: HsicSampler(seed=seed, surrogate=False),
    "tpe": lambda seed: TPESampler(seed=seed),
    "nsga2": lambda seed: NSGAIISampler(seed=seed, population_size=20),
    "random": lambda seed: RandomSampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}


@dataclass
class Study:
    """Losses of the trials of one study, in order: what was observed, and the truth."""

    problem: str
    arm: str
    seed: int
    observed: list[list[float]]
    true: list[list[float]]
    seconds: float

    def volume(self, n: int) -> float:
        """The hypervolume of the truth about those of the first n trials that look best."""
        is_front = non_dominated(np.array(self.observed[:n]))
        reference = np.array(PROBLEMS[self.problem](self.seed).reference)
        return hypervolume(np.array(self.true[:n])[is_front], reference)


def run(name: str, arm: str, seed: int, n_trials: int) -> Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    problem, true = PROBLEMS[name](seed), []
    better = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
    directions = [better[sign < 0.0] for sign in problem.signs]
    study = optuna.create_study(sampler=ARMS[arm](seed), directions=directions)

    def objective(trial: optuna.Trial) -> tuple[float, ...]:
        observed, losses = problem.suggest(trial)
        true.append((np.array(losses) * problem.signs).tolist())
        return observed

    start = time.perf_counter()
    study.optimize(objective, n_trials=n_trials)
    seconds = time.perf_counter() - start
    observed = [(np.array(trial.values) * problem.signs).tolist() for trial in study.trials]
    return Study(name, arm, seed, observed, true, seconds)


Runs = dict[tuple[str, str, int], Study]


def fill(path: Path, wanted: Sequence[tuple[str, str, int]], n_trials: int, limit: float) -> Runs:
    """Run what is missing in the file until ``limit`` seconds have passed; return all of it."""
    lines = path.read_text().splitlines() if path.exists() else []
    studies = [Study(**json.loads(line)) for line in lines]
    runs = {(s.problem, s.arm, s.seed): s for s in studies}
    stop = time.perf_counter() + limit
    with path.open("a") as file:
        for key in wanted:
            if time.perf_counter() > stop:
                break
            if key not in runs:
                runs[key] = run(*key, n_trials)
                file.write(json.dumps(asdict(runs[key])) + "\n")
                file.flush()
    return runs


class Gaps:
    """How much of the largest hypervolume each study lacks."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    @functools.cache  # noqa: B019
    def best(self, name: str, seed: int) -> float:
        problem = PROBLEMS[name](seed)
        if problem.best is not None:
            return problem.best
        true = [study.true for key, study in self._runs.items() if key[::2] == (name, seed)]
        return hypervolume(np.concatenate(true), np.array(problem.reference))

    @functools.cache  # noqa: B019
    def of(self, name: str, arm: str, seed: int, n: int) -> float:
        best = self.best(name, seed)
        return (best - self._runs[name, arm, seed].volume(n)) / best


def compare(runs: Runs, gaps: Gaps, arm: str, other: str, names: Sequence[str], n: int) -> str:
    """Return pairs won and lost, p, and the ratio of gaps."""
    ratios, won, lost = [], 0, 0
    for name, seed in sorted({key[::2] for key in runs if key[0] in names}):
        pair = [runs.get((name, which, seed)) for which in (arm, other)]
        if any(study is None or len(study.true) < n for study in pair):
            continue
        a, b = gaps.of(name, arm, seed, n), gaps.of(name, other, seed, n)
        won, lost = won + (a < b - 1e-12), lost + (a > b + 1e-12)
        if abs(a - b) > 1e-12:
            ratios.append(np.clip((a + 1e-9) / (b + 1e-9), 1e-3, 1e3))
    if not ratios:
        return "-"
    p = stats.binomtest(won, won + lost).pvalue
    return f"{won}-{lost} p={p:.1g} x{np.median(ratios):.2f}"


def report(runs: Runs) -> None:
    gaps = Gaps(runs)
    arms = [arm for arm in ARMS if any(key[1] == arm for key in runs)]
    families = {"chosen on": tuple(CHOSEN_ON), "others": tuple(OTHERS)}
    for n in CHECKPOINTS:
        print(f"\nours against, after {n} trials: won-lost, p, ratio of gaps")
        print(f"{'':12}" + "".join(f"{family:>28}" for family in families))
        for other in arms:
            if other != "ours":
                cells = [compare(runs, gaps, "ours", other, f, n) for f in families.values()]
                print(f"{other:12}" + "".join(f"{cell:>28}" for cell in cells))
    for n in CHECKPOINTS[-2:]:
        print(f"\nMedian gap to the largest hypervolume after {n} trials")
        print(f"{'':20}" + "".join(f"{arm:>10}" for arm in arms) + "     seeds")
        for name in PROBLEMS:
            cells, counts = [], []
            for arm in arms:
                keys = [k for k, s in runs.items() if k[:2] == (name, arm) and len(s.true) >= n]
                middle = f"{np.median([gaps.of(*key, n) for key in keys]):.4f}" if keys else ""
                cells.append(f"{middle:>10}")
                counts.append(len(keys))
            if max(counts, default=0):
                print(f"{name:20}" + "".join(cells) + f"     {max(counts)}")
    print(f"\nours against tpe, by problem, after {CHECKPOINTS[1]} and {CHECKPOINTS[2]} trials")
    for name in dict.fromkeys(key[0] for key in runs):
        cells = [compare(runs, gaps, "ours", "tpe", [name], n) for n in CHECKPOINTS[1:3]]
        print(f"{name:20}" + "".join(f"{cell:>24}" for cell in cells))


def milliseconds(counts: Sequence[int], n_asked: int = 12) -> None:
    """Print the milliseconds of a trial of 8 floats, on copies of one study."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("\nMean milliseconds of a trial of 8 floats; GPSampler's median")
    for m, n in product((1, 2, 3), counts):
        problem = sphere(max(m, 2), 0)

        def objective(trial: optuna.Trial, m: int = m, problem: Any = problem) -> Any:
            return problem.suggest(trial)[0][:m]

        base = optuna.create_study(sampler=RandomSampler(seed=0), directions=["minimize"] * m)
        base.optimize(objective, n_trials=n)
        cells = []
        for arm in ("ours", "tpe", "nsga2", "gp") if n <= 200 else ("ours", "tpe", "nsga2"):
            study = optuna.create_study(sampler=ARMS[arm](0), directions=["minimize"] * m)
            study.add_trials(base.trials)
            study.optimize(objective, n_trials=1)
            taken = []
            for _ in range(n_asked if arm != "gp" else 2):
                start = time.perf_counter()
                study.optimize(objective, n_trials=1)
                taken.append(1000.0 * (time.perf_counter() - start))
            middle = np.mean(taken) if arm != "gp" else np.median(taken)
            cells.append(f"{arm} {middle:.1f}")
        print(f"  {m} objectives, {n:5} trials: {', '.join(cells)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished studies, to go on with")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--gp", type=int, default=2, help="seeds of GPSampler")
    parser.add_argument("--arms", default="ours,shuffled,no_tpe,tpe,nsga2,random")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--n-trials", type=int, default=100)
    parser.add_argument("--limit", type=float, default=450.0, help="seconds of new studies")
    parser.add_argument("--times", default="100,200,1000", help="numbers of trials, or nothing")
    options = parser.parse_args()
    wanted = []
    for k in range(options.seeds):
        arms = [*options.arms.split(","), *(["gp"] if k < options.gp else [])]
        names = options.problems.split(",")
        wanted += [(name, arm, options.first_seed + k) for name, arm in product(names, arms)]
    warnings.simplefilter("ignore")
    report(fill(Path(options.store), wanted, options.n_trials, options.limit))
    if options.times:
        milliseconds([int(n) for n in options.times.split(",")])


if __name__ == "__main__":
    main()

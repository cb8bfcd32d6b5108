"""Eight trials asked for at once, then told, beside one at a time; at equal numbers of trials.

Arms, one at a time and in batches of eight: "ours"; "tpe", with ``constant_liar``; "gp",
GPSampler, a few seeds. "blind" is ours that does not mind the trials that run. Printed are wins
and losses by the truth about the trial that looks best, the ratio of regrets, and how far apart
the trials of a batch are after the start: the least distance of two of them, as a share of that
among as many random points; and points tried more than once. p is of a sign test, two-sided.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import optuna
from optuna.samplers import BaseSampler, GPSampler, TPESampler
from sampler_problems import DEVELOPMENT, HELD_OUT
from scipy import stats
from scipy.spatial.distance import pdist
from unseen_problems import unseen

from optuna_hpx import HsicSampler

N_BATCH = 8
CHECKPOINTS = (24, 48, 104)
N_START = 16  # trials, two batches, that are left out of distances
PROBLEMS = ("smooth-3", "noise-.1", "tree", "steps-10", "h6-20", "sp-20", "car", "kc1", "phoneme")

SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "ours": lambda seed: HsicSampler(seed=seed),
    "blind": lambda seed: HsicSampler(seed=seed, constant_liar=False),
    "tpe": lambda seed: TPESampler(seed=seed, constant_liar=True),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}


@dataclass
class Run:
    """One study."""

    problem: str
    arm: str
    seed: int
    best: dict[str, float]  # truth about the trial that looks best, after each checkpoint
    apart: list[float]  # least distance of each batch, over that of random points
    n_repeated: int
    seconds: float

    @property
    def key(self) -> tuple[str, str, int]:
        return self.problem, self.arm, self.seed


def _least_distance(points: np.ndarray) -> float:
    return float(pdist(points).min())


def _points(trials: list[optuna.trial.FrozenTrial]) -> np.ndarray | None:
    """Positions of the numbers that all trials have; None if there are none."""
    names = set.intersection(*(set(trial.params) for trial in trials))
    names = {name for name in names if isinstance(trials[0].params[name], float)}
    if not names:
        return None
    return np.array([[trial.params[name] for name in sorted(names)] for trial in trials])


def run(name: str, arm: str, seed: int) -> Run:
    sampler, _, size = arm.partition("-")
    n_batch, one = int(size), unseen(name, seed)
    study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
    true: list[float] = []
    observed: list[float] = []
    start = time.perf_counter()
    while len(true) < CHECKPOINTS[-1]:
        trials = [study.ask() for _ in range(n_batch)]
        results = [one.suggest(trial) for trial in trials]
        for trial, (loss, truth) in zip(trials, results, strict=True):
            study.tell(trial, loss)
            observed.append(loss)
            true.append(truth)
    seconds = time.perf_counter() - start
    rng, apart = np.random.default_rng(seed), []
    for first in range(N_START, len(true), N_BATCH):
        points = _points(study.trials[first : first + N_BATCH])
        if points is not None:
            random = np.mean([_least_distance(rng.random(points.shape)) for _ in range(20)])
            apart.append(_least_distance(points) / float(random))
    tried = {tuple(sorted(trial.params.items())) for trial in study.trials}
    best = {str(n): true[int(np.argmin(observed[:n]))] for n in CHECKPOINTS}
    return Run(name, arm, seed, best, apart, len(true) - len(tried), seconds)


def compare(runs: dict[tuple[str, str, int], Run], arm: str, other: str, n: int) -> str:
    """Pairs won and lost, p, and the median ratio of regrets above the best of all arms."""
    won = lost = 0
    ratios = []
    for (name, which, seed), one in runs.items():
        rival = runs.get((name, other, seed))
        if which != arm or rival is None:
            continue
        a, b = one.best[str(n)], rival.best[str(n)]
        won, lost = won + (a < b), lost + (a > b)
        is_table = name in DEVELOPMENT | HELD_OUT
        best = min(min(r.best.values()) for key, r in runs.items() if key[::2] == (name, seed))
        best = 0.0 if is_table else best
        if a != b:
            ratios.append(np.clip((a - best + 1e-12) / (b - best + 1e-12), 1e-3, 1e3))
    if not ratios:
        return "-"
    p = stats.binomtest(won, won + lost).pvalue
    return f"{won}-{lost} p={p:.1g} x{np.median(ratios):.2f}"


def report(runs: dict[tuple[str, str, int], Run]) -> None:
    arms = list(dict.fromkeys(key[1] for key in runs))
    for arm in arms:
        part = [one for one in runs.values() if one.arm == arm]
        apart = [x for one in part for x in one.apart]
        repeated = sum(one.n_repeated for one in part) / (CHECKPOINTS[-1] * len(part))
        print(
            f"{arm:8} {len(part):3} studies, {np.median([one.seconds for one in part]):6.2f} s, "
            f"apart {np.median(apart):.3f}, repeated {repeated:.1%}"
        )
    pairs = [("ours-8", other) for other in arms if other != "ours-8"]
    pairs += [("tpe-8", "tpe-1"), ("gp-8", "gp-1")]
    for arm, other in pairs:
        cells = [compare(runs, arm, other, n) for n in CHECKPOINTS]
        print(f"{arm} against {other:8}" + "".join(f"{cell:>26}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished runs, to go on with")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--arms", default="ours-8,ours-1,blind-8,tpe-8,tpe-1")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--gp", type=int, default=0, help="seeds of GPSampler")
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new runs")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    path, stop = Path(options.store), time.perf_counter() + options.limit
    lines = path.read_text().splitlines() if path.exists() else []
    runs = {one.key: one for one in (Run(**json.loads(line)) for line in lines)}
    with path.open("a") as file:
        for k, name in product(range(options.seeds), options.problems.split(",")):
            arms = options.arms.split(",") + (["gp-8", "gp-1"] if k < options.gp else [])
            seed = options.first_seed + k
            for arm in arms:
                if (name, arm, seed) in runs or time.perf_counter() > stop:
                    continue
                done = run(name, arm, seed)
                runs[done.key] = done
                file.write(json.dumps(asdict(done)) + "\n")
                file.flush()
    report(runs)


if __name__ == "__main__":
    main()

"""What a study of a similar task is worth to HsicSampler, at equal numbers of trials.

A prior study of 50 trials by TPE on one task; then another task. Arms: "ours"; "prior",
``prior_study=`` that study; "shuffled" and "reversed", the same with its losses permuted or
negated; "tpe"; "tpe_best", TPE with the five best trials of the prior study enqueued, as is
usual. Pairs of tasks: tables of one model on two data sets, raw losses; a synthetic bowl whose
optimum moves a little, or to anywhere; and one of which today's space has another range,
parameters that are new, none of others, and a score to maximise. p is of a sign test, two-sided,
not corrected. The design was chosen on DEVELOPED with seeds from 100, and on other pairings of the
data sets in NEW, which were tried once.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import optuna
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import StudyDirection
from sampler_problems import DEVELOPMENT, HELD_OUT, table
from scipy import stats

from optuna_hpx import HsicSampler, TrialTable

CHECKPOINTS = (10, 20, 30, 50)
N_PRIOR = 50
ARMS = ("ours", "prior", "shuffled", "reversed", "tpe", "tpe_best")
DEVELOPED = (
    "australian>credit_g",
    "credit_g>car",
    "blood_transfusion>australian",
    "car>blood_transfusion",
    "naval_propulsion>protein_structure",
    "protein_structure>naval_propulsion",
    "near>near",
    "far>far",
)
NEW = (
    "kc1>segment",
    "phoneme>vehicle",
    "segment>kc1",
    "vehicle>phoneme",
    "parkinsons_telemonitoring>slice_localization",
    "slice_localization>parkinsons_telemonitoring",
    "other>other",
)

Objective = Callable[[optuna.Trial], float]


def bowl(kind: str, seed: int, is_prior: bool) -> Objective:
    """A bowl with a ripple in six of eight parameters; least value about 0."""
    rng, moved = np.random.default_rng([seed, 77]), np.random.default_rng([seed, 79])
    centre, weight = rng.uniform(0.2, 0.8, 6), rng.uniform(0.5, 2.0, 6)
    if not is_prior:
        near = np.clip(centre + 0.1 * moved.standard_normal(6), 0.05, 0.95)
        centre = moved.uniform(0.2, 0.8, 6) if kind == "far" else near

    def loss(x: np.ndarray) -> float:
        off = x - centre
        ripple = 0.1 * (1.0 - np.cos(8.0 * off)).sum()
        return float(weight @ off**2 + ripple + off[0] * off[1])

    def same(trial: optuna.Trial) -> float:
        x = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(8)])
        return loss(x[:6])

    def other(trial: optuna.Trial) -> float:
        x = [trial.suggest_float(f"x{i}", 0.1, 1.2) for i in range(4)]
        x += [trial.suggest_float(f"new{i}", 0.0, 1.0) for i in range(2)]
        return -100.0 * loss(np.array(x)) - 7.0

    return other if kind == "other" and not is_prior else same


def objective(name: str, seed: int, is_prior: bool) -> Objective:
    if name not in DEVELOPMENT | HELD_OUT:
        return bowl(name, seed, is_prior)
    grid = table(name)
    return lambda trial: float(grid.loss[grid.suggest(trial)])


@functools.cache
def prior_of(name: str, seed: int) -> optuna.Study:
    study = optuna.create_study(sampler=TPESampler(seed=seed + 5000))
    study.optimize(objective(name, seed, True), n_trials=N_PRIOR)
    return study


def sampler(arm: str, prior: optuna.Study, seed: int) -> BaseSampler:
    if arm.startswith("tpe"):
        return TPESampler(seed=seed)
    if arm == "ours":
        return HsicSampler(seed=seed)
    trials = TrialTable.of(prior)
    if arm == "shuffled":
        trials = replace(trials, losses=np.random.default_rng(seed).permutation(trials.losses))
    if arm == "reversed":
        trials = replace(trials, losses=-trials.losses)
    return HsicSampler(prior_study=trials, seed=seed)


@dataclass
class Run:
    """One study: its best loss after each number of trials."""

    pair: str
    arm: str
    seed: int
    best: dict[str, float]
    seconds: float

    @property
    def key(self) -> tuple[str, str, int]:
        return self.pair, self.arm, self.seed


def run(pair: str, arm: str, seed: int) -> Run:
    source, target = pair.split(">")
    prior = prior_of(source, seed)
    direction = StudyDirection.MAXIMIZE if target == "other" else StudyDirection.MINIMIZE
    start = time.perf_counter()
    study = optuna.create_study(sampler=sampler(arm, prior, seed), direction=direction)
    if arm == "tpe_best":
        for trial in sorted(prior.trials, key=lambda trial: trial.values[0])[:5]:
            study.enqueue_trial(trial.params)
    study.optimize(objective(target, seed, False), n_trials=CHECKPOINTS[-1])
    losses = TrialTable.of(study).losses[:, 0]
    best = {str(n): float(losses[:n].min()) for n in CHECKPOINTS}
    return Run(pair, arm, seed, best, time.perf_counter() - start)


def compare(
    runs: dict[tuple[str, str, int], Run], arm: str, other: str, pairs: Sequence[str], n: int
) -> str:
    """Pairs of studies that an arm won and lost against another, and p."""
    won = lost = 0
    for (pair, name, seed), one in runs.items():
        rival = runs.get((pair, other, seed))
        if name == arm and pair in pairs and rival is not None:
            a, b = one.best[str(n)], rival.best[str(n)]
            won, lost = won + (a < b), lost + (a > b)
    if not won + lost:
        return "-"
    return f"{won}-{lost} p={stats.binomtest(won, won + lost).pvalue:.1g}"


def report(runs: dict[tuple[str, str, int], Run]) -> None:
    pairs = list(dict.fromkeys(key[0] for key in runs))
    groups = {
        "developed": [pair for pair in pairs if pair in DEVELOPED],
        "new": [pair for pair in pairs if pair in NEW],
        **{pair[:32]: [pair] for pair in pairs},
    }
    print("Seeds:", len({key[2] for key in runs}))
    for n in CHECKPOINTS:
        for arm in ("prior", "shuffled", "reversed"):
            others = [other for other in ("ours", "tpe", "tpe_best", "shuffled") if other != arm]
            others = others if arm == "prior" else ["ours"]
            print(f"\n{arm} after {n} trials against: won-lost, p")
            print(f"{'':33}" + "".join(f"{other:>16}" for other in others))
            for label, names in list(groups.items())[: None if arm == "prior" else 2]:
                cells = [compare(runs, arm, other, names, n) for other in others]
                print(f"{label:33}" + "".join(f"{cell:>16}" for cell in cells))
    print("\nMedian of the best losses after 10 and 50 trials")
    print(f"{'':33}" + "".join(f"{arm:>20}" for arm in ARMS))
    for pair in pairs:
        cells = []
        for arm in ARMS:
            best = [one.best for key, one in runs.items() if key[:2] == (pair, arm)]
            middle = [np.median([b[str(n)] for b in best]) if best else np.nan for n in (10, 50)]
            cells.append(f"{middle[0]:10.4g}{middle[1]:10.4g}")
        print(f"{pair[:32]:33}" + "".join(cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished runs, to go on with")
    parser.add_argument("--pairs", default=",".join(NEW))
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new runs")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    path, stop = Path(options.store), time.perf_counter() + options.limit
    lines = path.read_text().splitlines() if path.exists() else []
    runs = {one.key: one for one in (Run(**json.loads(line)) for line in lines)}
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    with path.open("a") as file:
        for seed, pair, arm in product(seeds, options.pairs.split(","), options.arms.split(",")):
            if (pair, arm, seed) in runs or time.perf_counter() > stop:
                continue
            done = run(pair, arm, seed)
            runs[done.key] = done
            file.write(json.dumps(asdict(done)) + "\n")
            file.flush()
    report(runs)


if __name__ == "__main__":
    main()

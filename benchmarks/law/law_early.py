"""What is said of few random draws, without a law: how often each kind of sentence is false.

    python benchmarks/law/law_early.py --repetitions 12 --laws 6

Studies of the held surfaces (forecast_problems.py): random ones of 8, 12 and 19 trials, TPE's of
40 trials, of which the 10 of the start-up are draws, and of 30 trials with every fourth one at
random (``InterleavedSampler``, 15 draws or so). What is true is computed from 200,000 further
draws of the surface. N = 50 more random trials are spoken of.

"any": N more beat the best random one with the probability N / (n + N); stated and true, on
average over studies (of rounded scores it is said to be at most that). "gain": how often N more
gain more than what is said to be the most, with 90 % confidence. "reach": of studies in which the
sampler is ahead of the draws, in how many a random search needs fewer trials than the least
number that is said, with 95 % confidence, to have an even chance to be as good as the best of all.

"beat" is not said, and this is why: a forecast of how probably N more beat the best of all, and
the truth, also in classes of what was stated. With a law (``--laws`` studies of each surface, of
100 trials with every fourth one at random) it is said to be at most so much: "false" is the share
of studies where it is more.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import optuna
from forecast_problems import HELD, Problem

from optuna_hpx import InterleavedSampler, TrialTable
from optuna_hpx.law._progress import lead
from optuna_hpx.law._without_law import find_band
from optuna_hpx.law.section import find_law

N_MORE = 50
N_TRUTH = 200_000
KINDS = ("random 8", "random 12", "random 19", "TPE 40", "interleaved 30")
CLASSES = (0.0, 0.05, 0.1, 0.2, 0.4, 1.0)


@dataclass(frozen=True)
class Said:
    """What was said of a study, and what is true."""

    any_stated: float
    any_true: float
    gain_exceeded: float
    beat_stated: float
    beat_true: float
    is_reach_false: float


@cache
def truth_of(problem: Problem) -> np.ndarray:
    return np.sort(problem.draw(N_TRUTH, np.random.default_rng(12345)))


def below(problem: Problem, loss: float) -> float:
    """P(Y < loss)."""
    return float(np.searchsorted(truth_of(problem), loss, side="left")) / N_TRUTH


def chance(p: float) -> float:
    return 1.0 - (1.0 - p) ** N_MORE


def objective_of(problem: Problem, rng: np.random.Generator) -> Any:
    """Make an objective of a study from a surface, with its noise, rounding and failures."""
    draw, step, failing = problem.draw, 0.0, 0.0
    while isinstance(draw, partial) and callable(draw.args[0]) and len(draw.args) == 2:
        inner, value = draw.args
        step, failing = (value, failing) if "rounded" in draw.func.__name__ else (step, value)
        draw = inner
    assert isinstance(draw, partial)
    surface, d, noise = draw.args

    def objective(trial: optuna.Trial) -> float:
        x = np.array([trial.suggest_float(f"x{k}", -1.0, 1.0) for k in range(d)])
        if rng.random() < failing:
            return math.nan
        loss = float(surface(x[None])[0]) + noise * rng.standard_normal()
        return round(loss / step) * step if step else loss

    return objective


def study_of(problem: Problem, kind: str, seed: int) -> optuna.Study:
    name, n = kind.split()
    sampler: optuna.samplers.BaseSampler = optuna.samplers.RandomSampler(seed=seed)
    if name != "random":
        sampler = optuna.samplers.TPESampler(seed=seed)
    if name == "interleaved":
        sampler = InterleavedSampler(sampler, every=4, seed=seed)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective_of(problem, np.random.default_rng([7, seed])), n_trials=int(n))
    return study


def said_of(problem: Problem, kind: str, seed: int) -> Said | None:
    band, _ = find_band(TrialTable.from_study(study_of(problem, kind, seed)))
    if band is None:
        return None
    bound = band.gain_bound(N_MORE, confidence=0.9)
    ahead, is_false, beat_true = math.nan, math.nan, math.nan
    if lead(band):
        ahead = band.probability_of_improvement(N_MORE, by=lead(band))
        beat_true = chance(below(problem, band.best_of_all))
        p = float(np.searchsorted(truth_of(problem), band.best_of_all, side="right")) / N_TRUTH
        needed = math.log(0.5) / math.log1p(-p) if p > 0.0 else math.inf
        is_false = float(needed <= band.trials_to_reach(band.best_of_all) - 1.0)
    return Said(
        any_stated=N_MORE / (band.n_trials + N_MORE),
        any_true=chance(below(problem, band.best)),
        gain_exceeded=chance(below(problem, band.best - bound)) if bound > 0.0 else math.nan,
        beat_stated=ahead,
        beat_true=beat_true,
        is_reach_false=is_false,
    )


def ahead_with_law(problem: Problem, seed: int) -> tuple[float, float] | None:
    """What is said of the best of all to be beaten, and what is true, where there is a law."""
    law, _ = find_law(TrialTable.from_study(study_of(problem, "interleaved 100", seed)))
    if law is None or not law.describes or not lead(law):
        return None
    stated = law.probability_of_improvement(N_MORE, by=lead(law))
    return stated, chance(below(problem, law.best_of_all))


def column(found: list[Said], name: str) -> np.ndarray:
    values = np.array([getattr(said, name) for said in found])
    return values[np.isfinite(values)]


def mean(values: np.ndarray) -> str:
    return f"{values.mean():5.2f}" if len(values) else "    -"


def row(label: str, found: list[Said]) -> None:
    print(
        f"{label:36} {len(found):4} | {mean(column(found, 'any_stated'))} "
        f"{mean(column(found, 'any_true'))} | {mean(column(found, 'gain_exceeded'))} | "
        f"{len(column(found, 'beat_true')):4} {mean(column(found, 'beat_stated'))} "
        f"{mean(column(found, 'beat_true'))} | {mean(column(found, 'is_reach_false'))}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=12)
    parser.add_argument("--laws", type=int, default=6)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    warnings.simplefilter("ignore")
    print(f"{'studies':36} {'':4} | any: said, true | gain | ahead, beat: said, true | reach")
    everything: list[Said] = []
    by_kind: dict[str, list[Said]] = defaultdict(list)
    for j, problem in enumerate(HELD):
        of_problem = []
        for kind in KINDS:
            for seed in range(args.repetitions):
                said = said_of(problem, kind, 1000 * j + seed)
                if said is not None:
                    by_kind[kind].append(said)
                    of_problem.append(said)
        row(problem.name, of_problem)
        everything += of_problem
    for kind, found in by_kind.items():
        row(kind, found)
    row("all", everything)
    print("\nbeat the best of all: stated, true, studies")
    pairs = np.array([(said.beat_stated, said.beat_true) for said in everything])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    for low, high in pairwise(CLASSES):
        some = pairs[(pairs[:, 0] >= low) & (pairs[:, 0] < high)]
        print(f"{low:.2f} to {high:.2f}: {mean(some[:, 0])} {mean(some[:, 1])} {len(some):5}")
    with_law = [
        pair
        for j, problem in enumerate(HELD)
        for seed in range(args.laws)
        if (pair := ahead_with_law(problem, 1000 * j + seed)) is not None
    ]
    if with_law:
        stated, true = np.array(with_law).T
        print(
            f"with a law: {mean(stated)} {mean(true)}, false in {mean(true > stated + 0.005)} of "
            f"{len(with_law)}"
        )


if __name__ == "__main__":
    main()

"""When to stop a random search: regret at the stop and trials used, beside other rules.

Two real tables (rows resampled without replacement) and six synthetic surfaces, at most 400
trials. Every rule sees the same replays. `delta` is the gain that is worth going on for: 2 % of
the distance from the median score to the best one, for our rule and for the thresholds of
Optuna's terminators. The regret is that of the best observed score, in units of delta, against
the best score of the table or, for a surface with noise, the best expected one. "ours, stops
shuffled" stops each replay where our rule stopped another one; "plug-in" is the same rule with the
point law by maximum spacing, as opda would have it.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna

from optuna_hpx import AsymptoticLawCallback
from optuna_hpx.core.quadratic_law import NoisyQuadratic

MOST = 400
HORIZON = 50
LOOKS = [math.ceil(30 * 1.25**k) for k in range(12)]  # those of the callback
BOX = optuna.distributions.FloatDistribution(0.0, 1.0)


@dataclass
class Problem:
    """Draws replays: parameters (n, d) in [0, 1] and losses (n,)."""

    name: str
    draw: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
    best: float
    delta: float


def from_table(path: Path, score: str) -> Problem:
    import pandas as pd

    table = pd.read_csv(path)
    columns = [c for c in table.columns[1:] if table[c].dtype != object][:5]
    losses = -table[score].to_numpy()
    losses = np.where(np.isnan(losses), np.inf, losses)
    ranks = table[columns].rank(pct=True).fillna(0.5).to_numpy()

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.permutation(len(losses))[:MOST]
        return ranks[rows], losses[rows]

    best = float(losses.min())
    delta = 0.02 * float(np.median(losses) - best)
    return Problem(path.name.split("_random")[0], draw, best, delta)


def surface(
    name: str, d: int, function: Callable[[np.ndarray], np.ndarray], best: float, noise: float
) -> Problem:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x = rng.random((MOST, d))
        return x, function(x) + noise * rng.normal(size=MOST)

    sample = function(np.random.default_rng(0).random((20000, d)))
    return Problem(name, draw, best, 0.02 * float(np.median(sample) - best))


def branin(x: np.ndarray) -> np.ndarray:
    u, v = 15 * x[:, 0] - 5, 15 * x[:, 1]
    bowl = v - 5.1 / (4 * np.pi**2) * u**2 + 5 / np.pi * u - 6
    return bowl**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(u) + 10


def rastrigin(x: np.ndarray) -> np.ndarray:
    u = 4 * x - 2
    return (u**2 - np.cos(2 * np.pi * u) + 1).sum(1)


def problems(data: Path) -> list[Problem]:
    found = []
    for name, score in (
        ("alexnet_imagenet", "best_top_1"),
        ("deberta_base_mnli", "best_matched_accuracy"),
    ):
        path = data / f"{name}_random_search.csv"
        if path.exists():
            found.append(from_table(path, score))
    return [
        *found,
        surface("bowl, 1 of 3", 3, lambda x: (x[:, 0] - 0.4) ** 2, 0.0, 0.005),
        surface("bowl, 2", 2, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.0),
        surface("bowl, 3", 3, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.02),
        surface("bowl, 6", 6, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.02),
        surface("Branin", 2, branin, 0.397887, 0.0),
        surface("Rastrigin, 2", 2, rastrigin, 0.0, 0.1),
    ]


def random_study() -> optuna.Study:
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))


def trial_of(row: np.ndarray, loss: float) -> optuna.trial.FrozenTrial:
    names = [f"x{k}" for k in range(len(row))]
    return optuna.trial.create_trial(
        value=float(loss),
        params=dict(zip(names, row.tolist(), strict=True)),
        distributions=dict.fromkeys(names, BOX),
    )


def ours(x: np.ndarray, y: np.ndarray, problem: Problem) -> int:
    study = random_study()
    callback = AsymptoticLawCallback(stop=problem.delta, horizon=HORIZON)
    for n, (row, loss) in enumerate(zip(x, y, strict=True), start=1):
        study.add_trial(trial_of(row, loss))
        if n in LOOKS and callback.should_stop(study):
            return n
    return MOST


def plug_in(x: np.ndarray, y: np.ndarray, problem: Problem) -> int:
    from optuna_hpx import AsymptoticLaw

    for n in LOOKS:
        seen = np.sort(y[:n])
        law: NoisyQuadratic = AsymptoticLaw.fit(seen, max_dimension=x.shape[1]).maximum_spacing
        p = 1.0 - (1.0 - float(law.cdf(seen[0] - problem.delta))) ** HORIZON
        if p <= 0.1:
            return n
    return MOST


def stagnation(x: np.ndarray, y: np.ndarray, problem: Problem, patience: int = 30) -> int:
    last = 0
    for n in range(1, len(y)):
        if y[n] < y[last]:
            last = n
        if n - last >= patience:
            return n + 1
    return MOST


def terminator(kind: str) -> Callable[[np.ndarray, np.ndarray, Problem], int]:
    def rule(x: np.ndarray, y: np.ndarray, problem: Problem) -> int:
        from optuna.terminator import EMMREvaluator, RegretBoundEvaluator

        evaluator = RegretBoundEvaluator() if kind == "regret bound" else EMMREvaluator(seed=0)
        known = [trial_of(row, min(loss, 10.0)) for row, loss in zip(x, y, strict=True)]
        for n in range(30, MOST + 1, 10):
            if evaluator.evaluate(known[:n], optuna.study.StudyDirection.MINIMIZE) < problem.delta:
                return n
        return MOST

    return rule


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=500)
    parser.add_argument("--ours", type=int, default=60, help="replays of our rule")
    parser.add_argument("--gp", type=int, default=6, help="replays of Optuna's terminators")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    rules: list[tuple[str, Callable[[np.ndarray, np.ndarray, Problem], int], int]] = [
        *((f"fixed {n}", lambda x, y, p, n=n: n, args.replays) for n in (50, 100, 200, 400)),
        ("stagnation 30", stagnation, args.replays),
        ("stagnation 100", lambda x, y, p: stagnation(x, y, p, 100), args.replays),
        ("ours", ours, args.ours),
        ("plug-in", plug_in, args.ours),
        ("regret bound", terminator("regret bound"), args.gp),
        ("EMMR", terminator("EMMR"), args.gp),
    ]
    print(
        f"{'problem':20s} {'rule':22s} {'replays':>7s} {'trials':>7s} {'regret/delta':>13s} "
        f"{'90 %':>7s} {'missed':>7s}"
    )
    for problem in problems(args.data):
        for name, rule, replays in rules:
            draws = [problem.draw(np.random.default_rng(seed)) for seed in range(replays)]
            stops = np.array([rule(x, y, problem) for x, y in draws])
            report(problem, name, draws, stops)
            if name == "ours":
                shuffled = np.random.default_rng(0).permutation(stops)
                report(problem, "ours, stops shuffled", draws, shuffled)


def report(
    problem: Problem, name: str, draws: list[tuple[np.ndarray, np.ndarray]], stops: np.ndarray
) -> None:
    """Mean trials, mean and 90 % quantile of the regret, and how often delta was missed."""
    best = np.array([y[:n].min() for (_, y), n in zip(draws, stops, strict=True)])
    later = np.array(
        [y[n : n + HORIZON].min(initial=np.inf) for (_, y), n in zip(draws, stops, strict=True)]
    )
    early = stops < MOST
    missed = np.mean((best - later > problem.delta)[early]) if early.any() else np.nan
    regret = (best - problem.best) / problem.delta
    print(
        f"{problem.name:20s} {name:22s} {len(draws):7d} {stops.mean():7.0f} "
        f"{regret.mean():6.2f}+-{regret.std() / np.sqrt(len(draws)):<5.2f} "
        f"{np.quantile(regret, 0.9):7.2f} {missed:7.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()

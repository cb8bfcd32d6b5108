"""When to stop a random search: regret at the stop and trials used, beside other rules.

Two real tables (rows resampled without replacement) and six synthetic surfaces, at most 400
trials. All rules see the same replays. `delta` is the gain that is worth going on for: 2 % of the
distance from the median score to the best one, but not less than the noise; it is what our rule
and Optuna's terminators are given. The regret is in units of delta: of the best observed score
against the best of the table, or of the chosen configuration's expected score against the best
expected one. "missed" is how often the 50 trials after a stop would have improved the best
observed score by more than delta; ours promises at most 0.1. "ours, from 8" is
AsymptoticLawCallback with ``min_trials=8``, which stops nothing before the 20th draw. "also
misfits" would stop where the law does not describe the draws, too, and "misfits" are the replays
that it stopped before ours. "band" stops without a law, by what the gaps between the best four
scores tell, and "band, 8 to 16" does so at 8, 10, 13 and 16 draws: it is why those looks stop
nothing. "ours, shuffled" stops each replay where our rule stopped another one; "plug-in" uses the
point law by maximum spacing, as opda fits it. The last lines are over all problems: there a rule
may spend its trials where they are needed.
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

from optuna_hpx import AsymptoticLaw, NoLawError, TuningCurveBand
from optuna_hpx.law._band import band_of
from optuna_hpx.law._draws import draws_of_scores

MOST = 400
HORIZON = 50
LOOKS = [math.ceil(30 * 1.25**k) for k in range(11)]  # those of the callback
EARLY = [math.ceil(8 * 1.25**k) for k in range(17)]  # those with min_trials=8
BOX = optuna.distributions.FloatDistribution(0.0, 1.0)


Replay = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass
class Problem:
    """Draws replays: parameters (n, d) in [0, 1], losses (n,) and expected losses (n,)."""

    name: str
    draw: Callable[[np.random.Generator], Replay]
    best: float
    delta: float


def from_table(path: Path, score: str, noise: float) -> Problem:
    import pandas as pd

    table = pd.read_csv(path)
    columns = [c for c in table.columns[1:] if table[c].dtype != object][:5]
    losses = -table[score].to_numpy()
    losses = np.where(np.isnan(losses), np.inf, losses)
    ranks = table[columns].rank(pct=True).fillna(0.5).to_numpy()

    def draw(rng: np.random.Generator) -> Replay:
        rows = rng.permutation(len(losses))[:MOST]
        return ranks[rows], losses[rows], losses[rows]

    best = float(losses.min())
    delta = max(0.02 * float(np.median(losses) - best), noise)
    return Problem(path.name.split("_random")[0], draw, best, delta)


def surface(
    name: str, d: int, function: Callable[[np.ndarray], np.ndarray], best: float, noise: float
) -> Problem:
    def draw(rng: np.random.Generator) -> Replay:
        x = rng.random((MOST, d))
        truth = function(x)
        return x, truth + noise * rng.normal(size=MOST), truth

    sample = function(np.random.default_rng(0).random((20000, d)))
    delta = max(0.02 * float(np.median(sample) - best), noise)
    return Problem(name, draw, best, delta)


def branin(x: np.ndarray) -> np.ndarray:
    u, v = 15 * x[:, 0] - 5, 15 * x[:, 1]
    bowl = v - 5.1 / (4 * np.pi**2) * u**2 + 5 / np.pi * u - 6
    return bowl**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(u) + 10


def rastrigin(x: np.ndarray) -> np.ndarray:
    u = 4 * x - 2
    return (u**2 - np.cos(2 * np.pi * u) + 1).sum(1)


def problems(data: Path) -> list[Problem]:
    found = []
    for name, score, noise in (
        ("alexnet_imagenet", "best_top_1", 0.006),
        ("deberta_base_mnli", "best_matched_accuracy", 0.0017),
    ):
        path = data / f"{name}_random_search.csv"
        if path.exists():
            found.append(from_table(path, score, noise))
    return [
        *found,
        surface("bowl, 1 of 3", 3, lambda x: (x[:, 0] - 0.4) ** 2, 0.0, 0.005),
        surface("bowl, 2", 2, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.0),
        surface("bowl, 3", 3, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.02),
        surface("bowl, 6", 6, lambda x: ((x - 0.4) ** 2).sum(1), 0.0, 0.02),
        surface("Branin", 2, branin, 0.397887, 0.0),
        surface("Rastrigin, 2", 2, rastrigin, 0.0, 0.1),
    ]


def trial_of(row: np.ndarray, loss: float) -> optuna.trial.FrozenTrial:
    names = [f"x{k}" for k in range(len(row))]
    return optuna.trial.create_trial(
        value=float(loss),
        params=dict(zip(names, row.tolist(), strict=True)),
        distributions=dict.fromkeys(names, BOX),
    )


Outlook = AsymptoticLaw | TuningCurveBand


def band_at(seen: np.ndarray) -> TuningCurveBand | None:
    sample = draws_of_scores(seen, "minimize", 0)
    return band_of(sample, kind="dkw") if len(sample.losses) else None


def outlook_at(seen: np.ndarray, d: int) -> Outlook | None:
    """What the callback has at a look: the law, or else the band."""
    try:
        return AsymptoticLaw.fit(seen, max_dimension=min(2 * d, 10))
    except NoLawError:
        return band_at(seen)


def bounds_gain(outlook: Outlook | None, problem: Problem) -> bool:
    if outlook is None:
        return False
    return outlook.gain_bound(HORIZON, confidence=0.9) <= problem.delta


def stops_by(outlook: Outlook | None, problem: Problem) -> bool:
    """Whether the callback stops, which it does only where a law describes the draws."""
    return getattr(outlook, "describes", False) and bounds_gain(outlook, problem)


def by_the_law(x: np.ndarray, y: np.ndarray, problem: Problem) -> tuple[int, int, int]:
    """Where AsymptoticLawCallback stops, where it would with misfits, and where the plug-in."""
    ours = by_any = plug_in = MOST
    for n in LOOKS:
        seen = y[:n]
        if plug_in < MOST and not bounds_gain(band_at(seen), problem):
            continue  # no law would stop it: its bound is at least the band's
        outlook = outlook_at(seen, x.shape[1])
        if isinstance(outlook, AsymptoticLaw) and bounds_gain(outlook, problem):
            by_any = min(by_any, n)
        if stops_by(outlook, problem):
            ours = min(ours, n)
        if plug_in == MOST and isinstance(outlook, AsymptoticLaw):
            below = float(outlook.maximum_spacing.cdf(seen.min() - problem.delta))
            if 1.0 - (1.0 - below) ** HORIZON <= 0.1:
                plug_in = n
        if max(ours, by_any, plug_in) < MOST:
            break
    return ours, by_any, plug_in


def from_the_eighth(x: np.ndarray, y: np.ndarray, problem: Problem) -> int:
    """Where AsymptoticLawCallback(min_trials=8) stops."""
    may_stop = (n for n in EARLY if bounds_gain(band_at(y[:n]), problem))
    return next((n for n in may_stop if stops_by(outlook_at(y[:n], x.shape[1]), problem)), MOST)


def by_the_band(y: np.ndarray, problem: Problem, looks: list[int]) -> int:
    return next((n for n in looks if bounds_gain(band_at(y[:n]), problem)), MOST)


Rule = Callable[[np.ndarray, np.ndarray, Problem], int]


def stagnation(x: np.ndarray, y: np.ndarray, problem: Problem, patience: int = 30) -> int:
    last = 0
    for n in range(1, len(y)):
        if y[n] < y[last]:
            last = n
        if n - last >= patience:
            return n + 1
    return MOST


def terminator(kind: str) -> Rule:
    def rule(x: np.ndarray, y: np.ndarray, problem: Problem) -> int:
        from optuna.terminator import EMMREvaluator, RegretBoundEvaluator

        evaluator = RegretBoundEvaluator() if kind == "regret bound" else EMMREvaluator(seed=0)
        known = [trial_of(row, min(loss, 10.0)) for row, loss in zip(x, y, strict=True)]
        for n in range(30, MOST + 1, 30):
            if evaluator.evaluate(known[:n], optuna.study.StudyDirection.MINIMIZE) < problem.delta:
                return n
        return MOST

    return rule


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=500)
    parser.add_argument("--ours", type=int, default=20, help="replays of the rules by the law")
    parser.add_argument("--gp", type=int, default=3, help="replays of Optuna's terminators")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    simple: dict[str, Rule] = {
        **{f"fixed {n}": lambda x, y, p, n=n: n for n in (50, 100, 200, 400)},  # type: ignore[misc]
        "band": lambda x, y, p: by_the_band(y, p, LOOKS),
        "band, 8 to 16": lambda x, y, p: by_the_band(y, p, EARLY[:4]),
        "stagnation 30": stagnation,
        "stagnation 100": lambda x, y, p: stagnation(x, y, p, 100),
    }
    print(
        f"{'problem':20s} {'rule':16s} {'replays':>7s} {'trials':>7s} {'regret/delta':>14s} "
        f"{'90 %':>7s} {'missed':>12s}"
    )
    pooled: dict[str, list[np.ndarray]] = {}

    def show(problem: Problem, name: str, draws: list[Replay], stops: np.ndarray) -> None:
        found = outcome(problem, draws, stops)
        pooled.setdefault(name, []).append(found)
        line(problem.name, name, found)

    for problem in problems(args.data):
        draws = [problem.draw(np.random.default_rng(seed)) for seed in range(args.replays)]
        for name, rule in simple.items():
            show(problem, name, draws, np.array([rule(x, y, problem) for x, y, _ in draws]))
        some = draws[: args.ours]
        if not some:
            continue
        stops = np.array([by_the_law(x, y, problem) for x, y, _ in some])
        show(problem, "ours", some, stops[:, 0])
        show(problem, "ours, shuffled", some, np.random.default_rng(0).permutation(stops[:, 0]))
        show(problem, "also misfits", some, stops[:, 1])
        is_misfit = stops[:, 1] < stops[:, 0]
        if is_misfit.any():
            of_misfit = [replay for replay, keep in zip(some, is_misfit, strict=True) if keep]
            show(problem, "misfits", of_misfit, stops[is_misfit, 1])
        show(problem, "plug-in", some, stops[:, 2])
        early = np.array([from_the_eighth(x, y, problem) for x, y, _ in some])
        show(problem, "ours, from 8", some, early)
        few = draws[: args.gp]
        for kind in ("regret bound", "EMMR") if args.gp else ():
            rule = terminator(kind)
            show(problem, kind, few, np.array([rule(x, y, problem) for x, y, _ in few]))
    for name, found in pooled.items():
        line("all", name, np.concatenate(found))


def outcome(problem: Problem, draws: list[Replay], stops: np.ndarray) -> np.ndarray:
    """(replays, 3) trials, regret, and whether delta was missed (NaN where nothing stopped)."""
    found = []
    for (_, y, truth), n in zip(draws, stops.tolist(), strict=True):
        chosen = int(np.argmin(y[:n]))
        later = y[n : n + HORIZON].min(initial=np.inf)
        missed = float(y[chosen] - later > problem.delta) if n < MOST else np.nan
        found.append((n, (truth[chosen] - problem.best) / problem.delta, missed))
    return np.array(found)


def line(problem: str, name: str, found: np.ndarray) -> None:
    trials, regret, missed = found.T
    stopped = np.isfinite(missed)
    error = regret.std() / np.sqrt(len(regret))
    print(
        f"{problem:20s} {name:16s} {len(found):7d} {trials.mean():7.0f} "
        f"{regret.mean():7.2f} +-{error:5.2f} {np.quantile(regret, 0.9):7.2f} "
        f"{missed[stopped].mean() if stopped.any() else np.nan:6.2f} ({stopped.sum()})",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""Forecasts of the best after N more random trials, beside others, in one run.

    python benchmarks/law/law_forecasts.py                   # held surfaces, and the real tables
    python benchmarks/law/law_forecasts.py --design --replays 10

Of each problem (forecast_problems.py) n draws are shown and N more are made; the forecast of the
best of all is scored by the continuous ranked probability score (CRPS; smaller is better), here
in units of that of "no gain", which says that nothing will change. "naive": what growing from a
random part of the draws brought, taken as it was. "plug-in": the maximum-spacing law on the same
regime, as opda offers. "free": ours without the law. "law": the law's posterior alone. Below: in
how many cells ours is worse than the best of the others by more than two standard errors (of the
paired difference), the geometric mean of its score over theirs, and how probable improvements by a
tenth of the distance from the best to the median were said to be, beside how often they came.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from forecast_problems import DESIGN, HELD, Problem, real

from optuna_hpx import AsymptoticLaw, tuning_curve_band

Q = (np.arange(200) + 0.5) / 200
ARMS = ("no gain", "naive", "plug-in", "law", "free", "ours")
OTHERS = ("no gain", "naive", "plug-in")
SIZES = (16, 32, 48, 64, 128, 256)
GROWTH = (0.5, 1.0, 4.0)
_LEAST = 20  # finite losses that a law needs


@dataclass(frozen=True)
class Replay:
    """One forecast: the score of each arm, and what was said and came."""

    scores: tuple[float, ...]
    probability: float
    has_improved: bool
    is_held: bool


def crps(quantiles: np.ndarray, truth: float) -> float:
    """Of a distribution given by its quantiles at Q: twice the mean pinball loss."""
    error = truth - quantiles
    return float(2.0 * np.mean(np.where(error > 0, Q * error, (Q - 1.0) * error)))


def naive(losses: np.ndarray, n: int, more: int) -> np.ndarray:
    """Take the best of a random part, grown by the same factor, for the best of all to come.

    Drawn, not computed: a part of n^2 / (n + N) of the n draws, 2000 times.
    """
    m = max(round(n * n / (n + more)), 1)
    rng = np.random.default_rng(0)
    padded = np.concatenate([losses, np.full(n - len(losses), np.inf)])
    parts = rng.random((2000, n)).argsort(axis=1)[:, :m].min(axis=1)
    gain = padded[np.minimum(parts, len(losses) - 1)] - losses[0]
    return losses[0] - np.quantile(gain, 1.0 - Q)


def replays_of(problem: Problem, n: int, seed: int) -> dict[int, Replay]:
    losses = problem.draw(n + int(n * GROWTH[-1]), np.random.default_rng([n, seed]))
    seen = np.sort(losses[:n])
    finite = seen[np.isfinite(seen)]
    if len(finite) < 2 or finite[0] == finite[-1]:
        return {}
    band = tuning_curve_band(finite, n_censored=n - len(finite), kind="dkw")
    law = None
    if len(finite) >= _LEAST and len(np.unique(finite)) > 2:
        law = AsymptoticLaw.fit(finite, n_censored=n - len(finite))
    best = float(finite[0])
    by = 0.1 * float(finite[min(n // 2, len(finite) - 1)] - best)
    replays = {}
    for more in (int(n * growth) for growth in GROWTH):
        if len(losses) < n + more:
            continue
        truth = min(best, float(losses[n : n + more].min()))
        parts = {"no gain": np.full(len(Q), best), "naive": naive(finite, n, more)}
        parts["free"] = band.best_after_quantile(more, quantile=Q)
        parts["ours"] = parts["law"] = parts["plug-in"] = parts["free"]
        if law is not None:
            parts["ours"] = law.best_after_quantile(more, quantile=Q)
            parts["plug-in"] = np.minimum(best, law.maximum_spacing.tuning_curve(more, Q))
            parts["law"] = law._law.units.to_score(law._law.predictive.best_after(more, Q))
        forecast = (law or band).best_after(more)
        replays[more] = Replay(
            tuple(crps(parts[arm], truth) for arm in ARMS),
            (law or band).probability_of_improvement(more, by=by),
            truth < best - by,
            forecast.low <= truth <= forecast.high,
        )
    return replays


def rival_of(scores: np.ndarray) -> int:
    return min((ARMS.index(arm) for arm in OTHERS), key=lambda k: float(scores[:, k].mean()))


def row(label: str, scores: list[np.ndarray], mark: str = "") -> None:
    """Print scores in units of those of "no gain": geometric means over cells where it has any."""
    means = np.array([cell.mean(0) for cell in scores])
    means = means[(means > 0.0).all(axis=1)]
    if len(means):
        ratios = np.exp(np.log(means / means[:, [0]]).mean(0))
        print(f"{label:46}|{' '.join(f'{ratio:7.2f}' for ratio in ratios)}{mark}", flush=True)


def is_worse(scores: np.ndarray) -> bool:
    """Tell whether ours is worse than the best of the others by more than two standard errors."""
    difference = scores[:, -1] - scores[:, rival_of(scores)]
    return bool(difference.mean() > 2.0 * difference.std() / np.sqrt(len(scores)))


def summarise(cells: list[np.ndarray], replays: list[Replay]) -> None:
    n_worse = sum(map(is_worse, cells))
    print(f"\nours is worse than the best of the others in {n_worse} of {len(cells)} cells")
    means = np.array([scores.mean(0) for scores in cells])
    means = means[(means > 0.0).all(axis=1)]
    for k, arm in enumerate(ARMS[:-1]):
        log_ratio = np.log(means[:, -1] / means[:, k])
        reach = 2.0 * log_ratio.std() / np.sqrt(len(log_ratio))
        low, middle, high = np.exp(log_ratio.mean() + np.array([-reach, 0.0, reach]))
        print(f"ours / {arm}: {middle:.3f} ({low:.3f} to {high:.3f})")
    stated = np.array([replay.probability for replay in replays])
    came = np.array([replay.has_improved for replay in replays])
    print("\nimprovements by a tenth of the way: stated, came, forecasts")
    ends = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0]
    for low, high in pairwise(ends):
        rows = (stated >= low) & (stated < high)
        if rows.any():
            print(f"{stated[rows].mean():.3f} {came[rows].mean():.3f} {rows.sum()}")
    print(f"80 % intervals hold {np.mean([replay.is_held for replay in replays]):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--design", action="store_true", help="the surfaces of the design only")
    parser.add_argument("--problems", nargs="*", help="names; all of them if none is given")
    parser.add_argument("--n", nargs="*", type=int, default=SIZES)
    parser.add_argument("--replays", type=int, default=20)
    parser.add_argument("--cells", action="store_true", help="a line for each n and N")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    problems = DESIGN if args.design else [*HELD, *real()]
    problems = [p for p in problems if not args.problems or p.name in args.problems]
    print(f"{'problem':34}{'n':>5}{'N':>6} |{' '.join(f'{arm:>7}' for arm in ARMS)}")
    cells: list[np.ndarray] = []
    all_replays: list[Replay] = []
    for problem in problems:
        of_problem = []
        for n in args.n:
            by_more: dict[int, list[Replay]] = defaultdict(list)
            for seed in range(args.replays):
                for more, replay in replays_of(problem, n, seed).items():
                    by_more[more].append(replay)
            for more, replays in by_more.items():
                scores = np.array([replay.scores for replay in replays])
                of_problem.append(scores)
                all_replays += replays
                if args.cells:
                    label = f"{problem.name:34}{n:5}{more:6}"
                    row(label, [scores], " *" if is_worse(scores) else "")
        cells += of_problem
        if not args.cells:
            row(problem.name, of_problem)
    summarise(cells, all_replays)


if __name__ == "__main__":
    main()

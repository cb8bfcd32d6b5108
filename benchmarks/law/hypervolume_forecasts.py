"""Forecasts of the hypervolume after N more random trials, and stops by them.

    python benchmarks/law/hypervolume_forecasts.py            # held problems
    python benchmarks/law/hypervolume_forecasts.py --design
    python benchmarks/law/hypervolume_forecasts.py --stops

Of each problem (front_problems.py) n draws are shown and N more are made; the forecast of the
hypervolume is scored by the continuous ranked probability score (CRPS; smaller is better), in
shares of the hypervolume, summed over n and N, in units of that of "no gain", which says that
nothing will change; over problems it is a geometric mean.
"naive": what random parts of the draws lack, taken as it is. "mean": our mean gain, as if it were
certain. "shuffled": our forecast of the same draws with the objectives of different draws paired,
in shares of the hypervolume. Then: how often intervals hold, in how many cells ours is worse than
one of the first three by more than two standard errors (of the paired difference), and how
probable it was said to be that anything, and that more than 1 % of the hypervolume, is added,
beside how often it came.

``--stops``: AsymptoticLawCallback's rule, at its looks, up to 400 trials: it stops when 50 more
random trials are said to add at most 1 % (or 3 %) of the hypervolume at the first look. "missed":
how often they then would have added more; 10 % is promised. "shuffled" stops each replay where
another one of the problem stopped.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
from front_problems import DESIGN, HELD, FrontProblem

from optuna_hpx import HypervolumeOutlook, NoLawError, hypervolume_outlook
from optuna_hpx.law.maths.attainment import attainment_of
from optuna_hpx.law.maths.looks import look_confidence, look_size
from optuna_hpx.trials.hypervolume import hypervolume

Q = (np.arange(200) + 0.5) / 200
ARMS = ("no gain", "naive", "mean", "shuffled", "ours")
SIZES = (8, 16, 32, 64, 128, 256)
GROWTH = (0.25, 1.0, 4.0)
MOST, HORIZON, FIRST = 400, 50, 30


def crps(quantiles: np.ndarray, truth: float) -> float:
    """Of a distribution given by its quantiles at Q: twice the mean pinball loss."""
    error = truth - quantiles
    return float(2.0 * np.mean(np.where(error > 0, Q * error, (Q - 1.0) * error)))


def naive(outlook: HypervolumeOutlook, losses: np.ndarray, more: int) -> np.ndarray:
    """Take what random parts lack, that leave out each draw with the chance N / (n + N)."""
    n = len(losses)
    finite = losses[np.isfinite(losses).all(axis=1)]
    attainment = attainment_of(finite, np.array(outlook.reference_point))
    kept = np.random.default_rng(0).random((500, attainment.n_inside)) >= more / (n + more)
    return np.quantile(attainment.hypervolume - attainment.of_parts(kept), Q)


def shuffled(outlook: HypervolumeOutlook, losses: np.ndarray, more: int) -> np.ndarray:
    """Forecast draws whose objectives were paired at random, in shares of the hypervolume."""
    other = losses.copy()
    rows = np.flatnonzero(np.isfinite(losses).all(axis=1))
    for k in range(1, losses.shape[1]):
        other[rows, k] = losses[np.random.default_rng(k).permutation(rows), k]
    wrong = hypervolume_outlook(other, reference_point=outlook.reference_point)
    return (wrong.best_after_quantile(more, quantile=Q) / wrong.best - 1.0) * outlook.best


def replay(problem: FrontProblem, n: int, more: int, seed: int) -> tuple[list[float], list[float]]:
    """Score all arms; and what was said and came."""
    losses = problem.draw(n + more, np.random.default_rng([n, more, seed]))
    outlook = hypervolume_outlook(losses[:n])
    now = outlook.best
    gain = hypervolume(losses, np.array(outlook.reference_point)) - now
    gain = gain if gain > 1e-12 * now else 0.0
    forecast = outlook.best_after_quantile(more, quantile=Q) - now
    parts = {
        "no gain": np.zeros(len(Q)),
        "naive": naive(outlook, losses[:n], more),
        "mean": np.full(len(Q), forecast.mean()),
        "shuffled": shuffled(outlook, losses[:n], more),
        "ours": forecast,
    }
    interval = outlook.best_after(more)
    said = [
        float(interval.low - now <= gain <= interval.high - now),
        float(gain <= outlook.gain_bound(more)),
        outlook.probability_of_improvement(more),
        float(gain > 0.0),
        outlook.probability_of_improvement(more, by=0.01 * now),
        float(gain > 0.01 * now),
    ]
    return [crps(parts[arm], gain) / now for arm in ARMS], said


def is_worse(scores: np.ndarray) -> bool:
    """Tell whether ours is worse than the best other by more than two standard errors."""
    others = [ARMS.index(arm) for arm in ("no gain", "naive", "mean")]
    best = min(others, key=lambda k: float(scores[:, k].mean()))
    difference = scores[:, -1] - scores[:, best]
    return bool(difference.mean() > 2.0 * difference.std() / np.sqrt(len(scores)))


def forecasts(problems: list[FrontProblem], sizes: list[int], n_replays: int) -> None:
    print(f"{'problem':28}|{' '.join(f'{arm:>8}' for arm in ARMS)} | 80 %  90 % bound")
    every: list[np.ndarray] = []
    ratios: list[np.ndarray] = []
    all_said: list[list[float]] = []
    for problem in problems:
        cells, said = [], []
        for n in sizes:
            for more in (max(int(n * growth), 1) for growth in GROWTH):
                scores = []
                for seed in range(n_replays):
                    try:
                        score, what = replay(problem, n, more, seed)
                    except NoLawError:
                        continue
                    scores.append(score)
                    said.append(what)
                if scores:
                    cells.append(np.array(scores))
        every += cells
        all_said += said
        held = np.mean(said, axis=0)
        sums = np.sum([cell.mean(axis=0) for cell in cells], axis=0)
        ratios.append(sums / sums[0])
        values = " ".join(f"{ratio:8.2f}" for ratio in ratios[-1])
        print(f"{problem.name:28}|{values} | {held[0]:.2f}  {held[1]:.2f}", flush=True)
    mean = np.exp(np.log(ratios).mean(axis=0))
    print(f"{'all':28}|{' '.join(f'{ratio:8.2f}' for ratio in mean)}")
    n_worse = sum(map(is_worse, every))
    print(f"ours is worse than no gain, naive or mean in {n_worse} of {len(every)} cells")
    table = np.array(all_said)
    print(f"80 % intervals hold {table[:, 0].mean():.3f}, 90 % bounds {table[:, 1].mean():.3f}")
    for title, k in (("anything is added", 2), ("more than 1 % is added", 4)):
        print(f"{title}: said, came, forecasts")
        for low, high in pairwise([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01]):
            rows = (table[:, k] >= low) & (table[:, k] < high)
            if rows.any():
                print(f"{table[rows, k].mean():.3f} {table[rows, k + 1].mean():.3f} {rows.sum()}")


def stop_of(losses: np.ndarray, share: float) -> tuple[int, np.ndarray, float]:
    """Find where the rule stops, the reference point, and the gain that was worth going on for."""
    reference, stop = np.zeros(0), 0.0
    for j in range(1, 100):
        n = look_size(FIRST, j)
        if n > MOST:
            return MOST, reference, stop
        outlook = hypervolume_outlook(losses[:n])
        reference = np.array(outlook.reference_point)
        stop = stop or share * outlook.best
        if outlook.gain_bound(HORIZON, confidence=look_confidence(0.9)) <= stop:
            return n, reference, stop
    raise AssertionError


def stops(problems: list[FrontProblem], n_replays: int) -> None:
    print(f"{'problem':28} share stopped trials missed | shuffled: missed")
    totals: dict[float, list[tuple[float, float, float]]] = {}
    for problem in problems:
        for share in (0.01, 0.03):
            rows = []
            draws = [
                problem.draw(MOST + HORIZON, np.random.default_rng([7, seed]))
                for seed in range(n_replays)
            ]
            found = [stop_of(losses, share) for losses in draws]
            other = np.random.default_rng(0).permutation([n for n, _, _ in found])
            for losses, (n, reference, stop), m in zip(draws, found, other, strict=True):
                missed = [
                    hypervolume(losses[: k + HORIZON], reference)
                    - hypervolume(losses[:k], reference)
                    > stop
                    if k < MOST
                    else np.nan
                    for k in (n, int(m))
                ]
                rows.append((float(n), float(missed[0]), float(missed[1])))
            totals.setdefault(share, []).extend(rows)
            line(problem.name, share, np.array(rows))
    for share, of_all in totals.items():
        line("all", share, np.array(of_all))


def line(name: str, share: float, rows: np.ndarray) -> None:
    stopped = np.isfinite(rows[:, 1])
    missed = [f"{np.nanmean(rows[:, k]) if stopped.any() else np.nan:6.2f}" for k in (1, 2)]
    print(
        f"{name:28} {share:5.2f} {stopped.mean():7.2f} {rows[:, 0].mean():6.0f} {missed[0]} |"
        f" {missed[1]}  ({stopped.sum()})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--design", action="store_true", help="the problems of the design only")
    parser.add_argument("--stops", action="store_true", help="stops instead of forecasts")
    parser.add_argument("--problems", nargs="*", help="names; all of them if none is given")
    parser.add_argument("--n", nargs="*", type=int, default=SIZES)
    parser.add_argument("--replays", type=int, default=20)
    args = parser.parse_args()
    problems = DESIGN if args.design else HELD
    problems = [p for p in problems if not args.problems or p.name in args.problems]
    if args.stops:
        stops(problems, args.replays)
    else:
        forecasts(problems, args.n, args.replays)


if __name__ == "__main__":
    main()

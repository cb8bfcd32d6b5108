"""Do the intervals of the law of random search hold?

Random searches of laws and surfaces whose best possible score is known (law_surfaces.py), as a
user would have them: AsymptoticLaw.fit with the defaults, but with at most twice as many
hyperparameters as there are, as fit_study takes them. Of each run: whether the 95 % intervals of
the best possible score and of the noise hold, how wide the first one is beside that of an oracle
that knows the dimension and the noise, whether it is wholly worse than the best score, how
probable the likeliest dimension is and whether it is right, whether the law is said to describe
the trials, and whether the best of n fresh trials lies between the quantiles .1 and .9 of the
tuning curve.

Runs are kept in a file of JSON lines: a run that was stopped goes on, and more repetitions add to
it. Constants were chosen on the surfaces of `--set design`; those of `held` are reported.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from law_surfaces import SURFACES, Surface

from optuna_hpx import AsymptoticLaw
from optuna_hpx.law.maths.law import fit_law
from optuna_hpx.law.maths.noise import NOISELESS, NoiseKnowledge

Run = dict[str, Any]
SIZES = [32, 50, 100, 300, 1000]


def replay(surface: Surface, n: int, seed: int) -> Run | None:
    """Draw and fit once; None if there are too few trials for a law."""
    rng = np.random.default_rng([seed, n, len(surface.name)])
    losses = surface.draw(n, rng)
    try:
        law = AsymptoticLaw.fit(losses, max_dimension=min(2 * surface.dimension, 10))
    except ValueError:
        return None
    low, high = law.interval("best_possible")
    quiet, loud = law.interval("noise_std")
    likeliest = max(law.dimension_weights, key=law.dimension_weights.__getitem__)
    fresh = surface.draw(n, rng).min()
    q = law.tuning_curve(n, quantile=np.array([0.1, 0.9]))
    return {
        "surface": surface.name,
        "n": n,
        "seed": seed,
        "holds": bool(low <= surface.best + 1e-12 and high >= surface.best - 1e-12),
        "too_low": bool(high < surface.best - 1e-12),
        "width": high - low,
        "oracle": _oracle_width(surface, losses),
        "is_worse": bool(low > law.best),
        "noise_holds": bool(quiet <= surface.noise <= loud),
        "weight": law.dimension_weights[likeliest],
        "is_right": likeliest == surface.gamma if surface.gamma else None,
        "describes": bool(law.describes),
        "fresh": bool(q[0] <= fresh <= q[1]),
    }


def _oracle_width(surface: Surface, losses: np.ndarray) -> float | None:
    """How wide the interval is if dimension and noise are known, and the regime is the largest."""
    if surface.gamma is None:
        return None
    noise = NoiseKnowledge(0.0, surface.noise, 1000.0) if surface.noise else NOISELESS
    finite = losses[np.isfinite(losses)]
    law = fit_law(finite, len(losses) - len(finite), np.array([float(surface.gamma)]), noise=noise)
    low, high = law.regimes.parts[0].posterior.interval("alpha", 0.95)
    return (high - low) * law.units.width


def read(path: Path) -> list[Run]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def report(runs: list[Run]) -> None:
    cells: dict[str, dict[int, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        cells[run["surface"]][run["n"]].append(run)
    sizes = sorted({run["n"] for run in runs})
    print("share of 95 % intervals that hold the best possible score (median width / oracle's)")
    print(f"{'surface':18s} " + " ".join(f"{n:>12d}" for n in sizes))
    for name, row in cells.items():
        print(f"{name:18s} " + " ".join(_cell(row[n]) for n in sizes))
    for n in sizes:
        _summary(f"n = {n}", [run for run in runs if run["n"] == n])
    _summary("all", runs)


def _cell(runs: list[Run]) -> str:
    if not runs:
        return f"{'-':>12s}"
    ratios = [run["width"] / run["oracle"] for run in runs if run["oracle"]]
    ratio = f"({np.median(ratios):.1f})" if ratios else ""
    return f"{np.mean([run['holds'] for run in runs]):5.2f} {ratio:>6s}"


def _summary(title: str, runs: list[Run]) -> None:
    def share(name: str) -> float:
        return float(np.mean([run[name] for run in runs]))

    sure = [run for run in runs if run["is_right"] is not None and run["weight"] > 0.5]
    said = np.mean([run["weight"] for run in sure]) if sure else np.nan
    right = np.mean([run["is_right"] for run in sure]) if sure else np.nan
    print(
        f"{title:9s} {len(runs):5d} runs: best possible held in {share('holds'):.3f} "
        f"(too optimistic in {share('too_low'):.3f}), wholly worse than the best score in "
        f"{share('is_worse'):.4f}, noise held in {share('noise_holds'):.3f}, dimensions above .5: "
        f"said {said:.2f}, right {right:.2f} of {len(sure)}; described {share('describes'):.3f}; "
        f"fresh best in 80 %: {share('fresh'):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=500)
    parser.add_argument("--n", type=int, nargs="+", default=SIZES)
    parser.add_argument("--set", choices=["held", "design", "all"], default="held")
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--file", type=Path, default=Path("law_coverage.jsonl"))
    parser.add_argument("--table", action="store_true", help="only print what the file has")
    args = parser.parse_args()
    wanted = [
        s for s in SURFACES.values() if args.set == "all" or s.is_design == (args.set == "design")
    ]
    runs = read(args.file)
    done = {(run["surface"], run["n"], run["seed"]) for run in runs}
    for seed in range(args.first_seed, args.first_seed + args.repetitions * (not args.table)):
        for n in args.n:
            for surface in wanted:
                if (surface.name, n, seed) in done or not (run := replay(surface, n, seed)):
                    continue
                runs.append(run)
                with args.file.open("a") as file:
                    file.write(json.dumps(run) + "\n")
    names = {surface.name for surface in wanted}
    report([run for run in runs if run["surface"] in names and run["n"] in args.n])


if __name__ == "__main__":
    main()

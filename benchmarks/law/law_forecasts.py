"""Forecasts on real random searches, by resampling: how good is the best after N more trials?

Rows of the two tables are drawn without replacement: n to fit, N more to see what comes. Beside
each other: ours (automatic threshold, posterior, anchored), the plug-in of the maximum-spacing law
on the same regime (what opda offers), "no gain", and the empirical tuning curve of the n trials,
which cannot exceed the best of them and so says "no gain" too for the best of all. Scores: the
continuous ranked probability score (CRPS) of the best of all after N more trials, in units of
1e-3, the Brier score of "better by more than 0.002", both smaller is better, and how often the
80 % interval holds. Intervals are +- one standard error over replays.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from optuna_hpx import AsymptoticLaw

BY = 0.002
Q = (np.arange(200) + 0.5) / 200


def crps(quantiles: np.ndarray, truth: float) -> float:
    """Of a distribution given by its quantiles at Q: twice the mean pinball loss."""
    error = truth - quantiles
    return float(2.0 * np.mean(np.where(error > 0, Q * error, (Q - 1.0) * error)))


def replay(scores: np.ndarray, n: int, more: int, rng: np.random.Generator) -> list[float]:
    rows = rng.permutation(len(scores))[: n + more]
    seen, later = scores[rows[:n]], scores[rows[n:]]
    known = seen[np.isfinite(seen)]
    law = AsymptoticLaw.fit(known, direction="maximize", n_censored=n - len(known))
    best = known.max()
    truth = max(best, np.nanmax(later))
    improved = float(truth > best + BY)
    ours = law.best_after_quantile(more, quantile=Q)
    point = law.maximum_spacing
    plug_in = np.maximum(best, -point.tuning_curve(more, 1.0 - Q))
    p_plug_in = 1.0 - (1.0 - float(point.cdf(-best - BY))) ** more
    forecast = law.best_after(more)
    return [
        1e3 * crps(ours, truth),
        1e3 * crps(plug_in, truth),
        1e3 * crps(np.full(len(Q), best), truth),
        (law.probability_of_improvement(more, by=BY) - improved) ** 2,
        (p_plug_in - improved) ** 2,
        improved,
        float(forecast.low <= truth <= forecast.high),
        float(plug_in[int(0.1 * len(Q))] <= truth <= plug_in[int(0.9 * len(Q))]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=200)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'table':18s} {'n':>4s} {'N':>4s} | CRPS ours, plug-in, no gain | Brier ours, plug-in, "
        "no gain | 80 % interval ours, plug-in"
    )
    for name, score in (
        ("alexnet_imagenet", "best_top_1"),
        ("deberta_base_mnli", "best_matched_accuracy"),
    ):
        scores = pd.read_csv(args.data / f"{name}_random_search.csv")[score].to_numpy()
        for n, more in (
            (32, 96),
            (48, 48),
            (64, 64),
            (64, 192),
            (128, 128),
            (128, 256),
            (256, 256),
        ):
            rng = np.random.default_rng([n, more])
            runs = np.array([replay(scores, n, more, rng) for _ in range(args.replays)])
            mean, error = runs.mean(0), runs.std(0) / np.sqrt(len(runs))
            print(
                f"{name:18s} {n:4d} {more:4d} | "
                + ", ".join(f"{mean[k]:.2f}+-{error[k]:.2f}" for k in range(3))
                + " | "
                + ", ".join(f"{mean[k]:.3f}" for k in (3, 4, 5))
                + " | "
                + ", ".join(f"{mean[k]:.2f}" for k in (6, 7)),
                flush=True,
            )


if __name__ == "__main__":
    main()

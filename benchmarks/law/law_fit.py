"""The maximum-spacing fit beside opda's: the objective, the law and the time, in one run.

Both maximise the same censored product of spacings over 1 to 10 effective hyperparameters; opda
by differential evolution. "warm" starts from the fit of the first 90 % of the trials. The
objective is worked out for both with 48 quadrature nodes; a positive difference is ours.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from optuna_hpx.law.maths.buckets import Buckets, make_buckets
from optuna_hpx.law.maths.fit import fit
from optuna_hpx.law.maths.spacings import Fits, evaluate

GAMMAS = np.arange(1.0, 11.0)


def cases(data: Path, sizes: list[int]) -> list[tuple[str, np.ndarray, float]]:
    """Name, losses and threshold."""
    found = []
    for n in sizes:
        for gamma, sigma, share in ((1, 0.01, 0.5), (2, 0.05, 0.5), (3, 0.0, 1.0), (5, 0.2, 0.5)):
            rng = np.random.default_rng([n, gamma, 7])
            y = rng.random(n) ** (2 / gamma) + sigma * rng.normal(size=n)
            threshold = float(np.quantile(y, share)) if share < 1 else np.inf
            found.append((f"law {gamma}, {sigma}, n={n}", y, threshold))
    for name, score, threshold in (
        ("alexnet_imagenet", "best_top_1", 0.50),
        ("deberta_base_mnli", "best_matched_accuracy", 0.87),
    ):
        path = data / f"{name}_random_search.csv"
        if path.exists():
            import pandas as pd

            y = 1.0 - pd.read_csv(path)[score].to_numpy()
            found.append((name, np.where(np.isnan(y), 1.0, y), 1.0 - threshold))
    return found


def timed(function: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """The result and the median processor time in seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        found = function()
        times.append(time.process_time() - start)
    return found, float(np.median(times))


def exact(buckets: Buckets, gamma: float, theta: np.ndarray) -> float:
    return float(evaluate(buckets, np.array([gamma]), theta[None], 48)[0][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 500, 1000, 5000])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    from opda.parametric import NoisyQuadraticDistribution

    warm_up = make_buckets(np.random.default_rng(0).normal(size=1500), np.inf)
    fit(warm_up, GAMMAS)
    print(f"{'case':28s} {'ours-opda':>10s} {'warm':>8s}   dimension  alpha {'':12s} times faster")
    ratios = []
    for name, y, threshold in cases(args.data, args.sizes):
        buckets = make_buckets(y, threshold)
        before: Fits = fit(make_buckets(y[: int(0.9 * len(y))], threshold), GAMMAS)
        cold, seconds_cold = timed(partial(fit, buckets, GAMMAS), 3)
        warm, seconds_warm = timed(partial(fit, buckets, GAMMAS, start=before), 3)
        differential_evolution = partial(
            NoisyQuadraticDistribution.fit,
            y,
            limits=(-np.inf, threshold),
            constraints={"convex": True},
            generator=np.random.default_rng(0),
        )
        peer, seconds_peer = timed(differential_evolution, 1)
        scale = peer.b - peer.a
        theta = np.array([peer.a, np.log(scale), np.log(max(peer.o / scale, 1e-6))])
        theirs = exact(buckets, float(peer.c), theta)
        differences = [
            exact(buckets, f.gamma[f.best], f.theta[f.best]) - theirs for f in (cold, warm)
        ]
        ratios.append((seconds_peer / seconds_cold, seconds_peer / seconds_warm, *differences))
        law = cold.law(cold.best)
        print(
            f"{name:28s} {differences[0]:10.4f} {differences[1]:8.4f}   {law.gamma:2.0f} "
            f"{peer.c:2.0f}  {law.alpha:9.5f} {peer.a:9.5f}  {ratios[-1][0]:6.0f} cold "
            f"({1e3 * seconds_cold:.0f} ms), {ratios[-1][1]:6.0f} warm ({1e3 * seconds_warm:.0f} "
            f"ms), opda {seconds_peer:.1f} s",
            flush=True,
        )
    found = np.array(ratios)
    print(
        f"median {np.median(found[:, 0]):.0f} times cold (least {found[:, 0].min():.0f}), "
        f"{np.median(found[:, 1]):.0f} warm (least {found[:, 1].min():.0f}); worst objective "
        f"{found[:, 2].min():.4f} cold, {found[:, 3].min():.4f} warm"
    )


if __name__ == "__main__":
    main()

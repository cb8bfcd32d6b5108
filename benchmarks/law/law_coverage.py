"""Do the intervals and forecasts of the law of random search hold?

Trials are drawn from the law itself (dimension x noise x n), or with `--surfaces` where it holds
near the optimum only: bowls off the centre of a box, one near its edge, and one that is no
quadratic (exp). Everything is done as a user would: AsymptoticLaw.fit with the automatic
threshold. Nominal 90 % intervals of the best possible score, the noise and the regime's mass; 80 %
predictive intervals for the best of n fresh trials and for the best of all after n/5, n and 5 n
more (those may include the present best, which can be certain beyond 80 %); Brier scores of "n
more trials improve by more than sigma (at least 0.01)": ours (anchored), the posterior alone, "no
gain".
"""

from __future__ import annotations

import argparse

import numpy as np

from optuna_hpx import AsymptoticLaw


def draw(dimension: float | str, noise: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Losses (n,) whose best possible value is 0."""
    error = noise * rng.normal(size=n)
    if dimension == "exp":
        x = rng.uniform(-1.0, 1.0, (n, 2))
        return np.exp(3.0 * x[:, 0] ** 2 + 2.0 * x[:, 1] ** 2) - 1.0 + error
    if dimension == "edge":
        return ((rng.random((n, 2)) - 0.3) ** 2).sum(1) + error
    if isinstance(dimension, str):
        d = int(dimension.removeprefix("bowl "))
        x = rng.uniform(-1.0, 1.0, (n, d)) - 0.2
        return (x**2 * (1.0 + np.arange(d) / d)).sum(1) + error
    return rng.random(n) ** (2.0 / dimension) + error


def replay(dimension: float | str, noise: float, n: int, seed: int) -> list[float]:
    rng = np.random.default_rng([seed, n, int(1000 * noise), len(str(dimension))])
    y = draw(dimension, noise, n, rng)
    law = AsymptoticLaw.fit(y)
    low, high = law.interval("best_possible", confidence=0.9)
    quiet, loud = law.interval("noise_std", confidence=0.9)
    thin, thick = law.interval("regime_mass", confidence=0.9)
    mass = np.mean(draw(dimension, noise, 20000, rng) <= law.threshold)
    fresh = draw(dimension, noise, n, rng).min()
    q = law.tuning_curve(n, quantile=np.array([0.1, 0.9]))
    found = [
        low <= 0.0 <= high,
        quiet <= noise <= loud,
        bool(thin <= mass <= thick),
        bool(q[0] <= fresh <= q[1]),
    ]
    for more in (max(n // 5, 1), n, 5 * n):
        best = min(y.min(), draw(dimension, noise, more, rng).min())
        forecast = law.best_after(more)
        found.append(forecast.low <= best <= forecast.high)
    gain = max(noise, 0.01)
    improved = float(fresh < y.min() - gain)
    anchored = law.probability_of_improvement(n, by=gain)
    alone = 1.0 - _survival(law, n, y.min() - gain)
    scores = [(p - improved) ** 2 for p in (anchored, alone, 0.0)]
    return [*map(float, found), *scores, high - low, law.regime_mass, law.goodness_of_fit < 0.05]


def _survival(law: AsymptoticLaw, n: int, y: float) -> float:
    """P(the best of n fresh trials > y), without the anchor."""
    quantiles = np.linspace(0.002, 0.998, 250)
    return float(np.mean(law.tuning_curve(n, quantile=quantiles) > y))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--n", type=int, nargs="+", default=[50, 100, 300])
    parser.add_argument("--surfaces", action="store_true")
    parser.add_argument("--first-seed", type=int, default=1000)
    args = parser.parse_args()
    kinds: list[float | str] = [1.0, 2.0, 3.0, 5.0]
    noises = [0.0, 0.01, 0.05, 0.2]
    if args.surfaces:
        kinds, noises = ["bowl 1", "bowl 2", "bowl 3", "bowl 5", "exp", "edge"], [0.0, 0.02, 0.1]
    print(
        f"{'dimension':>9s} {'noise':>5s} {'n':>4s} | best possible, noise, mass (90 %) | fresh "
        "and after n/5, n, 5n (80 %) | Brier anchored/alone/no gain | width share misfit"
    )
    rows = []
    for n in args.n:
        for kind in kinds:
            for noise in noises:
                runs = [
                    replay(kind, noise, n, args.first_seed + seed)
                    for seed in range(args.repetitions)
                ]
                mean = np.mean(runs, axis=0)
                rows.append(mean)
                print(
                    f"{kind!s:>9s} {noise:5.2f} {n:4d} | "
                    + " ".join(f"{x:.3f}" for x in mean[:3])
                    + " | "
                    + " ".join(f"{x:.3f}" for x in mean[3:7])
                    + " | "
                    + "/".join(f"{x:.3f}" for x in mean[7:10])
                    + f" | {np.median([run[10] for run in runs]):.3f} "
                    + f"{mean[11]:.2f} {mean[12]:.3f}",
                    flush=True,
                )
    for name, quantile in (("median", 0.5), ("least", 0.0), ("greatest", 1.0)):
        found = np.quantile(rows, quantile, axis=0)
        print(f"{name:>20s} | " + " ".join(f"{x:.3f}" for x in found[:10]))
    error = np.sqrt(0.09 / args.repetitions)
    print(f"standard error of a 90 % figure {error:.3f}, of an 80 % figure {error * 4 / 3:.3f}")


if __name__ == "__main__":
    main()

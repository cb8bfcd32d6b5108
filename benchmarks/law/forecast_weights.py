"""Would weights that score themselves on the study's own past make better forecasts?

    python benchmarks/law/forecast_weights.py                # surfaces that were looked at
    python benchmarks/law/forecast_weights.py --held

Of n draws, with n more to come, the forecast of the gain is a mixture of the law's and of the
pivot's (optuna_hpx/law/maths). The weight of the law is fixed, or by the past: both forecast
the best of all n draws from random halves of them, and what did better there has more weight.
"best on the past" takes the weight that was, "softened" averages the weights by exp(-6 times their
relative score there), "shuffled" does so by the past of another replay of the same problem and
size. Scores (CRPS) are geometric means over cells, in units of the fixed weight .4; then the
correlation of what the law gains on the pivot in the past and to come.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict

import numpy as np
from forecast_problems import DESIGN, HELD, Problem
from law_forecasts import Q, crps

from optuna_hpx import AsymptoticLaw
from optuna_hpx.law.maths.gains import Gains, mixed
from optuna_hpx.law.maths.pivot import gains_of_more

WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_CHOSEN = WEIGHTS.index(0.4)
_SHARPNESS = 6.0
_N_HALVES = 4


def scores_of(seen: np.ndarray, n: int, n_more: int, truth: float) -> np.ndarray:
    """Score the mixture of each weight, forecast from sorted ``seen``."""
    law = AsymptoticLaw.fit(seen, n_censored=n - len(seen))
    by_law = law._law.predictive.gains(n_more)
    by_law = Gains(by_law.size * law._law.units.width, by_law.chance)
    by_pivot = gains_of_more(seen, n, n_more)
    scores = []
    for weight in WEIGHTS:
        gains = mixed([by_pivot, by_law], [1.0 - weight, weight])
        scores.append(crps(seen[0] - gains.quantile(1.0 - Q), truth))
    return np.array(scores)


def replay(problem: Problem, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Score the weights on what comes, and on the past."""
    losses = problem.draw(2 * n, np.random.default_rng([n, seed, 7]))
    first, rng = losses[:n], np.random.default_rng([n, seed, 8])
    seen = np.sort(first[np.isfinite(first)])
    to_come = scores_of(seen, n, n, min(seen[0], losses[n:].min()))
    past = []
    for _ in range(_N_HALVES):
        half = first[rng.permutation(n)[: n // 2]]
        past.append(scores_of(np.sort(half[np.isfinite(half)]), n // 2, n - n // 2, seen[0]))
    return to_come, np.mean(past, axis=0)


def softened(past: np.ndarray) -> np.ndarray:
    weight = np.exp(-_SHARPNESS * (past / past.mean(-1, keepdims=True) - 1.0))
    return weight / weight.sum(-1, keepdims=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--n", nargs="*", type=int, default=(40, 80, 160))
    parser.add_argument("--replays", type=int, default=12)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    ratios: dict[str, list[float]] = defaultdict(list)
    leads = []
    # Halves of a search of which many draws fail have too few scores for a law.
    for problem in [p for p in HELD if "failing" not in p.name] if args.held else DESIGN:
        for n in args.n:
            replays = [replay(problem, n, seed) for seed in range(args.replays)]
            to_come, past = (np.array(part) for part in zip(*replays, strict=True))
            unit = to_come[:, _CHOSEN].mean()
            for k, weight in enumerate(WEIGHTS):
                ratios[f"fixed {weight:g}"].append(to_come[:, k].mean() / unit)
            rows = np.arange(len(past))
            best = to_come[rows, past.argmin(1)]
            ratios["best on the past"].append(best.mean() / unit)
            for name, by in (("softened", past), ("shuffled", np.roll(past, 1, axis=0))):
                ratios[name].append((softened(by) * to_come).sum(1).mean() / unit)
            lead = np.stack([x[:, 0] - x[:, -2] for x in (past, to_come)])
            leads.append(lead / to_come.mean())
    for name, values in ratios.items():
        log = np.log(values)
        reach = 2.0 * log.std() / np.sqrt(len(log))
        ends = np.exp(log.mean() + np.array([0.0, -reach, reach]))
        print(f"{name:30} {ends[0]:.3f} ({ends[1]:.3f} to {ends[2]:.3f})")
    print(f"correlation of the leads {np.corrcoef(np.concatenate(leads, axis=1))[0, 1]:.2f}")


if __name__ == "__main__":
    main()

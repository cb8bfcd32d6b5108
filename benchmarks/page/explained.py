"""How much parameters that a sampler chose explain each other, beside the bound for results.

python benchmarks/page/explained.py
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import optuna

from optuna_hpx.trials.frames.outcomes import rank_correlation, share_explained

SAMPLERS: dict[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "NSGA-II": lambda seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=20),
}


def objective(trial: optuna.Trial) -> float:
    a, b, _ = (trial.suggest_float(name, 0, 1) for name in "abc")
    d = trial.suggest_float("d", 1e-5, 1e-1, log=True)
    is_x = trial.suggest_categorical("o", ["x", "y"]) == "x"
    noise = 0.02 * np.random.default_rng(trial.number).normal()
    return (a - 0.3) ** 2 + 0.5 * (b - a) ** 2 + 0.1 * (np.log10(d) + 3) ** 2 + 0.1 * is_x + noise


def main() -> None:
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("sampler    trials   R^2: median, largest   |rank correlation|: median, largest")
    for name, make in SAMPLERS.items():
        for n in (60, 150):
            shares, correlations = [], []
            for seed in range(4):
                study = optuna.create_study(sampler=make(seed))
                study.optimize(objective, n)
                columns = {
                    key: np.array([float(t.params[key] == "x") if key == "o" else t.params[key]
                                   for t in study.trials])
                    for key in "abcdo"
                }  # fmt: skip
                values = np.array([trial.value for trial in study.trials], dtype=float)
                for key in "abcd":
                    others = np.column_stack([columns[k] for k in columns if k != key])
                    shares.append(share_explained(columns[key], others))
                    correlations.append(abs(rank_correlation(columns[key], values)))
            print(
                f"{name:10} {n:6} {np.median(shares):12.2f} {max(shares):9.2f}"
                f" {np.median(correlations):21.2f} {max(correlations):9.2f}"
            )


if __name__ == "__main__":
    main()

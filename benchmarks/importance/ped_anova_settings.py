"""How the constants of ``ped_anova.py`` and ``bins.py`` were chosen, on the design functions.

    python benchmarks/importance/ped_anova_settings.py        # about five minutes

One constant is moved at a time. Per setting: RMSE of S over the parameters of the function, and
the L1 error of the normalised importance when ten parameters without influence are added. Means
over functions, target quantiles 0.05, 0.1 and 0.25, and seeds; the functions reported by
``ped_anova_accuracy.py`` play no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
from cases import DESIGN, FUNCTIONS, integrated

from optuna_hpx.importance.maths import bins, ped_anova
from optuna_hpx.importance.maths.marginal import Marginal

SETTINGS: dict[str, dict[str, float]] = {
    "as shipped": {},
    "noise factor 1.5": {"_NOISE_FACTOR": 1.5},
    "noise factor 2": {"_NOISE_FACTOR": 2.0},
    "noise factor 3": {"_NOISE_FACTOR": 3.0},
    "noise factor 4": {"_NOISE_FACTOR": 4.0},
    "bins 4 sqrt(m)": {"_BINS_PER_ROOT": 4.0},
    "bins 6 sqrt(m)": {"_BINS_PER_ROOT": 6.0},
    "bins 12 sqrt(m)": {"_BINS_PER_ROOT": 12.0},
    "bins unlimited": {"_BINS_PER_ROOT": 1e6},
    "ratio 1.3": {"_BIN_RATIO": 1.3},
    "ratio 2": {"_BIN_RATIO": 2.0},
    "smallest bin 4": {"MIN_BIN": 4},
    "smallest bin 6": {"MIN_BIN": 6},
    "1 shift": {"_N_SHIFTS": 1},
    "2 shifts": {"_N_SHIFTS": 2},
    "8 shifts": {"_N_SHIFTS": 8},
}
N_NULL = 10


@contextmanager
def constants(**values: float) -> Iterator[None]:
    modules = {name: ped_anova if hasattr(ped_anova, name) else bins for name in values}
    before = {name: getattr(module, name) for name, module in modules.items()}
    assign(modules, values)
    try:
        yield
    finally:
        assign(modules, before)


def assign(modules: dict[str, ModuleType], values: dict[str, float]) -> None:
    for name, module in modules.items():
        setattr(module, name, values[name])
    bins._grid.cache_clear()
    bins._noise.cache_clear()


def data(n: int, n_seeds: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Exact S, target set and the order of the trials along each parameter."""
    for name in DESIGN:
        for quantile in (0.05, 0.1, 0.25):
            d, f = FUNCTIONS[name]
            exact = np.array(list(integrated(name, quantile).exact.values()))
            for seed in range(n_seeds):
                u = np.random.default_rng(seed).random((n, d + N_NULL))
                top = np.argsort(np.argsort(f(u[:, :d]))) < np.ceil(quantile * n)
                yield exact, top, np.argsort(u, axis=0).T


def errors(exact: np.ndarray, top: np.ndarray, orders: np.ndarray) -> tuple[float, float]:
    marginals = [Marginal(order, None, ordered=True) for order in orders]
    s = np.array([ped_anova.first_order(top, len(top), [at]).sum() for at in marginals])
    normalised = s / s.sum() if s.sum() > 0 else np.full(len(s), 1.0 / len(s))
    truth = np.append(exact, np.zeros(N_NULL))
    return (
        float(np.sqrt(np.mean((s[: len(exact)] - exact) ** 2))),
        float(np.abs(normalised - truth / truth.sum()).sum()),
    )


def main() -> None:
    sizes = {60: 20, 100: 20, 300: 10, 1000: 8, 5000: 3}
    print(f"{'RMSE of S | L1 normalised':26}" + "".join(f"{f'n = {n}':>16}" for n in sizes))
    kept = {n: list(data(n, n_seeds)) for n, n_seeds in sizes.items()}
    for name, values in SETTINGS.items():
        row = f"{name:26}"
        with constants(**values):
            for n in sizes:
                found = np.mean([errors(*one) for one in kept[n]], axis=0)
                row += f"{found[0]:8.4f}|{found[1]:7.4f}"
        print(row, flush=True)


if __name__ == "__main__":
    main()

"""What matters in the search space, from trials that an adaptive sampler chose.

    python benchmarks/ped_anova_adaptive.py --studies DIR            # see --help for the seeds

The same function is optimised by random search, TPE, CMA-ES (numeric spaces only) and GP, 200
trials each. Errors are L1 distances between normalised importances (0 to 2) and the exact ones for
the best 10 % of the uniform space: median over seeds, and quartiles. CMA-ES and GP need ``cmaes``
and ``torch``; studies are kept in DIR.

"uniform" is ours by way of the surrogate, "GP" and "trees" are it with that surrogate alone,
"trials" is ours on the trials as they are, "shuffled" is "uniform" with the values permuted among
the trials. The others are Optuna's: PED-ANOVA (local, global), fANOVA, mean decrease impurity.
"""

from __future__ import annotations

import argparse
import pickle
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from cases import FUNCTIONS, draw
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

QUANTILE = 0.1
N_TRIALS = 200

Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A search space and a loss of its values; codes for a categorical, NaN where inactive."""

    name: str
    dists: dict[str, BaseDistribution]
    loss: Callable[..., np.ndarray]
    active: dict[str, Callable[[Values], np.ndarray]] = field(default_factory=dict)

    def objective(self, trial: optuna.Trial) -> float:
        values: Values = {}
        for name, dist in self.dists.items():
            is_active = name not in self.active or self.active[name](values)[0]
            values[name] = np.array([_suggest(trial, name, dist) if is_active else np.nan])
        return float(self.loss(**values)[0])

    def sample(self, u: np.ndarray) -> Values:
        """Values from uniform ``u`` (n, d)."""
        values: Values = {}
        for (name, dist), column in zip(self.dists.items(), u.T, strict=True):
            values[name] = draw(dist, column)
            if name in self.active:
                values[name][~self.active[name](values)] = np.nan
        return values


def _suggest(trial: optuna.Trial, name: str, dist: BaseDistribution) -> float:
    if isinstance(dist, CategoricalDistribution):
        return dist.to_internal_repr(trial.suggest_categorical(name, dist.choices))
    if isinstance(dist, IntDistribution):
        return trial.suggest_int(name, dist.low, dist.high, step=dist.step, log=dist.log)
    assert isinstance(dist, FloatDistribution)
    return trial.suggest_float(name, dist.low, dist.high, step=dist.step, log=dist.log)


@cache
def exact(name: str) -> np.ndarray:
    """(d,) normalised importances: 4e6 draws in 1000 bins, unbiased within; s.e. about 1e-3."""
    problem = PROBLEMS[name]
    n, k = 4_000_000, 1000
    u = np.random.default_rng(20261121).random((n, len(problem.dists)))
    values = problem.sample(u)
    losses = problem.loss(**values)
    top = losses <= np.quantile(losses, QUANTILE)
    shares = []
    for x, column in zip(values.values(), u.T, strict=True):
        rows = ~np.isnan(x)
        b, bins = top[rows], (column[rows] * k).astype(int)
        n_k, m_k = np.bincount(bins, minlength=k), np.bincount(bins, b, minlength=k)
        within = (m_k * (n_k - m_k) / np.maximum(n_k - 1.0, 1.0)).sum() / len(b)
        shares.append(len(b) / n * max(0.0, b.mean() * (1.0 - b.mean()) - within))
    return np.array(shares) / sum(shares)


def _cube(name: str) -> Problem:
    d, f = FUNCTIONS[name]
    names = [f"x{i + 1}" for i in range(d)]
    dists: dict[str, BaseDistribution] = {x: FloatDistribution(0.0, 1.0) for x in names}
    return Problem(name, dists, lambda **x: f(np.column_stack([x[i] for i in names])))


def _sphere(**x: np.ndarray) -> np.ndarray:
    centre, weights = [1.3, -2.1, 3.2, 0.4, -4.0], 4.0 ** -np.arange(5)
    return ((np.column_stack(list(x.values())) - centre) ** 2) @ weights


def _training(
    optimizer: np.ndarray, lr: np.ndarray, layers: np.ndarray, act: np.ndarray, dropout: np.ndarray
) -> np.ndarray:
    best_lr = np.array([-2.5, -1.0, -3.5, -2.0])[optimizer.astype(int)]
    floor = np.array([0.0, 0.25, 0.1, 0.6])[optimizer.astype(int)]
    miss = np.abs(np.log10(lr) - best_lr)
    return np.asarray(
        floor + 0.4 * miss + 0.05 * (layers - 4) ** 2 + 0.15 * (act == 1) + 0.3 * dropout**2
    )


def _models(
    model: np.ndarray, c: np.ndarray, gamma: np.ndarray, depth: np.ndarray, rate: np.ndarray
) -> np.ndarray:
    svm = 0.2 + 0.1 * (np.log10(c) - 1.0) ** 2 + 0.3 * np.abs(np.log10(gamma) + 2.0)
    forest = 0.35 + 0.02 * np.abs(depth - 9)
    boosting = 0.15 + 0.25 * (np.log10(rate) + 1.0) ** 2 + 0.04 * np.abs(depth - 4)
    return np.select([model == 0, model == 1, model == 2], [svm, forest, boosting], 1.0)


_UNIT = FloatDistribution(0.0, 1.0)

PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (
        Problem("sphere", {f"x{i}": FloatDistribution(-5.0, 5.0) for i in range(5)}, _sphere),
        _cube("branin"),
        _cube("ishigami"),
        _cube("rastrigin"),
        Problem(
            "decisive choice",
            {"c": CategoricalDistribution(["a", "b", "c", "d", "e"]), "x": _UNIT, "y": _UNIT},
            lambda c, x, y: (c != 2) + x + 0.0 * y,
        ),
        Problem(
            "training",
            {
                "optimizer": CategoricalDistribution(["adam", "sgd", "lion", "rprop"]),
                "lr": FloatDistribution(1e-5, 1.0, log=True),
                "layers": IntDistribution(1, 8),
                "act": CategoricalDistribution(["relu", "tanh", "gelu"]),
                "dropout": FloatDistribution(0.0, 0.9, step=0.1),
            },
            _training,
        ),
        Problem(
            "models",
            {
                "model": CategoricalDistribution(["svm", "forest", "boosting", "dummy"]),
                "c": FloatDistribution(1e-3, 1e4, log=True),
                "gamma": FloatDistribution(1e-5, 10.0, log=True),
                "depth": IntDistribution(2, 16),
                "rate": FloatDistribution(1e-3, 1.0, log=True),
            },
            _models,
            {
                "c": lambda v: v["model"] == 0,
                "gamma": lambda v: v["model"] == 0,
                "depth": lambda v: (v["model"] == 1) | (v["model"] == 2),
                "rate": lambda v: v["model"] == 2,
            },
        ),
        Problem(
            "numeric gate",
            {"gate": _UNIT, "x": FloatDistribution(-2.0, 2.0), "y": FloatDistribution(0.0, 3.0)},
            lambda gate, x, y: np.where(gate < 0.6, np.abs(x - 0.5), 0.3 + y),
            {"x": lambda v: v["gate"] < 0.6, "y": lambda v: v["gate"] >= 0.6},
        ),
    )
}

SAMPLERS: dict[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "CMA-ES": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    "GP": lambda seed: optuna.samplers.GPSampler(seed=seed),
}


def supports(sampler: str, problem: Problem) -> bool:
    """CMA-ES draws categorical and conditional parameters at random: not a test of anything."""
    is_numeric = not any(isinstance(d, CategoricalDistribution) for d in problem.dists.values())
    return sampler != "CMA-ES" or (is_numeric and not problem.active)


def optimised(problem: Problem, sampler: str, seed: int, folder: Path) -> optuna.Study:
    """The study, from ``folder`` if it has been there before."""
    path = folder / f"{problem.name}-{sampler}-{seed}.pickle".replace(" ", "_")
    study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
    if path.exists():
        study.add_trials(pickle.loads(path.read_bytes()))
        return study
    study.optimize(problem.objective, n_trials=N_TRIALS)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(study.trials))
    return study

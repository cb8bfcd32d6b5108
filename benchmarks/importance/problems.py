"""Search spaces with exact importances, on which any sampler of Optuna can run.

``DESIGN`` are those on which settings were chosen; no rescaled copy of one is among ``HELD``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import optuna
from cases import FUNCTIONS, draw, suggest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

QUANTILE = 0.1

Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A search space and a loss of its values; codes for a categorical, NaN where inactive."""

    name: str
    dists: dict[str, BaseDistribution]
    loss: Callable[..., np.ndarray]
    active: dict[str, Callable[[Values], np.ndarray]] = field(default_factory=dict)
    noise: float = 0.0
    """Standard deviation of what is added to the loss; exact importances are without it."""

    def objective(self, trial: optuna.Trial) -> float:
        values: Values = {}
        for name, dist in self.dists.items():
            is_active = name not in self.active or self.active[name](values)[0]
            values[name] = np.array([suggest(trial, name, dist) if is_active else np.nan])
        noise = 0.0
        if self.noise:  # the same for the same values
            key = np.nan_to_num(np.concatenate(list(values.values()))).view(np.uint32)
            noise = self.noise * np.random.default_rng(key).standard_normal()
        return float(self.loss(**values)[0] + noise)

    def sample(self, u: np.ndarray) -> Values:
        """Values from uniform ``u`` (n, d)."""
        values: Values = {}
        for (name, dist), column in zip(self.dists.items(), u.T, strict=True):
            values[name] = draw(dist, column)
            if name in self.active:
                values[name][~self.active[name](values)] = np.nan
        return values


@cache
def exact(name: str) -> np.ndarray:
    """(d,) S of each parameter: 4e6 draws in 1000 bins, unbiased within; s.e. about 1e-3."""
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
    return np.array(shares) / (top.mean() * (1.0 - top.mean()))


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


def _parity(**x: np.ndarray) -> np.ndarray:
    """Three parameters that matter only together, beside one that matters alone."""
    side = np.sign(x["x1"] - 0.5) * np.sign(x["x2"] - 0.5) * np.sign(x["x3"] - 0.5)
    return np.asarray(0.6 * side + np.abs(x["x4"] - 0.7))


def _kinds(**x: np.ndarray) -> np.ndarray:
    """Six choices, of which three matter, and a number."""
    first = np.array([0.0, 0.5, 0.5, 1.0, 0.8])[x["a"].astype(int)]
    second = np.array([0.3, 0.0, 0.4])[x["b"].astype(int)]
    third = np.where(x["c"] == x["b"], 0.0, 0.15)
    return np.asarray(first + second + third + 0.3 * (x["x"] - 0.2) ** 2)


def _pipeline(
    scaler: np.ndarray, kind: np.ndarray, alpha: np.ndarray, depth: np.ndarray, leaf: np.ndarray
) -> np.ndarray:
    """A linear model or trees; the scaler matters to the former."""
    linear = 0.3 + 0.1 * np.abs(np.log10(alpha) + 1.0) + 0.15 * (scaler == 0)
    trees = 0.25 + 0.01 * (depth - 6.0) ** 2 + 0.004 * leaf
    return np.where(kind == 0, linear, trees)


_UNIT = FloatDistribution(0.0, 1.0)


def _units(d: int) -> dict[str, BaseDistribution]:
    return {f"x{i + 1}": _UNIT for i in range(d)}


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
        _cube("linear"),
        _cube("waves"),
        _cube("step"),
        _cube("product"),
        _cube("comb"),
        _cube("friedman"),
        _cube("g-function"),
        Problem(
            "noisy line",
            _units(3),
            lambda x1, x2, x3: x1 + 0.5 * np.abs(x2 - 0.4) + 0.0 * x3,
            noise=0.15,
        ),
        Problem(
            "noisy bowl",
            _units(4),
            lambda x1, x2, x3, x4: (x1 - 0.3) ** 2 + (x2 - 0.6) ** 2 + 0.2 * x3 + 0.0 * x4,
            noise=0.1,
        ),
        Problem(
            "faint",
            _units(6),
            lambda **x: np.abs(x["x1"] - 0.35) + 0.06 * x["x2"] + 0.03 * (x["x3"] > 0.5),
        ),
        Problem(
            "ceiling",
            _units(3),
            lambda x1, x2, x3: np.minimum((x1 - 0.2) ** 2 + 0.5 * (x2 - 0.7) ** 2, 0.1) + 0.0 * x3,
        ),
        Problem("parity", _units(4), _parity),
        Problem(
            "kinds",
            {
                "a": CategoricalDistribution(list("pqrst")),
                "b": CategoricalDistribution(list("uvw")),
                "c": CategoricalDistribution(list("uvw")),
                "d": CategoricalDistribution([True, False]),
                "x": _UNIT,
            },
            lambda **x: _kinds(**x),
        ),
        Problem(
            "pipeline",
            {
                "scaler": CategoricalDistribution(["none", "standard", "robust"]),
                "kind": CategoricalDistribution(["linear", "trees"]),
                "alpha": FloatDistribution(1e-5, 10.0, log=True),
                "depth": IntDistribution(1, 12),
                "leaf": IntDistribution(1, 64, log=True),
            },
            _pipeline,
            {
                "alpha": lambda v: v["kind"] == 0,
                "depth": lambda v: v["kind"] == 1,
                "leaf": lambda v: v["kind"] == 1,
            },
        ),
    )
}

DESIGN = (
    "sphere",
    "decisive choice",
    "training",
    "linear",
    "waves",
    "step",
    "product",
    "noisy line",
    "ishigami",
    "comb",
    "faint",
    "models",
)
HELD = tuple(name for name in PROBLEMS if name not in DESIGN)

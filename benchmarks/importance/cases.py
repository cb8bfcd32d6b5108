"""Functions with known importances.

Each case draws trials uniformly and independently from a search space and knows the exact S of
every parameter: the first-order Sobol index of "among the best target_quantile".

``CASES`` are reported. ``DESIGN`` are those on which the settings of the estimator were chosen
(``ped_anova_settings.py``); none of them, and no rescaled copy of one, is among ``CASES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

Draw = dict[str, tuple[np.ndarray, list[BaseDistribution | None]]]


@dataclass(frozen=True)
class Case:
    """``sample(rng, n)`` gives values and distributions by parameter and trial, and the losses."""

    name: str
    target_quantile: float
    sample: Callable[[np.random.Generator, int], tuple[Draw, np.ndarray]]
    exact: dict[str, float]
    source: str
    """How ``exact`` was found."""

    def study(self, seed: int, n: int) -> optuna.Study:
        """A study of ``n`` independent uniform trials."""
        columns, losses = self.sample(np.random.default_rng(seed), n)
        study = optuna.create_study()
        study.add_trials(make_trials(columns, losses))
        return study


def make_trials(columns: Draw, losses: np.ndarray) -> list[optuna.trial.FrozenTrial]:
    lists = {name: (values.tolist(), dists) for name, (values, dists) in columns.items()}
    trials = []
    for row, loss in enumerate(losses.tolist()):
        active = {
            name: (_external(dists[row], values[row]), dists[row])
            for name, (values, dists) in lists.items()
            if dists[row] is not None
        }
        trials.append(
            optuna.create_trial(
                params={name: value for name, (value, _) in active.items()},
                distributions={name: dist for name, (_, dist) in active.items()},  # type: ignore[misc]
                value=loss,
            )
        )
    return trials


def _external(dist: BaseDistribution | None, value: float) -> Any:
    return dist.to_external_repr(value) if dist is not None else None


def box(
    dists: dict[str, BaseDistribution], f: Callable[..., np.ndarray]
) -> Callable[[np.random.Generator, int], tuple[Draw, np.ndarray]]:
    """An unconditional space; ``f`` takes the values by name (codes for a categorical)."""

    def sample(rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
        columns = {name: draw(dist, rng.random(n)) for name, dist in dists.items()}
        listed: Draw = {name: (x, [dists[name]] * n) for name, x in columns.items()}
        return listed, f(**columns)

    return sample


def draw(dist: BaseDistribution, u: np.ndarray) -> np.ndarray:
    """Values of ``dist`` from uniform ``u``, as Optuna's RandomSampler distributes them."""
    if isinstance(dist, CategoricalDistribution):
        return np.floor(u * len(dist.choices))
    low, high = float(dist.low), float(dist.high)  # type: ignore[attr-defined]
    step = dist.step  # type: ignore[attr-defined]
    if dist.log:  # type: ignore[attr-defined]
        half = 0.5 if isinstance(dist, IntDistribution) else 0.0
        x = np.exp(np.log(low - half) + u * (np.log(high + half) - np.log(low - half)))
        return np.clip(np.round(x), low, high) if half else x
    if step is None:
        return low + u * (high - low)
    return low + step * np.floor(u * (round((high - low) / step) + 1))


def suggest(trial: optuna.Trial, name: str, dist: BaseDistribution) -> float:
    """The value that the study's sampler suggests, as ``draw`` gives it."""
    if isinstance(dist, CategoricalDistribution):
        return dist.to_internal_repr(trial.suggest_categorical(name, dist.choices))
    if isinstance(dist, IntDistribution):
        return trial.suggest_int(name, dist.low, dist.high, step=dist.step, log=dist.log)
    assert isinstance(dist, FloatDistribution)
    return trial.suggest_float(name, dist.low, dist.high, step=dist.step, log=dist.log)


def _sobol(f: Callable[[np.ndarray], np.ndarray], d: int, quantile: float) -> tuple[float, ...]:
    """S by simulation: 4e6 draws in 1000 bins, unbiased within bins; standard error about 5e-4."""
    rng = np.random.default_rng(20261121)
    n, k = 4_000_000, 1000
    u = rng.random((n, d))
    losses = f(u)
    top = losses <= np.quantile(losses, quantile)
    q = top.mean()
    shares = []
    for column in u.T:
        bins = (column * k).astype(int)
        n_k, m_k = np.bincount(bins, minlength=k), np.bincount(bins, top, minlength=k)
        within = float((m_k * (n_k - m_k) / (n_k - 1.0)).sum() / n)
        shares.append(max(0.0, 1.0 - within / (q * (1.0 - q))))
    return tuple(shares)


@cache
def integrated(name: str, quantile: float) -> Case:
    """One of ``FUNCTIONS`` on the unit cube, its S integrated here."""
    d, f = FUNCTIONS[name]
    names = [f"x{i + 1}" for i in range(d)]
    dists: dict[str, BaseDistribution] = {x: FloatDistribution(0.0, 1.0) for x in names}
    return Case(
        f"{name} {quantile:g}",
        quantile,
        box(dists, lambda **x: f(np.column_stack([x[i] for i in names]))),
        dict(zip(names, _sobol(f, d, quantile), strict=True)),
        "simulation, s.e. 5e-4",
    )


def _ishigami(u: np.ndarray) -> np.ndarray:
    x = (2.0 * u - 1.0) * np.pi
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def _friedman(u: np.ndarray) -> np.ndarray:
    return (
        10.0 * np.sin(np.pi * u[:, 0] * u[:, 1])
        + 20.0 * (u[:, 2] - 0.5) ** 2
        + 10.0 * u[:, 3]
        + 5.0 * u[:, 4]
    )


def _g_function(u: np.ndarray) -> np.ndarray:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.asarray(np.prod((np.abs(4.0 * u - 2.0) + a) / (1.0 + a), axis=1))


def _rastrigin(u: np.ndarray) -> np.ndarray:
    x = 4.0 * u - 2.0
    weights = np.array([1.0, 0.5, 0.2])
    return np.asarray((weights * (x**2 + 3.0 * (1.0 - np.cos(2.0 * np.pi * x)))).sum(axis=1))


def _branin(u: np.ndarray) -> np.ndarray:
    x, y = 15.0 * u[:, 0] - 5.0, 15.0 * u[:, 1]
    valley = y - 5.1 / (4.0 * np.pi**2) * x**2 + 5.0 / np.pi * x - 6.0
    return np.asarray(valley**2 + 10.0 * (1.0 - 1.0 / (8.0 * np.pi)) * np.cos(x) + 10.0)


FUNCTIONS: dict[str, tuple[int, Callable[[np.ndarray], np.ndarray]]] = {
    "ishigami": (3, _ishigami),
    "friedman": (8, _friedman),
    "g-function": (4, _g_function),
    "rastrigin": (3, _rastrigin),
    "branin": (2, _branin),
    # design
    "linear": (3, lambda u: u[:, 0] + 0.5 * u[:, 1] + 0.25 * u[:, 2]),
    "sphere": (4, lambda u: ((10.0 * u - 5.0) ** 2) @ 5.0 ** -np.arange(4.0)),
    "waves": (
        3,
        lambda u: np.sin(6 * np.pi * u[:, 0]) + 0.5 * np.sin(2 * np.pi * u[:, 1]) + 0.2 * u[:, 2],
    ),
    "step": (3, lambda u: (u[:, 0] > 0.37) + 0.5 * u[:, 1]),
    "narrow": (3, lambda u: np.abs(u[:, 0] - 0.3) + 0.1 * u[:, 1]),
    "line": (2, lambda u: u[:, 0] + 0.01 * u[:, 1]),
    "product": (4, lambda u: u[:, 0] * u[:, 1] + 0.3 * np.abs(u[:, 2] - 0.5)),
    "comb": (3, lambda u: np.cos(10 * np.pi * u[:, 0]) + 0.3 * np.cos(4 * np.pi * u[:, 1])),
}

DESIGN = ("linear", "sphere", "waves", "step", "narrow", "line", "product", "comb")


def _decisive(k: int, *, as_int: bool) -> Case:
    """F = 1[c != 0] + x with K choices. Best a = 0.05: c is 0 and x < a K."""
    a = 0.05
    c: BaseDistribution = (
        IntDistribution(0, k - 1) if as_int else CategoricalDistribution(list(range(k)))
    )
    # P(top | c) is a K or 0; P(top | x) is 1 / K or 0; Var(top) = a (1 - a).
    s_c = a**2 * (k - 1) / (a * (1 - a))
    s_x = (a * k / k**2 - a**2) / (a * (1 - a))
    return Case(
        f"decisive {'int' if as_int else 'cat'} K={k}",
        a,
        box({"c": c, "x": FloatDistribution(0.0, 1.0)}, lambda c, x: (c != 0) + x),
        {"c": s_c, "x": s_x},
        "closed form",
    )


Branches = list[tuple[float, str, tuple[float, float]]]


def _branching(branches: Branches) -> Callable[[Any, int], tuple[Draw, np.ndarray]]:
    """A gate c ~ U(0, 1) opens one branch, whose parameter is the objective."""

    def sample(rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
        c, u, losses = rng.random(n), rng.random(n), np.empty(n)
        columns: Draw = {"c": (c, [FloatDistribution(0.0, 1.0)] * n)}
        start = 0.0
        for end, name, (low, high) in branches:
            here = (c >= start) & (c < end)
            values, dists = columns.setdefault(name, (np.empty(n), [None] * n))
            values[here] = losses[here] = (low + u * (high - low))[here]
            for row in np.flatnonzero(here):
                dists[row] = FloatDistribution(low, high)
            start = end
        return columns, losses

    return sample


def _two_domains(rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
    """C < .5: x ~ U(-7, -2), y ~ U(-5, -2); else x ~ U(2, 7), y ~ U(2, 5); f = x + y."""
    c, u, v = rng.random((3, n))
    low = c < 0.5
    x, y = np.where(low, -7 + 5 * u, 2 + 5 * u), np.where(low, -5 + 3 * v, 2 + 3 * v)
    x_dists: list[BaseDistribution] = [FloatDistribution(-7, -2), FloatDistribution(2, 7)]
    y_dists: list[BaseDistribution] = [FloatDistribution(-5, -2), FloatDistribution(2, 5)]
    return {
        "c": (c, [FloatDistribution(0.0, 1.0)] * n),
        "x": (x, [x_dists[0 if h else 1] for h in low.tolist()]),
        "y": (y, [y_dists[0 if h else 1] for h in low.tolist()]),
    }, x + y


def _nested(rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
    """c0 < .75 -> (c1 < .5: x in [-7, -4]; else y in [-3, 0]); else z in [2, 5]."""
    c0, c1, u = rng.random((3, n))
    unit = FloatDistribution(0.0, 1.0)
    is_x, is_y, is_z = (c0 < 0.75) & (c1 < 0.5), (c0 < 0.75) & (c1 >= 0.5), c0 >= 0.75
    leaves = {"x": (is_x, -7.0), "y": (is_y, -3.0), "z": (is_z, 2.0)}
    columns: Draw = {
        "c0": (c0, [unit] * n),
        "c1": (c1, [unit if h else None for h in (c0 < 0.75).tolist()]),
    }
    losses = np.empty(n)
    for name, (here, low) in leaves.items():
        columns[name] = (
            low + 3.0 * u,
            [FloatDistribution(low, low + 3.0) if h else None for h in here.tolist()],
        )
        losses[here] = low + 3.0 * u[here]
    return columns, losses


def _moving(objective: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Any:
    """X ~ U(.1, 1), y ~ U(0, x): every trial has bounds of its own."""

    def sample(rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
        x = 0.1 + 0.9 * rng.random(n)
        y = x * rng.random(n)
        return {
            "x": (x, [FloatDistribution(0.1, 1.0)] * n),
            "y": (y, [FloatDistribution(0.0, high) for high in x.tolist()]),
        }, objective(x, y)

    return sample


_MIXED: dict[str, BaseDistribution] = {
    "lr": FloatDistribution(1e-5, 0.1, log=True),
    "n": IntDistribution(1, 10),
    "w": IntDistribution(1, 32, log=True),
    "s": FloatDistribution(0.0, 1.0, step=0.25),
}

_DISJOINT: Branches = [(0.5, "x", (-5, -2)), (1.0, "y", (2, 5))]
_OVERLAP: Branches = [(0.5, "x", (-5, 2)), (1.0, "y", (-2, 5))]
_THREE: Branches = [(1 / 3, "x", (-7, -4)), (2 / 3, "x", (-3, 0)), (1.0, "y", (4, 7))]

_CLOSED = "closed form"


def _mixed(lr: np.ndarray, n: np.ndarray, w: np.ndarray, s: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(np.log10(lr) + 3) + n / 20 + 0.3 * np.log2(w) / 5 + 0.2 * s)


CONDITIONAL_AND_MIXED: list[Case] = [
    Case("disjoint 0.1", 0.1, _branching(_DISJOINT), {"c": 1 / 9, "x": 8 / 9, "y": 0}, _CLOSED),
    Case("disjoint 0.5", 0.5, _branching(_DISJOINT), {"c": 1, "x": 0, "y": 0}, _CLOSED),
    Case("disjoint 0.75", 0.75, _branching(_DISJOINT), {"c": 1 / 3, "x": 0, "y": 2 / 3}, _CLOSED),
    Case(
        "overlap 0.25",
        0.25,
        _branching(_OVERLAP),
        {"c": 12 / 49, "x": 65 / 98, "y": 9 / 98},
        _CLOSED,
    ),
    Case(
        "overlap 0.5",
        0.5,
        _branching(_OVERLAP),
        {"c": 9 / 49, "x": 20 / 49, "y": 20 / 49},
        _CLOSED,
    ),
    Case("three-way 0.1", 0.1, _branching(_THREE), {"c": 2 / 9, "x": 7 / 9, "y": 0}, _CLOSED),
    Case(
        "two domains 0.1",
        0.1,
        _two_domains,
        {"c": 0.1111, "x": 0.3826, "y": 0.1407},
        "quadrature",
    ),
    Case(
        "nested 0.1",
        0.1,
        _nested,
        {"c0": 1 / 27, "c1": 4 / 27, "x": 22 / 27, "y": 0, "z": 0},
        _CLOSED,
    ),
    Case(
        "nested 0.5",
        0.5,
        _nested,
        {"c0": 1 / 3, "c1": 1 / 3, "x": 0, "y": 1 / 3, "z": 0},
        _CLOSED,
    ),
    Case(
        "mixed types 0.1",
        0.1,
        box(_MIXED, _mixed),
        {"lr": 0.4861, "n": 0.0428, "w": 0.0186, "s": 0.0095},
        "quadrature",
    ),
]

DECISIVE = [_decisive(k, as_int=False) for k in (2, 3, 5, 10, 20)]
DECISIVE_INT = [_decisive(k, as_int=True) for k in (2, 3, 5, 10, 20)]

MOVING: list[Case] = [
    Case("moving bounds y/x", 0.1, _moving(lambda x, y: y / x), {"x": 0, "y": 1}, _CLOSED),
    Case(
        "moving bounds y", 0.1, _moving(lambda x, y: y), {"x": 0.0586, "y": 0.9414}, "quadrature"
    ),
]

_HELD_OUT = (
    ("ishigami", 0.1),
    ("ishigami", 0.25),
    ("friedman", 0.1),
    ("g-function", 0.1),
    ("rastrigin", 0.1),
    ("branin", 0.1),
)


def held_out() -> list[Case]:
    """Functions of the unit cube that no setting was chosen on."""
    return [integrated(name, quantile) for name, quantile in _HELD_OUT]

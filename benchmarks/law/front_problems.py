"""Problems with several objectives: those on which constants were chosen, and held ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["DESIGN", "HELD", "FrontProblem"]


@dataclass(frozen=True)
class FrontProblem:
    """Losses of points in the unit cube of ``d`` dimensions, with noise, failures or rounding."""

    name: str
    d: int
    losses: Callable[[np.ndarray], np.ndarray]
    noise: float = 0.0
    failing: float = 0.0
    decimals: int | None = None

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (n, m) losses; infinite where a trial failed."""
        losses = self.losses(rng.random((n, self.d)))
        losses = losses + self.noise * rng.normal(size=losses.shape)
        if self.decimals is not None:
            losses = losses.round(self.decimals)
        losses[rng.random(n) < self.failing] = np.inf
        return losses


def bowls(*centres: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.column_stack([((x - centre) ** 2).sum(1) for centre in centres])


def normals(correlation: float) -> Callable[[np.ndarray], np.ndarray]:
    def losses(x: np.ndarray) -> np.ndarray:
        z = special.ndtri(x)
        rest = np.sqrt(1.0 - correlation**2)
        return np.column_stack([z[:, 0], correlation * z[:, 0] + rest * z[:, 1]])

    return losses


def linear_front(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x[:, 0], 1.0 - x[:, 0]]) * (1.0 + x[:, [1]])


def edge(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x[:, 0] + x[:, 1], (1.0 - x[:, 0]) ** 2 + x[:, 2]])


def zdt(kind: int) -> Callable[[np.ndarray], np.ndarray]:
    def losses(x: np.ndarray) -> np.ndarray:
        first, g = x[:, 0], 1.0 + 9.0 * x[:, 1:].mean(1)
        share = first / g
        shape = {
            1: 1.0 - np.sqrt(share),
            2: 1.0 - share**2,
            3: 1.0 - np.sqrt(share) - share * np.sin(10.0 * np.pi * first),
        }[kind]
        return np.column_stack([first, g * shape])

    return losses


def dtlz2(x: np.ndarray) -> np.ndarray:
    radius = 1.0 + ((x[:, 2:] - 0.5) ** 2).sum(1)
    a, b = np.pi / 2 * x[:, 0], np.pi / 2 * x[:, 1]
    sphere = [np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)]
    return radius[:, None] * np.column_stack(sphere)


def fonseca(x: np.ndarray) -> np.ndarray:
    u, centre = 8.0 * x - 4.0, 1.0 / np.sqrt(x.shape[1])
    near = [((u + side * centre) ** 2).sum(1) for side in (-1, 1)]
    return 1.0 - np.exp(-np.column_stack(near))


def kursawe(x: np.ndarray) -> np.ndarray:
    u = 10.0 * x - 5.0
    first = -10.0 * np.exp(-0.2 * np.hypot(u[:, :-1], u[:, 1:]))
    return np.column_stack([first.sum(1), (np.abs(u) ** 0.8 + 5.0 * np.sin(u**3)).sum(1)])


def correlated(x: np.ndarray) -> np.ndarray:
    bowl = ((x - 0.37) ** 2).sum(1)
    return np.column_stack([bowl, bowl + 0.3 * (x[:, 0] - 0.7) ** 2])


def error_and_cost(x: np.ndarray) -> np.ndarray:
    error = 0.1 + 0.3 * np.exp(-2.0 * x[:, 0]) + 0.3 * (x[:, 1] - 0.6) ** 2
    error = error + 0.2 * (x[:, 2] - 0.2) ** 2
    return np.column_stack([error, np.exp(3.0 * x[:, 0]).round()])


def schaffer(x: np.ndarray) -> np.ndarray:
    u = 20.0 * x[:, 0] - 10.0
    return np.column_stack([u**2, (u - 2.0) ** 2])


DESIGN = [
    FrontProblem("linear front", 2, linear_front),
    FrontProblem("two bowls, 3", 3, bowls(0.3, 0.6)),
    FrontProblem("two bowls, 6", 6, bowls(0.3, 0.6)),
    FrontProblem("two near bowls, 2", 2, bowls(0.4, 0.42)),
    FrontProblem("independent, uniform", 2, lambda x: x.copy()),
    FrontProblem("independent, lognormal", 2, lambda x: np.exp(special.ndtri(x))),
    FrontProblem("normal, correlation -.7", 2, normals(-0.7)),
    FrontProblem("two bowls, 3, noise .05", 3, bowls(0.3, 0.6), noise=0.05),
    FrontProblem("front at an edge, .3 fail", 3, edge, failing=0.3),
]

HELD = [
    FrontProblem("ZDT1, 3", 3, zdt(1)),
    FrontProblem("ZDT1, 8", 8, zdt(1)),
    FrontProblem("ZDT2, 4", 4, zdt(2)),
    FrontProblem("ZDT3, 4", 4, zdt(3)),
    FrontProblem("ZDT1, 3, noise .2", 3, zdt(1), noise=0.2),
    FrontProblem("ZDT1, 4, .2 fail", 4, zdt(1), failing=0.2),
    FrontProblem("DTLZ2, 5, 3 objectives", 5, dtlz2),
    FrontProblem("Fonseca, 3", 3, fonseca),
    FrontProblem("Kursawe, 3", 3, kursawe),
    FrontProblem("Schaffer, 1", 1, schaffer),
    FrontProblem("correlated bowls, 4", 4, correlated),
    FrontProblem("error and cost, rounded", 4, error_and_cost, decimals=3),
]

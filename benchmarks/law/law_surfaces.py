"""Laws and surfaces whose best possible score is known, for the benchmarks of the law.

Those of `design` may be used to choose constants; those of `held` are for reports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["SURFACES", "Surface"]

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Surface:
    """A random search: uniform configurations in the unit cube, a loss, and noise.

    Attributes:
        name: Of the surface.
        is_design: Whether constants may be chosen by it.
        dimension: Hyperparameters.
        expected: Expected losses (n,) of configurations (n, dimension).
        noise: Standard deviation of the noise near the optimum.
        best: Best possible expected loss.
        finish: From expected losses and a generator to those that are seen; None: normal noise.
        gamma: The law's exponent near the optimum, if it has one, for the oracle.
    """

    name: str
    is_design: bool
    dimension: int
    expected: Function
    noise: float = 0.0
    best: float = 0.0
    finish: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    gamma: float | None = None

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw losses (n,); infinite ones are of trials that failed."""
        losses = self.expected(rng.random((n, self.dimension)))
        noise = rng.normal(size=n)
        if self.finish is not None:
            return self.finish(losses, rng)
        return losses + self.noise * noise


def law(gamma: int) -> Function:
    """The law itself: the loss is a power of the first coordinate."""
    return lambda x: x[:, 0] ** (2.0 / gamma)


def bowl(d: int, centre: float = 0.4) -> Function:
    """A quadratic bowl, of which the last direction is twice as steep as the first."""
    return lambda x: ((2.0 * (x - centre)) ** 2 * (1.0 + np.arange(d) / d)).sum(1)


def readme(x: np.ndarray) -> np.ndarray:
    """The bowl of README's example."""
    return 0.1 * (4.0 * x[:, 0] - 2.0) ** 2 + (x[:, 1] - 0.5) ** 2


def corner(x: np.ndarray) -> np.ndarray:
    """The optimum lies in a corner of the box, and the bowl's centre beyond it."""
    return ((x + 0.3) ** 2).sum(1) - 0.09 * x.shape[1]


def plateau(x: np.ndarray) -> np.ndarray:
    """A bowl with a flat bottom, a twentieth of the square."""
    radius = np.sqrt(((x - 0.5) ** 2).sum(1))
    return np.maximum(radius - np.sqrt(0.05 / np.pi), 0.0) ** 2


def steps(x: np.ndarray) -> np.ndarray:
    """A bowl that one of two parameters changes in six steps only."""
    return (x[:, 0] - 0.4) ** 2 + (np.round(5.0 * x[:, 1]) / 5.0 - 0.6) ** 2


def basins(x: np.ndarray) -> np.ndarray:
    """A deep basin in a fiftieth of the square beside a wide one that ends at 0.3."""
    deep = ((x - 0.2) ** 2).sum(1) * 40.0
    wide = 0.3 + ((x - 0.7) ** 2).sum(1)
    return np.minimum(deep, wide)


def twins(x: np.ndarray) -> np.ndarray:
    """Two equally deep basins of different width."""
    return np.minimum(((x - 0.25) ** 2).sum(1) * 6.0, ((x - 0.75) ** 2).sum(1))


def steep(x: np.ndarray) -> np.ndarray:
    """Exponential walls: bad scores are far worse than good ones."""
    z = 2.0 * x - 1.0
    return np.expm1(3.0 * z[:, 0] ** 2 + 2.0 * z[:, 1] ** 2)


def diverging(x: np.ndarray) -> np.ndarray:
    """A bowl in the better half, and a tail of bad scores without a mean."""
    y = ((x[:, :2] - 0.4) ** 2).sum(1)
    return y + np.maximum(1.0 / np.maximum(1.0 - x[:, 2], 1e-9) - 2.0, 0.0)


def cones(x: np.ndarray) -> np.ndarray:
    """No quadratic: a cone."""
    return np.abs(x - 0.4).sum(1)


def quartic(x: np.ndarray) -> np.ndarray:
    """No quadratic: a fourth power."""
    return ((2.0 * (x - 0.45)) ** 4).sum(1)


def branin(x: np.ndarray) -> np.ndarray:
    """Three equal optima."""
    u, v = 15.0 * x[:, 0] - 5.0, 15.0 * x[:, 1]
    y = (v - 5.1 / (4 * np.pi**2) * u**2 + 5.0 / np.pi * u - 6.0) ** 2
    return y + 10.0 * (1.0 - 1.0 / (8.0 * np.pi)) * np.cos(u) + 10.0 - 0.39788735772973816


def rosenbrock(x: np.ndarray) -> np.ndarray:
    """A curved valley."""
    u, v = 4.0 * x[:, 0] - 2.0, 4.0 * x[:, 1] - 2.0
    return 100.0 * (v - u**2) ** 2 + (1.0 - u) ** 2


def ackley(x: np.ndarray) -> np.ndarray:
    """Many local optima around a sharp one."""
    z = 8.0 * (x - 0.45)
    mean = np.exp(np.cos(2.0 * np.pi * z).mean(1))
    return 20.0 + np.e - 20.0 * np.exp(-0.2 * np.sqrt((z**2).mean(1))) - mean


def rastrigin(x: np.ndarray) -> np.ndarray:
    """Many local optima on a bowl."""
    z = 4.0 * (x - 0.45)
    return (z**2 - 3.0 * np.cos(2.0 * np.pi * z) + 3.0).sum(1)


def rounded(decimals: int, noise: float = 0.0) -> Callable[..., np.ndarray]:
    """Scores with so many decimals."""
    return lambda y, rng: np.round(y + noise * rng.normal(size=len(y)), decimals)


def failing(noise: float, share: float) -> Callable[..., np.ndarray]:
    """Normal noise, and some trials fail, whatever they were."""
    return lambda y, rng: np.where(
        rng.random(len(y)) < share, np.inf, y + noise * rng.normal(size=len(y))
    )


def counted(n_examples: int) -> Callable[..., np.ndarray]:
    """An error rate on so many examples, of which 10 % at least are wrong."""
    return lambda y, rng: rng.binomial(n_examples, np.clip(0.1 + 0.3 * y, 0, 1)) / n_examples


def heavy(noise: float) -> Callable[..., np.ndarray]:
    """Noise of Student's distribution with 4 degrees of freedom, of that deviation."""
    return lambda y, rng: y + noise * rng.standard_t(4, len(y)) / np.sqrt(2.0)


def growing(noise: float) -> Callable[..., np.ndarray]:
    """Noise that is three times as large where scores are bad."""
    return lambda y, rng: (
        y + noise * (1.0 + 2.0 * np.minimum(y / np.median(y), 1.0)) * rng.normal(size=len(y))
    )


def _laws() -> list[Surface]:
    """Exact laws: every second combination is of the design."""
    noises = (0.0, 0.01, 0.05, 0.2)
    return [
        Surface(f"law {gamma}, {noise}", (i + j) % 2 == 0, gamma, law(gamma), noise, gamma=gamma)
        for i, gamma in enumerate((1, 2, 3, 5, 8))
        for j, noise in enumerate(noises)
    ]


def _bowls() -> list[Surface]:
    design = [(1, 0.0), (2, 0.0), (2, 0.1), (3, 0.02), (5, 0.0), (8, 0.1)]
    held = [(1, 0.02), (2, 0.02), (3, 0.0), (3, 0.1), (5, 0.05), (8, 0.0)]
    return [
        Surface(f"bowl {d}, {noise}", pairs is design, d, bowl(d), noise, gamma=d)
        for pairs in (design, held)
        for d, noise in pairs
    ]


def _others() -> list[Surface]:
    return [
        Surface("README", False, 2, readme, gamma=2),
        Surface("edge 2, 0", True, 2, bowl(2, 0.03)),
        Surface("edge 2, 0.02", False, 2, bowl(2, 0.03), 0.02),
        Surface("edge 3, 0", False, 3, bowl(3, 0.05)),
        Surface("corner 2, 0", False, 2, corner, gamma=4),
        Surface("corner 2, 0.02", True, 2, corner, 0.02, gamma=4),
        Surface("plateau, 0", True, 2, plateau),
        Surface("plateau, 0.01", False, 2, plateau, 0.01),
        Surface("steps", False, 2, steps, gamma=1),
        Surface("deep and wide", False, 2, basins),
        Surface("two basins, 0", True, 2, twins),
        Surface("two basins, 0.01", False, 2, twins, 0.01),
        Surface("steep, 0", False, 2, steep, gamma=2),
        Surface("steep, 0.1", True, 2, steep, 0.1, gamma=2),
        Surface("diverging", False, 3, diverging),
        Surface("cone 1", False, 1, cones, gamma=2),
        Surface("cone 2", True, 2, cones, gamma=4),
        Surface("quartic 2", False, 2, quartic, gamma=1),
        Surface("Branin", False, 2, branin, gamma=2),
        Surface("Rosenbrock", False, 2, rosenbrock, gamma=2),
        Surface("Ackley", False, 2, ackley),
        Surface("Rastrigin", True, 2, rastrigin),
        Surface("rounded to .01", False, 2, bowl(2), 0.0, finish=rounded(2), gamma=2),
        Surface("rounded to .001", True, 2, readme, 0.0, finish=rounded(3), gamma=2),
        Surface("rounded, 0.02", False, 2, bowl(2), 0.02, finish=rounded(2, 0.02), gamma=2),
        Surface("a third fails", False, 2, bowl(2), 0.0, finish=failing(0.0, 0.33), gamma=2),
        Surface("a fifth fails", True, 2, bowl(2), 0.05, finish=failing(0.05, 0.2), gamma=2),
        Surface("500 examples", False, 2, bowl(2), 0.0134, 0.1, finish=counted(500), gamma=2),
        Surface("10000 examples", True, 2, bowl(2), 0.003, 0.1, finish=counted(10000), gamma=2),
        Surface("Student noise", False, 2, bowl(2), 0.05, finish=heavy(0.05), gamma=2),
        Surface("growing noise", False, 2, bowl(2), 0.05, finish=growing(0.05), gamma=2),
    ]


SURFACES = {surface.name: surface for surface in [*_laws(), *_bowls(), *_others()]}

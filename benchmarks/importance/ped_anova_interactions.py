"""Pairwise interactions S_ij: accuracy, level of the test, power and time.

    python benchmarks/importance/ped_anova_interactions.py # about fifteen minutes
    python benchmarks/importance/ped_anova_interactions.py --quick # two minutes

(a) Bias and root mean squared error of S_ij against exact values. "plug-in" is 10 x 10 bins as
they are; "10 x 10" the same with the (K - 1)^2 degrees of freedom subtracted, at least 0;
"shuffled" is ours with permuted labels, which knows nothing: its error is what 0 everywhere gives.
(b) How often p <= 0.05 where effects only add up, and where they do not; "permuted" is the test of
the plug-in by permuting labels, whose hypothesis is no effect at all. (c) Seconds for all pairs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.cells import Cells, choice_cells, ordered_cells
from optuna_hpx.importance.maths.interactions import pairwise

_K = 10
_PERMUTATIONS = 99


@dataclass(frozen=True)
class Case:
    """Two parameters in the unit square (or cube), and P(b | x) or a loss with its quantile."""

    name: str
    loss: Callable[[np.ndarray], np.ndarray]
    quantile: float
    pair: tuple[int, int] = (0, 1)
    choices: int | None = None
    """Both parameters are categorical, with so many choices."""

    def sample(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Labels (n,) and the pair's values (2, n)."""
        u = rng.random((3, n))
        if self.choices is not None:
            u[:2] = np.floor(u[:2] * self.choices)
        losses = self.loss(u)
        cut = np.partition(losses, (k := int(np.ceil(self.quantile * n)) - 1))[k]
        return losses <= cut, u[list(self.pair)]

    def exact(self) -> float:
        """By simulation: 4e6 draws in 200 bins, unbiased within; standard error below 0.002."""
        n, k = 4_000_000, self.choices or 200
        top, u = self.sample(np.random.default_rng(20261121), n)
        i, j = (u if self.choices else u * k).astype(int)
        first, second, joint = (_explained(top, codes) for codes in (i, j, i * k + j))
        return joint - first - second


def _explained(top: np.ndarray, codes: np.ndarray) -> float:
    """1 - (mean variance within cells) / (variance), unbiased."""
    n_c, m_c = np.bincount(codes), np.bincount(codes, top)
    within = (m_c * (n_c - m_c) / np.maximum(n_c - 1.0, 1.0)).sum() / len(top)
    q = top.mean()
    return float(1.0 - within / (q * (1.0 - q)))


def _xor(at: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda u: 1e-3 * u[2] - ((u[0] < at) ^ (u[1] < at))


def _ishigami(u: np.ndarray) -> np.ndarray:
    x = np.pi * (2.0 * u - 1.0)
    return np.asarray(np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


CASES = [
    Case("XOR, q = .5", _xor(0.5), 0.5),
    Case("XOR, q = .25", _xor(0.5), 0.25),
    Case("XOR at .37", _xor(0.37), 0.4),
    Case("Ishigami x1 x3", _ishigami, 0.1, (0, 2)),
    Case("Ishigami x1 x2", _ishigami, 0.1, (0, 1)),
    Case("4 x 4 choices", lambda u: (u[0] != u[1]) + 0.2 * u[0] + u[2], 0.1, choices=4),
    Case("sum", lambda u: u[0] + 0.5 * u[1] + 0.3 * u[2], 0.1),
    Case("product", lambda u: u[0] * u[1] + 0.3 * np.abs(u[2] - 0.5), 0.1),
    Case("one alone", lambda u: u[0] + 0.3 * u[2], 0.1),
]


def cells_of(u: np.ndarray, choices: int | None = None) -> list[Cells]:
    if choices is not None:
        return [choice_cells(x) for x in u]
    return [ordered_cells(np.argsort(x, kind="stable"), x, None) for x in u]


def ours(top: np.ndarray, u: np.ndarray, choices: int | None) -> float:
    return float(pairwise(top, cells_of(u, choices))[0][0, 1])


def shuffled(top: np.ndarray, u: np.ndarray, choices: int | None) -> float:
    return ours(np.random.default_rng(len(top)).permutation(top), u, choices)


def plug_in(top: np.ndarray, u: np.ndarray, choices: int | None) -> float:
    """Variance of the cells' means, less those of the rows and the columns."""
    joint, first, second = _means(top, u, choices)
    return float(joint - first - second)


def one_grid(top: np.ndarray, u: np.ndarray, choices: int | None) -> float:
    """The plug-in less its mean under no influence, for homoscedastic labels."""
    k = choices or _K
    return max(plug_in(top, u, choices) - (k - 1) ** 2 / (len(top) - 1), 0.0)


def _means(top: np.ndarray, u: np.ndarray, choices: int | None) -> list[float]:
    n, k = len(top), choices or _K
    ranks = np.argsort(np.argsort(u, axis=1), axis=1)
    i, j = u.astype(int) if choices is not None else ranks * k // n
    q = top.mean()
    shares = []
    for codes in (i * k + j, i, j):
        n_c, m_c = np.bincount(codes), np.bincount(codes, top)
        p = m_c / np.maximum(n_c, 1)
        shares.append(float((n_c / n) @ (p - q) ** 2 / (q * (1.0 - q))))
    return shares


METHODS: dict[str, Callable[[np.ndarray, np.ndarray, int | None], float]] = {
    "ours": ours,
    "plug-in": plug_in,
    "10 x 10": one_grid,
    "shuffled": shuffled,
}


def accuracy(seeds: int) -> None:
    exact = {case.name: case.exact() for case in CASES}
    for n in (100, 300, 1000, 10_000):
        print(f"\n(a) n = {n}, seeds 0..{seeds - 1}: bias | RMSE of S_ij")
        print(f"{'':17}{'exact':>7}" + "".join(f"{name:>17}" for name in METHODS) + "   (s.e.)")
        for case in CASES:
            draws = [case.sample(np.random.default_rng(seed), n) for seed in range(seeds)]
            row = ""
            for name, method in METHODS.items():
                e = np.array([method(*d, case.choices) for d in draws]) - exact[case.name]
                row += f"{e.mean():+10.3f}|{np.sqrt((e**2).mean()):6.3f}"
                if name == "ours":
                    error = e.std(ddof=1) / np.sqrt(seeds)
            print(f"{case.name:17}{exact[case.name]:7.3f}{row}   ({error:.3f})", flush=True)


ADDITIVE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "no effects": lambda u: np.full(u.shape[1], 0.1),
    "one steep": lambda u: 0.5 * (u[0] < 0.2),
    "two steep": lambda u: 0.4 * (u[0] < 0.15) + 0.25 * (u[1] < 0.15),
    "two smooth": lambda u: 0.2 * u[0] ** 3 + 0.2 * u[1] ** 3,
    "two linear, q .5": lambda u: 0.5 * u[0] + 0.5 * u[1],
}
INTERACTING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "weak XOR": lambda u: 0.1 + 0.08 * ((u[0] < 0.5) ^ (u[1] < 0.5)),
    "corner": lambda u: 0.05 + 0.5 * (u[0] < 0.3) * (u[1] < 0.3),
    "steep + corner": lambda u: 0.3 * (u[0] < 0.3) + 0.4 * (u[0] < 0.3) * (u[1] < 0.3),
}


def level_and_power(repeats: int, n_permuted: int) -> None:
    print(f"\n(b) share of p <= 0.05; {repeats} repetitions (s.e. at .05: "
          f"{np.sqrt(0.05 * 0.95 / repeats):.4f}), permuted {n_permuted} "
          f"({np.sqrt(0.05 * 0.95 / n_permuted):.4f})")  # fmt: skip
    for title, cases in (("effects add up", ADDITIVE), ("interaction", INTERACTING)):
        print(f"{title:20}" + "".join(f"{f'n = {n}':>20}" for n in (100, 300, 1000)))
        for name, p_of in cases.items():
            row = ""
            for n in (100, 300, 1000):
                found, permuted = [], []
                for seed in range(repeats):
                    rng = np.random.default_rng(seed)
                    u = rng.random((2, n))
                    top, cells = rng.random(n) < p_of(u), cells_of(u)
                    found.append(pairwise(top, cells)[1][0, 1] <= 0.05)
                    if seed < n_permuted:
                        permuted.append(_permutation_p_value(rng, top, u) <= 0.05)
                row += f"{np.mean(found):12.3f} ({np.mean(permuted):.2f})"
            print(f"{name:20}{row}", flush=True)
    print("in brackets: permuted")


def _permutation_p_value(rng: np.random.Generator, top: np.ndarray, u: np.ndarray) -> float:
    """Of the plug-in, its distribution by permuting labels."""
    others = [plug_in(rng.permutation(top), u, None) for _ in range(_PERMUTATIONS)]
    n_larger = np.count_nonzero(np.array(others) >= plug_in(top, u, None))
    return float((1 + n_larger) / (_PERMUTATIONS + 1))


def timing(repeats: int) -> None:
    print(f"\n(c) all pairs, cells included: median (least, largest) of {repeats}, seconds")
    for d, n in ((20, 1000), (20, 10_000), (50, 10_000)):
        rng = np.random.default_rng(0)
        u = rng.random((d, n))
        top = u[0] + u[1] * u[2] <= 0.4
        orders = np.argsort(u, axis=1, kind="stable")
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            cells = [ordered_cells(o, x, None) for o, x in zip(orders, u, strict=True)]
            pairwise(top, cells)
            seconds.append(time.perf_counter() - start)
        print(f"  {d} x {n:6}: {np.median(seconds):.3f} ({min(seconds):.3f}, {max(seconds):.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    parser.add_argument("--repeats", type=int, default=2000, help="of the tests in (b)")
    parser.add_argument("--seeds", type=int, default=40, help="of the estimates in (a)")
    arguments = parser.parse_args()
    less = 10 if arguments.quick else 1
    timing(5)
    accuracy(max(arguments.seeds // less, 4))
    level_and_power(max(arguments.repeats // less, 10), max(200 // less, 10))


if __name__ == "__main__":
    main()

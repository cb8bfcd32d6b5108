"""Size and power of ``compare_importances``, and how often its intervals hold.

    python benchmarks/importance/importance_differences.py [--repetitions 400]

Random draws from the unit cube of six parameters, one of them a choice. "alike": the share of
studies in which some parameter of the same importance on both sides differs family-wise
(p <= 0.05), and its standard error. "held": how often the interval of such
a parameter holds 0. "differ": the share in which each parameter that matters differently is found.
Beside it what one would do by hand, in some of the repetitions: a normal test of the difference of
the reported S, its error by 100 bootstrap replicates of each side, family-wise by Bonferroni.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable, compare_importances

Loss = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Rescaling = Callable[[np.ndarray], np.ndarray]

_N_PARAMETERS = 6
DISTRIBUTIONS: dict[str, BaseDistribution] = {
    **{f"x{k}": FloatDistribution(0.0, 1.0) for k in range(_N_PARAMETERS - 1)},
    f"x{_N_PARAMETERS - 1}": CategoricalDistribution(["a", "b"]),
}


def _noise(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=len(x))


def _half_noise(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(x)) < 0.5, x[:, 0], rng.random(len(x)))


LOSSES: dict[str, Loss] = {
    "x0 + x1/2": lambda x, rng: x[:, 0] + 0.5 * x[:, 1],
    "x1 + x0/2": lambda x, rng: x[:, 1] + 0.5 * x[:, 0],
    "exp of its mirror image": lambda x, rng: 1.0 - x[:, 0] + 0.5 * x[:, 1],
    "x0 + x1 + x2": lambda x, rng: x[:, :3].sum(axis=1),
    "bowl": lambda x, rng: (x[:, 0] - 0.5) ** 2 + (x[:, 1] - 0.3) ** 2,
    "bowl elsewhere": lambda x, rng: (x[:, 0] - 0.3) ** 2 + (x[:, 1] - 0.5) ** 2,
    "choice": lambda x, rng: 2.0 * (x[:, 5] > 0.5) + x[:, 0],
    "noise": _noise,
    "half noise": _half_noise,
}
RESCALINGS: dict[str, Rescaling] = {"exp of its mirror image": lambda y: np.exp(3.0 * y)}
"""What is done to a loss and its noise: importances of a target set do not see it."""


@dataclass(frozen=True)
class Row:
    """Two losses, which parameters matter alike, and which do not."""

    first: str
    second: str
    alike: tuple[int, ...]
    differ: tuple[int, ...] = ()


EVERY = tuple(range(_N_PARAMETERS))
ROWS = (
    Row("x0 + x1/2", "x0 + x1/2", EVERY),
    Row("x0 + x1/2", "exp of its mirror image", EVERY),
    Row("bowl", "bowl", EVERY),
    Row("bowl", "bowl elsewhere", (2, 3, 4, 5)),
    Row("choice", "choice", EVERY),
    Row("noise", "noise", EVERY),
    Row("half noise", "half noise", EVERY),
    Row("x0 + x1/2", "x1 + x0/2", (2, 3, 4, 5), (0, 1)),
    Row("x0 + x1/2", "x0 + x1 + x2", (3, 4, 5), (0, 2)),
    Row("x0 + x1/2", "noise", (2, 3, 4, 5), (0, 1)),
)


def _table(x: np.ndarray, losses: np.ndarray) -> TrialTable:
    """The last parameter is a choice of two, the others are continuous."""
    frame = pd.DataFrame(x, columns=list(DISTRIBUTIONS))
    frame[frame.columns[-1]] = np.where(x[:, -1] > 0.5, "b", "a")
    return TrialTable.from_frame(
        frame.assign(loss=losses), value="loss", distributions=DISTRIBUTIONS
    )


def sides(
    row: Row, n: tuple[int, int], rng: np.random.Generator, *, is_paired: bool
) -> tuple[TrialTable, TrialTable]:
    first = rng.random((n[0], _N_PARAMETERS))
    second = first if is_paired else rng.random((n[1], _N_PARAMETERS))
    # Paired sides have an error of their own each: the same targets would have nothing to compare.
    losses = [LOSSES[name](x, rng) for name, x in ((row.first, first), (row.second, second))]
    if is_paired:
        losses = [y + 0.2 * y.std() * rng.normal(size=len(y)) for y in losses]
    for k, name in enumerate((row.first, row.second)):
        losses[k] = RESCALINGS.get(name, np.asarray)(losses[k])
    return _table(first, losses[0]), _table(second, losses[1])


def by_bootstrap(a: TrialTable, b: TrialTable, rng: np.random.Generator) -> np.ndarray:
    """(d,) family-wise p-values of the difference of the reported S, by resampling each side."""
    evaluator = PedAnovaImportanceEvaluator(sampling="independent")
    names = sorted(a.columns)

    def difference(first: TrialTable, second: TrialTable) -> np.ndarray:
        s = [evaluator.evaluate(table) for table in (first, second)]
        return np.array([s[0][name] - s[1][name] for name in names])

    draws = np.array(
        [
            difference(*(t.take(np.sort(rng.integers(0, len(t), len(t)))) for t in (a, b)))
            for _ in range(100)
        ]
    )
    z = np.abs(difference(a, b)) / np.maximum(draws.std(axis=0), 1e-12)
    from scipy.stats import norm

    return np.minimum(2.0 * norm.sf(z) * len(names), 1.0)


def rate_and_error(false: int, repetitions: int) -> str:
    rate = false / repetitions
    error = np.sqrt(max(rate, 1.0 / repetitions) * (1.0 - rate) / repetitions)
    return f"{rate:6.3f} {error:6.3f}"


def report(
    row: Row, n: tuple[int, int], repetitions: int, bootstrap: int, *, is_paired: bool
) -> int:
    """Print a row, and return in how many studies something alike is said to differ."""
    rng = np.random.default_rng(20261126)
    evaluator = PedAnovaImportanceEvaluator(
        n_bootstrap=1, n_permutations=20, sampling="independent", seed=0
    )
    false, hits = 0, np.zeros(len(row.differ))
    held: list[bool] = []
    peer_false, peer_hits = 0, np.zeros(len(row.differ))
    for repetition in range(repetitions):
        a, b = sides(row, n, rng, is_paired=is_paired)
        comparison = compare_importances(
            a, b, evaluator=evaluator, n_permutations=300, seed=repetition
        )
        held += [
            low <= 0.0 <= high
            for name, low, high in zip(
                comparison.names, comparison.ci_low, comparison.ci_high, strict=True
            )
            if int(name[1:]) in row.alike
        ]
        named = {int(name[1:]) for name in comparison.differing}
        false += bool(named & set(row.alike))
        hits += [k in named for k in row.differ]
        if repetition < bootstrap and not is_paired:
            p = by_bootstrap(a, b, rng)
            peer_false += bool((p[list(row.alike)] <= 0.05).any())
            peer_hits += p[list(row.differ)] <= 0.05
    label = f"{row.first} | {row.second}" + (" (paired)" if is_paired else "")
    power = " ".join(
        f"x{k} {hit / repetitions:.2f}" for k, hit in zip(row.differ, hits, strict=True)
    )
    peer = ""
    if bootstrap and not is_paired:
        found = " ".join(
            f"x{k} {h / bootstrap:.2f}" for k, h in zip(row.differ, peer_hits, strict=True)
        )
        peer = f"{peer_false / bootstrap:.3f} {found}"
    rate = rate_and_error(false, repetitions)
    print(
        f"{n[0]:4} {n[1]:4}  {label:38} {rate} {np.mean(held):6.3f}  {power:16} {peer}",
        flush=True,
    )
    return false


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=400)
    parser.add_argument("--bootstrap", type=int, default=40)
    parser.add_argument("--paired", action="store_true", help="two targets of one study only")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    heads = f"{'losses':38} {'alike':>6} {'s.e.':>6} {'held':>6}  {'differ':16} by bootstrap"
    print(f"{'n_a':>4} {'n_b':>4}  {heads}")
    plans = (False, ((100, 100), (200, 200), (300, 100))), (True, ((200, 200),))
    for is_paired, sizes in plans[args.paired :]:
        rows = [row for row in ROWS if not (is_paired and row.first == "noise")]
        false = sum(
            report(row, n, args.repetitions, args.bootstrap, is_paired=is_paired)
            for n in sizes
            for row in rows
        )
        total = args.repetitions * len(rows) * len(sizes)
        print(f"{'':11}{'all of these':38} {rate_and_error(false, total)}", flush=True)


if __name__ == "__main__":
    main()

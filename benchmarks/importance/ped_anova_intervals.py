"""Do the 95 % intervals for S, and for the normalised importance, hold the exact value?

    python benchmarks/importance/ped_anova_intervals.py [--repetitions 500] [--sizes 100 300 1000]

Independent uniform trials of functions with known S. Per function, parameter and n: coverage (its
standard error is 0.010 at 0.95 and 500 repetitions) and mean width. Then the coverage of two
bootstraps of 200 replicates of the same estimate, on 60 repetitions of one function at n = 300:
the percentile interval, and the one re-centred by the bootstrap's own bias. No constant of the
intervals was chosen on these functions, but on those of ``cases.DESIGN``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
import optuna
import pandas as pd
from cases import CONDITIONAL_AND_MIXED, DECISIVE, Case, Draw, integrated, make_trials

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable

_N_BOOTSTRAP, _N_BOOTSTRAPPED, _SIZE_BOOTSTRAPPED = 200, 60, 300


def _cases() -> list[Case]:
    names = ("disjoint 0.1", "overlap 0.25", "three-way 0.1", "two domains 0.1", "mixed types 0.1")
    mixed = [case for case in CONDITIONAL_AND_MIXED if case.name in names]
    functions = ("ishigami", "friedman", "g-function", "branin", "rastrigin")
    return [*(integrated(name, 0.1) for name in functions), DECISIVE[2], DECISIVE[3], *mixed]


def _with_null(case: Case, rng: np.random.Generator, n: int) -> tuple[Draw, np.ndarray]:
    """Trials with one more parameter, which does nothing."""
    columns, losses = case.sample(rng, n)
    null = optuna.distributions.FloatDistribution(0.0, 1.0)
    columns["null"] = (rng.random(n), [null] * n)
    return columns, losses


def _table(columns: Draw, losses: np.ndarray) -> TrialTable:
    of_first = {name: dists[0] for name, (_, dists) in columns.items()}
    if any(d is not of_first[name] for name, (_, dists) in columns.items() for d in dists):
        study = optuna.create_study()
        study.add_trials(make_trials(columns, losses))
        return TrialTable.from_study(study)
    frame = pd.DataFrame({name: _external(x, of_first[name]) for name, (x, _) in columns.items()})
    frame["value"] = losses
    return TrialTable.from_frame(
        frame,
        params=list(columns),
        value="value",
        distributions={name: d for name, d in of_first.items() if d is not None},
    )


def _external(x: np.ndarray, distribution: Any) -> list[Any]:
    return [distribution.to_external_repr(value) for value in x.tolist()]


def _percentiles(
    evaluator: PedAnovaImportanceEvaluator,
    columns: Draw,
    losses: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, tuple[float, float, float, float]]:
    """Ends of the percentile interval, and of the one moved by the bootstrap's mean gain."""
    estimate = evaluator.evaluate(_table(columns, losses))
    found = []
    for _ in range(_N_BOOTSTRAP):
        rows = rng.integers(len(losses), size=len(losses))
        drawn = {name: (x[rows], dists) for name, (x, dists) in columns.items()}
        replicate = evaluator.evaluate(_table(drawn, losses[rows]))
        found.append([replicate[name] for name in estimate])
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    gain = np.mean(found, axis=0) - list(estimate.values())
    ends = zip(low, high, low - gain, high - gain, strict=True)
    return dict(zip(estimate, ends, strict=True))


def _rows(case: Case, n: int, repetitions: int) -> Iterator[tuple[str, float, np.ndarray]]:
    """Per parameter: its exact S, and the means of what is printed."""
    exact = {**case.exact, "null": 0.0}
    total = sum(exact.values())
    evaluator = PedAnovaImportanceEvaluator(
        target_quantile=case.target_quantile, n_permutations=20, n_bootstrap=1, seed=0
    )
    found: dict[str, list[list[float]]] = {name: [] for name in exact}
    for seed in range(repetitions):
        rng = np.random.default_rng([seed, n])
        report = evaluator.report(_table(*_with_null(case, rng, n)))
        for place, name in enumerate(report.names):
            low, high = report.ci_low[place], report.ci_high[place]
            share = exact[name] / total
            normalized = report.normalized_ci_low[place], report.normalized_ci_high[place]
            found[name].append(
                [
                    low <= exact[name] <= high,
                    low > exact[name],
                    high - low,
                    normalized[0] <= share <= normalized[1],
                    normalized[1] - normalized[0],
                ]
            )
    for name, rows in found.items():
        yield name, exact[name], np.mean(rows, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=500)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--no-bootstrap", action="store_true")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.logging.disable_default_handler()
    all_covered: dict[int, list[tuple[float, float]]] = {}
    for n in arguments.sizes:
        print(f"\nn = {n}, {arguments.repetitions} repetitions")
        print(f"{'':34}S: coverage  too high  width   share: coverage  width")
        for case in _cases():
            for name, s, row in _rows(case, n, arguments.repetitions):
                print(
                    f"{case.name:20}{name:6}{s:8.4f}{row[0]:13.3f}{row[1]:10.3f}{row[2]:7.3f}"
                    f"{row[3]:18.3f}{row[4]:7.3f}",
                    flush=True,
                )
                all_covered.setdefault(n, []).append((row[0], row[3]))
    print(
        "\nCoverage over all cases and parameters: median (smallest to largest), in 0.93 to 0.98+"
    )
    for n, covered in all_covered.items():
        for label, values in zip(("S", "share"), np.array(covered).T, strict=True):
            inside = np.mean((values >= 0.93) & (values <= 0.98))
            print(
                f"  n = {n:5}, {label:6} {np.median(values):.3f} ({values.min():.3f} to "
                f"{values.max():.3f}), {inside:.0%} within 0.93 to 0.98, "
                f"{np.mean(values >= 0.93):.0%} at least 0.93"
            )
    if not arguments.no_bootstrap:
        _bootstrap()


def _bootstrap() -> None:
    print(f"\nBootstrap of {_N_BOOTSTRAP} replicates, {_N_BOOTSTRAPPED} repetitions, Ishigami 0.1")
    print(f"{'':26}percentile  re-centred")
    case = integrated("ishigami", 0.1)
    exact = {**case.exact, "null": 0.0}
    evaluator = PedAnovaImportanceEvaluator(target_quantile=0.1)
    n = _SIZE_BOOTSTRAPPED
    held: dict[str, list[list[bool]]] = {name: [] for name in exact}
    for seed in range(_N_BOOTSTRAPPED):
        rng = np.random.default_rng([seed, n])
        trials = _with_null(case, rng, n)
        for name, ends in _percentiles(evaluator, *trials, rng).items():
            s = exact[name]
            held[name].append([ends[0] <= s <= ends[1], ends[2] <= s <= ends[3]])
    for name, rows in held.items():
        print(f"n = {n:5} {name:6}{exact[name]:9.4f}{np.mean(rows, axis=0).round(3)}")


if __name__ == "__main__":
    main()

"""Size and power of the permutation tests.

    python benchmarks/importance/ped_anova_tests.py [--repetitions 2000]

Size: in one space with a float, a log int, a step with many ties, a gate of three choices and two
parameters that exist behind it (one of them in two domains), losses are drawn anew that depend on
nothing; every tenth repetition the trials are, too. The share of p-values at most 0.05 has a
standard error of 0.005 at 2000 repetitions. In the second half losses are rounded, so that the
cut-off falls among ties. Then a gated objective: losses depend on the gate alone, and the
parameters behind it are tested.

Power: the share of repetitions with p <= 0.05, ours beside a chi-square test of ten equal bins by
the same permutations, the two-sample Kolmogorov-Smirnov test of target trials against the rest
(scipy), and one of two bins; and ours on shuffled losses.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import optuna
from cases import Case, integrated, make_trials
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy import stats

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable

_DISTRIBUTIONS = {
    "float": FloatDistribution(0.0, 1.0),
    "log int": IntDistribution(1, 64, log=True),
    "step": FloatDistribution(0.0, 1.0, step=0.25),
    "gate": CategoricalDistribution(("a", "b", "c")),
    "behind": FloatDistribution(1e-4, 1.0, log=True),
}
_DOMAINS = FloatDistribution(0.0, 1.0), IntDistribution(0, 30)


def _space(rng: np.random.Generator, n: int) -> tuple[TrialTable, np.ndarray]:
    gate = rng.integers(3, size=n)
    columns = {
        "float": (rng.random(n), [_DISTRIBUTIONS["float"]] * n),
        "log int": (np.floor(64 ** rng.random(n)), [_DISTRIBUTIONS["log int"]] * n),
        "step": (rng.integers(5, size=n) / 4, [_DISTRIBUTIONS["step"]] * n),
        "gate": (gate.astype(float), [_DISTRIBUTIONS["gate"]] * n),
        "behind": (
            10.0 ** -(4 * rng.random(n)),
            [_DISTRIBUTIONS["behind"] if g else None for g in gate],
        ),
        "domains": (
            np.where(gate == 1, rng.random(n), rng.integers(31, size=n)),
            [_DOMAINS[g - 1] if g else None for g in gate],
        ),
    }
    study = optuna.create_study()
    study.add_trials(make_trials(columns, np.zeros(n)))  # type: ignore[arg-type]
    return TrialTable.from_study(study), gate


def _size(n: int, repetitions: int) -> None:
    evaluator = PedAnovaImportanceEvaluator(target_quantile=0.1, n_bootstrap=1, n_permutations=499)
    names = ("float", "log int", "step", "gate", "behind", "domains")
    alone, family, gated = [], [], []
    for repetition in range(repetitions):
        rng = np.random.default_rng([repetition, n])
        if repetition % 10 == 0:
            table, gate = _space(rng, n)
        losses = rng.random(n)
        if repetition >= repetitions // 2:
            losses = np.round(losses * 15)
        evaluator._seed = repetition
        report = evaluator.report(replace(table, losses=losses[:, None]))
        alone.append([report.p_values[report.names.index(name)] <= 0.05 for name in names])
        family.append(report.p_values_familywise.min() <= 0.05)
        report = evaluator.report(replace(table, losses=(rng.random(n) - gate)[:, None]))
        gated.append(
            [report.p_values[report.names.index(name)] <= 0.05 for name in names if name != "gate"]
        )
    error = np.sqrt(0.05 * 0.95 / repetitions)
    print(f"\nn = {n}: share of p <= 0.05, {repetitions} repetitions, standard error {error:.4f}")
    for name, share in zip(names, np.mean(alone, axis=0), strict=True):
        print(f"  {name:8} {share:.4f}")
    print(f"  any of them, family-wise {np.mean(family):.4f}")
    others = [name for name in names if name != "gate"]
    listed = (f"{name} {s:.4f}" for name, s in zip(others, np.mean(gated, axis=0), strict=True))
    print(f"  losses that depend on the gate: {', '.join(listed)}")


def _power(case: Case, n: int, repetitions: int) -> None:
    names = list(case.exact)
    evaluator = PedAnovaImportanceEvaluator(
        target_quantile=case.target_quantile, n_bootstrap=1, n_permutations=499
    )
    found: dict[str, list[list[bool]]] = {}
    for seed in range(repetitions):
        evaluator._seed = seed
        rng = np.random.default_rng([seed, n, 1])
        columns, losses = case.sample(rng, n)
        table = TrialTable.from_frame(
            _frame(columns, losses),
            params=names,
            value="value",
            distributions={name: d for name, (_, (d, *_)) in columns.items() if d is not None},
        )
        shuffled = replace(table, losses=rng.permutation(table.losses))
        for label, of in (("ours", table), ("ours, shuffled", shuffled)):
            report = evaluator.report(of)
            p = [report.p_values[report.names.index(name)] for name in names]
            found.setdefault(label, []).append([value <= 0.05 for value in p])
        top = losses <= np.sort(losses)[int(np.ceil(case.target_quantile * n)) - 1]
        for label, bins in (("chi-square, 10 bins", 10), ("chi-square, 2 bins", 2)):
            p = [_chi_square(columns[name][0], top, bins, rng) for name in names]
            found.setdefault(label, []).append([value <= 0.05 for value in p])
        p = [stats.ks_2samp(columns[x][0][top], columns[x][0][~top]).pvalue for x in names]
        found.setdefault("Kolmogorov-Smirnov", []).append([value <= 0.05 for value in p])
    print(f"\n{case.name}, n = {n}: power, {repetitions} repetitions")
    print(f"  {'':22}" + "".join(f"{name:>8}" for name in names))
    print(f"  {'exact S':22}" + "".join(f"{s:8.3f}" for s in case.exact.values()))
    for label, rows in found.items():
        print(f"  {label:22}" + "".join(f"{share:8.3f}" for share in np.mean(rows, axis=0)))


def _frame(columns: dict, losses: np.ndarray):  # type: ignore[no-untyped-def, type-arg]
    import pandas as pd

    return pd.DataFrame({**{name: x for name, (x, _) in columns.items()}, "value": losses})


def _chi_square(x: np.ndarray, top: np.ndarray, bins: int, rng: np.random.Generator) -> float:
    codes = np.argsort(np.argsort(x)) * bins // len(x)
    n_k = np.bincount(codes, minlength=bins)
    observed = np.bincount(codes[top], minlength=bins)
    drawn = rng.multivariate_hypergeometric(n_k, int(top.sum()), size=499)
    expected = n_k * top.mean()
    reached = ((drawn - expected) ** 2 / n_k).sum(axis=1) >= (
        (observed - expected) ** 2 / n_k
    ).sum() - 1e-9
    return float((1 + reached.sum()) / 500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for n in (50, 200, 1000):
        _size(n, arguments.repetitions)
    for name in ("ishigami", "friedman", "branin", "rastrigin"):
        for n in (50, 200, 1000):
            _power(integrated(name, 0.1), n, max(arguments.repetitions // 10, 1))


if __name__ == "__main__":
    main()

"""PED-ANOVA against exact importances: ours, Optuna's own, and ours with parts taken out.

    python benchmarks/importance/ped_anova_accuracy.py            # about three minutes
    python benchmarks/importance/ped_anova_accuracy.py --quick    # n = 1000 only

Every line is the root mean squared error over parameters and seeds, of S (in [0, 1]) and of the
normalised importance. "one grid" is ours with one fixed resolution of 20 bins, corrected for
chance; "raw" the same without correction; "shuffled" is ours with the values of the trials
permuted, which knows nothing: its error of S is what answering 0 everywhere would give.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np
import optuna
from cases import CONDITIONAL_AND_MIXED, DECISIVE, DECISIVE_INT, MOVING, Case, held_out
from optuna.importance import PedAnovaImportanceEvaluator as OptunaPedAnova

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable

Estimate = dict[str, float]


def ours(study: optuna.Study, quantile: float) -> Estimate:
    return PedAnovaImportanceEvaluator(target_quantile=quantile).evaluate(study)


def optunas(study: optuna.Study, quantile: float) -> Estimate:
    """Optuna's variance v, divided by the variance q (1 - q) of being in the target set."""
    v: Estimate = OptunaPedAnova(target_quantile=quantile).evaluate(study)
    variance = quantile * (1.0 - quantile)
    return {name: float(value) / variance for name, value in v.items()}


def _one_grid(study: optuna.Study, quantile: float, *, corrected: bool, k: int = 20) -> Estimate:
    table = TrialTable.from_study(study)
    n = len(table)
    top = np.argsort(np.argsort(table.losses[:, 0])) < np.ceil(quantile * n)
    variance = float(top.mean() * (1.0 - top.mean()))
    shares = {}
    for name, column in table.columns.items():
        s = 0.0
        for code in range(len(column.distributions)):
            rows = np.flatnonzero(column.regime == code)
            if len(rows) < 2 or top[rows].all() or not top[rows].any():
                continue
            values = column.values[rows]
            distinct, groups = np.unique(values, return_inverse=True)
            if len(distinct) > k:
                groups = np.argsort(np.argsort(values)) * k // len(rows)
            n_k, m_k = np.bincount(groups), np.bincount(groups, top[rows])
            p, q_i = m_k / np.maximum(n_k, 1), top[rows].mean()
            raw = float((n_k / len(rows)) @ (p - q_i) ** 2 / (q_i * (1.0 - q_i)))
            bins = int(np.count_nonzero(n_k))
            share = 1.0 - (1.0 - raw) * (len(rows) - 1) / max(len(rows) - bins, 1)
            share = max(share, 0.0) if corrected else raw
            s += len(rows) / n * q_i * (1.0 - q_i) / variance * share
        shares[name] = s
    return shares


def one_grid(study: optuna.Study, quantile: float) -> Estimate:
    return _one_grid(study, quantile, corrected=True)


def raw(study: optuna.Study, quantile: float) -> Estimate:
    return _one_grid(study, quantile, corrected=False)


def shuffled(study: optuna.Study, quantile: float) -> Estimate:
    table = TrialTable.from_study(study)
    order = np.random.default_rng(len(table)).permutation(len(table))
    values = table.losses[order, 0]
    evaluator = PedAnovaImportanceEvaluator(target_quantile=quantile)
    return evaluator.evaluate(study, target=lambda trial: values[trial.number])


METHODS: dict[str, Callable[[optuna.Study, float], Estimate]] = {
    "ours": ours,
    "optuna": optunas,
    "one grid": one_grid,
    "raw": raw,
    "shuffled": shuffled,
}


def errors(case: Case, n: int, seeds: range) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per method the errors (seeds, parameters) of S and of the normalised importance."""
    exact = np.array(list(case.exact.values()))
    result: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in METHODS}
    for seed in seeds:
        study = case.study(seed, n)
        for name, method in METHODS.items():
            shares = method(study, case.target_quantile)
            s = np.array([shares[parameter] for parameter in case.exact])
            normalised = s / s.sum() if s.sum() > 0 else np.full(len(s), 1.0 / len(s))
            result[name].append((s - exact, normalised - exact / exact.sum()))
    return {
        name: (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
        for name, pairs in result.items()
    }


def _rmse(e: np.ndarray) -> float:
    return float(np.sqrt(np.mean(e**2)))


def _standard_error(e: np.ndarray) -> float:
    """Of the RMSE, by the spread of the squared error over seeds (delta method)."""
    per_seed = np.mean(e**2, axis=1)
    return float(per_seed.std(ddof=1) / np.sqrt(len(e)) / (2.0 * max(_rmse(e), 1e-12)))


def table(title: str, cases: list[Case], n: int, n_seeds: int) -> None:
    print(f"\n{title}: n = {n}, seeds 0..{n_seeds - 1}; RMSE of S | of normalised importance")
    print(f"{'':22}" + "".join(f"{name:>15}" for name in METHODS) + "   (s.e. ours, optuna)")
    for case in cases:
        found = errors(case, n, range(n_seeds))
        row = "".join(f"{_rmse(a):8.3f}|{_rmse(b):6.3f}" for a, b in found.values())
        se = [_standard_error(found[name][0]) for name in ("ours", "optuna")]
        print(f"{case.name:22}{row}   ({se[0]:.3f}, {se[1]:.3f})", flush=True)


def decisive(n_seeds: int) -> None:
    print(f"\nDecisive categorical, n = 1000, seeds 0..{n_seeds - 1}: normalised importance of c")
    print(f"{'':22}{'exact':>8}" + "".join(f"{name + ' (sd)':>18}" for name in METHODS))
    for case in DECISIVE + DECISIVE_INT:
        exact = case.exact["c"] / sum(case.exact.values())
        found = errors(case, 1000, range(n_seeds))
        cells = [exact + b[:, 0] for _, b in found.values()]
        row = "".join(f"{c.mean():10.3f} ({c.std(ddof=1):.3f})" for c in cells)
        print(f"{case.name:22}{exact:8.3f}{row}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="n = 1000 only")
    quick = parser.parse_args().quick
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    decisive(40)
    table("Conditional and mixed", CONDITIONAL_AND_MIXED, 1000, 10)
    table("Moving bounds", MOVING, 1000, 10)
    table("Held-out functions", held_out(), 1000, 10)
    if not quick:
        table("Conditional and mixed", CONDITIONAL_AND_MIXED, 100, 10)
        table("Held-out functions", held_out(), 100, 10)
        table("Held-out functions", held_out()[:2], 20000, 10)


if __name__ == "__main__":
    main()

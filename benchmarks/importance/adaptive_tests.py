"""Is a parameter called significant that does nothing, in trials that a sampler chose?

    python benchmarks/importance/adaptive_tests.py  # an hour; --seeds 1 --samplers TPE NSGA-II

The held problems of ``idle_problems.py`` (on none of which the test was tuned; ``--design``: those
on which it was) x samplers x their first 40, 60, 100 and 200 trials. Printed is the share of
studies that call some idle parameter significant (family-wise p < 0.05), with its standard error,
and of the other parameters that are found. "report" is the p-value of a report of chosen trials,
the evidence of a model; "shuffled" is the same with the values permuted among the trials, where
nothing matters; "permuted" is the report as if the trials were independent; "adjusted" the test of
HSIC's residuals given the other parameters and time. The last two are what no report shows.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
from idle_problems import DESIGN, HELD, SAMPLERS, study_of

from optuna_hpx import HsicImportanceEvaluator, PedAnovaImportanceEvaluator, TrialTable

SIZES = (40, 60, 100, 200)
METHODS = ("report", "shuffled", "permuted", "adjusted")
N_PERMUTATIONS = 400


def p_values(table: TrialTable) -> dict[str, dict[str, float]]:
    """Family-wise p-values by method and parameter."""
    order = np.random.default_rng(0).permutation(len(table))
    return {
        "report": _ped_anova(table, "adaptive"),
        "shuffled": _ped_anova(replace(table, losses=table.losses[order], trials=()), "adaptive"),
        "permuted": _ped_anova(table, "independent"),
        "adjusted": _adjusted(table),
    }


def _ped_anova(table: TrialTable, sampling: str) -> dict[str, float]:
    evaluator = PedAnovaImportanceEvaluator(
        sampling=sampling, n_permutations=N_PERMUTATIONS, n_bootstrap=2, seed=0
    )
    report = evaluator.report(table)
    return dict(zip(report.names, report.p_values_familywise.tolist(), strict=True))


def _adjusted(table: TrialTable) -> dict[str, float]:
    evaluator = HsicImportanceEvaluator(
        score="rank", sampling="adaptive", n_permutations=N_PERMUTATIONS, seed=0
    )
    trials = evaluator._prepare(table, None, None, evaluator._subspace)
    assessment = evaluator._assess(trials, evaluator._subspace)
    tests = evaluator._uncertainty(assessment, np.random.default_rng(0))
    return dict(zip(assessment.names, tests.p_values_familywise.tolist(), strict=True))


class Counts:
    """Studies with a false finding, and parameters found, by method."""

    def __init__(self) -> None:
        self.false: dict[str, list[bool]] = defaultdict(list)
        self.right: dict[str, list[bool]] = defaultdict(list)

    def add(self, p: dict[str, dict[str, float]]) -> None:
        for method, by_name in p.items():
            is_idle = {name: name.startswith("idle") or method == "shuffled" for name in by_name}
            self.false[method].append(any(by_name[n] < 0.05 for n in by_name if is_idle[n]))
            self.right[method] += [by_name[n] < 0.05 for n in by_name if not is_idle[n]]

    def cells(self) -> str:
        false = [_share(self.false[method]) for method in METHODS]
        right = [_share(self.right[method]) for method in METHODS if method != "shuffled"]
        return f"{len(self.false['report']):8}" + "".join(f"{c:>12}" for c in (*false, *right))


def _share(flags: list[bool]) -> str:
    if not flags:
        return "-"
    share = float(np.mean(flags))
    return f"{share:.2f} ({np.sqrt(share * (1 - share) / len(flags)):.2f})"


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--samplers", nargs="+", default=list(SAMPLERS), choices=list(SAMPLERS))
    parser.add_argument("--design", action="store_true")
    arguments = parser.parse_args()
    by_sampler: dict[Any, Any] = {}
    by_problem: dict[Any, Any] = defaultdict(Counts)
    seconds = 0.0
    for sampler in arguments.samplers:
        for name, objective in (DESIGN if arguments.design else HELD).items():
            for seed in range(arguments.first, arguments.first + arguments.seeds):
                table = TrialTable.from_study(study_of(objective, sampler, 100 + seed))
                for n in (n for n in arguments.sizes if n <= len(table)):
                    start = time.process_time()
                    p = p_values(table.take(np.arange(n)))
                    seconds += time.process_time() - start
                    by_sampler.setdefault((sampler, n), Counts()).add(p)
                    by_problem[name].add(p)
        _print(by_sampler)
    _print(by_problem)
    print(f"{seconds:.0f} s of tests")


def _print(rows: dict) -> None:  # type: ignore[type-arg]
    print(f"\n{'':32} studies" + f"{'false':>12}".ljust(48) + "found", flush=True)
    print(f"{'':40}" + "".join(f"{m:>12}" for m in (*METHODS, "report", *METHODS[2:])))
    for key, counts in rows.items():
        label = key if isinstance(key, str) else f"{key[0]}, {key[1]} trials"
        print(f"{label:32}{counts.cells()}", flush=True)


if __name__ == "__main__":
    main()

"""Time and memory: ``evaluate()`` and ``report()``, ours and Optuna's, in one run.

    OMP_NUM_THREADS=1 python benchmarks/importance/ped_anova_speed.py    # about three minutes

CPU time, medians over repeats, interleaved so that all suffer the same noise of the machine.
"cold" reads the study into a table first; "warm" has done so; "one more" has to add one new trial;
"report" is the whole report on a cold table: 200 bootstrap replicates, 1000 permutations, pairs.
"tests" is the report without pairs on a warm table; "one by one" the same with the permutations of
one parameter counted at a time, instead of those of several together.

Last, a million rows of 20 parameters from a data frame, against sorting them.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
import warnings
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import optuna
import pandas as pd
from cases import draw, make_trials
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator as OptunaPedAnova

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance.maths import permutation

KINDS: list[BaseDistribution] = [
    FloatDistribution(0.0, 1.0),
    FloatDistribution(1e-5, 1e-1, log=True),
    IntDistribution(1, 100),
    CategoricalDistribution(["a", "b", "c", "d"]),
    FloatDistribution(0.0, 1.0, step=0.1),
]


def make_study(n: int, d: int, seed: int = 0) -> optuna.Study:
    """A study whose trials own their distribution objects, as those of a real run do."""
    rng = np.random.default_rng(seed)
    columns = {}
    for j in range(d):
        dist = KINDS[j % len(KINDS)]
        copies = [type(dist)(**_arguments(dist)) for _ in range(n)]
        columns[f"p{j}"] = draw(dist, rng.random(n)), copies
    losses = columns["p0"][0] + columns["p1"][0] + 0.1 * rng.random(n)
    study = optuna.create_study()
    study.add_trials(make_trials(columns, losses))  # type: ignore[arg-type]
    return study


def _arguments(dist: BaseDistribution) -> dict[str, object]:
    return dict(dist._asdict())


def seconds(function: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    function()
    return time.process_time() - start


def speed(n: int, d: int, repeats: int) -> None:
    ours, theirs = PedAnovaImportanceEvaluator(), OptunaPedAnova()
    times: dict[str, list[float]] = {
        "optuna": [],
        "cold": [],
        "warm": [],
        "one more": [],
        "report": [],
        "tests": [],
        "one by one": [],
    }
    for seed in range(repeats):  # the look at who the trials are takes longer at some than others
        study = make_study(n, d, seed)
        fresh = optuna.load_study(study_name=study.study_name, storage=study._storage)
        times["optuna"].append(seconds(lambda: theirs.evaluate(study)))  # noqa: B023
        times["cold"].append(seconds(lambda: ours.evaluate(fresh)))  # noqa: B023
        times["warm"].append(seconds(lambda: ours.evaluate(fresh)))  # noqa: B023
        study.add_trial(study.get_trials(deepcopy=False)[0])
        times["one more"].append(seconds(lambda: ours.evaluate(fresh)))  # noqa: B023
        fresh = optuna.load_study(study_name=study.study_name, storage=study._storage)
        times["report"].append(seconds(lambda: ours.report(fresh, interactions=True)))  # noqa: B023
        times["tests"].append(seconds(lambda: ours.report(fresh)))  # noqa: B023
        with patch.object(permutation, "_MAX_COUNTS", 1):
            times["one by one"].append(seconds(lambda: ours.report(fresh)))  # noqa: B023
    base = np.array(times["optuna"])
    print(f"\n{n} trials x {d} parameters, {repeats} repeats: median CPU seconds, Optuna's time "
          "as a multiple (median of the ratios, smallest to largest)")  # fmt: skip
    for name, t in times.items():
        ratio = base / np.array(t)
        print(f"  {name:10}{np.median(t):10.4f} {np.median(ratio):8.1f} x   "
              f"({ratio.min():.1f} to {ratio.max():.1f})", flush=True)  # fmt: skip


def million(n: int, d: int) -> None:
    x = np.random.default_rng(0).random((n, d))
    frame = pd.DataFrame(x, columns=[f"p{j}" for j in range(d)])
    frame["value"] = x[:, 0] + x[:, 1] * x[:, 2]
    tables: list[TrialTable] = []

    def read() -> None:
        tables.append(TrialTable.from_frame(frame, params=list(frame.columns[:-1]), value="value"))

    evaluator = PedAnovaImportanceEvaluator()
    base = seconds(lambda: np.sort(x, axis=0))
    indices = seconds(lambda: np.argsort(x, axis=0))
    print(f"\n{n} rows x {d} parameters from a data frame, CPU seconds, in multiples of np.sort "
          "of all columns")  # fmt: skip
    for name, t in (
        ("np.sort", base),
        ("np.argsort", indices),
        ("from_frame", seconds(read)),
        ("evaluate", seconds(lambda: evaluator.evaluate(tables[0]))),
        ("again", seconds(lambda: evaluator.evaluate(tables[0]))),
        ("report", seconds(lambda: evaluator.report(tables[0]))),
    ):
        print(f"  {name:12}{t:8.2f} {t / base:8.1f} x")


def memory(d: int) -> None:
    print(f"\nMemory of a table of {d} parameters, beyond the study's own")
    for n in (2000, 4000, 8000, 16000):
        study = make_study(n, d)
        tracemalloc.start()
        table = TrialTable.from_study(study)
        PedAnovaImportanceEvaluator().evaluate(study)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"  {len(table):6d} trials {size / 2**20:8.2f} MiB, {size / n / d:5.1f} bytes a value"
        )


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    speed(1000, 10, 7)
    speed(10_000, 10, 5)
    speed(10_000, 50, 5)
    memory(20)
    million(1_000_000, 20)


if __name__ == "__main__":
    main()

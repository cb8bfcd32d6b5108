"""How often what HsicSampler's surrogate expects turns out false, as the study goes on.

A study goes to 200 trials; after 30 to 100 of them its beliefs are read, and judged:

- the optimum: whether a trial there, and the truth about it where trials are noisy, are within the
  interval of 95 %;
- the limit: whether the best value improves by more with the next ten trials;
- the length scales: whether those that the page names first are of parameters that matter, and
  those that it counts as idle of others, where that is known.

The problems are those of outlook_problems.py.
"""

from __future__ import annotations

import argparse
import pickle
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial
from outlook_problems import KINDS, SEARCHES, active, case
from unseen_problems import Unseen

from optuna_hpx import HsicSampler, TrialTable, sampler_beliefs
from optuna_hpx.samplers._outlook import SurrogateOutlook
from optuna_hpx.samplers._outlook_section import (
    ENOUGH,
    N_FIRST,
    TELLING,
    fast_and_idle,
)

CHECKPOINTS = (30, 45, 60, 80, 100)
N_TRIALS = 200


def run(name: str, seed: int) -> list[FrozenTrial]:
    """Return the trials of a study."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    one = case(name, seed)
    study = optuna.create_study(
        sampler=HsicSampler(seed=seed),
        direction="maximize" if name in SEARCHES else "minimize",
    )
    study.optimize(lambda trial: one.suggest(trial)[0], n_trials=N_TRIALS)
    return study.trials


def judge(name: str, seed: int, trials: Sequence[FrozenTrial]) -> list[dict[str, Any]]:
    """Judge what was believed in a study at each checkpoint."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sign = -1.0 if name in SEARCHES else 1.0
    study = optuna.create_study(direction="maximize" if name in SEARCHES else "minimize")
    study.add_trials(trials)
    one, table = case(name, seed), TrialTable.from_study(study)
    records = []
    for n in CHECKPOINTS:
        start = time.perf_counter()
        outlook = sampler_beliefs(table.take(np.arange(n))).outlook
        record = {"problem": name, "seed": seed, "n": n, "seconds": time.perf_counter() - start}
        if outlook is not None:
            losses = np.where(table.complete & table.feasible, table.losses[:, 0], np.inf)
            record |= judged(outlook, one, losses, sign)
            record |= judged_scales(outlook, active(name, seed))
        records.append(record)
    return records


def judged(
    outlook: SurrogateOutlook, one: Unseen, losses: np.ndarray, sign: float
) -> dict[str, Any]:
    """Set what is expected beside what is true, all as losses."""
    n = outlook.n_trials
    best, later = float(losses[:n].min()), float(losses[: n + outlook.n_more].min())
    optimum = outlook.optimum
    fixed: Any = optuna.trial.FixedTrial(optimum.params)
    observed, true = one.suggest(fixed)
    low, high = sorted((sign * optimum.low, sign * optimum.high))
    return {
        "n_feasible": int(np.isfinite(losses[:n]).sum()),
        "best": best,
        "spread": float(np.median(losses[np.isfinite(losses)][:N_FIRST])) - best,
        "gain": best - later,
        "limit": outlook.improvement_at_most,
        "expected": outlook.expected_improvement,
        "low": low,
        "high": high,
        "observed": sign * observed,
        "true": sign * true,
    }


def judged_scales(outlook: SurrogateOutlook, matter: frozenset[str]) -> dict[str, Any]:
    """Count what the page says of length scales, and what of it is false, where that is known."""
    if not matter:
        return {}
    fast, idle = fast_and_idle(outlook)
    return {
        "fast": [name in matter for name in fast],
        "idle": [name not in matter for name in idle],
    }


def fill(folder: Path, wanted: Sequence[tuple[str, int]], jobs: int, limit: float) -> None:
    """Run the studies that are not in the folder until ``limit`` seconds have passed."""
    missing = [key for key in wanted if not _file(folder, *key).exists()]
    stop = time.perf_counter() + limit
    with ProcessPoolExecutor(jobs) as pool:
        for start in range(0, len(missing), jobs):
            if time.perf_counter() > stop:
                break
            part = missing[start : start + jobs]
            for key, trials in zip(part, pool.map(run, *zip(*part, strict=True)), strict=True):
                _file(folder, *key).write_bytes(pickle.dumps(trials))


def _file(folder: Path, name: str, seed: int) -> Path:
    return folder / f"{name.replace(':', '_')}-{seed}.pkl"


def report(records: Sequence[dict[str, Any]]) -> None:
    told = [record for record in records if "gain" in record]
    seconds = [record["seconds"] for record in records]
    n_studies = len({(record["problem"], record["seed"]) for record in records})
    print(f"{len(records)} readings of {n_studies} studies, {len(told)} of them with a fit")
    print(f"Seconds of a reading: median {np.median(seconds):.2f}, at most {max(seconds):.2f}")
    print("\nHow many there are, how many of them the page says, as they are narrow enough, and")
    print("which share of these is false: of intervals for a trial at the optimum, for the truth")
    print("there, of limits for ten more trials, and of ten times the expected improvement; in")
    print(
        "brackets of all of them. Width: of all intervals and limits, the median in units of what"
    )
    print("the first trials are behind the best")
    print(f"{'':20}{'n':>4}{'':6}{'said':>6}{'trial':>15}{'truth':>15}{'width':>7}", end="")
    print(f"{'':6}{'said':>6}{'limit':>15}{'10 EI':>7}{'width':>7}")
    for kind, names in KINDS.items():
        if rows := [row for row in told if row["problem"] in names]:
            print(f"{kind:20}{'':4}{_intervals(rows)}{_limits(rows)}")
    for n in CHECKPOINTS:
        if rows := [row for row in told if row["n"] == n]:
            print(f"{'all':20}{n:4}{_intervals(rows)}{_limits(rows)}")
    for n in CHECKPOINTS:
        print(f"Length scales after {n}: {_scales([r for r in told if r['n'] == n])}")


def _intervals(rows: Sequence[dict[str, Any]]) -> str:
    width = np.array([row["high"] - row["low"] for row in rows])
    spread = np.array([row["spread"] for row in rows])
    is_enough = np.array([row["n_feasible"] >= ENOUGH for row in rows])
    is_said = is_enough & (width < 2.0 * TELLING * spread)
    cells = [
        _share(np.array([not _is_within(row[key], row) for row in rows]), is_said)
        for key in ("observed", "true")
    ]
    middle = np.median(width / np.maximum(spread, 1e-12))
    return f"{len(rows):6}{np.count_nonzero(is_said):6}{cells[0]}{cells[1]}{middle:7.2f}"


def _is_within(loss: float, row: dict[str, Any]) -> bool:
    slack = 1e-9 * (abs(row["low"]) + abs(row["high"]))
    return bool(row["low"] - slack <= loss <= row["high"] + slack)


def _limits(rows: Sequence[dict[str, Any]]) -> str:
    rows = [row for row in rows if row["limit"] is not None]
    if not rows:
        return f"{0:6}"
    slack = 1e-9 * np.array([abs(row["best"]) for row in rows])
    limits = np.array([row["limit"] for row in rows])
    spread = np.array([row["spread"] for row in rows])
    is_enough = np.array([row["n_feasible"] >= ENOUGH for row in rows])
    is_said = is_enough & (limits < TELLING * spread)
    is_false = np.array([row["gain"] for row in rows]) > limits + slack
    middle = np.median(limits / np.maximum(spread, 1e-12))
    n_said, plain = np.count_nonzero(is_said), np.array([10.0 * row["expected"] for row in rows])
    is_plain_false = np.array([row["gain"] for row in rows]) > plain + slack
    cells = f"{_share(is_false, is_said)}{np.mean(is_plain_false):7.3f}"
    return f"{len(rows):6}{n_said:6}{cells}{middle:7.2f}"


def _share(is_false: np.ndarray, is_said: np.ndarray) -> str:
    of_said = f"{is_false[is_said].mean():.3f}" if is_said.any() else "-"
    return f"{of_said:>7} ({is_false.mean():.3f})"


def _scales(rows: Sequence[dict[str, Any]]) -> str:
    fast, idle = ([told for row in rows for told in row.get(key, [])] for key in ("fast", "idle"))
    return (
        f"{fast.count(False)} of {len(fast)} short ones are of a parameter that does nothing, "
        f"{idle.count(False)} of {len(idle)} long ones of one that matters"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="folder of studies, to go on with")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--problems", default="", help="names, with commas; by default all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new studies")
    options = parser.parse_args()
    names = options.problems.split(",") if options.problems else sum(KINDS.values(), ())
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = [(name, seed) for seed, name in product(seeds, names)]
    folder = Path(options.store)
    folder.mkdir(exist_ok=True)
    fill(folder, wanted, options.jobs, options.limit)
    records = []
    for key in wanted:
        if _file(folder, *key).exists():
            records += judge(*key, pickle.loads(_file(folder, *key).read_bytes()))
    report(records)


if __name__ == "__main__":
    main()

"""How often what HsicSampler's surrogate expects turns out false, as the study goes on.

A study goes to 200 trials; after 30, 60 and 100 of them its beliefs are read, and judged:

- the optimum: whether a trial there, and the truth about it where trials are noisy, are within the
  interval of 95 %;
- the limit: whether the best value improves by more with the next ten trials;
- the length scales: whether those that the page names first are of parameters that matter, and
  those that it counts as idle of others, where that is known.

Problems are those of
unseen_problems.py and sampler_problems.py, the tables with their raw losses too, and two real
random searches (``../shared/data``), in which a trial gets the score of the nearest.
"""

from __future__ import annotations

import argparse
import csv
import pickle
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial
from sampler_problems import DEVELOPMENT, HELD_OUT, SYNTHETIC, problem, table
from unseen_problems import Unseen, unseen

from optuna_hpx import HsicSampler, TrialTable, sampler_beliefs
from optuna_hpx.samplers._outlook import SurrogateOutlook
from optuna_hpx.samplers._outlook_section import N_FIRST, TELLING
from optuna_hpx.trials import domain

CHECKPOINTS = (30, 60, 100)
N_TRIALS = 200
TABLES = (*DEVELOPMENT, *HELD_OUT)
DATA = Path("../shared/data")
_LOG = partial(FloatDistribution, log=True)
SEARCHES: dict[str, tuple[str, str, dict[str, FloatDistribution | IntDistribution]]] = {
    "alexnet": (
        "alexnet_imagenet_random_search.csv",
        "best_top_1",
        {
            "epochs": IntDistribution(20, 100),
            "batch_size": IntDistribution(128, 1024, log=True),
            "lr": _LOG(5e-3, 50.0),
            "lr_peak_proportion": FloatDistribution(0.0, 0.8),
            "momentum": FloatDistribution(0.7, 1.0),
            "weight_decay": _LOG(1e-6, 1e-3),
            "label_smoothing": FloatDistribution(0.0, 0.5),
        },
    ),
    "deberta": (
        "deberta_base_mnli_random_search.csv",
        "best_matched_accuracy",
        {
            "num_train_epochs": IntDistribution(1, 4),
            "train_batch_size": IntDistribution(16, 64),
            "learning_rate": _LOG(1e-6, 1e-3),
            "warmup_proportion": FloatDistribution(0.0, 0.6),
            "cls_drop_out": FloatDistribution(0.0, 0.3),
        },
    ),
}
KINDS: dict[str, tuple[str, ...]] = {
    "noisy": ("noise-.1", "noise-.5", "noise-1"),
    "smooth": ("smooth-3",),
    "conditional": ("tree", "svm"),
    "choices and steps": ("choices-12", "steps-10"),
    "20 parameters": ("h6-20", "sp-20"),
    "30 to 50": ("mixed-30", "h6-50", "ack5-50", "all-50"),
    "tables, shares": TABLES,
    "tables, raw": tuple(f"raw:{name}" for name in TABLES),
    "random searches": tuple(SEARCHES),
}


@cache
def _search(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read positions (n, d) and scores (n,) of the trials of a search that ended."""
    file, score, space = SEARCHES[name]
    with (DATA / file).open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["state"] == "COMPLETE"]
    columns = [
        domain.position(distribution, np.array([float(row[key]) for row in rows]))
        for key, distribution in space.items()
    ]
    return np.column_stack(columns), np.array([float(row[score]) for row in rows])


def _ask(
    trial: optuna.Trial, name: str, distribution: FloatDistribution | IntDistribution
) -> float:
    """Suggest a number, and return its place."""
    if isinstance(distribution, IntDistribution):
        low, high = distribution.low, distribution.high
        value: float = trial.suggest_int(name, low, high, log=distribution.log)
    else:
        value = trial.suggest_float(
            name, distribution.low, distribution.high, log=distribution.log
        )
    return float(domain.position(distribution, np.array([value]))[0])


def _nearest(name: str) -> Unseen:
    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        place, scores = _search(name)
        u = [_ask(trial, key, distribution) for key, distribution in SEARCHES[name][2].items()]
        score = float(scores[np.argmin(np.square(place - np.array(u)).sum(axis=1))])
        return score, score

    return Unseen(suggest)


def _raw(name: str) -> Unseen:
    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        rows = table(name)
        loss = float(rows.loss[rows.suggest(trial)])
        return loss, loss

    return Unseen(suggest)


def case(name: str, seed: int) -> Unseen:
    if name in SEARCHES:
        return _nearest(name)
    return _raw(name[4:]) if name.startswith("raw:") else unseen(name, seed)


def active(name: str, seed: int) -> frozenset[str]:
    """Return the parameters that matter; none where that is not known."""
    return problem(name, seed).active if name in SYNTHETIC else frozenset()


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
            record |= judged(outlook, one, table.losses[:, 0], sign)
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
        "best": best,
        "spread": float(np.median(losses[:N_FIRST])) - best,
        "gain": best - later,
        "limit": outlook.improvement_at_most,
        "expected": outlook.expected_improvement,
        "low": low,
        "high": high,
        "observed": sign * observed,
        "true": sign * true,
    }


def judged_scales(outlook: SurrogateOutlook, matter: frozenset[str]) -> dict[str, Any]:
    """Return the length scales of the parameters that matter, and of the others, where known."""
    if not matter:
        return {}
    scales = dict(zip(outlook.names, np.asarray(outlook.length_scales).tolist(), strict=True))
    return {
        "active": [scale for name, scale in scales.items() if name in matter],
        "idle": [scale for name, scale in scales.items() if name not in matter],
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
    print("there, and of limits for ten more trials; in brackets of all of them. Width: of all")
    print("intervals and limits, the median in units of what the first trials are behind the best")
    print(f"{'':20}{'n':>4}{'':6}{'said':>6}{'trial':>15}{'truth':>15}{'width':>7}", end="")
    print(f"{'':6}{'said':>6}{'limit':>15}{'width':>7}")
    for kind, names in [*KINDS.items(), ("all", sum(KINDS.values(), ()))]:
        for n in CHECKPOINTS:
            rows = [r for r in told if r["problem"] in names and r["n"] == n]
            if rows:
                print(f"{kind:20}{n:4}{_intervals(rows)}{_limits(rows)}")
    for n in CHECKPOINTS:
        print(f"\nLength scales after {n}: {_scales([r for r in told if r['n'] == n])}")


def _intervals(rows: Sequence[dict[str, Any]]) -> str:
    width = np.array([row["high"] - row["low"] for row in rows])
    spread = np.array([row["spread"] for row in rows])
    is_said = width <= 2.0 * TELLING * spread
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
    is_said = limits <= TELLING * spread
    is_false = np.array([row["gain"] for row in rows]) > limits + slack
    middle = np.median(limits / np.maximum(spread, 1e-12))
    return f"{len(rows):6}{np.count_nonzero(is_said):6}{_share(is_false, is_said)}{middle:7.2f}"


def _share(is_false: np.ndarray, is_said: np.ndarray) -> str:
    of_said = f"{is_false[is_said].mean():.3f}" if is_said.any() else "-"
    return f"{of_said:>7} ({is_false.mean():.3f})"


def _scales(rows: Sequence[dict[str, Any]]) -> str:
    """Judge what the page says: which are short, and which are long."""
    rows = [row for row in rows if "active" in row]
    n_short = n_wrong = n_long = n_missed = 0
    for row in rows:
        limit = min(1.0, 2.0 * min([*row["active"], *row["idle"]]))
        n_wrong += sum(scale < limit for scale in row["idle"])
        n_short += sum(scale < limit for scale in [*row["active"], *row["idle"]])
        n_missed += sum(scale > 3.0 for scale in row["active"])
        n_long += sum(scale > 3.0 for scale in [*row["active"], *row["idle"]])
    return (
        f"{n_wrong} of {n_short} short ones are of a parameter that does nothing, {n_missed} of "
        f"{n_long} long ones of one that matters ({len(rows)} studies)"
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

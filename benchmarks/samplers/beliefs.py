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
import json
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
from sampler_problems import DEVELOPMENT, HELD_OUT, SYNTHETIC, problem, table
from unseen_problems import Unseen, unseen

from optuna_hpx import HsicSampler, TrialTable, sampler_beliefs
from optuna_hpx.samplers._outlook import SurrogateOutlook
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


def run(name: str, seed: int) -> list[dict[str, Any]]:
    """Run a study, and judge what was believed at each checkpoint."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    one = case(name, seed)
    study = optuna.create_study(
        sampler=HsicSampler(seed=seed),
        direction="maximize" if name in SEARCHES else "minimize",
    )
    study.optimize(lambda trial: one.suggest(trial)[0], n_trials=N_TRIALS)
    trials = TrialTable.from_study(study)
    records = []
    for n in CHECKPOINTS:
        start = time.perf_counter()
        outlook = sampler_beliefs(trials.take(np.arange(n))).outlook
        record = {"problem": name, "seed": seed, "n": n, "seconds": time.perf_counter() - start}
        if outlook is not None:
            record |= judged(outlook, one, trials.losses[:, 0], -1.0 if name in SEARCHES else 1.0)
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
        "spread": float(np.median(losses[:n])) - best,
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


def fill(
    path: Path, wanted: Sequence[tuple[str, int]], jobs: int, limit: float
) -> list[dict[str, Any]]:
    """Run what is missing in the file until ``limit`` seconds have passed; return all of it."""
    lines = path.read_text().splitlines() if path.exists() else []
    records = [json.loads(line) for line in lines]
    there = {(record["problem"], record["seed"]) for record in records}
    missing = [key for key in wanted if key not in there]
    stop = time.perf_counter() + limit
    with ProcessPoolExecutor(jobs) as pool, path.open("a") as file:
        for start in range(0, len(missing), jobs):
            if time.perf_counter() > stop:
                break
            for new in pool.map(run, *zip(*missing[start : start + jobs], strict=True)):
                records += new
                file.writelines(json.dumps(record) + "\n" for record in new)
                file.flush()
    return records


def report(records: Sequence[dict[str, Any]]) -> None:
    told = [record for record in records if "gain" in record]
    seconds = [record["seconds"] for record in records]
    n_studies = len({(record["problem"], record["seed"]) for record in records})
    print(f"{len(records)} readings of {n_studies} studies, {len(told)} of them with a fit")
    print(f"Seconds of a reading: median {np.median(seconds):.2f}, at most {max(seconds):.2f}")
    print(
        "\nHow many are there, and which share of them is false: of intervals for a trial at the"
    )
    print(
        "optimum, and for the truth there, and of limits for ten more trials; in brackets of ten"
    )
    print(
        "times the expected improvement. Width: of intervals, and limits, in units of the median"
    )
    print("loss less the best, the median of studies")
    print(f"{'':20}{'n':>4}{'':6}{'trial':>7}{'truth':>7}{'width':>7}{'':6}{'limit':>7}", end="")
    print(f"{'':8}{'width':>7}")
    for kind, names in [*KINDS.items(), ("all", sum(KINDS.values(), ()))]:
        for n in CHECKPOINTS:
            rows = [r for r in told if r["problem"] in names and r["n"] == n]
            if rows:
                print(f"{kind:20}{n:4}{_intervals(rows)}{_limits(rows)}")
    for n in CHECKPOINTS:
        print(f"\nLength scales after {n}: {_scales([r for r in told if r['n'] == n])}")


def _intervals(rows: Sequence[dict[str, Any]]) -> str:
    missed = [
        np.mean([not _is_within(row[key], row) for row in rows]) for key in ("observed", "true")
    ]
    width = [(row["high"] - row["low"]) / (row["spread"] or np.nan) for row in rows]
    return f"{len(rows):6}{missed[0]:7.3f}{missed[1]:7.3f}{np.nanmedian(width):7.2f}"


def _is_within(loss: float, row: dict[str, Any]) -> bool:
    slack = 1e-9 * (abs(row["low"]) + abs(row["high"]))
    return bool(row["low"] - slack <= loss <= row["high"] + slack)


def _limits(rows: Sequence[dict[str, Any]]) -> str:
    rows = [row for row in rows if row["limit"] is not None]
    if not rows:
        return f"{0:6}"
    gains = np.array([row["gain"] for row in rows])
    slack = 1e-9 * np.array([abs(row["best"]) for row in rows])
    limits = np.array([row["limit"] for row in rows])
    spread = np.array([row["spread"] or np.nan for row in rows])
    plain = np.array([10.0 * row["expected"] for row in rows])
    return (
        f"{len(rows):6}{np.mean(gains > limits + slack):7.3f}"
        f" ({np.mean(gains > plain + slack):.3f}){np.nanmedian(limits / spread):7.2f}"
    )


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
    parser.add_argument("--store", required=True, help="file of judged readings, to go on with")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--problems", default="", help="names, with commas; by default all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new studies")
    options = parser.parse_args()
    names = options.problems.split(",") if options.problems else sum(KINDS.values(), ())
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = [(name, seed) for seed, name in product(seeds, names)]
    report(fill(Path(options.store), wanted, options.jobs, options.limit))


if __name__ == "__main__":
    main()

"""Problems for what a sampler expects: those of the samplers' benchmarks, and more like real ones.

The tables with their raw losses; two real random searches (``../shared/data``), in which a trial
gets the score of the nearest; spaces of which one half is not feasible; learning curves that are
pruned.
"""

from __future__ import annotations

import csv
from functools import cache, partial
from pathlib import Path

import numpy as np
import optuna
from curve_problems import FAMILIES
from optuna.distributions import FloatDistribution, IntDistribution
from sampler_problems import DEVELOPMENT, HELD_OUT, SYNTHETIC, problem, table
from unseen_problems import Unseen, unseen

from optuna_hpx.trials import domain

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
    "constrained": ("within:smooth-3", "within:sp-20"),
    "pruned": tuple(f"pruned:{name}" for name in ("power", "crossing", "linear", "net")),
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


def _within(name: str, seed: int) -> Unseen:
    """Allow one half of the space only."""
    free = unseen(name, seed)
    direction = np.random.default_rng([seed, 1]).standard_normal(50)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        losses = free.suggest(trial)
        x = np.array(list(trial.params.values())) - 0.5
        trial.set_constraint("side", float(direction[: len(x)] @ x))
        return losses

    return Unseen(suggest)


def _pruned(name: str, seed: int) -> Unseen:
    curve = FAMILIES[name](seed)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        loss = np.nan
        for step, loss in enumerate(curve(trial)):
            trial.report(loss, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return loss, loss

    return Unseen(suggest)


def case(name: str, seed: int) -> Unseen:
    if name in SEARCHES:
        return _nearest(name)
    kind, _, rest = name.rpartition(":")
    make = {"raw": lambda: _raw(rest), "within": lambda: _within(rest, seed)}
    make["pruned"] = lambda: _pruned(rest, seed)
    return make.get(kind, lambda: unseen(name, seed))()


def active(name: str, seed: int) -> frozenset[str]:
    """Return the parameters that matter; none where that is not known."""
    return problem(name, seed).active if name in SYNTHETIC else frozenset()

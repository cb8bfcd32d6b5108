"""Problems with several objectives, of which a few served to choose a design, and the others not.

A problem suggests parameters of an Optuna trial and returns the objectives as they are observed
and as they truly are, which differ where there is noise. All are to be minimised, unless it says
otherwise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import optuna
from sampler_problems import table

Values = tuple[float, ...]


@dataclass(frozen=True)
class Front:
    """A problem with several objectives.

    Attributes:
        suggest: Suggests parameters of a trial and returns (observed, true) objectives.
        reference: Up to where the hypervolume is measured.
        best: The largest hypervolume; None if it is not known.
        signs: -1 for an objective that is maximised.
    """

    suggest: Callable[[optuna.Trial], tuple[Values, Values]]
    reference: Values
    best: float | None = None
    signs: Values = (1.0, 1.0)


def _numbers(trial: optuna.Trial, d: int) -> np.ndarray:
    return np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(d)])


def zdt(k: int, seed: int, d: int = 8) -> Front:
    """ZDT1, 2 and 3 (Zitzler, Deb, Thiele, Evolutionary Computation 8, 2000); the optimum of all
    but the first parameter is moved away from the edge.
    """
    optimum = np.random.default_rng(seed).uniform(0.1, 0.9, d - 1)

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        x = _numbers(trial, d)
        g = 1.0 + 9.0 * float(np.mean(np.abs(x[1:] - optimum)))
        share = x[0] / g
        shape = {
            1: 1.0 - np.sqrt(share),
            2: 1.0 - share**2,
            3: 1.0 - np.sqrt(share) - share * np.sin(10.0 * np.pi * x[0]),
        }[k]
        values = float(x[0]), float(g * shape)
        return values, values

    best = {1: 1.21 - 1.0 / 3.0, 2: 1.21 - 2.0 / 3.0, 3: None}[k]
    return Front(suggest, (1.1, 1.1), best)


def sphere(m: int, seed: int, noise: float = 0.0, d: int = 8) -> Front:
    """DTLZ2 with ``m`` objectives (Deb, Thiele, Laumanns, Zitzler, CEC 2002), moved as ZDT."""
    rng = np.random.default_rng(seed)
    optimum = rng.uniform(0.1, 0.9, d - m + 1)

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        x = _numbers(trial, d)
        radius = 1.0 + float(np.sum((x[m - 1 :] - optimum) ** 2))
        angles = 0.5 * np.pi * x[: m - 1]
        true = [
            radius
            * float(np.prod(np.cos(angles[: m - 1 - k])))
            * (float(np.sin(angles[m - 1 - k])) if k else 1.0)
            for k in range(m)
        ]
        observed = [value + noise * rng.standard_normal() for value in true]
        return tuple(observed), tuple(true)

    volume = {2: np.pi / 4.0, 3: np.pi / 6.0, 4: np.pi**2 / 32.0}[m]
    return Front(suggest, (1.1,) * m, 1.1**m - volume, (1.0,) * m)


def branches(seed: int) -> Front:
    """Error and log seconds of models that are a tree of choices; seconds span six decades."""
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-0.2, 0.2, 8)

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        model = trial.suggest_categorical("model", ["net", "trees", "line"])
        rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
        miss = (np.log10(rate) / 4.0 + 0.5 + shift[0]) ** 2
        if model == "line":
            error, seconds = 0.3 + miss + 0.1 * trial.suggest_float("ridge", 0.0, 1.0), 1e-2
        elif model == "trees":
            n = trial.suggest_int("n_trees", 10, 1000, log=True)
            depth = trial.suggest_int("max_depth", 1, 12)
            error = 0.12 + miss + 1.0 / n + 0.02 * abs(depth - 6.0 - 5.0 * shift[1])
            seconds = 1e-3 * n * depth
        else:
            layers, error, seconds = trial.suggest_int("layers", 1, 3), 0.05 + miss, 1.0
            for k in range(layers):
                width = trial.suggest_int(f"width{k}", 8, 1024, log=True)
                error += 0.3 / np.sqrt(width) / layers
                seconds *= 1.0 + width / 10.0
            error += 0.1 * (trial.suggest_float("dropout", 0.0, 0.9) - 0.4 - shift[2]) ** 2
            error += 0.03 * abs(layers - 2)
        values = float(error), float(np.log10(seconds))
        return values, values

    return Front(suggest, (0.6, 4.0))


def scales(seed: int) -> Front:
    """A million times one objective beside the exponential of another, which is maximised."""
    rng = np.random.default_rng(seed)
    one, two = rng.uniform(0.1, 0.9, (2, 5))

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        x = _numbers(trial, 5)
        values = 1e6 * float(np.sum((x - one) ** 2)), float(np.exp(-9.0 * np.sum((x - two) ** 2)))
        return values, values

    distance = float(np.sum((one - two) ** 2))
    return Front(suggest, (1e6 * distance, float(-np.exp(-9.0 * distance))), None, (1.0, -1.0))


def from_table(name: str, seed: int) -> Front:
    """Loss and log seconds of a table of real networks, up to the median of both."""
    rows = table(name)
    losses = np.column_stack([rows.loss, np.log10(rows.cost)])
    losses = losses / losses.std(axis=0)

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        values = tuple(losses[rows.suggest(trial)].tolist())
        return values, values

    return Front(suggest, tuple(np.median(losses, axis=0).tolist()))


def tree_size(seed: int) -> Front:
    """Error on held-out digits, and log leaves, of a decision tree of scikit-learn."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier

    x, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(x, y, test_size=0.5, random_state=seed)

    def suggest(trial: optuna.Trial) -> tuple[Values, Values]:
        model = DecisionTreeClassifier(
            criterion=trial.suggest_categorical("criterion", ["gini", "entropy", "log_loss"]),
            splitter=trial.suggest_categorical("splitter", ["best", "random"]),
            max_depth=trial.suggest_int("max_depth", 1, 30),
            min_samples_leaf=trial.suggest_int("min_samples_leaf", 1, 100, log=True),
            ccp_alpha=trial.suggest_float("ccp_alpha", 1e-5, 0.1, log=True),
            max_features=trial.suggest_float("max_features", 0.05, 1.0),
            random_state=seed,
        ).fit(train, y_train)
        error = 1.0 - float(model.score(test, y_test))
        values = error, float(np.log10(model.get_n_leaves()))
        return values, values

    return Front(suggest, (0.9, 3.0))


CHOSEN_ON: dict[str, Callable[[int], Front]] = {
    "zdt1": functools.partial(zdt, 1),
    "dtlz2-3": functools.partial(sphere, 3),
    "branches": branches,
    "car": functools.partial(from_table, "car"),
    "protein_structure": functools.partial(from_table, "protein_structure"),
}
OTHERS: dict[str, Callable[[int], Front]] = {
    "zdt2": functools.partial(zdt, 2),
    "zdt3": functools.partial(zdt, 3),
    "dtlz2-4": functools.partial(sphere, 4),
    "noisy": functools.partial(sphere, 2, noise=0.1),
    "scales": scales,
    "tree-size": tree_size,
    "segment": functools.partial(from_table, "segment"),
    "kc1": functools.partial(from_table, "kc1"),
    "slice_localization": functools.partial(from_table, "slice_localization"),
}
PROBLEMS = {**CHOSEN_ON, **OTHERS}

"""Problems on which no design of a sampler was tuned, of kinds that the others are not.

A problem suggests parameters of an Optuna trial and returns what is observed and the truth, which
differ where there is noise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import optuna
from sampler_problems import problem
from trained_models import TRAINED, Loss

INFEASIBLE = 1e6  # truth about a trial that breaks a constraint


@dataclass(frozen=True)
class Unseen:
    """A problem, drawn anew for each seed.

    Attributes:
        suggest: Suggests parameters of a trial and returns (observed loss, true loss).
        best: The least true loss; None if it is not known.
    """

    suggest: Callable[[optuna.Trial], tuple[float, float]]
    best: float | None = None


def _levy(x: np.ndarray) -> float:
    """Minimum 0 at 1 (Levy and Montalvo, SIAM J. Sci. Stat. Comput. 6, 1985)."""
    w = 1.0 + (x - 1.0) / 4.0
    inner = (w[:-1] - 1.0) ** 2 * (1.0 + 10.0 * np.sin(np.pi * w[:-1] + 1.0) ** 2)
    last = (w[-1] - 1.0) ** 2 * (1.0 + np.sin(2.0 * np.pi * w[-1]) ** 2)
    return float(np.sin(np.pi * w[0]) ** 2 + inner.sum() + last)


def noisy(share: float, seed: int) -> Unseen:
    """Levy of 6 of 8 parameters; noise of ``share`` of the loss's own deviation."""
    rng = np.random.default_rng([seed, 8])
    chosen, shift = rng.permutation(8)[:6], rng.uniform(-4.0, 4.0, 6)

    def true(u: np.ndarray) -> float:
        return _levy(16.0 * u[chosen] - 8.0 + shift)

    noise = share * float(np.std([true(u) for u in rng.random((2000, 8))]))
    drawn = np.random.default_rng([seed, 9])

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        loss = true(np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(8)]))
        return loss + noise * float(drawn.standard_normal()), loss

    return Unseen(suggest, 0.0)


def categorical(seed: int) -> Unseen:
    """12 choices of 3 to 6; 6 matter, some of them in pairs."""
    rng = np.random.default_rng([seed, 12])
    sizes, place = rng.integers(3, 7, 12), rng.permutation(12)
    alone = [rng.random(sizes[place[k]]) for k in range(6)]
    pairs = [rng.random((sizes[place[k]], sizes[place[k + 1]])) for k in (0, 2, 4)]
    best = sum(
        float((a[:, None] + b[None, :] + pair).min())
        for a, b, pair in zip(alone[::2], alone[1::2], pairs, strict=True)
    )

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        codes = [trial.suggest_categorical(f"c{k}", list(range(n))) for k, n in enumerate(sizes)]
        x = [codes[j] for j in place[:6]]
        loss = sum(float(a[k]) for a, k in zip(alone, x, strict=True))
        loss += sum(float(pair[x[2 * k], x[2 * k + 1]]) for k, pair in enumerate(pairs))
        return loss, loss

    return Unseen(suggest, best)


def tree(seed: int) -> Unseen:
    """A conditional tree, up to four deep, with layers of which there are one to four."""
    rng = np.random.default_rng([seed, 4])
    goal, level = rng.uniform(0.2, 0.8, 20), rng.permutation(5) / 20.0

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        def off(name: str, k: int) -> float:
            return (trial.suggest_float(name, 0.0, 1.0) - float(goal[k])) ** 2

        loss = 0.5 * off("shared", 0)
        model = trial.suggest_categorical("model", ["kernel", "net", "boost"])
        if model == "kernel":
            kind = trial.suggest_categorical("kind", ["a", "b"])
            loss += off("C", 1) + float(level[0 if kind == "a" else 1])
            loss += off("gamma", 2) if kind == "a" else off("degree", 3) + off("coef", 4)
        elif model == "net":
            n = trial.suggest_int("layers", 1, 4)
            loss += float(level[2]) + 0.02 * abs(n - 3)
            loss += sum(off(f"width{k}", 5 + k) for k in range(n)) / n
            if trial.suggest_categorical("drop", [True, False]):
                loss += off("rate", 9) - 0.02
        else:
            booster = trial.suggest_categorical("booster", ["plain", "dart"])
            loss += off("depth", 10) + float(level[3 if booster == "plain" else 4])
            if booster == "dart":
                loss += off("skip", 11)
                if trial.suggest_categorical("one", [True, False]):
                    loss += off("chance", 12) - 0.02
        return loss, loss

    return Unseen(suggest)


def all_matter(seed: int) -> Unseen:
    """50 parameters that all matter, some much more than others, with a few interactions."""
    rng = np.random.default_rng([seed, 50])
    centre, weight = rng.uniform(0.2, 0.8, 50), rng.permutation(np.logspace(-2, 0, 50))

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        off = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(50)]) - centre
        loss = float(weight @ off**2 + 0.5 * np.sum(off[:9:2] * off[1:10:2] * weight[:9:2]))
        return loss, loss

    return Unseen(suggest)


def smooth(seed: int) -> Unseen:
    """3 parameters, a landscape of eight hills and valleys."""
    rng = np.random.default_rng([seed, 3])
    centre, width = rng.random((8, 3)), rng.uniform(0.15, 0.5, 8)
    height = rng.uniform(-1.0, 0.6, 8)

    def at(x: np.ndarray) -> np.ndarray:
        r2 = np.square(x[:, None, :] - centre).sum(axis=2)
        return np.exp(-0.5 * r2 / width**2) @ height

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = np.array([[trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(3)]])
        loss = float(at(x)[0])
        return loss, loss

    return Unseen(suggest)


def steps(seed: int) -> Unseen:
    """10 integers and steps, some on a log scale; the loss is rounded, as an accuracy is."""
    rng = np.random.default_rng([seed, 10])
    place, goal = rng.permutation(10), rng.uniform(0.1, 0.9, 5)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        u = [(trial.suggest_int(f"n{k}", 1, 9) - 1) / 8 for k in range(4)]
        u += [np.log2(trial.suggest_int(f"m{k}", 1, 256, log=True)) / 8 for k in range(3)]
        u += [trial.suggest_float(f"s{k}", 0.0, 1.0, step=0.1) for k in range(3)]
        off = np.array(u)[place[:5]] - goal
        loss = round(float(off[0] ** 2 + abs(off[1] - off[2]) + off[3] ** 2 + off[4] ** 2), 2)
        return loss, loss

    return Unseen(suggest)


def support_vectors(seed: int) -> Unseen:
    """Error of a support vector machine on breast cancer, three folds, kernels as branches."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    x, y = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        kernel = trial.suggest_categorical("kernel", ["rbf", "poly", "sigmoid", "linear"])
        options = {"C": trial.suggest_float("C", 1e-4, 1e2, log=True), "kernel": kernel}
        if kernel != "linear":
            options["gamma"] = trial.suggest_float("gamma", 1e-5, 1e1, log=True)
        if kernel == "poly":
            options["degree"] = trial.suggest_int("degree", 2, 5)
        if kernel in ("poly", "sigmoid"):
            options["coef0"] = trial.suggest_float("coef0", -1.0, 2.0)
        model = make_pipeline(StandardScaler(), SVC(**options, max_iter=20000))
        loss = 1.0 - float(np.mean(cross_val_score(model, x, y, cv=folds)))
        return loss, loss

    return Unseen(suggest)


def valley(seed: int) -> Unseen:
    """3 parameters, a narrow curved valley (Rosenbrock, Computer Journal 3, 1960)."""
    sign = np.random.default_rng([seed, 33]).choice([-1.0, 1.0], 3)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = sign * [trial.suggest_float(f"x{i}", -2.0, 2.0) for i in range(3)]
        loss = float(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
        return loss, loss

    return Unseen(suggest, 0.0)


def many_valleys(seed: int) -> Unseen:
    """Levy of 50 parameters that matter alike."""
    shift = np.random.default_rng([seed, 51]).uniform(-4.0, 4.0, 50)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        u = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(50)])
        loss = _levy(16.0 * u - 8.0 + shift)
        return loss, loss

    return Unseen(suggest, 0.0)


def chain(seed: int) -> Unseen:
    """8 choices of 4 each, of which only neighbours matter together."""
    pairs = np.random.default_rng([seed, 84]).random((7, 4, 4))
    least = np.zeros(4)
    for pair in pairs:
        least = (least[:, None] + pair).min(axis=0)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = [trial.suggest_categorical(f"c{k}", ["a", "b", "c", "d"]) for k in range(8)]
        codes = ["abcd".index(choice) for choice in x]
        loss = sum(float(p[i, j]) for p, i, j in zip(pairs, codes, codes[1:], strict=False))
        return loss, loss

    return Unseen(suggest, float(least.min()))


def constrained(seed: int) -> Unseen:
    """5 parameters; the nearest point to a corner outside a ball around the corner."""
    corner = np.random.default_rng([seed, 5]).choice([0.0, 1.0], 5)
    radius = 0.6

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        x = np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(5)])
        off = np.abs(x - corner)
        loss, room = float(off @ [1.0, 2.0, 3.0, 4.0, 5.0]), float(np.linalg.norm(off)) - radius
        trial.set_constraint("room", -room)
        return loss, loss if room >= 0.0 else INFEASIBLE

    return Unseen(suggest, radius)


def trained(make: Callable[[int], Loss], seed: int) -> Unseen:
    loss = make(seed)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        value = loss(trial)
        return value, value

    return Unseen(suggest)


NEW: dict[str, Callable[[int], Unseen]] = {
    "noise-.1": functools.partial(noisy, 0.1),
    "noise-.5": functools.partial(noisy, 0.5),
    "noise-1": functools.partial(noisy, 1.0),
    "choices-12": categorical,
    "tree": tree,
    "all-50": all_matter,
    "smooth-3": smooth,
    "steps-10": steps,
    "valley-3": valley,
    "levy-50": many_valleys,
    "chain-8": chain,
    "constrained-5": constrained,
}
REAL: dict[str, Callable[[int], Unseen]] = {
    "svm": support_vectors,
    **{name: functools.partial(trained, make) for name, make in TRAINED.items()},
}
NOT_FLAT = ("tree", "svm", "network", "svr", "models", "constrained-5")

_BEST = {"h6-20": -3.32237, "h6-50": -3.32237, "ack5-50": 0.0, "sp-20": 0.0}


def unseen(name: str, seed: int) -> Unseen:
    """Return one of the new problems, or an older one in the same form."""
    if name in NEW | REAL:
        return (NEW | REAL)[name](seed)
    older = problem(name, seed)

    def suggest(trial: optuna.Trial) -> tuple[float, float]:
        loss, _ = older.suggest(trial)
        return loss, loss

    is_table = not name.startswith(("h6", "ack5", "sp", "mixed"))
    return Unseen(suggest, 0.0 if is_table else _BEST.get(name))

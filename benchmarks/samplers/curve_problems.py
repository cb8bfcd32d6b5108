"""Learning curves for samplers and pruners: synthetic families, and real training in epochs.

A problem suggests parameters of an Optuna trial and returns the loss after each step, lazily, so
that a pruned trial costs what it used. Families are drawn anew for each seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import optuna

N_STEPS = 27
D = 6  # parameters, of which the last two do nothing
STEPS = np.arange(1, N_STEPS + 1) / N_STEPS

Curve = Callable[[optuna.Trial], Iterator[float]]


class _Landscape:
    """A quadratic bowl with a ripple in four of six parameters; least value about 0."""

    def __init__(self, seed: int, salt: int) -> None:
        rng = np.random.default_rng([seed, salt])
        self.centre, self.weight = rng.uniform(0.2, 0.8, 4), rng.uniform(0.5, 2.0, 4)

    def __call__(self, x: np.ndarray) -> float:
        off = x[:4] - self.centre
        ripple = 0.05 * (1.0 - np.cos(9.0 * off))
        return float(self.weight @ off**2 + ripple.sum() + 0.5 * off[0] * off[1])


def _point(trial: optuna.Trial) -> np.ndarray:
    return np.array([trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(D)])


def power(seed: int) -> Curve:
    """Power laws of like speed: a trial that is behind stays behind, nearly."""
    end, rng = _Landscape(seed, 1), np.random.default_rng([seed, 2])

    def curve(trial: optuna.Trial) -> Iterator[float]:
        x = _point(trial)
        speed = 0.6 + 0.3 * x[3]
        yield from end(x) + 0.5 * (N_STEPS * STEPS) ** -speed + 0.01 * rng.standard_normal(N_STEPS)

    return curve


def crossing(seed: int) -> Curve:
    """A small x0 learns slowly to a better end; curves cross in the second half."""
    end, rng = _Landscape(seed, 3), np.random.default_rng([seed, 4])

    def curve(trial: optuna.Trial) -> Iterator[float]:
        x = _point(trial)
        rate = 2.0 + 10.0 * x[0]
        level = end(x) + 0.4 * x[0]
        yield from level + np.exp(-rate * STEPS) + 0.01 * rng.standard_normal(N_STEPS)

    return curve


def late(seed: int) -> Curve:
    """A plateau, then a drop whose time has nothing to do with the end."""
    end, rng = _Landscape(seed, 5), np.random.default_rng([seed, 6])
    start = _Landscape(seed, 7)

    def curve(trial: optuna.Trial) -> Iterator[float]:
        x = _point(trial)
        middle = 0.15 + 0.6 * min(start(x[::-1]), 1.0)
        drop = 1.0 / (1.0 + np.exp(-30.0 * (STEPS - middle)))
        level = end(x)
        yield from 2.0 + (level - 2.0) * drop + 0.02 * rng.standard_normal(N_STEPS)

    return curve


def overfit(seed: int) -> Curve:
    """Down, then up for large x1: the last value is not the least."""
    end, rng = _Landscape(seed, 8), np.random.default_rng([seed, 9])

    def curve(trial: optuna.Trial) -> Iterator[float]:
        x = _point(trial)
        rise = x[1] * np.maximum(STEPS - 0.4, 0.0)
        fall = np.exp(-8.0 * STEPS)
        yield from end(x) + fall + rise + 0.02 * rng.standard_normal(N_STEPS)

    return curve


def diverging(seed: int) -> Curve:
    """A corner in which training explodes, beside a cliff where it is best."""
    end, rng = _Landscape(seed, 10), np.random.default_rng([seed, 11])

    def curve(trial: optuna.Trial) -> Iterator[float]:
        x = _point(trial)
        edge = x[0] + 0.3 * x[1] - end.centre[0] - 0.3 * end.centre[1] - 0.1
        blow = np.exp(np.minimum(12.0 * edge * STEPS, 20.0)) - 1.0 if edge > 0 else 0.0 * STEPS
        fall = (1.0 - 0.5 * x[0]) * np.exp(-6.0 * STEPS)
        yield from end(x) + fall + blow + 0.01 * rng.standard_normal(N_STEPS)

    return curve


def linear_epochs(seed: int) -> Curve:
    """Error on digits of a linear classifier trained by stochastic gradient descent."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(y))
    x, y = x[order] / 16.0, y[order]

    def curve(trial: optuna.Trial) -> Iterator[float]:
        penalty = trial.suggest_categorical("penalty", ["l2", "l1", "elasticnet"])
        options = {"l1_ratio": 0.15}
        if penalty == "elasticnet":
            options["l1_ratio"] = trial.suggest_float("l1_ratio", 0.0, 1.0)
        model = SGDClassifier(
            loss=trial.suggest_categorical("loss", ["hinge", "log_loss", "modified_huber"]),
            penalty=penalty,
            alpha=trial.suggest_float("alpha", 1e-7, 1e-1, log=True),
            learning_rate=trial.suggest_categorical("schedule", ["constant", "invscaling"]),
            eta0=trial.suggest_float("eta0", 1e-4, 1e1, log=True),
            power_t=trial.suggest_float("power_t", 0.05, 0.8),
            average=trial.suggest_categorical("average", [False, True]),
            random_state=seed,
            **options,
        )
        for _ in range(N_STEPS):
            model.partial_fit(x[:500], y[:500], classes=np.arange(10))
            yield 1.0 - float(model.score(x[500:], y[500:]))

    return curve


def net_epochs(seed: int) -> Curve:
    """Log loss on digits of a small neural network."""
    from sklearn.datasets import load_digits
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(y))
    x, y = x[order] / 16.0, y[order]

    def curve(trial: optuna.Trial) -> Iterator[float]:
        model = MLPClassifier(
            hidden_layer_sizes=(trial.suggest_int("width", 4, 64, log=True),),
            activation=trial.suggest_categorical("activation", ["relu", "tanh", "logistic"]),
            alpha=trial.suggest_float("alpha", 1e-6, 1e1, log=True),
            learning_rate_init=trial.suggest_float("rate", 1e-4, 0.3, log=True),
            batch_size=trial.suggest_int("batch", 16, 256, log=True),
            beta_1=1.0 - trial.suggest_float("decay", 1e-2, 1.0, log=True),
            random_state=seed,
        )
        for _ in range(N_STEPS):
            model.partial_fit(x[:400], y[:400], classes=np.arange(10))
            yield float(log_loss(y[400:1000], model.predict_proba(x[400:1000])))

    return curve


FAMILIES: dict[str, Callable[[int], Curve]] = {
    "power": power,
    "crossing": crossing,
    "late": late,
    "overfit": overfit,
    "diverging": diverging,
    "linear": linear_epochs,
    "net": net_epochs,
}

"""Small models to train in segments, for ``gpbt_quality.py``.

A task is made with the seed of its data split. ``init(seed)`` gives the state of a fresh model,
``train(state, params, seed)`` that after one segment, ``validate`` the loss to select by and
``test`` the one to report. A state is a dict of arrays, which are never changed in place. All is
deterministic given the seeds, and a diverged model has an infinite validation loss.

The quadratics report the noise-free loss; what can be selected by has a relative error of 2 %, as
if validation data were few. The others train on labels of which a fifth is wrong (except the
CNN), and validate and test on right ones, of which no example is in two of the three parts.
"""

from __future__ import annotations

import abc
import math
import zlib
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

__all__ = ["TASKS", "Number", "Params", "Space", "State", "Task"]

State = dict[str, np.ndarray]
Params = dict[str, Any]

WRONG_LABELS = 0.2
VALIDATION_ERROR = 0.02
DIVERGED = 1e4


class Number(NamedTuple):
    """The range of a hyperparameter."""

    low: float
    high: float
    log: bool = False
    integer: bool = False

    def at(self, u: float) -> float:
        """The value at place ``u`` in [0, 1]."""
        low, high = self._ends()
        value = low + (high - low) * u
        return self.clip(math.exp(value) if self.log else value)

    def place(self, value: float) -> float:
        """The inverse of :meth:`at`; for an integer, the middle of its interval."""
        low, high = self._ends()
        return ((math.log(value) if self.log else value) - low) / (high - low)

    def clip(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return round(value) if self.integer else value

    def _ends(self) -> tuple[float, float]:
        # Half a step more for integers, so that the outer ones are as likely as the others.
        half = 0.5 if self.integer else 0.0
        ends = self.low - half, self.high + half
        return (math.log(ends[0]), math.log(ends[1])) if self.log else ends


Space = dict[str, Number | tuple[str, ...]]
"""By name: a number's range, or categories."""


class Task(Protocol):
    """See the module."""

    @property
    def space(self) -> Space: ...

    def init(self, seed: int) -> State: ...
    def train(self, state: State, params: Params, seed: int) -> State: ...
    def validate(self, state: State) -> float: ...
    def test(self, state: State) -> float: ...


def _or_inf(loss: float) -> float:
    """Infinite for a diverged model, also if its numbers have not overflowed yet."""
    return loss if loss < DIVERGED else math.inf


# Quadratics


class _Quadratic(abc.ABC):
    """What the quadratics share: ``_loss``, and a validation that sees it with an error."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @abc.abstractmethod
    def _loss(self, theta: np.ndarray) -> float:
        """Of the parameters, without noise."""

    def validate(self, state: State) -> float:
        # The error belongs to the state, as that of a validation set does: looking twice does
        # not average it away.
        seed = [self._seed, zlib.crc32(state["theta"].tobytes())]
        error = VALIDATION_ERROR * np.random.default_rng(seed).normal()
        return _or_inf(self.test(state) * math.exp(error))

    def test(self, state: State) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return _or_inf(self._loss(state["theta"]))


class ToyQuad(_Quadratic):
    """The surrogate gradient of the PBT paper: h0, h1 scale the gradient of either coordinate.

    The best is to leave both at 1 for all time: nothing for a schedule to gain.
    """

    space: ClassVar[Space] = {"h0": Number(0.0, 1.0), "h1": Number(0.0, 1.0)}
    _rate, _steps = 0.02, 2

    def init(self, seed: int) -> State:
        return {"theta": np.array([0.9, 0.9])}

    def train(self, state: State, params: Params, seed: int) -> State:
        h = np.array([params["h0"], params["h1"]])
        return {"theta": state["theta"] * (1.0 - 2.0 * self._rate * h) ** self._steps}

    def _loss(self, theta: np.ndarray) -> float:
        return float(theta @ theta)


class _NoisyQuadratic(_Quadratic):
    """SGD with momentum on 1/2 sum lambda_i theta_i^2, whose gradients have noise ``_noise``."""

    _curvature: np.ndarray
    _noise: np.ndarray
    _start: np.ndarray
    _steps = 50

    def init(self, seed: int) -> State:
        rng = np.random.default_rng([self._seed, seed, 1])
        theta = self._start * (1.0 + 0.1 * rng.normal(size=len(self._start)))
        return {"theta": theta, "velocity": np.zeros_like(theta)}

    def train(self, state: State, params: Params, seed: int) -> State:
        theta, velocity = state["theta"], state["velocity"]
        noise = np.random.default_rng(seed).normal(size=(self._steps, len(theta))) * self._noise
        decay = params.get("decay", 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            for step in noise:
                gradient = self._curvature * theta + step + decay * (theta - self._start)
                velocity = params["momentum"] * velocity + gradient
                theta = theta - params["lr"] * velocity
        return {"theta": theta, "velocity": velocity}

    def _loss(self, theta: np.ndarray) -> float:
        return float(0.5 * (self._curvature * theta**2).sum())


class NoisyQuad(_NoisyQuadratic):
    """10 dimensions: a large rate gets near the minimum, and only a small one stays there."""

    space: ClassVar[Space] = {
        "lr": Number(1e-3, 5.0, log=True),
        "momentum": Number(0.0, 0.95),
    }
    _curvature = np.geomspace(0.01, 1.0, 10)
    _noise = np.full(10, 0.3)
    _start = 0.6 / np.sqrt(_curvature)


class DeceptQuad(_NoisyQuadratic):
    """The slow directions carry the loss, the fast ones the noise.

    A rate that gets the slow ones down looks worse at first than one that does nothing, as the
    noise of the fast ones comes at once: it pays off when the rate falls at the end.
    """

    space: ClassVar[Space] = {
        "lr": Number(1e-3, 5.0, log=True),
        "momentum": Number(0.0, 0.9),
    }
    _curvature = np.repeat([0.008, 1.0], [5, 20])
    _noise = np.repeat([0.02, 0.5], [5, 20])
    _start = np.repeat([math.sqrt(50.0), 0.0], [5, 20])  # a loss of 1


class HeldQuad(_NoisyQuadratic):
    """20 dimensions, a spectrum by a power law, noise as the curvature.

    The weight decay pulls towards where the training starts, and helps with nothing.
    """

    space: ClassVar[Space] = {
        "lr": Number(1e-3, 5.0, log=True),
        "momentum": Number(0.0, 0.95),
        "decay": Number(1e-5, 0.3, log=True),
    }
    _curvature = np.arange(1, 21) ** -1.5
    _noise = 0.5 * np.sqrt(_curvature)
    _start = np.full(20, 2.0)


# Data


class _Split(NamedTuple):
    """Examples and labels of the three parts."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def _split(
    data: Any, n_train: int, n_validation: int, seed: int, wrong: float = WRONG_LABELS
) -> _Split:
    """Stratified parts, scaled by the training part, of whose labels ``wrong`` are other ones."""
    from sklearn.model_selection import train_test_split

    x, y = data.data.astype(float), data.target.astype(int)
    x, rest, y, y_rest = train_test_split(x, y, train_size=n_train, stratify=y, random_state=seed)
    x_validation, x_test, y_validation, y_test = train_test_split(
        rest, y_rest, train_size=n_validation, stratify=y_rest, random_state=seed
    )
    n_classes = int(data.target.max()) + 1
    rng = np.random.default_rng([seed, 2])
    rows = rng.permutation(n_train)[: round(wrong * n_train)]
    y = y.copy()
    y[rows] = (y[rows] + rng.integers(1, n_classes, size=len(rows))) % n_classes
    mean, deviation = x.mean(0), np.maximum(x.std(0), 0.1)
    parts = [(part - mean) / deviation for part in (x, x_validation, x_test)]
    return _Split(parts[0], y, parts[1], y_validation, parts[2], y_test)


def _cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = logits - logits.max(1, keepdims=True)
        log_sum = np.log(np.exp(shifted).sum(1))
        return _or_inf(float((log_sum - shifted[np.arange(len(y)), y]).mean()))


# A network in NumPy


class _Mlp:
    """One hidden layer, trained by SGD."""

    space: ClassVar[Space] = {
        "lr": Number(1e-3, 5.0, log=True),
        "momentum": Number(0.0, 0.95),
        "decay": Number(1e-6, 0.1, log=True),
        "dropout": Number(0.0, 0.6),
        "smoothing": Number(0.0, 0.4),
    }

    def __init__(self, split: _Split, n_hidden: int, batch: int, n_steps: int) -> None:
        self._split, self._batch, self._n_steps = split, batch, n_steps
        self._sizes = split.x.shape[1], n_hidden, int(split.y_test.max()) + 1

    def init(self, seed: int) -> State:
        rng = np.random.default_rng([seed, 3])
        n, h, c = self._sizes
        weights = {
            "w1": rng.normal(size=(n, h)) * math.sqrt(2.0 / n),
            "b1": np.zeros(h),
            "w2": rng.normal(size=(h, c)) * math.sqrt(1.0 / h),
            "b2": np.zeros(c),
        }
        return weights | {f"v_{name}": np.zeros_like(w) for name, w in weights.items()}

    def train(self, state: State, params: Params, seed: int) -> State:
        rng = np.random.default_rng(seed)
        state = {name: array.copy() for name, array in state.items()}
        keep, c = 1.0 - params["dropout"], self._sizes[2]
        targets = np.full((c, c), params["smoothing"] / c)
        targets[np.diag_indices(c)] += 1.0 - params["smoothing"]
        rows = rng.integers(len(self._split.y), size=(self._n_steps, self._batch))
        masks = (rng.random((self._n_steps, self._batch, self._sizes[1])) < keep) / keep
        with np.errstate(over="ignore", invalid="ignore"):
            for batch, mask in zip(rows, masks, strict=True):
                gradients = self._gradients(state, batch, mask, targets)
                for name, gradient in gradients.items():
                    velocity = state[f"v_{name}"]
                    velocity *= params["momentum"]
                    velocity += gradient + params["decay"] * state[name]
                    state[name] -= params["lr"] * velocity
        return state

    def _gradients(
        self, state: State, batch: np.ndarray, mask: np.ndarray, targets: np.ndarray
    ) -> State:
        x = self._split.x[batch]
        hidden = np.maximum(x @ state["w1"] + state["b1"], 0.0) * mask
        logits = hidden @ state["w2"] + state["b2"]
        share = np.exp(logits - logits.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        error = (share - targets[self._split.y[batch]]) / len(batch)
        back = (error @ state["w2"].T) * mask * (hidden > 0.0)
        return {"w1": x.T @ back, "b1": back.sum(0), "w2": hidden.T @ error, "b2": error.sum(0)}

    def _loss(self, state: State, x: np.ndarray, y: np.ndarray) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            hidden = np.maximum(x @ state["w1"] + state["b1"], 0.0)
            return _cross_entropy(hidden @ state["w2"] + state["b2"], y)

    def validate(self, state: State) -> float:
        return self._loss(state, self._split.x_validation, self._split.y_validation)

    def test(self, state: State) -> float:
        return self._loss(state, self._split.x_test, self._split.y_test)


def _digits(seed: int) -> Task:
    from sklearn.datasets import load_digits

    return _Mlp(_split(load_digits(), 400, 300, seed), n_hidden=32, batch=16, n_steps=40)


def _iris(seed: int) -> Task:
    from sklearn.datasets import load_iris

    return _Mlp(_split(load_iris(), 50, 40, seed), n_hidden=16, batch=8, n_steps=20)


# A network in torch


class Cnn:
    """Two convolutions, 1898 parameters, on 400 digits with right labels."""

    space: ClassVar[Space] = {
        "lr": Number(1e-3, 1.0, log=True),
        "momentum": Number(0.0, 0.95),
        "decay": Number(1e-6, 0.1, log=True),
        "augment": ("none", "shift"),
    }
    _n_steps, _batch = 12, 32

    def __init__(self, seed: int) -> None:
        import torch
        from sklearn.datasets import load_digits

        torch.set_num_threads(1)
        split = _split(load_digits(), 400, 300, seed, wrong=0.0)
        self._x, self._x_validation, self._x_test = (
            torch.from_numpy(x.reshape(-1, 1, 8, 8)).float()
            for x in (split.x, split.x_validation, split.x_test)
        )
        self._y, self._y_validation, self._y_test = (
            torch.from_numpy(y) for y in (split.y, split.y_validation, split.y_test)
        )

        self._net = self._fresh()

    @staticmethod
    def _fresh() -> Any:
        from torch import nn

        return nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64, 10),
        )

    def init(self, seed: int) -> State:
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            weights = {name: w.detach().numpy() for name, w in self._fresh().named_parameters()}
        return weights | {f"v_{name}": np.zeros_like(w) for name, w in weights.items()}

    def _with(self, state: State) -> Any:
        """The network, with these weights."""
        import torch

        with torch.no_grad():
            for name, weight in self._net.named_parameters():
                weight.copy_(torch.from_numpy(state[name]))
        return self._net

    def train(self, state: State, params: Params, seed: int) -> State:
        import torch
        from torch.nn.functional import cross_entropy

        net, rng = self._with(state), np.random.default_rng(seed)
        weights = dict(net.named_parameters())
        velocity = {name: torch.from_numpy(state[f"v_{name}"].copy()) for name in weights}
        for _ in range(self._n_steps):
            rows = torch.from_numpy(rng.permutation(len(self._y))[: self._batch])
            x = self._x[rows]
            if params["augment"] == "shift":
                x = torch.roll(x, tuple(rng.integers(-1, 2, size=2).tolist()), (2, 3))
            net.zero_grad()
            cross_entropy(net(x), self._y[rows]).backward()  # type: ignore[no-untyped-call]
            with torch.no_grad():
                for name, weight in weights.items():
                    gradient = weight.grad.add(weight, alpha=params["decay"])
                    velocity[name].mul_(params["momentum"]).add_(gradient)
                    weight.sub_(velocity[name], alpha=params["lr"])
        trained = {name: weight.detach().numpy().copy() for name, weight in weights.items()}
        return trained | {f"v_{name}": v.numpy() for name, v in velocity.items()}

    def _loss(self, state: State, x: Any, y: Any) -> float:
        import torch
        from torch.nn.functional import cross_entropy

        with torch.no_grad():
            return _or_inf(float(cross_entropy(self._with(state)(x), y)))

    def validate(self, state: State) -> float:
        return self._loss(state, self._x_validation, self._y_validation)

    def test(self, state: State) -> float:
        return self._loss(state, self._x_test, self._y_test)


# Boosted trees


class Boosting:
    """Gradient boosting by Newton steps on breast cancer, three trees more per segment.

    The state is what the trees so far predict for all three parts: all that the next ones, and
    the losses, depend on.
    """

    space: ClassVar[Space] = {
        "rate": Number(0.01, 1.0, log=True),
        "subsample": Number(0.2, 1.0),
        "depth": Number(1, 6, integer=True),
    }
    _n_trees = 3

    def __init__(self, seed: int) -> None:
        from sklearn.datasets import load_breast_cancer

        split = _split(load_breast_cancer(), 250, 120, seed)
        self._x = {
            "train": split.x.astype(np.float32),
            "validation": split.x_validation.astype(np.float32),
            "test": split.x_test.astype(np.float32),
        }
        self._y = {
            "train": split.y,
            "validation": split.y_validation,
            "test": split.y_test,
        }

    def init(self, seed: int) -> State:
        share = self._y["train"].mean()
        start = math.log(share / (1.0 - share))
        return {part: np.full(len(x), start) for part, x in self._x.items()}

    def train(self, state: State, params: Params, seed: int) -> State:
        from scipy import special
        from sklearn.tree import DecisionTreeRegressor

        rng, y, scores = np.random.default_rng(seed), self._y["train"], dict(state)
        for _ in range(self._n_trees):
            p = np.clip(special.expit(scores["train"]), 1e-3, 1.0 - 1e-3)
            curvature = p * (1.0 - p)
            rows = rng.permutation(len(y))[: round(params["subsample"] * len(y))]
            tree = DecisionTreeRegressor(
                max_depth=int(params["depth"]), random_state=int(rng.integers(2**31))
            )
            step = (y - p) / curvature
            tree.fit(self._x["train"][rows], step[rows], sample_weight=curvature[rows])
            for part, x in self._x.items():
                scores[part] = scores[part] + params["rate"] * tree.predict(x)
        return scores

    def _loss(self, state: State, part: str) -> float:
        scores = state[part]
        return _cross_entropy(np.stack([np.zeros_like(scores), scores], 1), self._y[part])

    def validate(self, state: State) -> float:
        return self._loss(state, "validation")

    def test(self, state: State) -> float:
        return self._loss(state, "test")


TASKS: dict[str, Callable[[int], Task]] = {
    "toyquad": ToyQuad,
    "noisyquad": NoisyQuad,
    "deceptquad": DeceptQuad,
    "heldquad": HeldQuad,
    "digits": _digits,
    "iris": _iris,
    "cnn": Cnn,
    "boosting": Boosting,
}

"""Parts to save, and what goes from a parent to its child."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from optuna_hpx.population import Checkpoint

torch = pytest.importorskip("torch")


def child_of(parent: Checkpoint) -> Checkpoint:
    assert parent.saved is not None
    file, sha256 = parent.saved
    content = file.read()

    @contextlib.contextmanager
    def opener() -> Any:
        yield io.BytesIO(content)

    return Checkpoint(parent.generation + 1, 1, parent=opener, sha256=sha256, name="trial 0")


def passed_on(**parts: Any) -> Checkpoint:
    root = Checkpoint(0, 0)
    root.save(**parts)
    return child_of(root)


def net(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 1)
    )


def steps(model: Any, optimizer: Any, n: int, scheduler: Any = None) -> None:
    generator = torch.Generator().manual_seed(n)
    for _ in range(n):
        optimizer.zero_grad()
        x = torch.randn(8, 4, generator=generator)
        (model(x) ** 2).mean().backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()


def state(model: Any) -> list[np.ndarray]:
    return [tensor.numpy().copy() for tensor in model.state_dict().values()]


def data(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((80, 4)), rng.integers(3, size=80)


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: SGDClassifier(random_state=0),
    "sgd averaged": lambda: SGDClassifier(random_state=0, average=True, loss="log_loss"),
    "regressor": lambda: SGDRegressor(random_state=0),
    "bayes": GaussianNB,
    "network, adam": lambda: MLPClassifier((6,), random_state=0),
    "network, sgd": lambda: MLPClassifier((6,), solver="sgd", random_state=0),
    "network, regression": lambda: MLPRegressor(hidden_layer_sizes=(6,), random_state=0),
    "scaler": StandardScaler,
}


def train(estimator: Any, seed: int) -> None:
    x, y = data(seed)
    if isinstance(estimator, StandardScaler):
        estimator.partial_fit(x)
    elif hasattr(estimator, "predict_proba") or isinstance(estimator, SGDClassifier):
        estimator.partial_fit(x, y, classes=[0, 1, 2])
    else:
        estimator.partial_fit(x, y.astype(float))


def output(estimator: Any) -> np.ndarray:
    x, _ = data(9)
    return estimator.transform(x) if hasattr(estimator, "transform") else estimator.predict(x)

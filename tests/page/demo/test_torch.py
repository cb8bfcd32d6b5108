"""The objective of the convolutional network."""

from __future__ import annotations

import optuna
import pytest

pytest.importorskip("torch")

from optuna_hpx.page.demo._torch import objective


def test_the_network_learns_and_is_repeatable() -> None:
    params = {
        "channels": 16,
        "learning_rate": 0.1,
        "weight_decay": 1e-5,
        "dropout": 0.1,
        "batch_size": 32,
        "momentum": 0.8,
    }
    first, second = (objective(optuna.trial.FixedTrial(params, number=1)) for _ in range(2))
    assert first == second
    assert first < 1.0, "guessing has 2.3"
    assert first != objective(optuna.trial.FixedTrial(params, number=2))

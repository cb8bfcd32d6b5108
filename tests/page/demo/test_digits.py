"""The objective of the random search."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from optuna_hpx.page.demo._digits import DivergedError, objective

_GOOD = {
    "width": 32,
    "activation": "relu",
    "learning_rate": 0.1,
    "momentum": 0.5,
    "nesterov": True,
    "weight_decay": 1e-4,
    "batch_size": 32,
}


def _trial(number: int, **params: Any) -> optuna.trial.FixedTrial:
    return optuna.trial.FixedTrial(_GOOD | params, number=number)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_the_objective_is_repeatable_given_the_trial(activation: str) -> None:
    first, second = (objective(_trial(3, activation=activation)) for _ in range(2))
    assert first == second
    assert first != objective(_trial(4, activation=activation)), "every trial draws its halves"
    assert 0.0 < first < 2.0, "better than guessing"


def test_what_diverges_fails_and_says_so() -> None:
    trial = _trial(0, learning_rate=10.0, momentum=0.95, activation="tanh", batch_size=8)
    with pytest.raises(DivergedError, match="training diverged"):
        objective(trial)
    assert trial.user_attrs["error"].startswith("training diverged")

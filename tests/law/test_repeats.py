"""Noise by trials of the same configuration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.law._repeats import noise_of_repeats


def _noise(
    score: Callable[[float], float], repeats: int = 3, copies: int = 0
) -> tuple[float, int]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0.0, 1.0)
        if x > 0.2:
            trial.suggest_int("k", 1, 2)
        return score(x)

    for x in [0.1, 0.5][: repeats - 1] * 2:
        study.enqueue_trial({"x": x, "k": 1})
    study.optimize(objective, n_trials=20)
    for _ in range(copies):
        study.add_trial(study.trials[10])
    table = TrialTable.from_study(study)
    return noise_of_repeats(table, np.arange(len(table)), table.losses[:, 0])


def test_equal_scores() -> None:
    assert _noise(lambda x: x**2) == (0.0, 2)


def test_different_scores() -> None:
    rng = np.random.default_rng(0)
    std, freedom = _noise(lambda x: x + 0.1 * rng.normal())
    assert freedom == 2
    assert 0.0 < std < 0.5


def test_no_repeats() -> None:
    assert _noise(lambda x: x, repeats=1) == (0.0, 0)


def test_copies_of_a_trial_are_one() -> None:
    rng = np.random.default_rng(0)
    assert _noise(lambda x: rng.normal(), repeats=1, copies=3) == (0.0, 0)


def test_rows_without_a_loss_do_not_count() -> None:
    table = TrialTable.from_study(optuna.create_study())
    assert noise_of_repeats(table, np.arange(0), np.zeros(0)) == (0.0, 0)


@pytest.mark.parametrize("n", [0, 3])
def test_infinite_losses(n: int) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(n):
        study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) * np.inf, n_trials=n or 1)
    table = TrialTable.from_study(study)
    assert noise_of_repeats(table, np.arange(len(table)), table.losses[:, 0]) == (0.0, 0)

"""Values with which every trial was lost are named, and those that chance lost are not."""

from __future__ import annotations

from math import comb

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler

from optuna_hpx import TrialTable
from optuna_hpx.trials.left_out import left_out


def _table(lose: str, n: int = 100, seed: int = 0) -> TrialTable:
    def objective(trial: optuna.Trial) -> float:
        batch = trial.suggest_categorical("batch", [32, 128, 512])
        lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
        chance = np.random.default_rng(trial.number + 1000 * seed).random()
        if {"batch": batch == 512, "lr": lr > 0.1, "chance": chance < 0.3, "": False}[lose]:
            if trial.number % 2 or lose != "chance":
                raise MemoryError
            raise optuna.TrialPruned
        return lr

    study = optuna.create_study(sampler=RandomSampler(seed=seed))
    study.optimize(objective, n_trials=n, catch=MemoryError)
    return TrialTable.of(study)


def test_a_choice_that_always_fails() -> None:
    table = _table("batch")
    n = int((table.columns["batch"].values == 2.0).sum())
    assert [str(one) for one in left_out(table)] == [
        f"each of the {n} trials with batch = 512 failed"
    ]


def test_an_end_of_a_range_that_always_fails() -> None:
    table = _table("lr")
    (one,) = left_out(table)
    lr = table.columns["lr"].values
    assert (one.name, one.fate, one.n_trials) == ("lr", "failed", int((lr > 0.1).sum()))
    assert one.values == f"above {lr[lr <= 0.1].max():.3g}"


def test_chance_is_seldom_taken_for_a_reason() -> None:
    n_studies = 60
    found = sum(bool(left_out(_table("chance", 60, seed))) for seed in range(n_studies))
    assert found <= n_studies * 0.01 + 3 * np.sqrt(n_studies * 0.01 * 0.99)


def test_the_chance_is_that_of_a_draw_without_replacement() -> None:
    from optuna_hpx.trials.left_out import _chance

    lost = np.array([True] * 7 + [False] * 13)
    assert _chance(3, lost) == pytest.approx(comb(7, 3) / comb(20, 3))
    assert _chance(8, lost) == 0.0


@pytest.mark.parametrize("n", [0, 20])
def test_nothing_is_lost(n: int) -> None:
    assert left_out(_table("", n)) == []

"""Values with which every trial was lost are named, and those that chance lost are not."""

from __future__ import annotations

from math import comb

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

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
    edge = float(one.values.removeprefix("above "))
    assert lr[lr <= 0.1].max() <= edge <= lr[lr <= 0.1].max() * 1.01, "no complete trial beyond"


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


def _fates(values: np.ndarray, states: list[TrialState], name: str = "k") -> TrialTable:
    """A table of one integer parameter."""
    pandas = pytest.importorskip("pandas")
    words = [state.name for state in states]
    frame = pandas.DataFrame({name: values, "loss": 1.0, "state": words})
    return TrialTable.from_frame(frame, params=[name], value="loss")


def test_trials_at_the_edge_with_which_one_completed_are_not_counted() -> None:
    k = np.repeat(np.arange(1, 41), 3)
    states = [TrialState.FAIL if x <= 8 else TrialState.COMPLETE for x in k]
    states[24] = states[25] = TrialState.FAIL  # of k = 9 one completed
    (one,) = left_out(_fates(k, states))
    assert (one.values, one.n_trials) == ("below 9", 24)


def test_a_value_that_failed_or_was_pruned() -> None:
    k = np.repeat([1, 2, 3, 4], 30)
    states = [TrialState.COMPLETE] * 90 + [TrialState.FAIL] * 15 + [TrialState.PRUNED] * 15
    (one,) = left_out(_fates(k, states))
    assert str(one) == "each of the 30 trials with k = 4 failed or was pruned"


def test_one_of_many_choices() -> None:
    k = np.repeat([f"m{i}" for i in range(25)], 8)
    states = [TrialState.FAIL if x == "m3" else TrialState.COMPLETE for x in k]
    (one,) = left_out(_fates(k, states))
    assert str(one) == "each of the 8 trials with k = m3 failed"

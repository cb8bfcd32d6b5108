"""Repeated trials are known where chance would not repeat them."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler

from optuna_hpx import TrialTable
from optuna_hpx.trials.repeats import repeated_rows


def _study(objective: Any, n_workers: int = 3, n: int = 20) -> optuna.Study:
    study = optuna.create_study()
    for _ in range(n_workers):
        study.sampler = RandomSampler(seed=0)
        study.optimize(objective, n_trials=n)
    return study


def _rows(source: optuna.Study | TrialTable) -> list[int]:
    table = TrialTable.of(source)
    return repeated_rows(table, np.arange(len(table))).tolist()


def test_workers_with_one_seed_repeat_each_other() -> None:
    study = _study(lambda t: t.suggest_float("x", 0, 1) + t.suggest_int("k", 0, 3))
    assert _rows(study) == list(range(20, 60))
    frame = TrialTable.of(study).to_frame().drop(columns="origin")
    assert _rows(TrialTable.from_frame(frame, value="value")) == list(range(20, 60))


def test_in_a_space_of_few_combinations_equal_trials_prove_nothing() -> None:
    assert _rows(_study(lambda t: t.suggest_int("a", 0, 9) + t.suggest_int("b", 0, 9))) == []
    many = _study(lambda t: sum(t.suggest_int(f"p{i}", 0, 99) for i in range(5)))
    assert _rows(many) == list(range(20, 60))


def test_what_differs_in_one_value_is_no_repeat() -> None:
    dist = optuna.distributions.FloatDistribution(0, 1)
    study = optuna.create_study()
    for x, y in [(0.5, 0.1), (0.5, 0.2), (0.5, 0.1)]:
        study.add_trial(
            optuna.create_trial(
                params={"x": x, "y": y}, distributions={"x": dist, "y": dist}, value=0.0
            )
        )
    assert _rows(study) == [2]


def test_a_branch_counts_by_its_own_parameters() -> None:
    """The many combinations of one branch make no repeat of the few of the other."""

    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("kind", ["few", "many"]) == "few":
            return float(trial.suggest_int("k", 0, 1))
        return trial.suggest_float("x", 0, 1)

    study = _study(objective, n_workers=1, n=40)
    assert _rows(study) == []


@pytest.mark.parametrize("n", [0, 1])
def test_one_trial_or_none(n: int) -> None:
    assert _rows(_study(lambda t: t.suggest_float("x", 0, 1), 1, n)) == []


def test_log_integers_are_alike_more_often_than_there_are_values() -> None:
    """1 in 1..100 on the log scale is drawn as often as all above 32: repeats of it are chance."""

    def objective(trial: optuna.Trial) -> float:
        return float(trial.suggest_int("a", 1, 100, log=True) + trial.suggest_int("b", 1, 9))

    for seed in range(5):
        study = optuna.create_study(sampler=RandomSampler(seed=seed))
        study.optimize(objective, n_trials=30)
        assert _rows(study) == []


@pytest.mark.parametrize("values", [[16, 32, 64, 128, 256], [0.1, 0.2, 0.3, 0.4, 0.5]])
def test_a_column_of_few_values_is_not_taken_for_a_wide_one(values: list[float]) -> None:
    """Of a frame the domain is a guess: 16 to 256, though only powers of two were drawn."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({name: rng.choice(values, 120) for name in "abc"})
    assert frame.duplicated().sum() > 20
    table = TrialTable.from_frame(frame.assign(loss=rng.random(120)), value="loss")
    assert not len(repeated_rows(table, np.arange(120)))
    wide = pandas.DataFrame({name: rng.integers(1, 1000, 40) for name in "abc"})
    copies = pandas.concat([wide, wide, wide]).assign(loss=rng.random(120))
    table = TrialTable.from_frame(copies, value="loss")
    assert repeated_rows(table, np.arange(120)).tolist() == list(range(40, 120))

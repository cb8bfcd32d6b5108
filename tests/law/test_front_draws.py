"""The draws of several objectives, as losses."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest
from optuna.samplers import NSGAIISampler, RandomSampler

from optuna_hpx import TrialTable
from optuna_hpx.law._front_draws import front_draws, front_draws_of_scores, losses_of_trials


def _objective(trial: optuna.Trial) -> tuple[float, float]:
    x = trial.suggest_float("x", 0, 1)
    return x, 1.0 - x


def test_losses_are_in_the_order_in_which_draws_finished() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=RandomSampler(seed=0))
    trials = [study.ask() for _ in range(3)]
    values = [_objective(trial) for trial in trials]
    for k in (2, 0, 1):
        study.tell(trials[k], values[k])
    sample = front_draws(study)
    expected = np.array([values[k] for k in (2, 0, 1)]) * [1.0, -1.0]
    assert np.array_equal(sample.losses, expected)
    assert np.array_equal(front_draws(study, n_draws=1).losses, expected[:1])
    assert sample.signs.tolist() == [1.0, -1.0]
    assert sample.in_words == ""


def test_others_are_told_apart() -> None:
    study = optuna.create_study(
        directions=["minimize"] * 2, sampler=NSGAIISampler(population_size=10, seed=0)
    )
    study.optimize(_objective, n_trials=25)
    sample = front_draws(study)
    assert (len(sample), len(sample.others)) == (10, 15)
    assert sample.in_words.startswith("Left out: 15 chosen by an adaptive sampler")


def test_what_is_not_finite_in_one_objective_brought_nothing() -> None:
    study = optuna.create_study(directions=["minimize"] * 2)
    for values in ([1.0, math.inf], [1.0, 2.0]):
        study.tell(study.ask(), values)
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    losses = losses_of_trials(TrialTable.from_study(study))
    assert losses.tolist() == [[math.inf] * 2, [1.0, 2.0], [math.inf] * 2]


def test_scores_with_failed_draws() -> None:
    sample = front_draws_of_scores([[1.0, -math.inf], [1.0, 2.0]], ["minimize", "maximize"], 1)
    assert sample.losses.tolist() == [[math.inf] * 2, [1.0, -2.0], [math.inf] * 2]
    with pytest.raises(ValueError, match="must not be infinitely good"):
        front_draws_of_scores([[1.0, math.inf], [1.0, 2.0]], ["minimize", "maximize"], 0)

"""What is said of random draws that have no law, and how often it is false."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest

from optuna_hpx import InterleavedSampler, TrialTable, tuning_curve_band
from optuna_hpx.law._without_law import chance_in_words, describe_band, find_band, round_number


def _study(sampler: optuna.samplers.BaseSampler, n_trials: int) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_bowl, n_trials=n_trials)
    return study


def _bowl(trial: optuna.Trial) -> float:
    loss = sum(trial.suggest_float(name, -1, 1) ** 2 for name in "xy")
    if trial.number == 2:
        raise optuna.TrialPruned
    return loss


def test_of_random_trials() -> None:
    band = tuning_curve_band(np.linspace(0.1, 1.0, 10))
    bound = band.gain_bound(50, confidence=0.9)
    assert describe_band(band) == (
        "50 more random trials improve the best with probability 83\xa0%, by at most "
        f"{bound:.2g} with 90\xa0% confidence."
    )


def test_of_the_trials_of_a_sampler_that_is_ahead() -> None:
    study = _study(optuna.samplers.TPESampler(seed=0), 40)
    band = tuning_curve_band(study)
    assert describe_band(band) == (
        f"50 more random trials beat the best of the 10 random ones, {band.best:.6g}, with "
        f"probability 83\xa0%, and the best of all, {study.best_value:.6g}, with a smaller one. "
        "For an even chance to be as good as that, a random search needs at least 3 trials "
        "(95\xa0% confidence)."
    )


def test_scores_with_ties_and_of_no_scale() -> None:
    tied = tuning_curve_band([0.1, 0.1, *np.linspace(0.5, 1.0, 8)])
    assert chance_in_words(tied, 50) == "with probability at most 83\xa0%"
    assert "by at most" in describe_band(tied)
    for scores in ([0.1] * 10, [0.1, *[math.inf] * 9]):
        assert "by at most" not in describe_band(tuning_curve_band(scores))


def test_ties_below_the_best_may_be_ties_at_it() -> None:
    """An accuracy of 1 that one trial of 10 reached is beaten by none."""
    rounded = tuning_curve_band(
        [1.0, 0.9, 0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3], direction="maximize"
    )
    assert rounded.n_best == 1
    assert chance_in_words(rounded, 50) == "with probability at most 83\xa0%"
    failed = tuning_curve_band([0.1, 0.2, *[math.inf] * 8])
    assert "at most" not in chance_in_words(failed, 50), "of failed draws none is the best"


def test_a_best_random_trial_that_no_other_trial_beats_is_a_lucky_one() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(40):
        study.enqueue_trial({"x": 0.99, "y": 0.99})
    study.optimize(_bowl, n_trials=52)
    band = tuning_curve_band(study)
    assert band.n_left_out == 40
    assert band.best == band.best_of_all
    assert "improve the best with probability at most 81" in describe_band(band)


def test_an_infinitely_good_score() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) if t.number else -math.inf, n_trials=12)
    assert find_band(TrialTable.from_study(study), study.sampler) == (None, ())


def test_numbers_of_trials_that_are_spoken_of() -> None:
    assert [round_number(n) for n in (8, 100, 1234, 98765)] == [50, 50, 100, 10000]


@pytest.mark.parametrize(
    ("sampler", "n_trials", "n_draws"),
    [
        (optuna.samplers.RandomSampler(seed=0), 8, 8),
        (optuna.samplers.RandomSampler(seed=0), 7, None),
        (optuna.samplers.TPESampler(seed=0), 40, 10),
        (optuna.samplers.TPESampler(seed=0, n_startup_trials=5), 40, None),
        (InterleavedSampler(optuna.samplers.TPESampler(seed=0), every=4, seed=0), 30, 15),
    ],
)
def test_it_takes_eight_draws_of_which_failed_ones_are_some(
    sampler: optuna.samplers.BaseSampler, n_trials: int, n_draws: int | None
) -> None:
    band, warnings = find_band(TrialTable.from_study(_study(sampler, n_trials)))
    assert (None if band is None else band.n_trials) == n_draws
    assert (warnings != ()) == (band is not None), "of the one that was pruned"


def test_draws_of_which_none_has_a_score() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) / 0, 9, catch=ZeroDivisionError)
    assert find_band(TrialTable.from_study(study)) == (None, ())


@pytest.mark.parametrize("repetitions", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_what_is_said_of_the_best_of_a_sampler_is_seldom_false(repetitions: int) -> None:
    """A bowl in two dimensions: F(y) = pi y / 4 for y < 1."""
    false, stated, true = [], [], []
    for seed in range(repetitions):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        study.optimize(
            lambda t: t.suggest_float("x", -1, 1) ** 2 + t.suggest_float("y", -1, 1) ** 2, 25
        )
        band = tuning_curve_band(study)
        p = math.pi / 4 * band.best_of_all
        needed = math.log(0.5) / math.log1p(-p)
        false.append(needed <= band.trials_to_reach(band.best_of_all) - 1.0)
        stated.append(band.probability_of_improvement(50))
        true.append(1.0 - (1.0 - math.pi / 4 * band.best) ** 50)
    error = 4.0 * math.sqrt(0.05 * 0.95 / repetitions)
    assert np.mean(false) <= 0.05 + error
    assert np.mean(true) == pytest.approx(np.mean(stated), abs=4 * np.std(true) / repetitions**0.5)


def test_a_forecast_in_words_needs_no_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take up to a second, and a callback says it at each look."""

    def refuse(*_: object) -> None:
        raise AssertionError("bounds were worked out")

    monkeypatch.setattr("optuna_hpx.law._band.order_levels", refuse)
    band = tuning_curve_band(np.random.default_rng(0).random(40))
    assert describe_band(band).startswith("50 more random trials improve the best")

"""Bands of tuning curves of studies and of scores."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import optuna
import pytest

from optuna_hpx import TuningCurveBand, tuning_curve_band

SCORES = np.random.default_rng(0).random(60)


def study_of(scores: np.ndarray, direction: str = "minimize") -> optuna.Study:
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0.0, 1.0)
        return float(scores[trial.number])

    study.optimize(objective, n_trials=len(scores))
    return study


def test_direction_turns_it_over() -> None:
    low, high = tuning_curve_band(SCORES).interval(7, quantile=0.2)
    band = tuning_curve_band(-SCORES, direction="maximize")
    assert np.array_equal(band.interval(7, quantile=0.8), (-high, -low))
    assert band.curve(7, quantile=0.8) == -tuning_curve_band(SCORES).curve(7, quantile=0.2)
    turned = tuning_curve_band(study_of(-SCORES, "maximize"))
    assert np.array_equal(turned.interval(7), band.interval(7))


def test_frame_and_repr() -> None:
    band = tuning_curve_band(SCORES)
    frame = band.to_frame()
    assert list(frame.columns) == ["low", "median", "high"]
    assert (frame.index[0], frame.index[-1]) == (1, 180)
    assert frame["median"].loc[1] == band.curve(1)
    assert json.dumps(band.to_dict()).startswith('{"direction": "minimize", "confidence": 0.95')
    assert "_band" not in band.to_dict()
    assert repr(band).startswith("<TuningCurveBand of 60 trials to minimize: median best of ")
    assert "inf" not in repr(band)
    assert "bounded on both sides" in repr(tuning_curve_band([1.0]))


def test_bad_places() -> None:
    band = tuning_curve_band(SCORES)
    with pytest.raises(ValueError, match="n_trials"):
        band.curve(0)
    with pytest.raises(ValueError, match="quantile"):
        band.interval(1, quantile=1.0)


def test_one_score_bounds_no_gain() -> None:
    band = tuning_curve_band([1.0, np.inf, np.inf])
    assert band.probability_of_improvement(9) == pytest.approx(0.75)
    assert (band.best_after(9).low, band.best_after(9).high) == (-np.inf, 1.0)
    assert tuning_curve_band([1.0], bounds=(0, None)).best_after(9).low == 0.0


def test_equal_scores_bound_no_gain_either() -> None:
    band = tuning_curve_band([1.0] * 8)
    assert band.n_best == 8
    assert band.probability_of_improvement(8) == 0.5
    assert band.gain_bound(8) == np.inf
    assert tuning_curve_band([1.0] * 8, bounds=(1.0, None)).probability_of_improvement(8) == 0.0


def test_the_best_of_all_is_that_of_the_study() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=40)
    band = tuning_curve_band(study)
    assert (band.n_trials, band.n_left_out, band.n_best) == (10, 30, 1)
    assert band.best_of_all == study.best_value < band.best
    assert tuning_curve_band(SCORES).best_of_all == SCORES.min()


def test_probabilities_of_scores_are_bounded() -> None:
    band = tuning_curve_band(SCORES)
    y = np.linspace(-0.5, 1.5, 9)
    low, high = band.cdf_interval(y)
    assert low.shape == high.shape == (9,)
    assert np.all(low <= high)
    assert np.all(np.diff(low) >= 0.0)
    assert np.all((low <= np.clip(y, 0, 1)) & (np.clip(y, 0, 1) <= high)), "uniform scores"
    # The quantile of one trial is at most y exactly where the probability of y is at least that.
    for q in (0.1, 0.5, 0.9):
        upper = band.interval(1, quantile=q)[1]
        assert band.cdf_interval(upper)[0] >= q > band.cdf_interval(np.nextafter(upper, -1))[0]


def test_probabilities_of_maximised_scores_are_those_of_the_mirror_image() -> None:
    up = tuning_curve_band(SCORES.round(1), direction="maximize", bounds=(0.0, 1.0), n_censored=5)
    down = tuning_curve_band(-SCORES.round(1), bounds=(-1.0, 0.0), n_censored=5)
    y = np.array([-0.1, 0.0, 0.25, 0.3, 1.0])
    low, high = up.cdf_interval(y)
    # P(score <= y) = 1 - P(-score < -y): of a score at y, that below it.
    low_below, high_below = down.cdf_interval(np.nextafter(-y, -9.0))
    assert low == pytest.approx(1.0 - high_below)
    assert high == pytest.approx(1.0 - low_below)
    assert high[-1] == 1.0
    assert low[0] > 0.0, "failed ones are infinitely bad"


def test_probabilities_of_maximised_and_rounded_scores_hold() -> None:
    rng = np.random.default_rng(2)
    y = np.array([0.0, 0.15, 0.3, 0.8, 1.0])
    truth = np.array([0.05, 0.15, 0.35, 0.85, 1.0])
    held = []
    for _ in range(200):
        band = tuning_curve_band(rng.random(30).round(1), direction="maximize", confidence=0.9)
        low, high = band.cdf_interval(y)
        held.append(np.all((low <= truth + 1e-12) & (truth <= high + 1e-12)))
    assert np.mean(held) > 0.9 - 3 * np.sqrt(0.09 / 200)


def test_trials_to_reach_a_score() -> None:
    band = tuning_curve_band(SCORES)
    assert band.trials_to_reach(-1.0) == 14.0, "60 log(1/2) / log(0.05), rounded up"
    assert band.trials_to_reach(-1.0, confidence=0.5) == 60.0
    assert band.trials_to_reach(2.0) == 1.0
    up = tuning_curve_band(-SCORES, direction="maximize")
    assert up.trials_to_reach(1.0) == 14.0
    assert tuning_curve_band(SCORES, n_censored=60).trials_to_reach(-1.0) == 28.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda band: band.cdf_interval([0.0, np.nan]), "`y` must not be NaN"),
        (lambda band: band.trials_to_reach(np.inf), "`score` must be finite"),
        (lambda band: band.trials_to_reach(0.0, confidence=1.0), "confidence"),
    ],
)
def test_bad_scores(call: Callable[[TuningCurveBand], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(tuning_curve_band(SCORES))


@pytest.mark.parametrize(
    ("scores", "has_ties"), [([0.1, 0.2, 0.3], False), ([0.1, 0.3, 0.3], True)]
)
def test_ties_are_those_of_known_scores(scores: list[float], has_ties: bool) -> None:
    assert tuning_curve_band(scores, n_censored=2).has_ties is has_ties

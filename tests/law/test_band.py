"""Bands of tuning curves of studies and of scores."""

from __future__ import annotations

import json

import numpy as np
import optuna
import pytest

from optuna_hpx import NoLawError, TrialTable, tuning_curve_band

SCORES = np.random.default_rng(0).random(60)


def study_of(scores: np.ndarray, direction: str = "minimize") -> optuna.Study:
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0.0, 1.0)
        return float(scores[trial.number])

    study.optimize(objective, n_trials=len(scores))
    return study


def test_scores_study_and_table_are_the_same() -> None:
    k = np.array([1.0, 4.0, 30.0])
    study = study_of(SCORES)
    expected = tuning_curve_band(SCORES).interval(k)
    for source in (study, TrialTable.from_study(study), SCORES.tolist()):
        band = tuning_curve_band(source)
        assert np.array_equal(band.interval(k), expected)
        assert (band.n_trials, band.best) == (60, SCORES.min())


def test_direction_turns_it_over() -> None:
    low, high = tuning_curve_band(SCORES).interval(7, quantile=0.2)
    band = tuning_curve_band(-SCORES, direction="maximize")
    assert np.array_equal(band.interval(7, quantile=0.8), (-high, -low))
    assert band.curve(7, quantile=0.8) == -tuning_curve_band(SCORES).curve(7, quantile=0.2)
    turned = tuning_curve_band(study_of(-SCORES, "maximize"))
    assert np.array_equal(turned.interval(7), band.interval(7))


def test_bounds_of_either_direction() -> None:
    assert tuning_curve_band(SCORES, bounds=(0, 1)).interval(10_000)[0] == 0.0
    best = tuning_curve_band(SCORES, bounds=(0, 1), direction="maximize")
    assert best.interval(10_000)[1] == 1.0
    assert np.isinf(tuning_curve_band(SCORES).interval(10_000)[0])


def test_failed_draws_are_bad_ones() -> None:
    half = tuning_curve_band([*SCORES, *[np.inf] * 60])
    counted = tuning_curve_band(SCORES, n_censored=60)
    assert np.array_equal(half.interval(5), counted.interval(5))
    assert half.n_trials == 120
    # Of a share that may fail, no largest score is known, whatever bounds the others have.
    assert np.isinf(tuning_curve_band(SCORES, n_censored=60, bounds=(0, 1)).interval(1)[1])


def test_costs_of_scores_and_trials() -> None:
    band = tuning_curve_band(SCORES, cost=np.full(60, 3.0))
    assert band.cost is not None
    assert band.cost.mean == 3.0
    of_study = tuning_curve_band(study_of(SCORES), cost=lambda trial: 1.0 + trial.number)
    assert of_study.cost is not None
    assert of_study.cost.mean == pytest.approx(30.5)
    assert tuning_curve_band(study_of(SCORES), cost="duration").cost is not None


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


def test_adaptive_trials_are_left_out() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=40)
    band = tuning_curve_band(study)
    assert band.n_trials == 10
    assert "Left out: 30" in band.warnings[-1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"confidence": 1.0}, ValueError, "confidence"),
        ({"kind": "bootstrap"}, ValueError, "kind"),
        ({"bounds": (0.5, 1.0)}, ValueError, "must hold all scores"),
        ({"bounds": (1.0, 0.0)}, ValueError, "low < high"),
        ({"bounds": 1.0}, TypeError, "pair"),
        ({"direction": "up"}, ValueError, "direction"),
        ({"n_censored": -1}, ValueError, "n_censored"),
        ({"cost": "duration"}, TypeError, "sequence of numbers"),
        ({"cost": [0.0, np.nan]}, ValueError, "positive and finite"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        tuning_curve_band(SCORES, **arguments)  # type: ignore[arg-type]


def test_bad_places() -> None:
    band = tuning_curve_band(SCORES)
    with pytest.raises(ValueError, match="n_trials"):
        band.curve(0)
    with pytest.raises(ValueError, match="quantile"):
        band.interval(1, quantile=1.0)


def test_nothing_to_bound() -> None:
    with pytest.raises(NoLawError, match="no independent random draw"):
        tuning_curve_band([np.inf, np.inf])


def test_one_score_bounds_no_gain() -> None:
    band = tuning_curve_band([1.0, np.inf, np.inf])
    assert band.probability_of_improvement(9) == pytest.approx(0.75)
    assert (band.best_after(9).low, band.best_after(9).high) == (-np.inf, 1.0)
    assert tuning_curve_band([1.0], bounds=(0, None)).best_after(9).low == 0.0

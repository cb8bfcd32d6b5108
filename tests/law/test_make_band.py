"""Bands of studies and of scores: what they are made of."""

from __future__ import annotations

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


def test_nothing_to_bound() -> None:
    with pytest.raises(NoLawError, match="no independent random draw"):
        tuning_curve_band([np.inf, np.inf])


def test_very_many_failed_draws_take_no_time() -> None:
    band = tuning_curve_band(SCORES, n_censored=10**6)
    assert band.n_trials == 10**6 + 60
    assert band.interval(10**6)[1] < np.inf, "the best of so many is among those that completed"
    assert band.interval(100)[0] == np.inf


def test_any_confidence_has_a_band() -> None:
    low, high = tuning_curve_band(SCORES, confidence=1.0 - 1e-15).interval(1)
    assert low < np.median(SCORES) < high


def test_trials_of_which_nothing_is_known_are_taken_as_draws_with_a_warning() -> None:
    study = study_of(SCORES)
    again = optuna.load_study(study_name=study.study_name, storage=study._storage)
    band = tuning_curve_band(again)
    assert band.n_trials == 60
    assert band.warnings[0].startswith("What drew these trials is not known")
    told = tuning_curve_band(again, sampler=optuna.samplers.RandomSampler())
    assert told.warnings == ()

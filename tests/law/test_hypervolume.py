"""HypervolumeOutlook: of studies, tables and scores; what it counts, says and refuses."""

from __future__ import annotations

import json
import math

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler, TPESampler

from optuna_hpx import InterleavedSampler, NoLawError, TrialTable, hypervolume_outlook
from optuna_hpx.law.maths.reference_point import default_reference_point
from optuna_hpx.trials.hypervolume import hypervolume

DIRECTIONS = ["minimize", "maximize"]
POINT = (1.2, 0.0)


def objective(trial: optuna.Trial) -> tuple[float, float]:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    return x + 0.2 * y, math.sqrt(x) + 0.3 * y


def study_of(
    n_trials: int = 60, sampler: optuna.samplers.BaseSampler | None = None
) -> optuna.Study:
    sampler = sampler or RandomSampler(seed=0)
    study = optuna.create_study(directions=DIRECTIONS, sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study


def scores_of(study: optuna.Study) -> np.ndarray:
    return np.array([trial.values for trial in study.trials])


def test_scores_study_and_table_are_the_same() -> None:
    study = study_of()
    scores = scores_of(study)
    by_scores = hypervolume_outlook(scores, reference_point=POINT, directions=DIRECTIONS)
    losses, point = scores * [1.0, -1.0], np.array(POINT) * [1.0, -1.0]
    assert by_scores.best == pytest.approx(hypervolume(losses, point))
    assert (by_scores.n_trials, by_scores.n_left_out, by_scores.direction) == (60, 0, "maximize")
    for source in (study, TrialTable.from_study(study)):
        outlook = hypervolume_outlook(source, reference_point=POINT)
        assert outlook.to_dict() == by_scores.to_dict()
        assert outlook.best_after(50) == by_scores.best_after(50)
        assert outlook.gain_bound(50) == by_scores.gain_bound(50)


def test_the_questions_agree_with_each_other() -> None:
    outlook = hypervolume_outlook(study_of(), reference_point=POINT)
    forecast = outlook.best_after(50)
    assert outlook.best <= forecast.low < forecast.median < forecast.high
    gain = forecast.median - outlook.best
    assert outlook.probability_of_improvement(50, by=gain) == pytest.approx(0.5, abs=0.01)
    assert outlook.n_more_for(gain) == pytest.approx(50, rel=0.15)
    bound = outlook.gain_bound(50, confidence=0.9)
    assert outlook.probability_of_improvement(50, by=bound) <= 0.1
    low, high = outlook.best_after_quantile(50, quantile=np.array([0.2, 0.8]))
    assert outlook.best <= low < high
    with pytest.raises(ValueError, match="`by` must not be negative"):
        outlook.probability_of_improvement(50, by=-1.0)


def test_the_reference_point_stays_that_of_the_first_thirty() -> None:
    study = study_of(80)
    first = default_reference_point(scores_of(study)[:30] * [1.0, -1.0]) * [1.0, -1.0]
    for n_draws in (30, 47, 80):
        outlook = hypervolume_outlook(study, n_draws=n_draws)
        assert outlook.n_trials == n_draws
        assert outlook.reference_point == pytest.approx(first.tolist())
    volumes = [hypervolume_outlook(study, n_draws=n).best for n in (30, 47, 80)]
    assert volumes == sorted(volumes)


def test_what_brought_nothing_counts_as_a_draw() -> None:
    study = optuna.create_study(directions=DIRECTIONS, sampler=RandomSampler(seed=0))

    def failing(trial: optuna.Trial) -> tuple[float, float]:
        values = objective(trial)
        if trial.number % 4 == 1:
            raise RuntimeError
        trial.set_constraint("c", 1.0 if trial.number % 4 == 2 else 0.0)
        return values if trial.number % 4 else (math.inf, values[1])

    study.optimize(failing, n_trials=80, catch=(RuntimeError,))
    outlook = hypervolume_outlook(study, reference_point=POINT)
    good = [trial.values for trial in study.trials if trial.number % 4 == 3]
    alone = hypervolume_outlook(
        np.array(good), reference_point=POINT, directions=DIRECTIONS, n_censored=60
    )
    assert outlook.n_trials == alone.n_trials == 80
    assert outlook.best == pytest.approx(alone.best)
    assert outlook.best_after(30) == alone.best_after(30)


def test_other_trials_are_left_out_but_for_the_best_of_all() -> None:
    sampler = InterleavedSampler(TPESampler(seed=0), every=2, seed=0)
    study = study_of(80, sampler)
    outlook = hypervolume_outlook(study, reference_point=POINT)
    assert outlook.n_trials + outlook.n_left_out == 80
    assert outlook.n_left_out > 20
    losses = scores_of(study) * [1.0, -1.0]
    of_all = hypervolume(losses, np.array(POINT) * [1.0, -1.0])
    assert outlook.best_of_all == pytest.approx(of_all)
    assert outlook.best < outlook.best_of_all


def test_history_ends_at_the_hypervolume() -> None:
    outlook = hypervolume_outlook(study_of(), reference_point=POINT)
    n, values = outlook.history()
    assert np.all(np.diff(n) > 0)
    assert np.all(np.diff(values) > 0.0)
    assert values[-1] == outlook.best
    values[-1] = 0.0
    assert outlook.history()[1][-1] == outlook.best


def test_as_other_programs_take_it() -> None:
    outlook = hypervolume_outlook(study_of(), reference_point=POINT)
    assert json.loads(json.dumps(outlook.to_dict()))["reference_point"] == list(POINT)
    frame = outlook.to_frame()
    assert frame.index.name == "n_more"
    assert list(frame.columns) == ["probability", "low", "median", "high"]
    assert (frame["median"].diff().dropna() >= 0.0).all()
    assert repr(outlook).startswith(
        "<HypervolumeOutlook of 60 trials to minimize and maximize: front of "
    )
    assert "HypervolumeOutlook" in outlook._repr_html_()


def test_too_little_is_said() -> None:
    scores = np.random.default_rng(0).random((20, 2))
    with pytest.raises(NoLawError, match=r"at least 8 .* there are 7, and 2 that brought nothing"):
        hypervolume_outlook(scores[:7], n_censored=2)
    with pytest.raises(NoLawError, match="better than the reference point"):
        hypervolume_outlook(scores, reference_point=(0.01, 0.01))
    study = optuna.create_study(directions=DIRECTIONS, sampler=RandomSampler(seed=0))
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), math.inf), n_trials=3)
    with pytest.raises(NoLawError, match="Trial 0 has an infinitely good score"):
        hypervolume_outlook(study)


def test_an_objective_that_is_constant_has_no_default_reference_point() -> None:
    scores = np.random.default_rng(0).random((40, 2)) * [1.0, 0.0]
    with pytest.raises(NoLawError, match="first 30 draws have one score of objective 1"):
        hypervolume_outlook(scores)
    assert hypervolume_outlook(scores, reference_point=(2.0, 1.0)).n_front == 1


@pytest.mark.parametrize(
    ("unit", "said"), [(1e300, "1e\\+600, which is too large"), (1e-200, "1e-400, .* too small")]
)
def test_volumes_beyond_what_numbers_hold_are_refused(unit: float, said: str) -> None:
    scores = np.random.default_rng(0).random((40, 2))
    with pytest.raises(NoLawError, match=said):
        hypervolume_outlook(scores * unit)
    alike = hypervolume_outlook(scores * [unit, 1.0 / unit])
    assert alike.best == pytest.approx(hypervolume_outlook(scores).best)


def test_nothing_is_certain_and_no_probability_exceeds_one() -> None:
    x = np.random.default_rng(0).random(60)
    outlook = hypervolume_outlook(np.column_stack([x, 1.0 - x]))
    for n_more in (1, 50, 10**6):
        assert 0.0 < outlook.probability_of_improvement(n_more) < 1.0


def test_draws_that_are_alike_have_no_scale() -> None:
    """Of 40 equal ones nothing tells that more are no better, nor by how much."""
    with pytest.raises(NoLawError, match="40 draws are alike and better than all others"):
        hypervolume_outlook(np.ones((40, 2)), reference_point=(2.0, 2.0))


def test_ties_of_scores_and_of_draws() -> None:
    scores = np.random.default_rng(0).random((40, 2))
    plain, ties = hypervolume_outlook(scores), hypervolume_outlook(scores.round(2))
    copies = hypervolume_outlook(scores.round(0), reference_point=(2.0, 2.0))
    assert [(o.has_ties, o.has_copies) for o in (plain, ties, copies)] == [
        (False, False),
        (True, False),
        (True, True),
    ]


def test_wrong_arguments_are_named() -> None:
    scores = np.random.default_rng(0).random((20, 2))
    with pytest.raises(ValueError, match="finite number for each of 2 objectives, got"):
        hypervolume_outlook(scores, reference_point=(1.0, math.inf))
    with pytest.raises(ValueError, match="one of 2 objectives each"):
        hypervolume_outlook(scores, directions=["minimize"])
    with pytest.raises(ValueError, match="a column for each of two objectives"):
        hypervolume_outlook(scores[:, 0])
    with pytest.raises(ValueError, match="must not be NaN, got 1"):
        hypervolume_outlook(np.where(scores == scores[0, 0], np.nan, scores))
    with pytest.raises(ValueError, match="must not be infinitely good"):
        hypervolume_outlook(np.where(scores == scores[0, 0], -np.inf, scores))
    with pytest.raises(ValueError, match="`directions` must be left out of a study"):
        hypervolume_outlook(study_of(10), directions=DIRECTIONS)
    with pytest.raises(ValueError, match="several objectives, got one"):
        hypervolume_outlook(optuna.create_study())
    with pytest.raises(TypeError, match="`sampler` must be a sampler"):
        hypervolume_outlook(study_of(10), sampler="random")  # type: ignore[arg-type]

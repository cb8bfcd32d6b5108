"""The processes of loss and constraints, and what they make of candidates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.samplers.maths.improvement import log_expected_improvement
from optuna_hpx.samplers.maths.losses import transformed
from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.samplers.maths.trial_model import TrialModel, fit_hyperparameters
from optuna_hpx.statistics.gaussian_process import GaussianProcess
from optuna_hpx.trials.hypervolume import hypervolume
from optuna_hpx.trials.target_set import non_dominated

GROUPS = [slice(0, 1), slice(1, 2)]
THETA = np.log([0.2, 2.0, 1.0, 1e-4])


def _outcomes(losses: np.ndarray, constraints: np.ndarray | None = None) -> Outcomes:
    g = np.zeros((len(losses), 0)) if constraints is None else constraints[:, None]
    return Outcomes(losses.reshape(len(losses), -1), g, (g > 0.0).any(axis=1))


def _bowl(X: np.ndarray) -> np.ndarray:
    return np.asarray((X[:, 0] - 0.3) ** 2 + 0.1 * X[:, 1])


@pytest.fixture(name="X")
def _points() -> np.ndarray:
    return np.random.default_rng(0).random((40, 2))


def _acquisition(model: TrialModel, points: np.ndarray) -> np.ndarray:
    """Compute all exactly."""
    return model.acquisition(points, np.zeros(len(points)), len(points))


def test_acquisition_is_the_log_of_the_mean_improvement(X: np.ndarray) -> None:
    """Against a plain mean over many draws of the prediction."""
    losses = _bowl(X)
    model = TrialModel.of(X, _outcomes(losses), np.zeros((0, 2)), GROUPS, [THETA])
    points = np.column_stack([np.linspace(0.1, 0.5, 9), np.full(9, 0.05)])
    y = transformed(losses)
    process = GaussianProcess(X, y, GROUPS, starts=[THETA], max_iterations=0)
    mean, deviation = process.predict_noisy(points)
    z = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    gain = np.maximum(y.min() - mean[:, None] - deviation[:, None] * z, 0.0).mean(axis=1)
    is_seen = gain > 1e-4  # by enough of the draws
    assert is_seen.any()
    assert np.exp(_acquisition(model, points))[is_seen] == pytest.approx(gain[is_seen], rel=0.02)


def test_a_constraint_keeps_candidates_to_where_it_holds(X: np.ndarray) -> None:
    g = X[:, 1] - 0.5  # feasible below, but the loss falls upwards
    losses = -X[:, 1]
    model = TrialModel.of(X, _outcomes(losses, g), np.zeros((0, 2)), GROUPS, [THETA, THETA])
    line = np.column_stack([np.full(101, 0.5), np.linspace(0.0, 1.0, 101)])
    assert 0.4 < line[np.argmax(_acquisition(model, line)), 1] < 0.52
    free = TrialModel.of(X, _outcomes(losses), np.zeros((0, 2)), GROUPS, [THETA])
    assert line[np.argmax(_acquisition(free, line)), 1] > 0.9


def test_without_a_feasible_trial_only_feasibility_counts(X: np.ndarray) -> None:
    g = 1.0 + X[:, 1]  # smaller below
    model = TrialModel.of(X, _outcomes(_bowl(X), g), np.zeros((0, 2)), GROUPS, [THETA, THETA])
    assert model.limits[0] is None
    line = np.column_stack([np.full(21, 0.5), np.linspace(0.0, 1.0, 21)])
    assert np.argmax(_acquisition(model, line)) == 0


@pytest.mark.parametrize("d", [2, 8])
def test_the_largest_are_exact_and_the_others_stay_behind(d: int) -> None:
    rng = np.random.default_rng(d)
    X, points = rng.random((150, d)), rng.random((350, d))
    groups = [slice(j, j + 1) for j in range(d)]
    outcomes = _outcomes(_bowl(X) + 0.1 * np.sin(9.0 * X[:, -1]))
    thetas = fit_hyperparameters(X, outcomes, groups, np.ones(d), [])
    model = TrialModel.of(X, outcomes, np.zeros((0, d)), groups, thetas)
    penalty = rng.random(350)
    exact = model.acquisition(points, penalty, 350)
    process, limit = model.processes[0], model.limits[0]
    assert limit is not None
    assert exact == pytest.approx(
        log_expected_improvement(*process.predict_noisy(points), limit) - penalty
    )
    quick = model.acquisition(points, penalty, 5)
    best = np.argsort(-exact)[:5]
    assert np.argsort(-quick)[:5].tolist() == best.tolist()
    assert quick[best] == pytest.approx(exact[best])
    assert (quick >= exact - 1e-9).all()
    assert np.count_nonzero(np.abs(quick - exact) > 1e-9) > 100, "most need no deviation"


def test_a_running_trial_is_kept_away_from(X: np.ndarray) -> None:
    X = X[:8]
    outcomes = _outcomes(_bowl(X))
    grid = np.random.default_rng(1).random((500, 2))
    free = _acquisition(TrialModel.of(X, outcomes, np.zeros((0, 2)), GROUPS, [THETA]), grid)
    best = grid[np.argmax(free)]
    busy = _acquisition(TrialModel.of(X, outcomes, best[None, :], GROUPS, [THETA]), grid)
    assert busy[np.argmax(free)] < free.max() - 0.5
    assert not np.array_equal(grid[np.argmax(busy)], best)


def test_relevant_parameters_get_short_length_scales(X: np.ndarray) -> None:
    outcomes = _outcomes(np.sin(6.0 * X[:, 0]))
    (theta,) = fit_hyperparameters(X, outcomes, GROUPS, np.ones(2), [])
    assert theta[0] < theta[1] - 2.0
    few = _outcomes(outcomes.losses[:6])
    without = fit_hyperparameters(X[:6], few, GROUPS, np.ones(2), [])[0]
    believed = fit_hyperparameters(X[:6], few, GROUPS, np.array([0.05, 1.0]), [])[0]
    assert believed[0] - believed[1] > without[0] - without[1] + 1.0, "the prior counts"


def test_an_earlier_answer_is_a_start(X: np.ndarray) -> None:
    outcomes = _outcomes(_bowl(X), X[:, 0] - 0.5)
    first = fit_hyperparameters(X, outcomes, GROUPS, np.ones(2), [])
    again = fit_hyperparameters(X, outcomes, GROUPS, np.ones(2), [first[0]])
    assert len(first) == len(again) == 2
    assert again[0] == pytest.approx(first[0], abs=0.3)


def test_a_constraint_that_is_known_of_some_trials(X: np.ndarray) -> None:
    g = np.where(np.arange(40) < 10, np.nan, X[:, 0] - 0.5)
    outcomes = _outcomes(_bowl(X), g)
    thetas = fit_hyperparameters(X, outcomes, GROUPS, np.ones(2), [])
    model = TrialModel.of(X, outcomes, np.zeros((0, 2)), GROUPS, thetas)
    assert len(model.processes) == 2
    assert np.isfinite(_acquisition(model, X)).all()


def test_several_objectives_by_the_mean_gain_of_hypervolume(X: np.ndarray) -> None:
    """Against a plain mean over draws, the predictions by processes of their own."""
    X = X[:10]
    losses = np.column_stack([_bowl(X), (X[:, 0] - 0.8) ** 2])
    model = TrialModel.of(X, _outcomes(losses), np.zeros((0, 2)), GROUPS, [THETA, THETA])
    points = np.random.default_rng(2).uniform([0.2, 0.0], [0.9, 0.2], (10, 2))
    worst = _outcomes(losses).worst_on_front
    assert worst.tolist() == losses[non_dominated(losses)].max(axis=0).tolist()
    y = np.column_stack([transformed(c, good) for c, good in zip(losses.T, worst, strict=True)])
    predictions = [
        GaussianProcess(X, column, GROUPS, starts=[THETA], max_iterations=0).predict_noisy(points)
        for column in y.T
    ]
    assert model.goal is not None
    reference = model.goal.upper.max(axis=0)
    before = hypervolume(y, reference)
    z = stats.norm.ppf(stats.qmc.Sobol(2, seed=1).random(2048))
    n_seen = 0
    for k, ours in enumerate(_acquisition(model, points)):
        draws = np.column_stack([m[k] + s[k] * z[:, j] for j, (m, s) in enumerate(predictions)])
        gains = [hypervolume(np.vstack([y, draw]), reference) - before for draw in draws]
        if np.mean(gains) > 1e-3:
            n_seen += 1
            assert np.exp(ours) == pytest.approx(np.mean(gains), rel=0.05)
    assert n_seen > 3


def test_a_running_trial_is_on_the_front(X: np.ndarray) -> None:
    losses = np.column_stack([_bowl(X), (X[:, 0] - 0.8) ** 2])[:8]
    grid = np.random.default_rng(1).random((500, 2))
    free = TrialModel.of(X[:8], _outcomes(losses), np.zeros((0, 2)), GROUPS, [THETA, THETA])
    best = int(np.argmax(_acquisition(free, grid)))
    busy = TrialModel.of(X[:8], _outcomes(losses), grid[[best]], GROUPS, [THETA, THETA])
    assert _acquisition(busy, grid)[best] < _acquisition(free, grid)[best] - 0.5


def test_a_constraint_that_no_trial_had_yet_is_left_out(X: np.ndarray) -> None:
    """Its hyperparameters are those of the prior, and keep their place among the others."""
    both = np.column_stack([np.full(40, np.nan), X[:, 0] - 0.5])
    outcomes = Outcomes(_bowl(X)[:, None], both, X[:, 0] > 0.5)
    thetas = fit_hyperparameters(X, outcomes, GROUPS, np.ones(2), [])
    assert len(thetas) == 3
    model = TrialModel.of(X, outcomes, np.zeros((0, 2)), GROUPS, thetas)
    assert len(model.processes) == 2
    one = TrialModel.of(
        X,
        Outcomes(_bowl(X)[:, None], both[:, 1:], X[:, 0] > 0.5),
        np.zeros((0, 2)),
        GROUPS,
        [thetas[0], thetas[2]],
    )
    assert _acquisition(model, X) == pytest.approx(_acquisition(one, X))

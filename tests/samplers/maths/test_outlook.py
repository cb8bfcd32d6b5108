"""What is expected after the trials so far, against computations that know another way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from optuna_hpx.samplers.maths.branches import learn
from optuna_hpx.samplers.maths.candidates import Neighbourhood
from optuna_hpx.samplers.maths.encoding import Axis
from optuna_hpx.samplers.maths.losses import transformed
from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.samplers.maths.outlook import Forecaster, SafePoint, length_scales, usual_largest

AXES = [Axis(), Axis()]
THETA = np.log([0.2, 2.0, 1.0, 1e-3])
GRID = np.stack(np.meshgrid(*[np.linspace(0.0, 1.0, 101)] * 2), axis=-1).reshape(-1, 2)


def _outcomes(losses: np.ndarray, constraints: np.ndarray | None = None) -> Outcomes:
    g = np.zeros((len(losses), 0)) if constraints is None else constraints[:, None]
    return Outcomes(losses[:, None], g, (g > 0.0).any(axis=1))


def _bowl(X: np.ndarray) -> np.ndarray:
    return np.asarray(5.0 + (X[:, 0] - 0.3) ** 2 + 0.1 * X[:, 1])


def _forecaster(
    points: np.ndarray, outcomes: Outcomes, axes: list[Axis] | None = None
) -> Forecaster:
    axes = AXES if axes is None else axes
    space = Neighbourhood(axes, learn(points, axes), np.full(len(axes), np.nan))
    n_fits = 1 + outcomes.constraints.shape[1]
    return Forecaster(points, outcomes, space, [THETA] * n_fits)


def _regressor(X: np.ndarray, y: np.ndarray) -> GaussianProcessRegressor:
    """Fit scikit-learn's process with the same hyperparameters."""
    kernel = ConstantKernel(1.0, "fixed") * Matern(np.exp(THETA[:2] / 2.0), "fixed", nu=2.5)
    noise = np.exp(THETA[3]) + 1e-6
    return GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(X, y)


@pytest.fixture(name="X")
def _points() -> np.ndarray:
    return np.random.default_rng(0).random((40, 2))


def _predict(X: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = _regressor(X, transformed(losses)).predict(GRID, return_std=True)
    return mean, np.sqrt(deviation**2 + np.exp(THETA[3]) + 1e-6)


def test_the_safe_point_is_that_of_a_fine_grid(X: np.ndarray) -> None:
    losses = _bowl(X)
    safe = _forecaster(X, _outcomes(losses)).safe_point()
    mean, deviation = _predict(X, losses)
    best = int(np.argmin(mean + 2.0 * deviation))
    assert safe.point == pytest.approx(GRID[best], abs=0.05)
    assert safe.low < safe.loss < safe.high
    assert safe.loss == pytest.approx(_bowl(GRID[best : best + 1])[0], abs=0.01)
    assert safe.probability_feasible == 1.0


def test_expected_improvement_is_that_of_quadrature_on_a_grid(X: np.ndarray) -> None:
    """In units of the loss, by the way back of the transform and not by its slope."""
    losses = _bowl(X)
    forecaster = _forecaster(X, _outcomes(losses))
    mean, deviation = _predict(X, losses)
    z = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    below = np.sort(losses)[:20], np.sort(transformed(losses))[:20]
    slope, start = np.polyfit(below[1], below[0], 1)  # the better half is a line
    gain = [
        np.maximum(losses.min() - (start + slope * (m + s * z)), 0.0).mean()
        for m, s in zip(mean, deviation, strict=True)
    ]
    expected = forecaster.expected_improvement()
    assert expected == pytest.approx(max(gain), rel=0.02)
    at_most = forecaster.improvement_at_most()
    assert expected is not None
    assert at_most == pytest.approx(8.0 * forecaster.calibration * expected)


def test_the_calibration_is_the_largest_error_of_predicting_the_next_trial(X: np.ndarray) -> None:
    """Each trial is predicted by a process of its own, from those before it."""
    losses = _bowl(X)
    losses[25] += 3.0  # which none before it foretells
    y = transformed(losses)
    errors = []
    for k in range(10, 40):
        mean, deviation = _regressor(X[:k], y[:k]).predict(X[k : k + 1], return_std=True)
        errors.append(abs(y[k] - mean[0]) / np.sqrt(deviation[0] ** 2 + np.exp(THETA[3]) + 1e-6))
    assert int(np.argmax(errors)) == 15
    expected = 1.96 * (1.0 + 60.0 / 40.0) * max(errors) / usual_largest(30)
    assert _forecaster(X, _outcomes(losses)).calibration == pytest.approx(expected, rel=1e-4)


def test_trials_without_a_loss_are_no_errors(X: np.ndarray) -> None:
    losses = _bowl(X)
    calm = _forecaster(X, _outcomes(losses)).calibration
    losses[-1] = np.nan
    assert _forecaster(X, _outcomes(losses)).calibration < 1.3 * calm


def test_intervals_are_shifted_and_stretched_with_the_loss(X: np.ndarray) -> None:
    def numbers(safe: SafePoint) -> np.ndarray:
        return np.array([safe.loss, safe.low, safe.high])

    plain = _forecaster(X, _outcomes(_bowl(X)))
    other = _forecaster(X, _outcomes(1000.0 * _bowl(X) - 7.0))
    assert numbers(other.safe_point()) == pytest.approx(1000.0 * numbers(plain.safe_point()) - 7.0)
    expected = plain.expected_improvement()
    assert expected is not None
    assert other.expected_improvement() == pytest.approx(1000.0 * expected)


def test_a_constraint_keeps_the_optimum_to_where_it_holds(X: np.ndarray) -> None:
    g = 0.6 - X[:, 0]  # feasible where x is at least .6, and the loss is smaller below
    safe = _forecaster(X, _outcomes(_bowl(X), g)).safe_point()
    assert 0.58 < safe.point[0] < 0.7
    assert 0.5 <= safe.probability_feasible <= 1.0


def test_nothing_is_expected_without_a_feasible_trial(X: np.ndarray) -> None:
    forecaster = _forecaster(X, _outcomes(_bowl(X), 1.0 + X[:, 1]))
    assert forecaster.expected_improvement() is None
    assert forecaster.improvement_at_most() is None
    assert forecaster.safe_point().probability_feasible < 0.5


def test_hardly_anything_is_left_where_all_points_have_been_tried() -> None:
    axes = [Axis(n_choices=4), Axis(cells=np.linspace(0.0, 1.0, 5))]
    points = np.array([[a, b] for a in range(4) for b in np.linspace(0.0, 1.0, 5)])
    losses = points[:, 0] + points[:, 1]
    full = _forecaster(points, _outcomes(losses), axes).expected_improvement()
    assert full is not None
    assert 0.0 < full < 0.05  # by noise, as one is tried again
    rows = losses > 0.0  # all but the best
    rest = _forecaster(points[rows], _outcomes(losses[rows]), axes).expected_improvement()
    assert rest is not None
    assert rest > 0.1


def test_with_noise_a_record_may_be_luck() -> None:
    """The best of ten more trials beats the limit in less than 5 % of all cases."""
    theta = np.log([20.0, 20.0, 0.01, 1.0])  # nothing but noise, of unit variance
    rates = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X, losses = rng.random((60, 2)), rng.standard_normal(60)
        space = Neighbourhood(AXES, learn(X, AXES), np.full(2, np.nan))
        limit = Forecaster(X, _outcomes(losses), space, [theta]).improvement_at_most()
        assert limit is not None
        gains = losses.min() - rng.standard_normal((2000, 10)).min(axis=1)
        rates.append(np.mean(gains > limit))
    assert 0.005 < np.mean(rates) < 0.05


def test_more_than_400_trials_are_thinned() -> None:
    X = np.random.default_rng(1).random((1000, 2))
    safe = _forecaster(X, _outcomes(_bowl(X))).safe_point()
    assert safe.point == pytest.approx([0.3, 0.0], abs=0.05)
    assert safe.low <= 5.0 <= safe.high


def test_the_usual_largest_size_is_that_of_many_draws() -> None:
    for n in (1, 5, 90):
        sizes = np.abs(np.random.default_rng(n).standard_normal((20_000, n))).max(axis=1)
        assert usual_largest(n) == pytest.approx(np.median(sizes), rel=0.02)


def test_length_scales_are_roots_of_the_hyperparameters() -> None:
    assert length_scales(THETA, 2) == pytest.approx(np.sqrt([0.2, 2.0]))
    correlation = Matern(1.0, nu=2.5)(np.array([[0.0], [1.0]]))[0, 1]
    assert correlation == pytest.approx(0.52, abs=0.005)  # as the docstring says

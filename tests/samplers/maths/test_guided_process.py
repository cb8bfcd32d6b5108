"""A Gaussian process that other tasks guide, as far as they can."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.samplers.maths.guided_process import GuidedProcess, process_of, weights
from optuna_hpx.statistics.gaussian_process import GaussianProcess

GROUPS = [slice(0, 1), slice(1, 2)]


def _data(n: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.random((n, 2))
    y = np.sin(5.0 * X[:, 0]) + X[:, 1]
    return X, y - 0.6


def test_one_task_has_the_slope_shrunk_by_twice_the_inverse_of_f() -> None:
    rng = np.random.default_rng(0)
    h = rng.standard_normal(20)
    y = 0.7 * h + 0.5 * rng.standard_normal(20)
    line = stats.linregress(h, y)
    f = (line.slope / line.stderr) ** 2
    assert weights(h[:, None], y) == pytest.approx([line.slope * (1.0 - 2.0 / f)])


def test_a_perfect_task_keeps_its_slope() -> None:
    h = np.linspace(0, 1, 10)
    assert weights(h[:, None], 3.0 * h - 1.0) == pytest.approx([3.0])


def test_opposite_and_constant_tasks_have_no_weight() -> None:
    y = _data()[1]
    assert weights(-y[:, None], y).tolist() == [0.0]
    assert weights(np.ones((30, 1)), y).tolist() == [0.0]
    assert weights(y[:2, None], y[:2]).tolist() == [0.0], "two points are on a line anyway"


def test_random_tasks_seldom_have_weight() -> None:
    rng = np.random.default_rng(0)
    drawn = [weights(rng.standard_normal((20, 1)), rng.standard_normal(20)) for _ in range(400)]
    assert np.mean([w[0] > 0.0 for w in drawn]) < 0.12
    assert np.mean(drawn) < 0.03


def test_of_two_tasks_the_right_one_has_the_weight() -> None:
    y = _data()[1]
    other = np.random.default_rng(1).standard_normal(30)
    w = weights(np.column_stack([other, 2.0 * y]), y)
    assert w == pytest.approx([0.0, 0.5], abs=1e-6)


def test_without_weight_it_is_the_process_itself() -> None:
    X, y = _data()
    useless = np.hstack([X, -y[:, None]])
    guided, plain = GuidedProcess(useless, y, GROUPS), GaussianProcess(X, y, GROUPS)
    new = np.random.default_rng(2).random((9, 2))
    both = zip(
        guided.predict_noisy(np.hstack([new, np.zeros((9, 1))])),
        plain.predict_noisy(new),
        strict=True,
    )
    for a, b in both:
        assert a == pytest.approx(b)


def test_mean_and_bounds_are_those_of_the_rest_above_the_guide() -> None:
    X, y = _data()
    h = y + 0.1 * np.random.default_rng(1).standard_normal(30)
    guided = GuidedProcess(np.hstack([X, h[:, None]]), y, GROUPS)
    rest = GaussianProcess(X, y - guided.w[0] * (h - h.mean()), GROUPS)
    new, said = np.random.default_rng(2).random((9, 2)), np.linspace(-2, 2, 9)
    prediction = guided.prediction(np.column_stack([new, said]), 5)
    expected = rest.prediction(new, 5)
    assert prediction.mean == pytest.approx(expected.mean + guided.w[0] * (said - h.mean()))
    assert prediction.at_most == pytest.approx(expected.at_most)
    assert prediction.deviation(np.arange(9)) == pytest.approx(expected.deviation(np.arange(9)))


def test_a_good_guide_makes_better_predictions() -> None:
    X, y = _data(12)
    new, truth = _data(200, seed=1)
    guided = GuidedProcess(np.column_stack([X, np.sin(5.0 * X[:, 0])]), y, GROUPS)
    plain = process_of(X, y, GROUPS)
    with_guide = guided.predict_noisy(np.column_stack([new, np.sin(5.0 * new[:, 0])]))[0]
    error = np.abs(with_guide - truth).mean()
    assert error < np.abs(plain.predict_noisy(new)[0] - truth).mean()
    assert type(plain) is GaussianProcess

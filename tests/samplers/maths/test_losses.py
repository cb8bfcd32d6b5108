"""Transformed losses: order is kept, scale and tail are not."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.losses import LossScale, transformed


def test_the_formula_on_a_few_numbers() -> None:
    """The median is 3 and the best 1: z is -1, -1/2, 0, log(1 + 1), log(1 + 48.5)."""
    z = np.array([-1.0, -0.5, 0.0, np.log(2.0), np.log(49.5)])
    expected = (z - z.mean()) / z.std()
    assert transformed(np.array([1.0, 2.0, 3.0, 5.0, 100.0])) == pytest.approx(expected)


def test_order_is_kept_and_the_scale_is_forgotten() -> None:
    losses = np.random.default_rng(0).standard_cauchy(50)
    z = transformed(losses)
    assert np.argsort(z).tolist() == np.argsort(losses).tolist()
    assert z.mean() == pytest.approx(0.0, abs=1e-12)
    assert z.std() == pytest.approx(1.0)
    assert transformed(1e6 * losses - 1e3) == pytest.approx(z)


def test_no_loss_is_the_worst_and_infinity_the_nearest() -> None:
    z = transformed(np.array([1.0, np.nan, 4.0, np.inf, -np.inf, 2.0]))
    assert z[1] == z[2] == z[3] == z.max()
    assert z[0] == z[4] == z.min()


@pytest.mark.parametrize(
    "losses",
    [[1.0, 1.0, 1.0], [0.0, np.nan], [1.0, 1.0, 1.0, 2.0], [-1.7e308, 1.7e308, 0.0], [5.0]],
)
def test_odd_losses_give_finite_numbers(losses: list[float]) -> None:
    z = transformed(np.array(losses))
    assert np.isfinite(z).all()
    assert z.mean() == pytest.approx(0.0, abs=1e-12)


def test_where_most_are_best_the_others_still_differ() -> None:
    z = transformed(np.array([0.0, 0.0, 0.0, 0.1, 0.3]))
    assert z[0] < z[3] < z[4]


@pytest.mark.parametrize(
    "losses",
    [
        [3.0, 1.0, 2.0, 10.0, 7.0],
        [0.5, 0.5, 0.5, 0.9, 0.7],  # the median is the best
        [-1e300, 1e300, 1e299, 5.0],
        [2.0, 2.0],
        [1.0, np.nan, 4.0, np.inf, 2.0],
    ],
)
def test_the_way_back(losses: list[float]) -> None:
    y = np.array(losses)
    scale = LossScale.of(y)
    np.testing.assert_allclose(scale.transform(y), transformed(y))
    finite = y[np.isfinite(y)]
    size = float(np.abs(finite).max())
    assert scale.invert(scale.transform(finite)) / size == pytest.approx(finite / size)


def test_below_the_best_the_line_goes_on() -> None:
    y = np.array([3.0, 1.0, 2.0, 10.0, 7.0])
    scale = LossScale.of(y)
    at_best = scale.transform(np.array([1.0]))
    below = scale.invert(at_best - np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(below, 1.0 - scale.slope * np.array([0.0, 0.5, 1.0]))
    assert np.isfinite(scale.invert(np.array([1e6])))


def test_what_is_good_keeps_its_shape() -> None:
    """Up to 5 in place of the median 3."""
    losses = np.array([1.0, 2.0, 3.0, 5.0, 9.0])
    z = np.array([-1.0, -0.75, -0.5, 0.0, np.log(2.0)])
    assert transformed(losses, 5.0) == pytest.approx((z - z.mean()) / z.std())
    assert transformed(losses, 2.0).tolist() == transformed(losses).tolist()
    assert np.isfinite(transformed(losses, np.inf)).all()
    scale = LossScale.of(losses, 5.0)
    assert scale.invert(scale.transform(losses)) == pytest.approx(losses)

"""The product of spacings: its derivatives, its information, and a climb that does not fall."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.buckets import make_buckets
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.spacings import Climb, Fits, best_of, climb, evaluate, profile

GAMMAS = np.array([1.0, 2.0, 4.0])
THETA = np.array([[-0.1, 0.1, -2.0], [0.0, 0.0, -1.5], [-0.3, 0.5, -1.0]])


def _buckets(n: int = 60):
    rng = np.random.default_rng([3, n])
    return make_buckets(np.sort(rng.random(n) + 0.05 * rng.normal(size=n)), 0.8, n_censored=5)


def test_the_objective_is_the_sum_of_logarithms() -> None:
    buckets = _buckets()
    objective = evaluate(buckets, GAMMAS, THETA, 48)[0]
    for row, (alpha, log_scale, log_noise) in enumerate(THETA):
        scale = np.exp(log_scale)
        law = NoisyQuadratic(alpha, alpha + scale, GAMMAS[row], scale * np.exp(log_noise))
        p = np.diff(law.cdf(buckets.edges), prepend=0.0, append=1.0)
        assert objective[row] == pytest.approx((buckets.counts * np.log(p)).sum(), abs=1e-8)


def test_the_gradient_by_differences() -> None:
    buckets, h = _buckets(), 1e-6
    gradient = evaluate(buckets, GAMMAS, THETA, 48)[1]
    for place in range(3):
        step = np.eye(3)[place] * h
        up, down = (evaluate(buckets, GAMMAS, THETA + s * step, 48)[0] for s in (1, -1))
        np.testing.assert_allclose(gradient[:, place], (up - down) / (2 * h), rtol=1e-4, atol=1e-4)


def test_the_information_is_the_expected_curvature() -> None:
    """With counts as the law expects them, minus the second differences of the objective."""
    alpha, log_scale, log_noise = THETA[1]
    law = NoisyQuadratic(alpha, alpha + np.exp(log_scale), 2.0, np.exp(log_scale + log_noise))
    edges = np.linspace(-0.2, 1.1, 20)
    expected = 1000.0 * np.diff(law.cdf(edges), prepend=0.0, append=1.0)
    buckets = type(_buckets())(edges, expected)
    gamma, theta, h = GAMMAS[1:2], THETA[1:2], 1e-5
    information = evaluate(buckets, gamma, theta, 48)[2][0]
    for place in range(3):
        step = np.eye(3)[place] * h
        up, down = (evaluate(buckets, gamma, theta + s * step, 48)[1][0] for s in (1, -1))
        np.testing.assert_allclose(
            information[place], (down - up) / (2 * h), rtol=1e-3, atol=1e-2 * information.max()
        )


def test_a_climb_never_falls_and_arrives() -> None:
    buckets = _buckets()
    before = evaluate(buckets, GAMMAS, THETA)[0]
    few = climb(buckets, GAMMAS, THETA, Climb(n_steps=2))
    many = climb(buckets, GAMMAS, THETA, Climb(n_steps=60, tolerance=1e-6))
    assert np.all(few.objective >= before)
    assert np.all(many.objective >= few.objective)
    slope = evaluate(buckets, many.gamma, many.theta)[1]
    unit = np.sqrt(np.diagonal(many.information, axis1=1, axis2=2))
    free = many.theta[:, 2] > np.log(1e-6) + 0.01  # not at the least noise
    assert np.abs(slope / unit)[free].max() < 0.05


def test_a_noise_that_is_fixed_stays() -> None:
    fits = climb(_buckets(), GAMMAS, THETA, Climb(free_noise=False))
    np.testing.assert_array_equal(fits.theta[:, 2], THETA[:, 2])


def test_a_profile_is_the_best_for_each_noise() -> None:
    buckets = _buckets()
    noises = np.array([0.05, 0.2])
    for noise, fits in zip(noises, profile(buckets, GAMMAS, noises), strict=True):
        np.testing.assert_allclose(fits.theta[:, 2], np.log(noise))
        for shift in ([0.05, 0.0, 0.0], [0.0, 0.05, 0.0], [-0.05, -0.05, 0.0]):
            other = evaluate(buckets, GAMMAS, fits.theta + np.array(shift))[0]
            assert np.all(other <= fits.objective + 0.02)


def test_the_best_of_several_fits_row_by_row() -> None:
    one, other = (
        Fits(GAMMAS, np.full((3, 3), x), np.array(m), np.zeros((3, 3, 3)))
        for x, m in ((1.0, [1.0, 5.0, 2.0]), (2.0, [3.0, 4.0, 2.5]))
    )
    best = best_of([one, other])
    np.testing.assert_array_equal(best.theta[:, 0], [2.0, 1.0, 2.0])
    np.testing.assert_array_equal(best.objective, [3.0, 5.0, 2.5])
    assert best.best == 1


def test_the_least_noise_is_none() -> None:
    theta = np.array([[0.0, 0.0, np.log(1e-6)], [0.0, np.log(2.0), np.log(0.1)]])
    fits = Fits(np.array([1.0, 3.0]), theta, np.zeros(2), np.zeros((2, 3, 3)))
    assert fits.law(0) == NoisyQuadratic(0.0, 1.0, 1.0, 0.0)
    assert fits.law(1).sigma == pytest.approx(0.2)
    assert fits.law(1).beta == pytest.approx(2.0)

"""The proposal: its Student distribution, its table of shapes, and where its modes are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths import proposal
from optuna_hpx.law.maths.buckets import Buckets, make_buckets
from optuna_hpx.law.maths.noise import UNKNOWN, NoiseKnowledge
from optuna_hpx.law.maths.spacings import evaluate

GAMMAS = np.array([1.0, 2.0, 3.0])
WIDTH = np.log(0.5) * 2.0 / GAMMAS
LEAST = np.log(np.array([1e-4, 1e-3, 5e-3]))
ENDS = proposal.NoiseRange(LEAST, WIDTH)


@pytest.fixture(scope="module")
def buckets() -> Buckets:
    rng = np.random.default_rng(0)
    y = np.sort(rng.random(80) + 0.1 * rng.normal(size=80))
    return make_buckets(y[:40], float(y[39:41].mean()), 40).grouped(32)


@pytest.fixture(scope="module")
def modes(buckets: Buckets) -> proposal.Modes:
    return proposal.find_modes(buckets, GAMMAS, ENDS)


def test_the_points_are_those_of_a_student_distribution() -> None:
    """Each coordinate over the inflation is a t with 3 degrees of freedom, and they are even."""
    z, log_density = proposal._student(4000)
    for coordinate in (z[:, 0], z[:, 1], z @ [0.6, 0.8]):
        assert stats.kstest(coordinate / 1.3, stats.t(3).cdf).statistic < 0.01
    other = stats.multivariate_t(shape=1.3**2 * np.eye(2), df=3).logpdf(z)
    np.testing.assert_allclose(log_density, other, atol=1e-9)


def test_the_same_points_each_time(modes: proposal.Modes) -> None:
    one, other = (proposal.propose(modes, UNKNOWN, 64) for _ in range(2))
    np.testing.assert_array_equal(one.theta, other.theta)
    assert len(one.row) == len(one.log_c) == len(one.theta) == len(one.log_q) == 64


def test_noises_lie_between_none_and_the_most(modes: proposal.Modes) -> None:
    points = proposal.propose(modes, UNKNOWN, 1024)
    assert set(points.row) == {0, 1, 2}
    assert np.all(points.log_c >= LEAST[points.row])
    assert np.all(points.log_c <= np.log(proposal.MOST_NOISE) + 1e-12)


def test_the_modes_are_modes(buckets: Buckets, modes: proposal.Modes) -> None:
    """At the best noise of each gamma: elsewhere steps are few, and there is little mass."""
    assert np.all(np.diff(modes.log_c, axis=1) >= 0.0)
    row, k = np.arange(3), modes.log_mass.argmax(1)
    theta = np.column_stack([modes.centre[row, k], modes.log_c[row, k] + WIDTH])
    peak = evaluate(buckets, GAMMAS, theta, 14)[0]
    for shift in ([0.1, 0.0, 0.0], [-0.1, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, -0.1, 0.0]):
        assert np.all(evaluate(buckets, GAMMAS, theta + np.array(shift), 14)[0] <= peak + 0.02)


def test_the_root_is_that_of_the_inverse() -> None:
    information = np.array([[4.0, 1.0], [1.0, 9.0]])
    root = proposal._root_of_inverse(information)
    np.testing.assert_allclose(root @ root.T, np.linalg.inv(information), rtol=1e-4)


def test_the_density_of_shapes_adds_up(modes: proposal.Modes) -> None:
    """Importance weights 1 / q of the drawn shapes measure the extent of what can be drawn."""
    mass, extent = proposal._cells(modes, UNKNOWN)
    assert mass.sum() == pytest.approx(1.0)
    shapes = proposal._draw_shapes(modes, UNKNOWN, 200_000)
    possible = mass > 1e-4 * mass.max()
    assert np.exp(-shapes.log_q).mean() == pytest.approx(extent[possible].sum(), rel=0.01)
    rows = np.bincount(shapes.row, minlength=3) / len(shapes.row)
    expected = 0.9 * mass.sum(1) + 0.1 * possible.sum(1) / possible.sum()
    np.testing.assert_allclose(rows, expected, atol=1e-3)


def test_a_noise_that_is_known_draws_the_points_to_it(modes: proposal.Modes) -> None:
    def spread(noise: NoiseKnowledge) -> float:
        points = proposal.propose(modes, noise, 512)
        log_sigma = points.log_c + WIDTH[points.row] + points.theta[:, 1]
        return float(np.median(np.abs(log_sigma - np.log(0.1))))

    assert spread(NoiseKnowledge(0.0, 0.1, 100.0)) < 0.7 * spread(UNKNOWN)

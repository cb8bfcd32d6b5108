"""Mixtures against scipy's distributions and sums over all kernels, and the ratio of two."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.samplers.maths.mixture import (
    Mixture,
    NormalKernels,
    acquisition,
    discrepancy,
    log_choices,
    log_ratio,
)

MU, SIGMA = np.array([-0.4, 0.1, 0.8]), np.array([0.2, 1.0, 0.05])


def _kernels(low: float, high: float, step: float = 0.0, *, is_log: bool = False) -> NormalKernels:
    return NormalKernels(MU, SIGMA, low, high, step, is_log)


def test_a_continuous_kernel_is_a_truncated_normal() -> None:
    x = np.linspace(-1.0, 1.0, 9)
    expected = [
        stats.truncnorm.logpdf(x, (-1.0 - m) / s, (1.0 - m) / s, m, s)
        for m, s in zip(MU, SIGMA, strict=True)
    ]
    assert _kernels(-1.0, 1.0).log_density(x) == pytest.approx(np.transpose(expected), rel=1e-9)


def test_a_logarithmic_kernel_has_its_density_on_the_log_scale() -> None:
    x = np.exp(np.linspace(-1.0, 1.0, 9))
    assert _kernels(-1.0, 1.0, is_log=True).log_density(x) == pytest.approx(
        _kernels(-1.0, 1.0).log_density(np.log(x)), rel=1e-12
    )


def test_values_of_a_grid_have_the_mass_of_their_cells() -> None:
    x, step = np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), 0.5
    kernels = _kernels(-1.25, 1.25, step)
    expected = []
    for m, s in zip(MU, SIGMA, strict=True):
        normal = stats.truncnorm((-1.25 - m) / s, (1.25 - m) / s, m, s)
        expected.append(normal.cdf(x + 0.25) - normal.cdf(x - 0.25))
    mass = np.exp(kernels.log_density(x))
    assert mass == pytest.approx(np.transpose(expected), abs=1e-12)
    assert mass.sum(axis=0) == pytest.approx(1.0)


def test_log_integers_have_the_mass_between_logs_of_halves() -> None:
    kernels = _kernels(np.log(0.5), np.log(8.5), 1.0, is_log=True)
    mass = np.exp(kernels.log_density(np.arange(1.0, 9.0)))
    assert mass.sum(axis=0) == pytest.approx(1.0)
    normal = stats.truncnorm((np.log(0.5) - 0.1), (np.log(8.5) - 0.1), 0.1, 1.0)
    assert mass[2, 1] == pytest.approx(normal.cdf(np.log(3.5)) - normal.cdf(np.log(2.5)))


def test_choices_are_looked_up() -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    assert np.exp(log_choices(np.array([2.0, 0.0]), p)) == pytest.approx(
        np.array([[0.1, 0.8], [0.7, 0.1]])
    )


def _random(seed: int, m: int = 5, k: int = 3, d: int = 2) -> Mixture:
    rng = np.random.default_rng(seed)
    return Mixture(rng.standard_normal((m, k, d)), rng.dirichlet(np.ones(k)))


def test_the_ratio_is_that_of_sums_over_kernels() -> None:
    better, others, pi = _random(0), _random(1, k=4), np.array([1.0, 0.3])

    def density(mixture: Mixture, candidate: int) -> float:
        kernels = np.prod(np.exp(mixture.log_k[candidate]) ** pi, axis=1)
        return float(mixture.weights @ kernels)

    expected = [np.log(density(better, i) / density(others, i)) for i in range(5)]
    assert log_ratio(better, others, pi) == pytest.approx(expected)


def test_a_parameter_without_activity_changes_no_order() -> None:
    better, others, pi = _random(2), _random(3), np.array([1.0, 0.0])
    moved = better.log_k.copy()
    moved[:, :, 1] += np.random.default_rng(4).standard_normal((5, 3))
    assert log_ratio(Mixture(moved, better.weights), others, pi) == pytest.approx(
        log_ratio(better, others, pi)
    )


def test_e_times_the_cost_needs_e_times_the_ratio() -> None:
    a = acquisition(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0]), 1.0)
    assert a.tolist() == [0.0, 0.0, -2.0]
    assert acquisition(np.array([3.0]), np.array([9.0]), 0.0).tolist() == [3.0]


def test_discrepancy_is_relative_and_shows_what_is_not_a_number() -> None:
    assert discrepancy(np.array([1.0, 11.0]), np.array([1.0, 9.0])) == pytest.approx(0.2)
    assert discrepancy(np.array([-np.inf, 0.0]), np.array([-np.inf, 0.0])) == 0.0
    assert np.isnan(discrepancy(np.array([np.nan, 0.0]), np.zeros(2)))
    assert not discrepancy(np.array([np.inf]), np.array([-np.inf])) < 1.0

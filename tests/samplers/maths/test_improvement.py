"""Expected improvement against quadrature, and far out against exact arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from optuna_hpx.samplers.maths.improvement import (
    log_expected_improvement,
    log_probability_below,
)


@pytest.mark.parametrize("mean", [-1.0, 0.0, 0.7, 2.0, 6.0])
@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.0])
def test_it_is_the_integral_of_the_improvement(mean: float, deviation: float) -> None:
    best = 0.4

    def density(y: float) -> float:
        return float((best - y) * stats.norm.pdf(y, mean, deviation))

    expected, _ = integrate.quad(density, min(mean, best) - 12.0 * deviation, best, epsabs=0.0)
    ours = log_expected_improvement(np.array([mean]), np.array([deviation]), best)
    assert ours[0] == pytest.approx(np.log(expected), rel=1e-6)


def test_far_out_it_is_smooth_and_falls() -> None:
    """Across the seams of its three formulas, down to where EI itself is 0 in floats."""
    z = -np.concatenate([np.linspace(0.5, 1.5, 201), np.logspace(0.2, 8.0, 400)])
    log_h = log_expected_improvement(-z, np.ones(len(z)), 0.0)
    assert np.isfinite(log_h).all()
    assert (np.diff(log_h) < 0.0).all()
    far = z[z < -1e3]
    series = -0.5 * far**2 - 0.5 * np.log(2.0 * np.pi) - 2.0 * np.log(-far) - 3.0 / far**2
    assert log_h[z < -1e3] == pytest.approx(series, rel=1e-9)


@pytest.mark.parametrize("seam", [-1.0, -1e6])
def test_formulas_agree_where_they_meet(seam: float) -> None:
    z = seam * np.array([1.0 - 1e-9, 1.0 + 1e-9])
    low, high = log_expected_improvement(-z, np.ones(2), 0.0)
    assert low == pytest.approx(high, rel=1e-7)


def test_the_probability_is_that_of_the_normal_distribution() -> None:
    logs = log_probability_below(np.array([0.0, 1.0, 50.0]), np.array([1.0, 2.0, 1.0]), 0.5)
    expected = stats.norm.logcdf([0.5, -0.25, -49.5])
    assert logs == pytest.approx(expected)

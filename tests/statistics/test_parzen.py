"""Tempered mixtures and truncated normal kernels, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from optuna_hpx.statistics.parzen import log_interval_mass, tempered, truncated_normal


def test_truncated_normal_is_that_of_scipy() -> None:
    x, mu, sigma = np.array([0.1, 0.5, 2.9]), np.array([0.0, 1.5, 3.0]), np.array([0.1, 1.0, 40.0])
    found = truncated_normal(x, mu, sigma, 0.0, 3.0)
    for k in range(3):
        kernel = stats.truncnorm(
            (0.0 - mu[k]) / sigma[k], (3.0 - mu[k]) / sigma[k], mu[k], sigma[k]
        )
        assert found[:, k] == pytest.approx(kernel.logpdf(x), rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(-1.0, 2.0), (5.0, 6.0), (-40.0, -39.0), (38.0, 39.0)])
def test_mass_of_an_interval_also_far_in_a_tail(a: float, b: float) -> None:
    near, far = sorted([abs(a), abs(b)])
    exact = (
        np.log(special.ndtr(b) - special.ndtr(a))
        if a * b < 0
        else special.log_ndtr(-near)
        + np.log1p(-np.exp(special.log_ndtr(-far) - special.log_ndtr(-near)))
    )
    assert log_interval_mass(np.array(a), np.array(b)) == pytest.approx(exact, rel=1e-12)


def test_tempered_by_hand() -> None:
    rng = np.random.default_rng(0)
    log_k, w = rng.standard_normal((4, 3, 2)), np.array([0.2, 0.3, 0.5])
    pi = np.array([1.0, 0.25])
    by_hand = [np.log(sum(w[k] * np.exp(log_k[m, k] @ pi) for k in range(3))) for m in range(4)]
    assert tempered(log_k, w, pi) == pytest.approx(by_hand)


def test_a_parameter_without_activity_is_not_looked_at() -> None:
    rng = np.random.default_rng(1)
    log_k, w = rng.standard_normal((4, 3, 2)), np.full(3, 1 / 3)
    other = log_k.copy()
    other[..., 1] = 100.0 * rng.standard_normal((4, 3))
    pi = np.array([0.7, 0.0])
    assert tempered(log_k, w, pi) == pytest.approx(tempered(other, w, pi))


def test_a_kernel_of_weight_zero_says_nothing() -> None:
    log_k = np.zeros((1, 2, 1))
    log_k[0, 1] = 50.0
    assert tempered(log_k, np.array([1.0, 0.0]), np.ones(1)) == pytest.approx([0.0])

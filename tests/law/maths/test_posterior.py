"""The posterior against brute force, and its intervals by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.likelihood import log_likelihood, make_sample
from optuna_hpx.law.maths.noise import NOISELESS, UNKNOWN, NoiseKnowledge
from optuna_hpx.law.maths.posterior import posterior, posterior_points


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return np.sort(rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n))


def test_the_posterior_by_brute_force() -> None:
    """A grid over alpha, log D and log c, for two gammas, with the same prior, noise for sure."""
    y = draws(40, 2, 0.1, 4)
    of = make_sample(y[:20], float(y[19] + y[20]) / 2, 20)
    gammas = np.array([1.0, 2.0])
    found = posterior(of, gammas, NoiseKnowledge(0.0))

    logs, alphas, gamma_of = [], [], []
    a, log_d = np.linspace(-2.0, 0.5, 90), np.linspace(-1.5, 3.0, 30)
    for gamma in gammas:
        least = np.log(0.03 * of.n_inside ** (-2.0 / gamma))
        log_c = np.linspace(least, np.log(6.0), 28)
        total = (6.0**0.4 - np.exp(0.4 * least)) / 0.4
        grid = np.stack(np.meshgrid(a, log_d, log_c, indexing="ij"), -1).reshape(-1, 3)
        scale = np.exp(grid[:, 1])
        sigma = np.exp(grid[:, 2]) * scale * of.share ** (2.0 / gamma)
        log = log_likelihood(of, np.full(len(grid), gamma), grid[:, 0], scale, sigma)
        prior = 0.4 * grid[:, 2]
        logs.append(log + prior + np.log((log_c[1] - log_c[0]) / total))
        alphas.append(grid[:, 0])
        gamma_of.append(np.full(len(grid), gamma))
    log, alpha, gamma = (np.concatenate(x) for x in (logs, alphas, gamma_of))
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    order = np.argsort(alpha)
    for q in (0.1, 0.5, 0.9):
        expected = alpha[order][np.searchsorted(np.cumsum(weight[order]), q)]
        assert found.quantile("alpha", q) == pytest.approx(expected, abs=0.06)
    assert found.dimension_weights[1] == pytest.approx(weight[gamma == 1.0].sum(), abs=0.06)


def test_units_do_not_matter() -> None:
    y = draws(60, 2, 0.05, 2)
    gammas = np.arange(1.0, 6.0)
    a = posterior(make_sample(y[:30], float(y[29:31].mean()), 30), gammas)
    z = 500.0 * y - 3000.0
    b = posterior(make_sample(z[:30], float(z[29:31].mean()), 30), gammas)
    for q in (0.05, 0.5, 0.95):
        assert b.quantile("alpha", q) == pytest.approx(500 * a.quantile("alpha", q) - 3000, abs=2)


def test_enough_points_count() -> None:
    for gamma, sigma, n in ((1, 0.0, 300), (2, 0.05, 100), (5, 0.2, 50)):
        y = draws(n, gamma, sigma, 3)
        m = n // 2
        found = posterior(
            make_sample(y[:m], float(y[m - 1 : m + 1].mean()), n - m), np.arange(1, 11.0)
        )
        assert found.weight.sum() == pytest.approx(1.0)
        assert 1.0 / (found.weight**2).sum() > 40


def test_the_interval_of_the_noise_begins_at_zero_without_noise() -> None:
    begins = []
    for seed in range(10):
        y = draws(100, 2, 0.0, seed)
        found = posterior(make_sample(y[:50], float(y[49:51].mean()), 50), np.arange(1.0, 6.0))
        begins.append(found.noise_interval(0.9)[0] == 0.0)
    assert np.mean(begins) >= 0.7
    y = draws(1000, 1, 0.1, 0)
    found = posterior(make_sample(y[:500], float(y[499:501].mean()), 500), np.arange(1.0, 6.0))
    low, high = found.noise_interval(0.9)
    assert 0.0 < low < 0.1 < high < 0.3


def test_the_same_losses_give_the_same_posterior() -> None:
    y = draws(50, 2, 0.05, 0)
    of = make_sample(y[:25], float(y[24:26].mean()), 25)
    a, b = posterior(of, np.arange(1.0, 4.0)), posterior(of, np.arange(1.0, 4.0))
    np.testing.assert_array_equal(a.alpha, b.alpha)
    np.testing.assert_array_equal(a.weight, b.weight)


def test_evidence_with_and_without_noise() -> None:
    """Where nothing is known it is half of the sum of both."""
    gammas = np.arange(1.0, 3.0)
    for sigma, is_quiet in ((0.0, True), (0.2, False)):
        y = draws(400, 1, sigma, 1)
        of = make_sample(y[:200], float(y[199:201].mean()), 200)
        quiet, noisy, both = (
            posterior_points(of, gammas, noise).log_evidence
            for noise in (NOISELESS, NoiseKnowledge(0.0), UNKNOWN)
        )
        assert (quiet > noisy) == is_quiet
        assert np.logaddexp(quiet, noisy) - np.log(2.0) == pytest.approx(both, abs=0.01)


def test_a_noise_that_is_known_is_that_of_the_posterior() -> None:
    y = draws(60, 2, 0.1, 0)
    of = make_sample(y[:30], float(y[29:31].mean()), 30)
    for std in (0.03, 0.1, 0.3):
        found = posterior(of, np.arange(1.0, 5.0), NoiseKnowledge(0.0, std, 100.0))
        low, high = found.interval("sigma", 0.95)
        assert 0.8 * std < low < std < high < 1.25 * std
    none = posterior(of, np.arange(1.0, 5.0), NOISELESS)
    assert none.noise_interval(0.95) == (0.0, 0.0)
    assert none.quantile("alpha", 0.999) <= y[0]

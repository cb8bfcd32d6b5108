"""The law without noise: its evidence by brute force, and the exact coverage of its intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from optuna_hpx.law.maths.likelihood import CensoredSample, log_likelihood, make_sample
from optuna_hpx.law.maths.noiseless import noiseless_points
from optuna_hpx.law.maths.posterior import Posterior


def sample(n: int, gamma: float, m: int, seed: int = 0) -> tuple[CensoredSample, np.ndarray]:
    y = np.sort(np.random.default_rng([seed, n]).random(n) ** (2.0 / gamma))
    return make_sample(y[:m], float(y[m - 1 : m + 1].mean()), n - m), y


@pytest.mark.parametrize("gamma", [2.0, 4.0])
def test_the_evidence_is_the_integral_of_the_likelihood(gamma: float) -> None:
    """On a grid of alpha and p, with so little noise that the quadrature sees none."""
    of, y = sample(100, gamma, 25)
    depth, p = np.geomspace(1e-4, 30.0, 220) * of.edges[-1], np.linspace(0.02, 0.7, 160)
    alpha, share = np.meshgrid(y[0] - depth, p, indexing="ij")
    scale = (of.edges[-1] - alpha) * share ** (-2.0 / gamma)
    flat = [x.ravel() for x in (np.full(alpha.shape, gamma), alpha, scale, 1e-6 * scale)]
    log = log_likelihood(of, *flat).reshape(alpha.shape)
    log += np.log(depth * np.log(depth[1] / depth[0]))[:, None]
    log += np.log(2.0 / gamma * (p[1] - p[0]) / p)
    points = noiseless_points(of, np.array([gamma]), 64)
    assert points.log_evidence == pytest.approx(special.logsumexp(log), abs=0.02)


def test_several_dimensions_share_the_evidence() -> None:
    of, _ = sample(80, 3.0, 20)
    one, other, both = (
        noiseless_points(of, np.array(gammas), 512).log_evidence
        for gammas in ([1.0], [3.0], [1.0, 3.0])
    )
    assert np.logaddexp(one, other) == pytest.approx(both)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 5.0])
def test_intervals_hold_as_often_as_they_say(gamma: float) -> None:
    """The prior is group-invariant: nominal frequency for a known gamma. 200 laws, 90 %."""
    held = 0
    for seed in range(200):
        of, y = sample(60, gamma, 20, seed)
        low, high = Posterior.of(noiseless_points(of, np.array([gamma]), 256)).interval(
            "alpha", 0.9
        )
        assert high < y[0]
        held += low <= 0.0 <= high
    assert abs(held / 200 - 0.9) < 3.5 * np.sqrt(0.09 / 200)


def test_nothing_above() -> None:
    y = np.sort(np.random.default_rng(0).random(30))
    points = noiseless_points(make_sample(y, np.inf, 0), np.array([2.0]), 128)
    assert np.all(points.alpha + points.scale > y[-1])
    assert np.all(points.sigma == 0.0)

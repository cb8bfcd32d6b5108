"""Interactions by HSIC: exact on a balanced grid, of the right size, and found where they are."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.hsic_pairs import category_features, pair_r2, position_features


def test_features_have_mean_zero_and_the_kernel_of_sobolev() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    features = position_features(u)
    assert features.phi.mean(axis=0) == pytest.approx(0.0, abs=1e-12)
    k = features.phi @ features.phi.T
    d = np.abs(u[:, None] - u)
    exact = np.outer(u - 0.5, u - 0.5) + 0.5 * (d**2 - d + 1.0 / 6.0)
    assert np.abs(k - exact).max() < 0.05
    assert features.own == pytest.approx(float(np.mean(k**2)), rel=1e-3)


def test_features_of_choices_are_those_of_equal_or_not() -> None:
    codes = np.arange(12) % 4
    features = category_features(codes, 4)
    k = features.phi @ features.phi.T
    assert k == pytest.approx(4.0 * (codes[:, None] == codes) - 1.0)
    assert features.own == pytest.approx(float(np.mean(k**2)))


def test_exclusive_or_on_a_grid() -> None:
    """HSIC of the pair is (1/4)^2 (sum of squares of the coefficients of sign(u - 1/2))^2."""
    u, v = (each.ravel() for each in np.meshgrid(*[(np.arange(48) + 0.5) / 48] * 2))
    z = ((u < 0.5) ^ (v < 0.5)).astype(float)
    pair = [position_features(u), position_features(v)]
    found, p = pair_r2(pair, z, 19, np.random.default_rng(0))
    # Coefficients of sign(u - 1/2) on sqrt(2) cos(pi k u) / (pi k): k = 1, 3, 5.
    of_one = sum((2.0 * np.sqrt(2.0) / (np.pi * k) / (np.pi * k)) ** 2 for k in (1, 3, 5))
    exact = (0.5 * of_one) ** 2 / (pair[0].own * 0.25)
    assert found[0, 1] == pytest.approx(exact, rel=0.02)
    assert p[0, 1] < 1e-6


def test_size_and_main_effects_are_no_interaction() -> None:
    """Standard error 0.013 of 300 repetitions at 5 %."""
    p = []
    for seed in range(300):
        rng = np.random.default_rng([seed, 1])
        x = rng.random((100, 2))
        codes = rng.integers(0, 3, 100)
        y = 2.0 * x[:, 0] + (codes == 1) + 0.3 * rng.standard_normal(100)
        features = [*map(position_features, x.T), category_features(codes, 3)]
        p.append(pair_r2(features, y, 99, rng)[1][np.triu_indices(3, 1)])
    assert np.mean(np.array(p) <= 0.05, axis=0) == pytest.approx([0.05] * 3, abs=0.04)


def test_one_parameter_has_no_pair() -> None:
    found, p = pair_r2([position_features(np.linspace(0, 1, 9))], np.arange(9.0), 9, _rng())
    assert (found.tolist(), p.tolist()) == ([[0.0]], [[1.0]])


def test_constant_score() -> None:
    pair = [position_features(_rng().random(30)), position_features(_rng().random(30))]
    found, p = pair_r2(pair, np.ones(30), 9, _rng())
    assert (found.max(), p.min()) == (0.0, 1.0)


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("score", ["rank", "indicator"])
@pytest.mark.parametrize(
    "n_studies", [60, pytest.param(2_000, marks=pytest.mark.slow)], ids=["fast", "slow"]
)
def test_size_at_small_levels(score: str, n_studies: int) -> None:
    """28 pairs a study; standard error at 0.0005: 1.1 of the size, 0.2 if slow."""
    p = []
    for seed in range(n_studies):
        rng = np.random.default_rng([seed, 2])
        features = [position_features(rng.random(60)) for _ in range(5)]
        rare = [rng.choice(3, 60, p=[0.9, 0.07, 0.03]) for _ in range(3)]
        features += [category_features(codes, 3) for codes in rare]
        rank = rng.permutation(60)
        y = (rank < 12).astype(float) if score == "indicator" else -rank / 60.0
        p.append(pair_r2(features, y, 199, rng)[1][np.triu_indices(8, 1)])
    for level in (0.05, 0.01, 0.001, 0.0005):
        expected = np.size(p) * level
        assert np.count_nonzero(np.array(p) <= level) <= expected + 3.0 * np.sqrt(expected), level

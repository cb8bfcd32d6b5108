"""Interactions in the objective itself: none where effects add up on some scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optuna_hpx.importance.maths.joint import joint_p_values, rescaled

Loss = Callable[[np.ndarray], np.ndarray]


def _features(u: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    k = np.pi * np.arange(1, 6)
    phi = [np.cos(x[:, None] * k) / k for x in u.T]
    return phi, [x[:, :3] for x in phi]


def _p(loss: Loss, n: int, seed: int, d: int = 3, noise: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    u = rng.random((n, d))
    return joint_p_values(*_features(u), loss(u) + noise * rng.standard_normal(n))


ADDITIVE: dict[str, Loss] = {
    "sum": lambda u: u @ [1.0, 0.6, 0.3],
    "square of a sum": lambda u: (u @ [1.0, 1.0, 0.2]) ** 2,
    "log of a sum": lambda u: np.log(0.01 + u @ [1.0, 0.6, 0.3]),
    "product": lambda u: (0.1 + u[:, 0]) * (0.1 + u[:, 1]),
    "steps": lambda u: np.floor(6 * np.abs(u[:, 0] - 0.7)) + np.floor(3 * u[:, 1]),
    "heavy tails": lambda u: np.exp(8 * u[:, 0] + 3 * u[:, 1] ** 2),
}


def _xor(u: np.ndarray) -> np.ndarray:
    return ((u[:, 0] < 0.5) ^ (u[:, 1] < 0.5)) + 0.4 * u[:, 2]


JOINT: dict[str, Loss] = {
    "XOR": _xor,
    "rotated valley": lambda u: 10 * np.abs(u[:, 0] - u[:, 1]) + u[:, 2],
    "ridge": lambda u: 100 * (4 * u[:, 1] - 2 - (4 * u[:, 0] - 2) ** 2) ** 2 + u[:, 2],
}


@pytest.mark.parametrize("name", ADDITIVE)
@pytest.mark.parametrize("n", [100, 1000])
def test_effects_that_add_up_on_some_scale_do_not_interact(name: str, n: int) -> None:
    wrong = [(_p(ADDITIVE[name], n, seed) < 0.05 / 3).any() for seed in range(6)]
    assert sum(wrong) == 0


@pytest.mark.parametrize("name", JOINT)
def test_interactions_are_seen(name: str) -> None:
    assert max(_p(JOINT[name], 200, seed)[0, 1] for seed in range(6)) < 0.001


def test_the_scale_of_the_objective_does_not_matter() -> None:
    p = _p(_xor, 200, 0)
    np.testing.assert_allclose(_p(lambda u: np.exp(5 * _xor(u)), 200, 0), p)


def test_the_rescaled_objective_is_a_monotone_function_with_less_left() -> None:
    u = np.random.default_rng(0).random((300, 2))
    features, _ = _features(u)
    y = (u[:, 0] + u[:, 1]) ** 8
    theta, w = rescaled(features, y)
    assert (np.diff(theta[np.argsort(y)]) >= -1e-12).all()
    assert theta.std() == pytest.approx(1.0)
    assert w @ w / 300 < 0.01


def test_few_trials_and_nothing_to_see() -> None:
    assert (_p(lambda u: np.zeros(len(u)), 50, 0) == 1.0).all()
    assert _p(_xor, 50, 0, d=3).shape == (3, 3)
    assert joint_p_values([], [], np.arange(9.0)).shape == (0, 0)
    one, _ = _features(np.random.default_rng(0).random((30, 1)))
    assert (joint_p_values(one, one, np.arange(30.0)) == 1.0).all()


def test_choices_of_many_values_in_few_trials() -> None:
    """100 joint choices in 60 trials: only as many directions are looked at as trials allow."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 10, (60, 2))
    phi = [np.eye(10)[column] - 0.1 for column in codes.T]
    p = joint_p_values(phi, phi, rng.random(60))
    assert 0.0 <= p[0, 1] <= 1.0


def test_noise_has_its_level() -> None:
    """Of 300 studies of three pairs: 5 % of pairs at most, standard error .007."""
    p = [_p(lambda u: u[:, 0], 60, seed, noise=0.5)[np.triu_indices(3, 1)] for seed in range(300)]
    assert np.mean(np.array(p) < 0.05) < 0.05 + 2 * 0.008


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("name", ADDITIVE)
def test_in_many_studies_additive_functions_are_not_called_joint(name: str, n: int) -> None:
    wrong = [(_p(ADDITIVE[name], n, seed) < 0.05 / 3).any() for seed in range(400)]
    assert np.mean(wrong) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("n", "power"), [(60, 0.6), (100, 0.85), (200, 0.95)])
def test_in_many_studies_xor_is_found(n: int, power: float) -> None:
    p = [_p(_xor, n, seed) for seed in range(200)]
    assert np.mean([matrix[0, 1] < 0.05 / 3 for matrix in p]) > power

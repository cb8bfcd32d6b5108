"""Rules of branches: those of the objective are found, and repaired points keep to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optuna_hpx.samplers.maths.branches import learn
from optuna_hpx.samplers.maths.encoding import Axis

NAN = np.nan
AXES = [Axis(3), Axis(), Axis(2), Axis(), Axis(cells=(np.arange(4) + 0.5) / 4), Axis(), Axis()]


def _presence(u: np.ndarray) -> np.ndarray:
    """Model 0 has a kind, and one of kind 1 a degree; model 1 one or more layers, and widths."""
    return np.array(
        [
            True,
            True,
            u[0] == 0,
            u[0] == 0 and u[2] == 1,
            u[0] == 1,
            u[0] == 1,
            u[0] == 1 and u[4] > 0.5,
        ]
    )


def _by_threshold(u: np.ndarray) -> np.ndarray:
    """What is beyond the middle of a continuous parameter has one more."""
    return np.array([True, True, True, u[1] > 0.5, True, True, True])


def _by_two(u: np.ndarray) -> np.ndarray:
    """Two choices together decide."""
    return np.array([True, True, True, u[0] == 1 and u[2] == 0, True, True, True])


def _draw(n: int, rule: Callable[[np.ndarray], np.ndarray], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    points = rng.random((n, len(AXES)))
    for j, axis in enumerate(AXES):
        if axis.n_choices:
            points[:, j] = rng.integers(0, axis.n_choices, n)
        elif len(axis.cells):
            points[:, j] = rng.choice(axis.cells, n)
    for point in points:
        point[~rule(point)] = NAN
    return points


def _is_possible(points: np.ndarray, rule: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.array([(~np.isnan(u) == rule(np.nan_to_num(u, nan=-1.0))).all() for u in points])


@pytest.mark.parametrize("rule", [_presence, _by_two])
@pytest.mark.parametrize("seed", range(5))
def test_repaired_points_are_possible(rule: Callable[[np.ndarray], np.ndarray], seed: int) -> None:
    """Whatever is made of them: all coordinates at random, and mixtures of trials."""
    trials = _draw(60, rule, seed)
    branches = learn(trials, AXES)
    rng = np.random.default_rng(seed)
    even = _draw(300, lambda u: np.ones(len(AXES), dtype=bool), seed + 100)
    mixed = np.where(rng.random(even.shape) < 0.5, trials[rng.integers(60, size=300)], even)
    crossed = np.where(
        rng.random(even.shape) < 0.5,
        trials[rng.integers(60, size=300)],
        trials[rng.integers(60, size=300)],
    )
    for points in (even, mixed, crossed):
        assert _is_possible(branches.repair(points, rng), rule).all()


def test_a_threshold_lies_between_two_trials() -> None:
    trials = _draw(80, _by_threshold, 0)
    branches = learn(trials, AXES)
    points = branches.repair(_draw(500, _by_threshold, 1), np.random.default_rng(0))
    assert _is_possible(points, _by_threshold).mean() > 0.95


def test_what_is_possible_is_left_as_it_is() -> None:
    trials = _draw(60, _presence, 0)
    others = _draw(200, _presence, 1)
    repaired = learn(trials, AXES).repair(others, np.random.default_rng(0))
    assert np.array_equal(repaired, others, equal_nan=True)


def test_what_is_missing_comes_from_one_trial() -> None:
    """So that what belongs together, as the two parameters of model 1, stays together."""
    trials = _draw(60, _presence, 0)
    points = np.full((40, len(AXES)), NAN)
    points[:, 0], points[:, 1] = 1.0, 0.5
    repaired = learn(trials, AXES).repair(points, np.random.default_rng(0))
    pairs = {tuple(row) for row in trials[:, 4:6]}
    assert all(tuple(row) in pairs for row in repaired[:, 4:6])


def test_a_choice_that_no_trial_had_brings_nothing_with_it() -> None:
    trials = _draw(60, _presence, 0)
    trials = trials[trials[:, 0] != 1]
    points = np.full((3, len(AXES)), 0.5)
    points[:, 0] = 1.0
    repaired = learn(trials, AXES).repair(points, np.random.default_rng(0))
    assert np.isnan(repaired[:, 2:4]).all()


def test_without_conditional_parameters_there_is_nothing_to_repair() -> None:
    trials = _draw(20, lambda u: np.ones(len(AXES), dtype=bool), 0)
    branches = learn(trials, AXES)
    assert branches.groups == ()
    assert np.array_equal(branches.repair(trials, np.random.default_rng(0)), trials)

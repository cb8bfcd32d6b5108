"""Bounds of a difference by both samples together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optuna_hpx.law.maths.joint_bounds import _signed, joint_bounds, joint_threshold

UNIT = math.log(2.0)
ENDS = UNIT / 64.0, UNIT


def _padded(losses: np.ndarray) -> np.ndarray:
    return np.concatenate([[-np.inf], np.sort(losses), [np.inf]])


def _levels(k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    e = UNIT / k
    return e, e, e, e


def test_the_divergence_by_hand() -> None:
    e = -math.log1p(-0.25)
    sizes = _signed(np.arange(5), 4, e)
    assert sizes[1] == pytest.approx(0.0)
    assert sizes[2] == pytest.approx(4 * (0.5 * math.log(2.0) + 0.5 * math.log(0.5 / 0.75)))
    assert sizes[0] == pytest.approx(4 * math.log(0.75)), "too few count as negative"
    assert sizes[4] == pytest.approx(4 * math.log(4.0))


def test_the_threshold_is_exceeded_as_often_as_it_should_be() -> None:
    """Of counts that are followed level by level, by other code than that of the threshold."""
    n, m, runs = 12, 20, 4000
    c = joint_threshold(n, m, 1.0, ENDS, 0.9)
    rng = np.random.default_rng(5)
    grid = np.geomspace(*ENDS, 400)
    p = 1.0 - np.exp(-grid)
    largest = np.zeros(runs)
    samples = rng.random((runs, n)), rng.random((runs, m))
    for level, e in zip(p, grid, strict=True):
        i, j = ((u <= level).sum(axis=1) for u in samples)
        a, b = _signed(i, n, e), _signed(j, m, e)
        for sign in (1.0, -1.0):
            both = np.maximum(sign * a, 0.0) + np.maximum(-sign * b, 0.0)
            largest = np.maximum(largest, both)
    share = float(np.mean(largest > c))
    # A grid misses some of the suprema, and c is a little large: but by no more than this.
    assert 0.07 < share < 0.1 + 3.0 * math.sqrt(0.09 / runs)


def test_the_least_difference_is_that_of_all_pairs_that_are_left_open() -> None:
    rng = np.random.default_rng(0)
    a, b, c = _padded(rng.random(15)), _padded(rng.random(11) + 0.5), 2.5
    for k in (1.0, 1.7, 3.0):
        e = UNIT / k
        pairs = [
            (b[j] - a[i + 1], b[j + 1] - a[i])
            for i in range(16)
            for j in range(12)
            for u, v in [(_signed(np.array([i]), 15, e)[0], _signed(np.array([j]), 11, e)[0])]
            if max(max(u, 0.0) + max(-v, 0.0), max(-u, 0.0) + max(v, 0.0)) <= c
        ]
        bounds = joint_bounds(a, b, _levels(np.array([k])), c)
        assert bounds.low[0] == pytest.approx(min(pair[0] for pair in pairs))
        assert bounds.high[0] == pytest.approx(max(pair[1] for pair in pairs))


def test_sides_are_treated_alike() -> None:
    rng = np.random.default_rng(1)
    a, b, k = _padded(rng.random(30)), _padded(rng.random(50)), np.array([1.0, 3.0, 9.0])
    one, other = (joint_bounds(*pair, _levels(k), 4.0) for pair in ((a, b), (b, a)))
    assert np.allclose(one.low, -other.high)
    assert np.allclose(one.high, -other.low)
    assert np.allclose(one.a, other.b)


def test_curves_are_within_their_bounds_as_well() -> None:
    a = _padded(np.arange(40.0))
    bounds = joint_bounds(a, a, _levels(np.array([1.0, 4.0])), 4.0)
    assert np.all(bounds.a[0] < [19.5, 6.5])
    assert np.all(bounds.a[1] > [19.5, 6.5])
    assert np.all(bounds.low < 0.0)
    assert np.all(bounds.high > 0.0)


def test_uncertain_costs_only_widen() -> None:
    rng = np.random.default_rng(2)
    a, b = _padded(rng.random(40)), _padded(rng.random(40))
    e = UNIT / np.array([2.0, 3.0])
    sure = joint_bounds(a, b, (e, e, e, e), 4.0)
    unsure = joint_bounds(a, b, (1.3 * e, e / 1.3, 1.3 * e, e / 1.3), 4.0)
    assert np.all(unsure.low <= sure.low)
    assert np.all(unsure.high >= sure.high)


@pytest.mark.parametrize("ratio", [1.0, 4.0])
def test_alike_searches_are_seldom_told_apart(ratio: float) -> None:
    """At the median of the best, of as much cost; as often as the confidence allows."""
    n, runs, wrong = 200, 150, 0
    rng = np.random.default_rng(3)
    c = joint_threshold(n, n, ratio, ENDS, 0.5)
    e = np.geomspace(*ENDS, 40)
    for _ in range(runs):
        a, b = (_padded(rng.standard_exponential(n) * scale) for scale in (1.0, ratio))
        bounds = joint_bounds(a, b, (e, e, e / ratio, e / ratio), c)
        wrong += bool((bounds.low > 0.0).any() or (bounds.high < 0.0).any())
    assert wrong / runs < 0.5
    assert wrong > 0, "and sometimes they are: else it would be no sharp bound"

"""Quantiles, feasibility and non-domination, against brute force."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optuna_hpx.trials import target_set
from optuna_hpx.trials.target_set import (
    _fronts,
    best,
    feasible_first,
    non_dominated,
    non_domination_keys,
)


@pytest.mark.parametrize(
    ("losses", "quantile", "expected"),
    [
        ([3, 1, 2, 4, 5, 6, 7, 8, 9, 10], 0.2, [1, 2]),
        ([1, 1, 1, 1], 0.5, [1, 1, 1, 1]),  # all tied: everything
        ([0] + [1] * 9, 0.5, [0]),  # ties reach to the worst: never everything
        ([0, 1, 1, 2, 2, 2, 2, 2, 2, 2], 0.2, [0, 1, 1]),  # one too many or one too few: in
        ([0, 1, 1, 1, 1, 2, 2, 2, 2, 2], 0.2, [0]),  # 1 is nearer to 2 than 5 is
        ([5, 4], 0.01, [4]),  # never empty
        (list(range(100)), 0.07, list(range(7))),  # 0.07 * 100 = 7.000000000000001
    ],
)
def test_best(losses: list[float], quantile: float, expected: list[float]) -> None:
    keys = np.array(losses, dtype=float)
    assert sorted(keys[best(keys, quantile)].tolist()) == expected


@pytest.mark.parametrize(
    ("n_first", "n_tied", "n", "quantile", "n_best"),
    [
        (1, 60, 200, 0.1, 61),  # of one trial nothing can be said
        (4, 60, 200, 0.1, 64),
        (5, 60, 200, 0.1, 5),  # five are usable, and nearer to 20
        (1, 99, 200, 0.1, 100),  # half of the trials, and no more
        (1, 100, 200, 0.1, 1),
        (1, 60, 200, 0.02, 1),  # no more than 4 were asked for
        (1, 60, 200, 0.025, 61),
    ],
)
def test_ties_at_the_cut_off_leave_enough_to_say_something(
    n_first: int, n_tied: int, n: int, quantile: float, n_best: int
) -> None:
    keys = np.repeat([0.0, 1.0, 2.0], [n_first, n_tied, n - n_first - n_tied])
    keys = keys + np.where(keys == 2.0, np.arange(n), 0.0)
    for allow_all in (False, True):
        mask = best(keys, quantile, allow_all=allow_all)
        assert mask.sum() == n_best
        assert mask[:n_best].all()


def test_best_of_nothing() -> None:
    assert best(np.empty(0), 0.1).tolist() == []


def test_feasible_first() -> None:
    keys = feasible_first(np.array([5.0, 1.0, 3.0, 3.0]), np.array([0.0, 2.0, 0.0, 0.5]))
    assert np.argsort(keys).tolist() == [2, 0, 3, 1]
    same = np.array([2.0, 1.0])
    assert feasible_first(same, np.zeros(2)) is same


losses_2_or_3 = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 12, (30, 2 + seed % 2)).astype(float)
)


@given(losses_2_or_3)
@settings(deadline=None, max_examples=50)
def test_fronts_by_brute_force(losses: np.ndarray) -> None:
    front, count = _fronts(losses.astype(int), n_needed=len(losses))
    for k in range(count):
        left = losses[front >= k]
        dominated = np.array(
            [((left <= x).all(axis=1) & (left < x).any(axis=1)).any() for x in left]
        )
        np.testing.assert_array_equal(front[front >= k] == k, ~dominated)


@pytest.mark.parametrize("n_needed", [1, 7, 20, 30])
@given(losses_2_or_3)
@settings(deadline=None, max_examples=50)
def test_fronts_peeled_one_by_one_or_all_at_once(n_needed: int, losses: np.ndarray) -> None:
    ranks = losses.astype(int)[:, :2]
    with patch.object(target_set, "_MANY_FRONTS", 10**9):
        expected = _fronts(ranks, n_needed)
    for n_peeled in (0, 1, 3):
        with patch.object(target_set, "_MANY_FRONTS", n_peeled):
            front, count = _fronts(ranks, n_needed)
        np.testing.assert_array_equal(front, expected[0])
        assert count == expected[1]


def test_a_front_or_a_chain_of_many_trials_is_ranked_at_once() -> None:
    """By counting: what takes each member of a front for itself would need 10^10 comparisons."""
    x = np.arange(100_000.0)
    assert non_dominated(np.column_stack([x, -x])).all()
    keys = non_domination_keys(np.column_stack([x, 2.0 * x]), 10_000)
    assert np.flatnonzero(best(keys, 0.1)).tolist() == list(range(10_000))


@given(losses_2_or_3)
@settings(deadline=None, max_examples=50)
def test_keys_follow_the_fronts_and_no_scale(losses: np.ndarray) -> None:
    keys = non_domination_keys(losses, 10)
    front, _ = _fronts(losses.astype(int), n_needed=10)
    assert (np.diff(front[np.argsort(keys, kind="stable")]) >= 0).all()
    rescaled = losses.copy()
    rescaled[:, 0] = np.exp(losses[:, 0])
    np.testing.assert_array_equal(non_domination_keys(rescaled, 10), keys)
    order = np.random.default_rng(0).permutation(len(losses))
    np.testing.assert_array_equal(non_domination_keys(losses[order], 10), keys[order])


@pytest.mark.parametrize(("n", "quantile"), [(1000, 0.1), (77, 0.3), (8, 0.5)])
def test_a_front_larger_than_wanted_is_taken_evenly(n: int, quantile: float) -> None:
    x = np.random.default_rng(n).random(n)
    keys = non_domination_keys(np.column_stack([x, 1 - x]), int(np.ceil(quantile * n)))
    taken = np.sort(np.argsort(np.argsort(x))[best(keys, quantile)])
    assert len(taken) == np.ceil(quantile * n)
    assert np.diff(taken).max() <= 2 / quantile  # no gap of more than two even steps


@pytest.mark.parametrize("n", [5, 9, 17, 33, 64])
def test_the_first_of_a_front_lie_at_even_steps_however_many(n: int) -> None:
    """Also of a front that is one longer than a power of two."""
    x = np.arange(n)
    order = np.argsort(non_domination_keys(np.column_stack([x, -x]), n))
    assert sorted(order.tolist()) == x.tolist()
    for k in (2, 4):
        assert np.sort(order[:k]).tolist() == [j * n // k for j in range(k)]


def test_an_objective_of_few_values_does_not_matter_to_the_size() -> None:
    x = np.random.default_rng(0).random(500)
    for third in (np.ones(500), x > 0.5):
        keys = non_domination_keys(np.column_stack([x, 1 - x, third]), 50)
        assert best(keys, 0.1).sum() == 50


def test_the_region_may_be_everything() -> None:
    keys = np.repeat([0.0, 1.0], [277, 723])
    assert best(keys, 0.9).sum() == 277
    assert best(keys, 0.9, allow_all=True).all()
    assert best(keys, 0.3, allow_all=True).sum() == 277

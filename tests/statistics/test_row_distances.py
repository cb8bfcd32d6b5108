"""Distances of all parameters together are those that come out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from optuna_hpx.statistics.row_distances import Rows, mid_ranks


def _rows(share_inactive: float, seed: int = 0) -> tuple[np.ndarray, list[bool]]:
    """Draw 12 rows of a number, a choice, a number with ties, and a choice."""
    rng = np.random.default_rng(seed)
    X = rng.random((12, 4))
    X[:, 1], X[:, 2], X[:, 3] = (
        rng.integers(3, size=12),
        rng.integers(4, size=12) / 4,
        X[:, 3] > 0.5,
    )
    X[rng.random(X.shape) < share_inactive] = np.nan
    return X, [False, True, False, True]


def _by_pairs(X: np.ndarray, is_choice: list[bool]) -> np.ndarray:
    """Sum the distances pair by pair, as the notation says."""
    n, d = X.shape
    total = np.zeros((n, n))
    for j in range(d):
        active = np.isfinite(X[:, j])
        shares = np.full(n, np.nan)
        shares[active] = (rankdata(X[active, j]) - 0.5) / active.sum()
        for first in range(n):
            for second in range(n):
                if active[first] != active[second]:
                    total[first, second] += 0.5
                elif active[first] and is_choice[j]:
                    total[first, second] += X[first, j] != X[second, j]
                elif active[first]:
                    total[first, second] += abs(shares[first] - shares[second])
    return total


@pytest.mark.parametrize("share_inactive", [0.0, 0.3, 0.9])
def test_distances(share_inactive: float) -> None:
    X, is_choice = _rows(share_inactive)
    np.testing.assert_allclose(
        Rows.of(X, is_choice).distances(), _by_pairs(X, is_choice), atol=1e-12
    )


@pytest.mark.parametrize("kept", [[0, 2], [1, 3]])
def test_numbers_or_choices_alone(kept: list[int]) -> None:
    X, is_choice = _rows(0.3)
    X, is_choice = X[:, kept], [is_choice[j] for j in kept]
    np.testing.assert_allclose(
        Rows.of(X, is_choice).distances(), _by_pairs(X, is_choice), atol=1e-12
    )


def test_shuffled_rows_keep_who_is_active_and_the_values_of_those() -> None:
    X, is_choice = _rows(0.4)
    rows = Rows.of(X, is_choice)
    shuffled = rows.shuffled(np.random.default_rng(1))
    assert not np.array_equal(shuffled.numbers, rows.numbers)
    np.testing.assert_array_equal(shuffled.active, rows.active)
    for pattern in np.unique(rows.active, axis=0):
        alike = (rows.active == pattern).all(axis=1)
        for before, after in ((rows.numbers, shuffled.numbers), (rows.codes, shuffled.codes)):
            np.testing.assert_array_equal(
                np.sort(before[alike], axis=0), np.sort(after[alike], axis=0)
            )


def test_every_order_of_a_parameter_comes_as_often() -> None:
    X = np.column_stack([np.arange(3.0), np.arange(3.0)])
    rows, rng = Rows.of(X, [False, True]), np.random.default_rng(0)
    drawn = [rows.shuffled(rng) for _ in range(600)]
    orders = [(*d.numbers[:, 0].tolist(), *d.codes[:, 0].tolist()) for d in drawn]
    counts = np.array(list({order: orders.count(order) for order in orders}.values()))
    assert len(counts) == 36, "each parameter by itself"
    assert np.square(counts - 600 / 36).sum() / (600 / 36) < 66.6  # chi-squared (35) at 0.001


def test_ranks_of_the_active_values_are_in_the_middles_of_equal_cells() -> None:
    X = np.array([[3.0, np.nan], [1.0, np.nan], [3.0, 7.0], [9.0, np.nan]])
    expected = [[0.5, 0.5], [0.125, 0.5], [0.5, 0.5], [0.875, 0.5]]
    np.testing.assert_allclose(mid_ranks(X), expected)
    assert mid_ranks(np.empty((4, 0))).shape == (4, 0)

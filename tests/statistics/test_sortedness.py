"""Rows in the order of a number: what is one, and what is not, and how seldom chance is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from optuna_hpx.statistics.sortedness import (
    is_listed_in_order,
    is_sorted,
    is_sorted_within,
    longest_rise,
)


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_rise_by_brute_force(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 6, 9)
    rises = [
        size
        for size in range(1, 10)
        for rows in combinations(range(9), size)
        if (np.diff(values[list(rows)]) >= 0).all()
    ]
    assert longest_rise(values) == max(rises)


def test_sorted_up_or_down_with_a_few_rows_out_of_order() -> None:
    x = np.sort(np.random.default_rng(0).random(100))
    assert is_sorted(x)
    assert is_sorted(-x)
    assert is_sorted(np.append(x[3:], x[:3]))
    assert is_sorted(np.where(np.arange(100) < 40, np.nan, x)), "most rows have it"
    assert not is_sorted(np.where(np.arange(100) < 60, np.nan, x)), "few rows have it"
    assert not is_sorted(np.repeat([0.0, 1.0], 50)), "a number of few values"
    assert not is_sorted(x[:4])


def test_random_rows_are_not_sorted() -> None:
    rng = np.random.default_rng(1)
    assert not any(is_sorted(rng.random(20)) for _ in range(2000))


def test_sorted_within_blocks() -> None:
    x = np.sort(np.random.default_rng(2).random((2, 30)), axis=1).ravel()
    blocks = np.repeat([0.0, 1.0], 30)
    assert is_sorted_within(blocks, x)
    assert not is_sorted(x)
    x[:30] = x[:30][np.random.default_rng(3).permutation(30)]
    assert not is_sorted_within(blocks, x)
    assert not is_sorted_within(np.arange(4.0), np.arange(4.0)), "blocks of one row tell nothing"


def test_few_values_one_after_the_other() -> None:
    assert is_listed_in_order(np.repeat([2.0, 0.0, 1.0], 10))
    assert not is_listed_in_order(np.tile([2.0, 0.0, 1.0], 10))
    assert not is_listed_in_order(np.zeros(30)), "one value has no order"
    assert not is_listed_in_order(np.arange(30.0)), "all differ"
    assert not is_listed_in_order(np.append(np.repeat([0.0, 1.0], 10), np.nan))


def test_of_many_rows_some_are_looked_at() -> None:
    """A million take no longer than some, whatever their number."""
    x = np.random.default_rng(5).random(1_000_000)
    assert not is_sorted_within(np.zeros(len(x)), x)
    assert is_sorted_within(np.zeros(len(x)), np.sort(x))

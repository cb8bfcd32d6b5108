"""When a search is looked at: every quarter more, and each look with half of the error."""

from __future__ import annotations

import pytest

from optuna_hpx.law.maths.looks import (
    count_looks,
    look_confidence,
    look_size,
    look_sizes,
    next_size,
)


def test_each_look_has_a_quarter_more() -> None:
    assert [look_size(20, j) for j in range(1, 6)] == [20, 25, 32, 40, 49]
    assert next_size(20) == 25
    assert next_size(21) == 27


@pytest.mark.parametrize("first", [20, 30, 47])
def test_looks_are_counted_from_their_sizes(first: int) -> None:
    for n in range(200):
        assert count_looks(first, n) == sum(look_size(first, j) <= n for j in range(1, 30))


def test_each_look_spends_half_of_the_error() -> None:
    assert look_confidence(0.9) == pytest.approx(0.95)
    assert look_confidence(0.5) == pytest.approx(0.75)


@pytest.mark.parametrize("first", [8, 20, 30])
def test_before_the_first_stop_there_are_looks_of_their_own(first: int) -> None:
    looks = []
    for n in range(60):
        last, following = look_sizes(8, first, n)
        assert last <= n < following
        if last and last not in looks:
            looks.append(last)
    own = {8: [], 20: [8, 10, 13, 16], 30: [8, 10, 13, 16, 20, 25]}[first]
    assert looks == [
        *own,
        *(look_size(first, j) for j in range(1, 20) if look_size(first, j) < 60),
    ]

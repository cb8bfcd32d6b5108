"""Fits come after 10 trials and whenever there are a quarter more."""

from __future__ import annotations

from itertools import pairwise

import pytest

from optuna_hpx.samplers.maths.refits import FIRST_FIT, last_fit


def test_fits_grow_by_a_quarter() -> None:
    assert [last_fit(n) for n in (0, 9, 10, 12, 13, 16, 17, 1000)] == [
        0,
        0,
        10,
        10,
        13,
        13,
        17,
        last_fit(1000),
    ]
    assert 800 <= last_fit(1000) <= 1000


def test_each_fit_is_the_least_whole_number_that_is_a_quarter_more() -> None:
    fits = sorted({last_fit(n) for n in range(FIRST_FIT, 5000)})
    assert fits[0] == FIRST_FIT
    for before, after in pairwise(fits):
        assert after - 1 < 1.25 * before <= after


@pytest.mark.parametrize("n", [10, 13, 57, 999])
def test_a_fit_holds_until_the_next(n: int) -> None:
    fit = last_fit(n)
    assert fit <= n
    assert all(last_fit(k) == fit for k in range(fit, n + 1))

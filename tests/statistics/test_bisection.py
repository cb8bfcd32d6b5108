"""Bisection: against brute force over all places."""

from __future__ import annotations

import pytest

from optuna_hpx.statistics.bisection import first_count, first_number


@pytest.mark.parametrize("place", [1e-9, 0.1, 1 / 3, 0.5, 0.999])
def test_number(place: float) -> None:
    result = first_number(lambda t: t >= place, 0.0, 1.0, 1e-6)
    assert place <= result <= place + 1e-6
    scaled = first_number(lambda t: t >= 2.0 + 50.0 * place, 2.0, 52.0, 1e-6)
    assert 0.0 <= scaled - (2.0 + 50.0 * place) <= 50e-6 + 1e-12


def test_number_at_the_ends() -> None:
    assert first_number(lambda t: True, -1.0, 1.0, 1e-3) == -1.0
    assert first_number(lambda t: False, -1.0, 1.0, 1e-3) == 1.0
    assert first_number(lambda t: t >= 0.3, 0.0, 1.0, 1e-300) == 0.3  # to the last digit


@pytest.mark.parametrize("place", [*range(1, 70), 10**6 + 1, 2**53])
def test_count(place: int) -> None:
    tests = []

    def condition(n: int) -> bool:
        tests.append(n)
        return n >= place

    assert first_count(condition) == place
    assert len(tests) <= 2 * place.bit_length() + 1
    assert min(tests) == 1


def test_count_stops_at_the_most() -> None:
    tests = []
    assert first_count(lambda n: bool(tests.append(n)), most=8) == 8
    assert max(tests) < 8
    assert first_count(lambda n: n >= 5, most=8) == 5
    assert first_count(lambda n: False, most=1) == 1

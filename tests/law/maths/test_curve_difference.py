"""Bounds of a difference, and the places where it has a sign."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.curve_difference import advantage, confidence_of_each, stretches


def test_advantage_by_hand() -> None:
    a = np.array([1.0, 1.0, -np.inf]), np.array([2.0, np.inf, 0.0])
    b = np.array([4.0, 4.0, 1.0]), np.array([7.0, 7.0, np.inf])
    low, high = advantage(a, b)
    assert low.tolist() == [2.0, -np.inf, 1.0]
    assert high.tolist() == [6.0, 6.0, np.inf]


def test_two_infinite_ends_say_nothing() -> None:
    unknown = np.array([np.inf])
    low, high = advantage((unknown, unknown), (unknown, unknown))
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_errors_add_up() -> None:
    assert 2 * (1 - confidence_of_each(0.95)) == pytest.approx(0.05)
    assert 4 * (1 - confidence_of_each(0.9, 4)) == pytest.approx(0.1)


def test_stretches() -> None:
    assert stretches(np.array([True, False, True, True])) == [(0, 0), (2, 3)]
    assert stretches(np.zeros(3, dtype=bool)) == []

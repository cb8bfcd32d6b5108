"""Empty cells that a condition explains, and others."""

from __future__ import annotations

import numpy as np

from optuna_hpx.trials.frames.empties import is_condition, is_missing, is_none

rng = np.random.default_rng(0)
A, B = rng.random(100), rng.integers(3, size=100).astype(float)


def test_conditions() -> None:
    others = np.column_stack([A, B])
    assert is_condition(A > 0.4, others)
    assert is_condition((B == 1.0) & (A > 0.4), others)
    assert not is_condition(rng.random(100) > 0.5, others)


def test_too_little_to_see_a_condition() -> None:
    empty = np.zeros(100, dtype=bool)
    empty[:4] = True
    assert is_condition(empty, np.column_stack([A, B]))
    assert is_condition(rng.random(19) > 0.5, rng.random((19, 2)))
    assert is_condition(rng.random(100) > 0.5, np.empty((100, 0)))


def test_none_and_nothing() -> None:
    cells = [None, float("nan"), "a", 0]
    assert is_none(cells).tolist() == [True, False, False, False]
    assert is_missing(cells).tolist() == [False, True, False, False]

"""Marked rows beside the others."""

from __future__ import annotations

import numpy as np

from optuna_hpx.statistics.contrast import contrast


def _columns(rng: np.random.Generator, n: int) -> list[np.ndarray]:
    return [rng.random(n), rng.integers(0, 3, n).astype(float), rng.random(n)]


def test_what_marks_depend_on_is_found_with_its_direction() -> None:
    rng = np.random.default_rng(0)
    columns = _columns(rng, 100)
    found = contrast(columns, [False, True, False], columns[0] > 0.8)
    assert found.p_values[0] < 0.01
    assert found.sign[0] == 1
    assert (found.p_values[1:] > 0.05).all()
    found = contrast(columns, [False, True, False], columns[1] == 2)
    assert found.p_values[1] < 0.01
    assert (found.place[1], found.sign[1]) == (2, 1)


def test_marks_of_chance_are_rarely_taken_for_more() -> None:
    n_false = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = contrast(
            _columns(rng, 60), [False, True, False], rng.random(60) < 0.2, n_permutations=199
        )
        n_false += bool((found.p_values < 0.05).any())
    assert n_false <= 8  # of 60 at 5 %: more is the case once in 200 times


def test_a_drift_beside_a_burst_is_no_difference() -> None:
    """A sampler moves while a machine is bad: without blocks it is a certain difference."""
    rng = np.random.default_rng(1)
    drifting = np.arange(100) / 100 + 0.01 * rng.random(100)
    marks = (np.arange(100) < 40) & (rng.random(100) < 0.5)
    assert contrast([drifting], [False], marks, block_size=100).p_values[0] < 0.01
    assert contrast([drifting], [False], marks).p_values[0] > 0.05


def test_columns_that_tell_nothing() -> None:
    marks = np.arange(20) % 2 == 0
    columns = [np.full(20, 3.0), np.full(20, np.nan), np.zeros(20)]
    found = contrast(columns, [False, True, True], marks)
    assert (found.p_values == 1.0).all()
    assert (found.sign == 0).all()
    assert len(contrast([], [], marks).p_values) == 0

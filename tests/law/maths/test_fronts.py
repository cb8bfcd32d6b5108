"""Who dominates whom, against a count one by one and fronts of random parts."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.fronts import front_of
from optuna_hpx.trials.target_set import non_dominated


def test_dominators_one_by_one() -> None:
    losses = np.random.default_rng(0).integers(0, 6, size=(40, 2)).astype(float)
    front = front_of(losses)
    distinct = np.unique(losses, axis=0)
    expected = [sum(bool((y <= x).all() and (y < x).any()) for y in losses) for x in distinct]
    assert front.dominators.tolist() == expected
    assert front.copies.sum() == non_dominated(losses).sum()


def test_the_front_of_a_part_has_that_size_on_average() -> None:
    rng = np.random.default_rng(1)
    losses = rng.random((30, 2))
    sizes = [
        non_dominated(losses[kept]).sum() for kept in rng.random((4000, 30)) >= 0.4 if kept.any()
    ]
    error = np.std(sizes) / np.sqrt(len(sizes))
    assert front_of(losses).expected_size(0.4) == pytest.approx(np.mean(sizes), abs=4 * error)

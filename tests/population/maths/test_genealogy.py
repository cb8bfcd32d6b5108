"""Ranks, branches and relatives, against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.population.maths.genealogy import living, ranking, relative_ranks, relatives


def test_ranking_puts_ties_as_they_come_and_leaves_out_the_infinite() -> None:
    losses = np.array([2.0, np.inf, 1.0, 1.0, -np.inf, 0.5])
    assert ranking(losses).tolist() == [5, 2, 3, 0]
    assert ranking(np.array([])).tolist() == []


@pytest.mark.parametrize("seed", range(20))
def test_relatives_by_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, generations = 6, 5
    parent = np.full(n * generations, -1)
    for g in range(1, generations):
        parent[g * n : (g + 1) * n] = (g - 1) * n + rng.integers(n, size=n)

    def ancestors(of: int) -> list[int]:
        return [] if of == -1 else [*ancestors(parent[of]), of]

    of = int(rng.integers(n * generations))
    line = np.array(ancestors(of), dtype=int)
    assert relatives(parent, line, "shared").all()
    assert relatives(parent, line, "siblings").tolist() == [p == of for p in parent]
    lineage = {
        row
        for row in range(len(parent))
        if row in line or parent[row] == -1 or parent[row] in line
    }
    assert set(np.flatnonzero(relatives(parent, line, "lineage"))) == lineage


def test_a_new_model_has_other_new_ones_as_relatives() -> None:
    parent = np.array([-1, -1, 0])
    nobody = np.array([], dtype=int)
    for history in ("siblings", "lineage"):
        assert relatives(parent, nobody, history).tolist() == [True, True, False]


def test_relative_ranks_by_hand() -> None:
    losses = np.array([3.0, 1.0, np.inf, 2.0, 5.0, np.nan])
    generations = np.array([0, 0, 0, 0, 1, 1])
    np.testing.assert_array_equal(
        relative_ranks(losses, generations), [1.0, 0.0, np.nan, 0.5, 0.0, np.nan]
    )


@pytest.mark.parametrize("seed", range(10))
def test_living_by_walking_up_from_each_of_the_last(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, generations = 5, 6
    parents = np.full(n * generations, -1)
    for g in range(1, generations):
        parents[g * n : (g + 1) * n] = (g - 1) * n + rng.integers(n, size=n)
    is_last = np.repeat(np.arange(generations) == generations - 1, n)
    expected = set()
    for row in np.flatnonzero(is_last).tolist():
        while row >= 0:
            expected.add(row)
            row = int(parents[row])
    assert set(np.flatnonzero(living(parents, is_last)).tolist()) == expected

"""Groups of similar domains, and when each value is a bin of its own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from optuna_hpx.importance.maths.marginal import (
    Marginal,
    can_vary,
    few_values,
    group_size,
    similar_groups,
)


def test_similar_groups_are_runs_of_similar_bounds() -> None:
    rng = np.random.default_rng(0)
    high = rng.random(300)
    groups = similar_groups(np.array([np.zeros(300), high]), 100)
    assert sorted(np.concatenate(groups).tolist()) == list(range(300))
    assert [len(group) for group in groups] == [100, 100, 100]
    ends = sorted((high[group].min(), high[group].max()) for group in groups)
    assert all(a[1] < b[0] for a, b in pairwise(ends))


def test_groups_grow_with_the_trials_but_more_slowly() -> None:
    ns = [*range(500), 1000, 2000, 10_000, 100_000, 10**7]
    sizes = [group_size(n) for n in ns]
    assert sizes[:100] == [100] * 100, "as few as tell anything"
    assert all(a <= b for a, b in pairwise(sizes))
    assert group_size(8 * 10**6) == 4 * group_size(10**6), "as n to the power of 2/3"
    shares = [group_size(n) / n for n in (1000, 10_000, 100_000, 10**7)]
    assert all(a > b for a, b in pairwise(shares)), "domains in a group grow alike"
    assert shares[-1] < 0.02


def test_few_values() -> None:
    assert few_values(20)
    assert not few_values(21)
    assert not few_values(20, n_trials=59)


def test_what_can_vary_has_several_values_and_both_labels() -> None:
    both, one_kind = np.array([True, False, True]), np.ones(3, dtype=bool)
    distinct = Marginal(np.arange(3), None, ordered=True)
    constant = Marginal(np.arange(3), np.array([0, 3]), ordered=True)
    assert can_vary(both, distinct)
    assert not can_vary(one_kind, distinct)
    assert not can_vary(~one_kind, distinct)
    assert not can_vary(both, constant)


def test_boundaries_of_equal_values() -> None:
    distinct = Marginal(np.arange(3), None, ordered=True)
    assert distinct.boundaries().tolist() == [0, 1, 2, 3]
    assert distinct.n_values == 3
    tied = Marginal(np.arange(5), np.array([0, 2, 5]), ordered=True)
    assert tied.boundaries().tolist() == [0, 2, 5]
    assert tied.n_values == 2
    assert tied.is_ordered  # two values, but each too seldom to be a bin of its own
    assert not Marginal(np.arange(5), np.array([0, 2, 5]), ordered=False).is_ordered

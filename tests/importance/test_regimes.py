"""Regimes of a parameter: who is compared with whom, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx.importance._regimes import ParameterRegime, regimes_of
from optuna_hpx.trials.table import INACTIVE, Column

UNIT = FloatDistribution(0.0, 1.0)


def column(sizes: Sequence[int], *, inactive: int = 0, is_categorical: bool = False) -> Column:
    """So many trials with each domain: [0, 1], [1, 2], ..., in turn; and inactive ones.

    In domain k value j of m is k + j / m, the later the smaller.
    """
    dists: list[BaseDistribution] = [
        CategoricalDistribution([f"{k}a", f"{k}b"])
        if is_categorical
        else FloatDistribution(k, k + 1)
        for k in range(len(sizes))
    ]
    regime = [k for k, size in enumerate(sizes) for _ in range(size)] + [INACTIVE] * inactive
    if is_categorical:
        values = [float(j % 2) for size in sizes for j in range(size)]
    else:
        values = [k + j / size for k, size in enumerate(sizes) for j in range(size)][::-1]
        values = [v for k in range(len(sizes)) for v in values if k <= v < k + 1]
    return Column("x", tuple(dists), np.array(regime), np.array([*values, *[np.nan] * inactive]))  # type: ignore[arg-type]


def everywhere(one: Column) -> tuple[list[ParameterRegime], int]:
    return regimes_of(one, np.ones(len(one.values), dtype=bool))


def sizes_of(regimes: list[ParameterRegime]) -> list[tuple[list[int], bool, int]]:
    return [(r.codes.tolist(), r.is_pooled, len(r.marginal.rows)) for r in regimes]


def test_one_domain_is_one_regime_sorted_by_value() -> None:
    (regime,), n_lone = everywhere(column([4]))
    assert regime.codes.tolist() == [0]
    assert not regime.is_pooled
    assert regime.marginal.rows.tolist() == [3, 2, 1, 0]
    assert regime.marginal.starts is None
    assert regime.marginal.ordered
    assert n_lone == 0


def test_only_the_region_counts() -> None:
    one = column([6], inactive=2)
    region = np.array([True, False, True, True, False, False, True, False])
    (regime,), n_lone = regimes_of(one, region)
    assert regime.marginal.rows.tolist() == [3, 2, 0]
    assert n_lone == 0


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([20, 180], [([0], False, 20), ([1], False, 180)]),  # a tenth, and twenty
        ([50, 951], [([0], False, 50), ([1], False, 951)]),  # fifty, however few of all
        ([100, 19], [([0], False, 100), ([1], True, 19)]),  # too few to be alone: positions
        ([20, 181], [([1], False, 181), ([0], True, 20)]),  # under a tenth
        ([5, 7], [([0, 1], True, 12)]),  # together
        ([7], [([0], False, 7)]),  # the only one
    ],
)
def test_who_stands_alone(sizes: list[int], expected: list[tuple[list[int], bool, int]]) -> None:
    regimes, n_lone = everywhere(column(sizes, inactive=3))
    assert sizes_of(regimes) == expected
    assert n_lone == 0
    rows = np.concatenate([regime.marginal.rows for regime in regimes])
    assert sorted(rows.tolist()) == list(range(sum(sizes)))


def test_pooled_trials_are_sorted_by_their_place_between_their_own_bounds() -> None:
    dists = tuple(FloatDistribution(0.0, high) for high in (1.0, 2.0, 4.0, 8.0))
    values = np.array([0.75, 1.0, 1.0, 4.0])  # at 3/4, 1/2, 1/4, 1/2
    (regime,), n_lone = everywhere(Column("x", dists, np.arange(4), values))
    assert regime.is_pooled
    assert regime.marginal.rows.tolist() == [2, 1, 3, 0]
    assert regime.marginal.starts is not None
    assert regime.marginal.starts.tolist() == [0, 1, 3, 4]
    assert regime.codes.tolist() == [0, 1, 2, 3]
    assert n_lone == 0


def test_many_moving_bounds_are_pooled_with_their_like() -> None:
    """600 trials, each with bounds of its own: two groups, one of the lower bounds."""
    n = 600
    lows = np.random.default_rng(0).permutation(n)
    dists = tuple(FloatDistribution(low, low + 1.0) for low in lows.tolist())
    regimes, _ = everywhere(Column("x", dists, np.arange(n), lows + 0.5))
    assert [len(regime.marginal.rows) for regime in regimes] == [n // 2, n // 2]
    halves = sorted(sorted(lows[regime.marginal.rows].tolist()) for regime in regimes)
    assert halves == [list(range(n // 2)), list(range(n // 2, n))]


def test_one_trial_with_other_bounds_is_alone() -> None:
    regimes, n_lone = everywhere(column([60, 1]))
    assert sizes_of(regimes) == [([0], False, 60)]
    assert n_lone == 1


def test_choices_are_never_pooled() -> None:
    regimes, n_lone = everywhere(column([2, 1, 5, 1], is_categorical=True, inactive=1))
    assert sizes_of(regimes) == [([0], False, 2), ([2], False, 5)]
    assert n_lone == 2


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_trials_to_compare(n: int) -> None:
    assert everywhere(column([n])) == ([], 0)
    assert everywhere(column([n], inactive=3)) == ([], n)


def test_a_region_without_the_parameter() -> None:
    one = column([5], inactive=2)
    assert regimes_of(one, one.regime == INACTIVE) == ([], 0)


@pytest.mark.parametrize(
    ("dist", "ordered"),
    [
        (IntDistribution(0, 19), False),
        (IntDistribution(0, 20), True),
        (FloatDistribution(0.0, 9.0, step=1.0), False),
        (FloatDistribution(0.0, 9.0), True),
        (CategoricalDistribution(list(range(30))), False),
    ],
)
def test_few_values_and_choices_have_no_order(dist: BaseDistribution, ordered: bool) -> None:
    values = np.array([2.0, 5.0, 2.0, 3.0])
    (regime,), _ = everywhere(Column("x", (dist,), np.zeros(4, dtype=int), values))  # type: ignore[arg-type]
    assert regime.marginal.ordered is ordered
    assert regime.marginal.rows.tolist() == [0, 2, 3, 1]
    assert regime.marginal.starts is not None
    assert regime.marginal.starts.tolist() == [0, 2, 3, 4]


def test_values_without_order_are_groups_even_if_all_differ() -> None:
    dist = CategoricalDistribution(["a", "b", "c"])
    (regime,), _ = everywhere(
        Column("x", (dist,), np.zeros(3, dtype=int), np.array([2.0, 0.0, 1.0]))
    )
    assert regime.marginal.starts is not None
    assert regime.marginal.starts.tolist() == [0, 1, 2, 3]


def test_one_value() -> None:
    one = Column("x", (FloatDistribution(2.0, 2.0),), np.zeros(3, dtype=int), np.full(3, 2.0))
    (regime,), _ = everywhere(one)
    assert regime.marginal.is_constant

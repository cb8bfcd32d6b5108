from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from optuna_hpx.importance.maths.cell_shares import CellCounts, ParameterCells
from optuna_hpx.importance.maths.differences import (
    Labels,
    compare_independent,
    compare_paired,
    interval_of_difference,
)


def _top(losses: np.ndarray, quantile: float = 0.1) -> Labels:
    m = round(quantile * len(losses))
    labels = np.zeros((2, len(losses)), dtype=bool)
    labels[0, np.argsort(losses)[:m]] = True
    labels[1, np.argsort(losses)[m // 2 : 3 * m // 2]] = True
    return Labels(*labels)


def _join(first: Labels, second: Labels) -> Labels:
    return Labels(
        np.concatenate([first.is_target, second.is_target]),
        np.concatenate([first.is_near, second.is_near]),
    )


def _cells(x: np.ndarray, k: int) -> list[ParameterCells]:
    codes = np.minimum((x * k).astype(int), k - 1)
    return [ParameterCells(column, np.zeros(k, dtype=int)) for column in codes.T]


def _sides(codes: np.ndarray, is_a: np.ndarray, b: np.ndarray) -> list[CellCounts]:
    sides = []
    for rows in (is_a, ~is_a):
        n_k = np.bincount(codes[rows], minlength=2).astype(float)[None]
        m_k = np.bincount(codes[rows & b], minlength=2).astype(float)[None]
        regime = np.zeros(2, dtype=int)
        sides.append(CellCounts(regime, int(rows.sum()), int((rows & b).sum()), n_k, m_k))
    return sides


def _moved_cut(codes: np.ndarray, is_a: np.ndarray, b: np.ndarray) -> float:
    """What cuts at a fixed value add to the squared error."""
    sides = _sides(codes, is_a, b)
    return sum(
        float(side.cut_slope(np.zeros(2))[0]) ** 2 * side.variance / side.n for side in sides
    )


def _statistic(codes: np.ndarray, is_a: np.ndarray, b: np.ndarray, moved: float = 0.0) -> float:
    """T of one deal, from the counts of each side."""
    sides = _sides(codes, is_a, b)
    squared = sum(float(side.squared_error()[0]) for side in sides) + moved
    difference = float(sides[0].share()[0] - sides[1].share()[0])
    return abs(difference) / np.sqrt(squared) if squared > 0.0 else 0.0


def test_the_p_value_is_the_share_of_all_deals() -> None:
    """Of 10 trials, all 6 x 15 deals are listed, and each weighs the same."""
    codes = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1, 0])
    is_a = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    b = np.array([1, 1, 0, 0, 0, 1, 1, 0, 0, 0], dtype=bool)
    deals = []
    for inside in combinations(np.flatnonzero(b), 2):
        for outside in combinations(np.flatnonzero(~b), 3):
            deal = np.isin(np.arange(10), [*inside, *outside])
            deals.append(_statistic(codes, deal, b))
    labels = Labels(b, np.zeros(10, dtype=bool))
    observed = _statistic(codes, is_a, b, _moved_cut(codes, is_a, b))
    exact = np.mean(np.array(deals) >= observed - 1e-9)
    parameter = ParameterCells(codes, np.zeros(2, dtype=int))
    tests = compare_independent([parameter], is_a, labels, 4000, np.random.default_rng(0))
    assert abs(tests.p_values[0] - exact) < 4.0 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4000
    np.testing.assert_array_equal(tests.p_values, tests.p_values_familywise)


def _sums(x: np.ndarray, weights: list[float]) -> np.ndarray:
    return np.asarray(x[:, : len(weights)] @ np.array(weights))


def _rejections(n_repetitions: int, *, is_paired: bool, alike: bool) -> float:
    """How often some of four parameters, the first two of which matter, differs family-wise."""
    rng = np.random.default_rng(4)
    second = [1.0, 0.5] if alike else [0.3, 1.0]
    hits = 0
    for _ in range(n_repetitions):
        a = rng.random((150, 4))
        b = a if is_paired else rng.random((150, 4))
        noise = 0.3 * rng.standard_normal((2, 150))
        tops = _top(_sums(a, [1.0, 0.5]) + noise[0]), _top(_sums(b, second) + noise[1])
        if is_paired:
            tests = compare_paired(_cells(a, 6), *tops, 199, rng)
        else:
            is_a = np.arange(300) < 150
            cells = _cells(np.vstack([a, b]), 6)
            tests = compare_independent(cells, is_a, _join(*tops), 199, rng)
        hits += bool((tests.p_values_familywise <= 0.05).any())
    return hits / n_repetitions


@pytest.mark.parametrize("is_paired", [False, True])
def test_size_and_power(is_paired: bool) -> None:
    """The upper end of a 99.9 % interval of 5 % in 150 studies is 11 %; ``-m slow`` has 2000."""
    assert _rejections(150, is_paired=is_paired, alike=True) <= 0.11
    assert _rejections(60, is_paired=is_paired, alike=False) >= 0.4


@pytest.mark.slow
@pytest.mark.parametrize("is_paired", [False, True])
def test_size_in_many_studies(is_paired: bool) -> None:
    assert _rejections(2000, is_paired=is_paired, alike=True) <= 0.05 + 2.0 * 0.0049


def test_targets_that_are_the_same_have_nothing_to_test() -> None:
    rng = np.random.default_rng(5)
    x = rng.random((80, 2))
    top = _top(x[:, 0])
    tests = compare_paired(_cells(x, 4), top, top, 99, rng)
    assert (tests.p_values == 1.0).all()
    assert tests.correlation[0] > 0.9


def test_the_correlation_is_that_over_samples() -> None:
    """Of S of two targets that share half of what decides; and about 0 of unrelated ones."""
    rng = np.random.default_rng(6)
    estimates, pairs = [], []
    for _ in range(300):
        x = rng.random((300, 1))
        common = x[:, 0] + 0.5 * rng.random(300)
        tops = [_top(common + 0.15 * rng.random(300), 0.2) for _ in range(2)]
        estimates.append(compare_paired(_cells(x, 5), *tops, 1, rng).correlation[0])
        (cells,) = _cells(x, 5)
        n_k = cells.count(np.ones((1, 300)))
        pairs.append(
            [
                CellCounts(
                    cells.regime, 300, 60, n_k, cells.count(top.is_target[None].astype(float))
                ).share()[0]
                for top in tops
            ]
        )
    assert np.mean(estimates) == pytest.approx(np.corrcoef(np.array(pairs).T)[0, 1], abs=0.15)


def test_no_parameter() -> None:
    tests = compare_independent(
        [], np.array([True, False]), Labels(*np.ones((2, 2), bool)), 9, np.random.default_rng(0)
    )
    assert len(tests.p_values) == len(tests.correlation) == 0


def test_the_interval_of_normal_estimates_is_the_textbook_one() -> None:
    """Symmetric intervals of half-widths 3 and 4: 5 if independent, 1 or 7 if correlated."""
    first = np.array([1.0]), np.array([-2.0]), np.array([4.0])
    second = np.array([0.5]), np.array([-3.5]), np.array([4.5])
    for rho, half in ((0.0, 5.0), (1.0, 1.0), (-1.0, 7.0)):
        low, high = interval_of_difference(first, second, np.array([rho]))
        assert (low[0], high[0]) == pytest.approx((0.5 - half, 0.5 + half))

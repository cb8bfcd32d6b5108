"""P-values of permutations: size at four levels, power, and what happens at the ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.statistics.bisection import first_number
from optuna_hpx.statistics.permutation_tail import (
    counted_p_values,
    extended_p_values,
    extrapolated_p_value,
    p_values,
    step_down,
)

LEVELS = (0.05, 0.01, 0.001, 0.0005)
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _sum_of_chi_squares(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw what HSIC of a pair is in the limit, but for its smallest weights."""
    total = np.zeros(shape)
    for i, j in product((1, 2), repeat=2):
        total += rng.standard_normal(shape) ** 2 / (i * j) ** 2
    return total


def _unbalanced_choices(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw HSIC of choices with 50, 7 and 3 trials, and of 12 of 60 trials being best."""
    sizes = np.array([50, 7, 3])
    counts = rng.multivariate_hypergeometric(sizes, 12, size=shape)
    return np.asarray(np.sum((counts - 0.2 * sizes) ** 2, axis=-1))


NULLS: dict[str, Draw] = {
    "chi-square": lambda rng, shape: rng.chisquare(1, shape),
    "exponential": lambda rng, shape: rng.exponential(size=shape),
    "ten degrees of freedom": lambda rng, shape: rng.chisquare(10, shape),
    "pair": _sum_of_chi_squares,
    "unbalanced choices": _unbalanced_choices,
}


def _exceedances(name: str, n_tests: int, sizes: tuple[int, int], seed: int) -> np.ndarray:
    """Count p-values at or below each level, of independent tests of true hypotheses."""
    rng = np.random.default_rng([seed, 0])
    n_first, n_more = sizes
    observed, null = NULLS[name](rng, (n_tests,)), NULLS[name](rng, (n_first, n_tests))
    p = p_values(observed, null, lambda chosen: NULLS[name](rng, (n_more, len(chosen))))
    return np.array([np.count_nonzero(p <= level) for level in LEVELS])


def _assert_size(counts: np.ndarray, n_tests: int, n_errors: float) -> None:
    expected = n_tests * np.array(LEVELS)
    assert (counts <= expected + n_errors * np.sqrt(expected)).all(), counts / expected


@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize("sizes", [(99, 200), (99, 1900)], ids=["few", "many"])
def test_size(name: str, sizes: tuple[int, int]) -> None:
    """Standard error 0.32 of the size at 0.0005, 0.22 at 0.001.

    With few replicates p is extrapolated from 0.003 on, with many it is exact at all four levels.
    """
    n_tests = 20_000
    counts = _exceedances(name, n_tests, sizes, seed=1)
    _assert_size(counts, n_tests, 3.0)
    if name != "unbalanced choices":  # which have few distinct values
        assert counts[0] >= 0.05 * n_tests * 0.9
        assert counts[1] >= 0.01 * n_tests * 0.7


@pytest.mark.slow
@pytest.mark.parametrize("name", NULLS)
def test_size_in_detail(name: str) -> None:
    """Standard error 0.045 of the size at 0.0005."""
    n_tests = 50_000
    counts = sum(_exceedances(name, n_tests, (99, 900), seed) for seed in range(20))
    _assert_size(np.asarray(counts), 20 * n_tests, 3.0)


@pytest.mark.parametrize("name", ["chi-square", "exponential", "ten degrees of freedom"])
@pytest.mark.parametrize("n", [500, 5_000])
def test_extrapolation_errs_to_the_safe_side(name: str, n: int) -> None:
    """The exact probability beyond the critical value of p = 0.2 / n is below that on average.

    Not by much: above 0.3 of it. Standard error about 0.03 of it.
    """
    exact = {
        "chi-square": stats.chi2(1),
        "exponential": stats.expon(),
        "ten degrees of freedom": stats.chi2(10),
    }[name]
    rng, level, probabilities = np.random.default_rng(n), 0.2 / n, []
    for _ in range(200):
        null = NULLS[name](rng, (n,))
        critical = first_number(
            lambda t, null=null: extrapolated_p_value(t, null) <= level,
            null.max(),
            4.0 * exact.isf(level),
            1e-3,
        )
        probabilities.append(exact.sf(critical) / level)
    assert 0.3 < np.mean(probabilities) < 1.1


def test_as_powerful_as_a_plain_test_with_more_replicates() -> None:
    """Shares of noncentral statistics found at 0.001: within 0.05 of those of the exact test."""
    rng = np.random.default_rng(2)
    observed = rng.noncentral_chisquare(1, 12.0, 2_000)
    null = rng.chisquare(1, (199, 2_000))
    p = p_values(observed, null, lambda chosen: rng.chisquare(1, (1_800, len(chosen))))
    exact = np.mean(stats.chi2(1).sf(observed) <= 0.001)
    assert 0.3 < exact < 0.8
    assert np.mean(p <= 0.001) == pytest.approx(exact, abs=0.05)


def test_counted_is_the_rank_among_the_replicates() -> None:
    null = np.array([[0.1], [0.3], [0.3], [0.9]])
    assert counted_p_values(np.array([0.3 + 1e-12]), null) == pytest.approx([4 / 5])
    assert counted_p_values(np.array([1.0]), null) == pytest.approx([1 / 5])
    assert counted_p_values(np.zeros(0), np.zeros((9, 0))).shape == (0,)


def test_more_are_drawn_for_those_that_need_them_only() -> None:
    rng = np.random.default_rng(3)
    asked = []

    def draw_more(chosen: np.ndarray) -> np.ndarray:
        asked.append(chosen.tolist())
        return rng.random((900, len(chosen)))

    null = rng.random((99, 3)) * 0.9
    p = p_values(np.array([0.5, 0.95, 2.0]), null, draw_more)
    assert asked == [[1, 2]]
    assert p[0] == counted_p_values(np.array([0.5]), null[:, :1])[0]
    assert p[1] == 1 / 100  # some of the later ones reach it, and p does not rise again
    assert p[2] < 1 / 1000
    p_values(np.array([0.5, 0.5, 0.5]), null, draw_more)
    assert len(asked) == 1


def test_extrapolation_does_not_depend_on_units() -> None:
    null = np.random.default_rng(4).exponential(size=999)
    p = extrapolated_p_value(12.0, null)
    assert extrapolated_p_value(5.0 + 1e6 * 12.0, 5.0 + 1e6 * null) == pytest.approx(p, rel=1e-6)
    assert 0.0 < extrapolated_p_value(1e3, null) < p < 1 / 1000
    assert p < extrapolated_p_value(float(np.nextafter(null.max(), 9)), null) <= 1 / 1000


def test_extrapolation_does_not_trust_equal_replicates() -> None:
    """The upper replicates of counts are equal, their excess is 0, and the next count may come."""
    assert extrapolated_p_value(2.0, np.ones(99)) == 1 / 100
    counts = np.repeat([0.0, 1.0, 4.0, 9.0], [400, 300, 200, 99])
    assert extrapolated_p_value(16.0, counts) > 2e-4
    for n in (1, 2):
        assert extrapolated_p_value(9.0, np.arange(float(n))) == 1 / (n + 1)


def test_step_down_is_that_of_the_textbook() -> None:
    """Algorithm 4.1 by its definition, one hypothesis after another."""
    rng = np.random.default_rng(5)
    observed, null = rng.random(6), rng.random((40, 6))
    order, p, previous = np.argsort(-observed), np.empty(6), 0.0
    for k, j in enumerate(order):
        largest = null[:, order[k:]].max(axis=1)
        previous = max(previous, (1 + np.sum(largest >= observed[j])) / 41)
        p[j] = previous
    assert step_down(observed, null) == pytest.approx(p)


def test_extended_where_nothing_is_reached() -> None:
    null = np.random.default_rng(0).exponential(size=(999, 2))
    observed = np.array([2.0, 30.0])
    p = extended_p_values(observed, null)
    assert p[0] == counted_p_values(observed, null)[0]
    assert p[1] == extrapolated_p_value(30.0, null[:, 1]) < 0.001
    assert step_down(observed, null, extended_p_values)[1] < step_down(observed, null)[1] == 0.001

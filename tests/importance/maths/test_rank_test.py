"""The test of ranks: scipy's where there is one regime; its size and its power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.rank_test import rank_p_value


def _numeric(x: np.ndarray, rows: np.ndarray | None = None) -> Marginal:
    rows = np.arange(len(x)) if rows is None else rows
    return Marginal(rows[np.argsort(x[rows])], None, ordered=True)


def _choices(codes: np.ndarray) -> Marginal:
    rows = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[rows], np.arange(codes.max() + 2))
    return Marginal(rows, starts, ordered=False)


def test_of_choices_it_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    codes, keys = rng.integers(3, size=60), rng.random(60).round(1)
    expected = stats.kruskal(*[keys[codes == k] for k in range(3)]).pvalue
    assert rank_p_value([_choices(codes)], keys) == pytest.approx(expected)


def test_of_a_number_sixths_of_its_values_are_compared() -> None:
    rng = np.random.default_rng(0)
    x, keys = rng.random(120), rng.random(120)
    parts = np.split(keys[np.argsort(x)], 6)
    assert rank_p_value([_numeric(x)], keys) == pytest.approx(stats.kruskal(*parts).pvalue)


def test_statistics_of_regimes_add_up() -> None:
    rng = np.random.default_rng(0)
    x, keys = rng.random(90), rng.random(90)
    regimes = [_numeric(x, np.arange(40)), _numeric(x, np.arange(40, 90))]
    parts = [np.array_split(keys[r.rows], len(r.rows) // 10) for r in regimes]
    statistic = sum(stats.kruskal(*part).statistic for part in parts)
    expected = stats.chi2.sf(statistic, 3 + 4)
    assert rank_p_value(regimes, keys) == pytest.approx(expected)


@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize("has_ties", [False, True])
def test_size(n: int, has_ties: bool) -> None:
    rng = np.random.default_rng(n)
    n_studies, level, below = 1000, 0.05, 0
    for _ in range(n_studies):
        keys = rng.integers(4, size=n) if has_ties else rng.random(n)
        below += rank_p_value([_numeric(rng.random(n))], keys) < level
    assert below / n_studies < level + 3 * np.sqrt(level * (1 - level) / n_studies)


def test_power_where_all_trials_are_affected() -> None:
    """A faint slope and a faint bowl: found in most of 100 trials."""
    rng = np.random.default_rng(1)
    for effect in (lambda x: x, lambda x: 4 * (x - 0.5) ** 2):
        p_values = []
        for _ in range(50):
            x = rng.random(100)
            p_values.append(rank_p_value([_numeric(x)], effect(x) + 0.4 * rng.normal(size=100)))
        assert np.mean(np.array(p_values) < 0.05) > 0.9


@pytest.mark.parametrize(
    ("regimes", "keys"),
    [
        ([], np.arange(30.0)),
        ([_numeric(np.arange(8.0))], np.arange(8.0)),  # too few for two groups
        ([_numeric(np.arange(60.0))], np.zeros(60)),
        ([Marginal(np.arange(60), np.array([0, 60]), ordered=True)], np.arange(60.0)),
    ],
)
def test_nothing_to_compare(regimes: list[Marginal], keys: np.ndarray) -> None:
    assert rank_p_value(regimes, keys) == 1.0

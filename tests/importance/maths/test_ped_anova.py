"""The estimator against closed forms, brute force and Optuna's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optuna_hpx.importance.maths import ped_anova
from optuna_hpx.importance.maths.bins import bins_of
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import first_order, fits
from optuna_hpx.statistics.ranks import normal_scores


def of_values(top: np.ndarray, values: np.ndarray, *, ordered: bool = True) -> float:
    """S of one unconditional parameter."""
    order = np.argsort(values, kind="stable")
    x = values[order]
    changes = np.flatnonzero(x[1:] != x[:-1]) + 1
    starts = np.concatenate([[0], changes, [len(x)]])
    is_distinct = len(starts) == len(x) + 1
    marginal = Marginal(order, None if is_distinct and ordered else starts, ordered)
    return float(first_order(top, len(top), [marginal]).sum())


def test_two_groups_by_hand() -> None:
    # 100 trials in two groups of 50, of which 20 and 0 are in the target set.
    top = np.repeat([True, False, False], [20, 30, 50])
    codes = np.repeat([0, 1], 50)
    within = 0.5 * 20 * 30 / (50 * 49)
    total = 20 * 80 / (100 * 99)
    share = 1 - within / total
    threshold = 2.5 * np.sqrt(2 * (2 * 50 / 49 - 1)) / 100 * (1 - share)
    assert of_values(top, codes, ordered=False) == pytest.approx(share - threshold**2 / share)


def test_the_formula_of_theorem_4_2() -> None:
    """Uncorrected, the share is q^2 sum alpha^2 / beta D_PE / (q (1 - q)), by brute force."""
    top = np.array([True, False, True, False, False, True, False, False, False])
    codes = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    regime = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1])
    n, m = len(top), top.sum()
    q = m / n
    marginals = []
    expected = 0.0
    for i in (0, 1):
        rows = np.flatnonzero(regime == i)
        starts = np.flatnonzero(np.diff(codes[rows], prepend=-1, append=-1))
        marginals.append(Marginal(rows, starts, ordered=False))
        n_i, m_i = len(rows), top[rows].sum()
        if m_i == 0:
            continue
        alpha, beta = m_i / m, n_i / n
        values = np.unique(codes[rows])
        p = np.array([(codes[rows] == v).mean() for v in values])
        p_top = np.array([(codes[rows][top[rows]] == v).mean() for v in values])
        expected += q**2 * alpha**2 / beta * (p * (p_top / p - 1) ** 2).sum()
    # first_order() weighs by unbiased variances: take their factors n / (n - 1) out again.
    shares = first_order(top, n, marginals)
    factors = [len(at.rows) / (len(at.rows) - 1) / (n / (n - 1)) for at in marginals]
    v = q * (1 - q) * (shares / factors).sum()
    assert v == pytest.approx(expected)


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_every_resolution_is_unbiased_under_no_influence(n: int) -> None:
    """E[S_K] = 0 and sd[S_K] as stated, for all K at once, over label permutations."""
    rng = np.random.default_rng(n)
    m, repeats = n // 10, 2000
    marginal = Marginal(np.arange(n), None, ordered=True)
    base = np.arange(n) < m
    shares = []
    for _ in range(repeats):
        cumulative = np.concatenate([[0], np.cumsum(rng.permutation(base))])
        bins = bins_of(marginal, m)
        shares.append(ped_anova._explained(cumulative, bins))
    found = np.array(shares)
    standard_error = found.std(axis=0, ddof=1) / np.sqrt(repeats)
    assert (np.abs(found.mean(axis=0)) < 4 * standard_error).all()
    np.testing.assert_allclose(found.std(axis=0), bins.noise, rtol=0.15 if n < 100 else 0.08)


def test_null_floor_is_far_below_the_uncorrected_one() -> None:
    rng = np.random.default_rng(0)
    n = 200
    s = [of_values(rng.permutation(n) < 20, rng.random(n)) for _ in range(500)]
    uncorrected_at_20_bins = 19 / (n - 1)
    assert np.mean(s) < 0.05 * uncorrected_at_20_bins
    assert np.mean(np.array(s) == 0.0) > 0.9


@pytest.mark.parametrize("waves", [1, 3, 8])
def test_several_modes_are_kept(waves: int) -> None:
    """Top where cos(2 pi waves x) is lowest: x alone decides, so S = 1."""
    rng = np.random.default_rng(waves)
    x = rng.random(5000)
    loss = np.cos(2 * np.pi * waves * x)
    assert of_values(loss <= np.quantile(loss, 0.25), x) > 0.94


def test_shape_of_a_known_function() -> None:
    """P(top | x) = 0.4 x: S = Var(0.4 U) / (0.2 * 0.8) = 1 / 12. Mean over seeds, 4 s.e."""
    s = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.random(1000)
        s.append(of_values(rng.random(1000) < 0.4 * x, x))
    tolerance = 4 * np.std(s) / np.sqrt(len(s)) + 0.004  # the shrinkage, about t^2 / S
    assert np.mean(s) == pytest.approx(1 / 12, abs=tolerance)


def test_sparse_groups_keep_no_floor() -> None:
    """Mostly single trials: what the few groups of two say is as uncertain as it is."""
    rng = np.random.default_rng(0)
    s = [
        of_values(rng.permutation(300) < 15, rng.integers(0, 300, 300), ordered=False)
        for _ in range(400)
    ]
    assert np.mean(s) < 0.02


def test_one_trial_in_the_target_set_is_not_corrected() -> None:
    assert of_values(np.arange(10) == 0, np.arange(10.0)) > 0
    values = np.array([0.0, 0.1, 0.2, 0.2, 0.4, 0.5, 0.6, 0.7])  # one tie: still two halves
    assert of_values(np.arange(8) == 0, values) < 0.3


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(10, 200))
    distinct = draw(st.sampled_from([2, 5, 30, 10**6]))
    rng = np.random.default_rng(seed)
    values = rng.integers(0, distinct, n).astype(float)
    effect = draw(st.floats(0, 1))
    return rng.random(n) < 0.1 + 0.8 * effect * (values < distinct / 3), values


@given(labelled(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=100)
def test_properties(data: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    top, values = data
    s = of_values(top, values)
    assert 0.0 <= s <= 1.0
    # a monotone change of the parameter's scale, and the other direction
    assert of_values(top, np.exp(values / values.max() if values.any() else values)) == s
    # the complement of the target set has the same index
    assert of_values(~top, values) == pytest.approx(s, abs=1e-12)


@given(labelled(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_order_of_trials_and_names_of_categories_do_not_matter(
    data: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    top, values = data
    codes = values % 7
    s = of_values(top, codes, ordered=False)
    rng = np.random.default_rng(seed)
    order, renamed = rng.permutation(len(top)), rng.permutation(7)
    assert of_values(top[order], codes[order], ordered=False) == pytest.approx(s, abs=1e-12)
    assert of_values(top, renamed[codes.astype(int)], ordered=False) == pytest.approx(s, abs=1e-12)


def test_few_repeated_values_are_taken_as_they_are() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 8, 300)
    top = codes == 3
    assert of_values(top, codes, ordered=True) == of_values(top, codes, ordered=False)


@pytest.mark.parametrize("n_top", [0, 50])
def test_nothing_to_explain(n_top: int) -> None:
    assert of_values(np.arange(50) < n_top, np.arange(50.0)) == 0.0


def _share(x: np.ndarray, losses: np.ndarray, *, has_scores: bool) -> float:
    marginal = Marginal(np.argsort(x), None, ordered=True)
    top = losses <= np.sort(losses)[len(losses) // 10 - 1]
    scores = normal_scores(losses) if has_scores else None
    return fits(top, len(top), [marginal], scores)[0].part


def test_ranks_halve_the_error_of_few_trials() -> None:
    """100 trials of a line with noise; the exact S is that of 200,000."""
    rng = np.random.default_rng(0)
    x = rng.random(200_000)
    exact = _share(x, x + 0.3 * rng.normal(size=200_000), has_scores=False)
    errors = []
    for _ in range(60):
        x = rng.random(100)
        losses = x + 0.3 * rng.normal(size=100)
        errors.append([_share(x, losses, has_scores=has) - exact for has in (False, True)])
    target_only, both = np.sqrt(np.mean(np.square(errors), axis=0))
    assert both < 0.6 * target_only


def test_ranks_lose_their_weight_with_more_trials() -> None:
    """Only the best depend on x, of which the mean rank tells nothing."""
    rng = np.random.default_rng(1)
    weights = []
    for n in (100, 1000, 10_000):
        x, u = rng.random(n), rng.random(n)
        losses = np.where(x < 0.5, u, 0.5 + 0.6 * (u - 0.5))
        marginal = Marginal(np.argsort(x), None, ordered=True)
        top = losses <= np.sort(losses)[n // 10 - 1]
        weights.append(fits(top, n, [marginal], normal_scores(losses))[0].rank_weight)
    assert weights[0] > weights[1] > weights[2]
    assert weights[2] < 0.01

"""Chi-squares of a regime: against scipy's, at each resolution, and of the mean rank."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths.binned_regime import BinnedRegime
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import fits


def test_chi_squares_are_those_of_contingency_tables() -> None:
    rng = np.random.default_rng(0)
    n, m = 100, 30
    order = rng.permutation(n)
    top = np.arange(n) < m
    regime = BinnedRegime.of(fits(top, n, [Marginal(order, None, ordered=True)])[0])
    x, freedom = regime.chi_square(regime.observed[None])
    rank = np.empty(n)
    rank[order] = np.arange(n)
    n_bins = len(regime.n_k)
    assert regime.n_k.sum() == n
    for k in range(regime.n_halvings + 1):
        bins = (rank * (n_bins // 2**k)) // n
        parts = bins[:m].astype(int), bins[m:].astype(int)
        table = [np.bincount(part, minlength=n_bins // 2**k) for part in parts]
        test = stats.chi2_contingency(table, correction=False)
        assert x[k, 0] == pytest.approx(test.statistic)
        assert freedom[k] == test.dof
    assert freedom[-1] == 1
    # Of the mean rank, standardised as that of a sample without replacement from the middles.
    middle = np.repeat(np.cumsum(regime.n_k) - regime.n_k / 2.0, regime.n_k)
    mean = regime.observed @ (np.cumsum(regime.n_k) - regime.n_k / 2.0) / m
    variance = np.var(middle, ddof=1) / m * (1.0 - m / n)
    assert x[-1, 0] == pytest.approx((mean - n / 2.0) ** 2 / variance)


def test_choices_have_one_resolution_and_no_trend() -> None:
    codes = np.repeat([0, 1, 2], [50, 30, 20])
    marginal = Marginal(np.arange(100), np.array([0, 50, 80, 100]), ordered=False)
    top = np.random.default_rng(1).random(100) < 0.3
    regime = BinnedRegime.of(fits(top, 100, [marginal])[0])
    x, freedom = regime.chi_square(regime.observed[None])
    table = [np.bincount(codes[top], minlength=3), np.bincount(codes[~top], minlength=3)]
    assert x[:, 0] == pytest.approx([stats.chi2_contingency(table, correction=False).statistic])
    assert freedom.tolist() == [2]

"""Draws of target sets: shared, forgotten, and hypergeometric."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from optuna_hpx.importance.maths import label_draws
from optuna_hpx.importance.maths.binned_regime import BinnedRegime
from optuna_hpx.importance.maths.label_draws import LabelDraws
from optuna_hpx.importance.maths.marginal import Marginal


def ordered(x: np.ndarray) -> Marginal:
    order = np.argsort(x, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(x[order])) + 1, [len(x)]])
    return Marginal(order, None if len(starts) == len(x) + 1 else starts, ordered=True)


def test_draws_are_shared_by_regime_and_forgotten_after_the_last_user() -> None:
    rng = np.random.default_rng(5)
    x = [ordered(rng.random(60)), ordered(rng.random(60))]
    half = Marginal(np.arange(30), None, ordered=True)
    regimes = [BinnedRegime.of(np.arange(60) < 6, each, 1.0) for each in (*x, half)]
    users = Counter(regime.key for regime in regimes)
    assert sorted(users.values()) == [1, 2]
    draws = LabelDraws(50, 60, users, rng)
    for regime, held in zip(regimes, (1, 0, 0), strict=True):
        draws.counts(regime)
        assert len(draws._drawn) == held


@pytest.mark.parametrize("max_drawn", [10**9, 0], ids=["by trial", "by count"])
@pytest.mark.parametrize("m", [15, 45])
def test_counts_are_hypergeometric(
    max_drawn: int, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Means within 4 standard errors of m n_k / n, variances within a tenth."""
    monkeypatch.setattr(label_draws, "_MAX_DRAWN", max_drawn)
    rng = np.random.default_rng(6)
    regime = BinnedRegime.of(np.arange(60) < m, ordered(rng.random(60)), 1.0)
    counts = LabelDraws(4_000, 60, Counter([regime.key]), rng).counts(regime)
    share = regime.n_k / 60
    variance = m * share * (1.0 - share) * (60 - m) / 59
    assert (counts.sum(axis=1) == m).all()
    error = np.sqrt(variance / 4_000)
    assert (np.abs(counts.mean(axis=0) - m * share) <= 4 * error).all()
    assert counts.var(axis=0) == pytest.approx(variance, rel=0.15)

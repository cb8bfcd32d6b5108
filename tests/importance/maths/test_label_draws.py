"""Draws of target sets: shared, forgotten, and hypergeometric."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths import label_draws
from optuna_hpx.importance.maths.binned_regime import BinnedRegime
from optuna_hpx.importance.maths.label_draws import LabelDraws
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import fits
from optuna_hpx.statistics.ranks import normal_scores


def ordered(x: np.ndarray) -> Marginal:
    order = np.argsort(x, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(x[order])) + 1, [len(x)]])
    return Marginal(order, None if len(starts) == len(x) + 1 else starts, ordered=True)


def choices(codes: np.ndarray) -> Marginal:
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(codes[order])) + 1, [len(codes)]])
    return Marginal(order, starts, ordered=False)


def binned(top: np.ndarray, marginal: Marginal) -> BinnedRegime:
    return BinnedRegime.of(fits(top, len(top), [marginal])[0])


def test_draws_are_shared_by_regime_and_forgotten_after_the_last_user() -> None:
    rng = np.random.default_rng(5)
    x = [ordered(rng.random(60)), ordered(rng.random(60))]
    half = Marginal(np.arange(30), None, ordered=True)
    regimes = [binned(np.arange(60) < 6, marginal) for marginal in (*x, half)]
    assert len({regime.key for regime in regimes}) == 2
    draws = LabelDraws(50, 60, regimes, rng)
    for regime, held in zip(regimes, (1, 0, 0), strict=True):
        draws.of([regime])
        assert len(draws._drawn) == held


@pytest.mark.parametrize("m", [6, 54])
@pytest.mark.parametrize("counted_per_chunk", [1, 200, 10**6])
def test_counts_are_those_of_the_drawn_trials(
    m: int, counted_per_chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several regimes at once, against each by itself; whatever fits a chunk, one draw or all."""
    monkeypatch.setattr(label_draws, "_COUNTED_PER_CHUNK", counted_per_chunk)
    rng = np.random.default_rng(7)
    marginals = [
        ordered(rng.random(60)),
        Marginal(np.arange(30) + 15, None, ordered=True),
        choices(rng.integers(3, size=60)),
        ordered(rng.integers(9, size=60) / 4.0),
    ]
    top = rng.permutation(60) < m
    regimes = [binned(top, marginal) for marginal in marginals]
    draws = LabelDraws(50, 60, [*regimes, *regimes], rng)
    counts = draws.of(regimes)
    assert [len(drawn.rare) for drawn in draws._drawn.values()] == [50, 50]
    for regime in regimes:
        drawn = draws._drawn[regime.key].rare
        assert drawn.shape[1] == min(regime.m, regime.n - regime.m)
        by_hand = [np.bincount(regime.codes[row], minlength=len(regime.n_k)) for row in drawn]
        by_hand = [regime.n_k - row for row in by_hand] if regime.m > regime.n / 2 else by_hand
        np.testing.assert_array_equal(counts[regime].m_k, by_hand)


@pytest.mark.parametrize("max_drawn", [10**9, 0], ids=["by trial", "by count"])
@pytest.mark.parametrize("m", [15, 45])
def test_counts_are_hypergeometric(
    max_drawn: int, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Means within 4 standard errors of m n_k / n, variances within a tenth."""
    monkeypatch.setattr(label_draws, "_MAX_DRAWN", max_drawn)
    rng = np.random.default_rng(6)
    regime = binned(np.arange(60) < m, ordered(rng.random(60)))
    counts = LabelDraws(4_000, 60, [regime], rng).of([regime])[regime].m_k
    share = regime.n_k / 60
    variance = m * share * (1.0 - share) * (60 - m) / 59
    assert (counts.sum(axis=1) == m).all()
    error = np.sqrt(variance / 4_000)
    assert (np.abs(counts.mean(axis=0) - m * share) <= 4 * error).all()
    assert counts.var(axis=0) == pytest.approx(variance, rel=0.15)


@pytest.mark.parametrize("max_permuted", [10**9, 0], ids=["permuted", "sums"])
@pytest.mark.parametrize("m", [60, 240])
def test_coefficients_go_with_the_labels(
    max_permuted: int, m: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mean 0, the variance of a mean without replacement, and the trend of the labels."""
    monkeypatch.setattr(label_draws, "_MAX_PERMUTED", max_permuted)
    rng = np.random.default_rng(8)
    scores = normal_scores(rng.random(300))
    top = scores <= np.sort(scores)[m - 1]
    regime = BinnedRegime.of(fits(top, 300, [ordered(rng.random(300))], scores)[0])
    drawn = LabelDraws(4_000, 300, [regime], rng).of([regime])[regime]
    c = drawn.coefficients
    assert c is not None
    variance = np.mean(scores**2) / 299
    assert np.abs(c.mean(axis=0)).max() < 4 * np.sqrt(variance / 4_000)
    np.testing.assert_allclose(c.var(axis=0), variance, rtol=0.12)
    slope = drawn.m_k @ np.arange(len(regime.n_k))
    inside = scores[top].mean() * m / 300  # what the labels explain of the scores
    expected = inside / np.sqrt(m / 300 * (1 - m / 300) * np.mean(scores**2))
    assert np.corrcoef(slope, c[:, 0])[0, 1] ** 2 == pytest.approx(expected**2, abs=0.05)

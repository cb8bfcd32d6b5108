"""Losses as counts between edges: nothing is lost, and rounded ones are spread."""

from __future__ import annotations

import numpy as np

from optuna_hpx.law.maths.buckets import make_buckets, spread_ties


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n)


def test_censored_trials_fall_into_the_last_bucket() -> None:
    y = np.array([0.1, 0.2, 0.4, 0.9, np.inf])
    buckets = make_buckets(y, 0.5, n_censored=3)
    np.testing.assert_array_equal(buckets.edges, [0.1, 0.2, 0.4, 0.5])
    np.testing.assert_array_equal(buckets.counts, [1, 1, 1, 0, 6])
    np.testing.assert_array_equal(make_buckets(y[:3], np.inf).counts, [1, 1, 1, 1])


def test_grouping_keeps_all_trials() -> None:
    buckets = make_buckets(draws(500, 2, 0.1, 0), 0.8)
    grouped = buckets.grouped(40)
    assert len(grouped.edges) <= 40
    assert grouped.counts.sum() == buckets.counts.sum()
    assert grouped.edges[-1] == buckets.edges[-1]
    np.testing.assert_array_equal(grouped.edges[:10], buckets.edges[:10])


def test_rounded_losses_are_placed_in_their_cells() -> None:
    rng = np.random.default_rng(0)
    rounded = np.append(np.round(rng.random(200), 2), [0.3, 0.1 + 2e-17, np.inf, np.inf])
    placed = spread_ties(rounded)
    finite = np.sort(rounded)[:-2]
    assert np.all(np.diff(placed[:-2]) > 0.0)
    assert np.abs(placed[:-2] - finite).max() <= 0.005 + 1e-12
    assert np.isinf(placed[-2:]).all()
    np.testing.assert_array_equal(placed, spread_ties(rounded))  # always the same places


def test_losses_that_are_not_rounded_stay_as_they_are() -> None:
    distinct = np.array([0.3, 0.1, 0.2])
    np.testing.assert_array_equal(spread_ties(distinct), np.sort(distinct))
    np.testing.assert_array_equal(spread_ties(np.full(4, 2.0)), np.full(4, 2.0))
    far = np.append(np.random.default_rng(1).random(50), 1e20)
    np.testing.assert_array_equal(spread_ties(far), np.sort(far))
    shifted = 1e9 + np.arange(50) * 1e-3
    np.testing.assert_array_equal(spread_ties(shifted), shifted)

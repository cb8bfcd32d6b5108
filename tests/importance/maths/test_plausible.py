from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.plausible import difference_pairs, intervals, misses, widening


def _draws(scale: float, truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Surfaces that miss the truth by a normal error of 1, and claim one of ``scale``."""
    centre = truth + rng.standard_normal(len(truth))
    return centre + scale * rng.standard_normal((4000, len(truth)))


def test_an_interval_is_the_middle_of_the_draws() -> None:
    draws = np.arange(1001.0)[:, None] * [1.0, -2.0]
    low, high = intervals(draws, 0.9, 1.0)
    np.testing.assert_allclose(low, [50.0, -1900.0])
    np.testing.assert_allclose(high, [950.0, -100.0])


def test_the_factor_stretches_each_side() -> None:
    draws = np.concatenate([np.linspace(-1.0, 0.0, 500), np.linspace(0.0, 4.0, 500)])[:, None]
    (low,), (high,) = intervals(draws, 0.98, 1.0)
    (wide_low,), (wide_high,) = intervals(draws, 0.98, 3.0)
    assert wide_low == pytest.approx(3.0 * low)
    assert wide_high == pytest.approx(3.0 * high)


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 3.0])
def test_widened_intervals_hold_differences_however_sure_the_draws_are(scale: float) -> None:
    """Of 300 unseen trials, then of 300 others: 95 % or more; too wide ones stay as they are."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=300)
    pairs = difference_pairs(300, 2000, rng)
    factor = widening(misses(_draws(scale, truth, rng), truth, pairs, 0.95), 0.95)
    fresh = rng.normal(size=300)
    draws = _draws(scale, fresh, rng)
    first, second = difference_pairs(300, 2000, rng)
    low, high = intervals(draws[:, first] - draws[:, second], 0.95, factor)
    true = fresh[first] - fresh[second]
    assert np.mean((low <= true) & (true <= high)) >= 0.94
    assert factor == 1.0 if scale == 3.0 else factor > 1.0
    if scale < 1.0:  # they missed by 1 / scale times as much as they thought
        assert factor == pytest.approx(1.0 / scale, rel=0.35)


def test_pairs_are_different_things_and_come_once() -> None:
    for n, n_pairs in ((5, 100), (40, 30)):
        pairs = difference_pairs(n, n_pairs, np.random.default_rng(0))
        assert pairs.shape == (2, min(n * (n - 1) // 2, n_pairs))
        assert (pairs[0] < pairs[1]).all()
        assert len(np.unique(pairs, axis=1).T) == pairs.shape[1]


def test_draws_without_doubt() -> None:
    draws = np.tile([1.0, 2.0], (50, 1))
    missed = misses(draws, np.array([1.0, 2.0]), np.array([[0], [1]]), 0.95)
    assert widening(missed, 0.95) == 1.0
    assert np.isfinite(misses(draws, np.array([1.0, 3.0]), np.array([[0], [1]]), 0.95)).all()


def test_no_pair() -> None:
    assert widening(np.empty(0), 0.95) == 1.0

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.effects import effect_curve


def _curve(predicted: np.ndarray, draws: np.ndarray, factor: float = 1.0):  # type: ignore[no-untyped-def]
    return effect_curve(predicted, draws, 0.95, factor, np.random.default_rng(0))


def test_the_effect_is_the_mean_over_the_points() -> None:
    """In closed form: f = v^2 + v b + 5 with points b of mean 0.5."""
    v, b = np.linspace(0.0, 1.0, 5), np.linspace(0.0, 1.0, 101)
    predicted = v[:, None] ** 2 + v[:, None] * b + 5.0
    curve = _curve(predicted, np.tile(predicted, (10, 1, 1)))
    g = v**2 + 0.5 * v + 5.0
    assert curve.level == pytest.approx(g.mean())
    np.testing.assert_allclose(curve.effect, g - g.mean())
    np.testing.assert_allclose(curve.difference, g[:, None] - g)


def test_surfaces_that_agree_on_an_additive_effect_leave_no_doubt() -> None:
    v, b = np.linspace(0.0, 1.0, 5), np.random.default_rng(1).normal(size=60)
    predicted = v[:, None] + b
    curve = _curve(predicted, np.tile(predicted, (200, 1, 1)))
    np.testing.assert_allclose(curve.low, curve.effect, atol=1e-9)
    np.testing.assert_allclose(curve.high, curve.effect, atol=1e-9)
    assert curve.is_better.sum() == 10, "of each pair the lower one"
    assert curve.is_better[0, 4]
    assert not curve.is_better[4, 0]


def test_the_points_are_a_sample_too() -> None:
    """With an interaction the mean over 50 points is not sure, though all surfaces agree."""
    rng = np.random.default_rng(2)
    v = np.array([-1.0, 1.0])
    held = 0
    for _ in range(200):
        predicted = v[:, None] * rng.normal(size=50)  # a true effect of 0
        curve = _curve(predicted, np.tile(predicted, (300, 1, 1)))
        held += bool((curve.low <= 0.0).all() and (curve.high >= 0.0).all())
    assert 0.88 <= held / 200 <= 0.99


def test_the_band_holds_the_whole_curve_as_often_as_it_says() -> None:
    """Surfaces miss the truth by independent errors at 8 values, as large as they say."""
    rng = np.random.default_rng(3)
    truth = rng.normal(size=8)
    held, pairs_held = 0, 0
    for _ in range(300):
        predicted = (truth + 0.3 * rng.normal(size=8))[:, None] + rng.normal(size=20)
        draws = predicted + 0.3 * rng.normal(size=(400, 8, 1))
        curve = _curve(predicted, draws)
        effect = truth - truth.mean()
        held += bool(((curve.low <= effect) & (effect <= curve.high)).all())
        true = truth[:, None] - truth
        inside = (curve.difference_low <= true) & (true <= curve.difference_high)
        pairs_held += bool(inside.all())
    for share in (held / 300, pairs_held / 300):
        assert share >= 0.95 - 3.0 * np.sqrt(0.05 * 0.95 / 300)


def test_a_skewed_doubt_makes_a_skewed_band() -> None:
    rng = np.random.default_rng(4)
    predicted = np.zeros((4, 10)) + np.arange(4.0)[:, None]
    draws = predicted + (rng.exponential(size=(500, 4, 1)) - 1.0) * [[1.0], [0], [0], [0]]
    curve = _curve(predicted, draws)
    assert curve.high[0] - curve.effect[0] > 1.2 * (curve.effect[0] - curve.low[0])


def test_the_factor_widens() -> None:
    rng = np.random.default_rng(5)
    predicted = np.arange(3.0)[:, None] + rng.normal(size=30)
    draws = predicted + rng.normal(size=(200, 3, 1))
    plain, wide = (_curve(predicted, draws, factor) for factor in (1.0, 2.5))
    np.testing.assert_allclose(wide.high - wide.effect, 2.5 * (plain.high - plain.effect))

"""Forecasts by a pivot: exact where the power is one, calibrated where it is known or not."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths import pivot
from optuna_hpx.law.maths.pivot import gains_of_more

LOSSES = np.sort(np.random.default_rng(0).random(64))


@pytest.mark.parametrize("n_more", [1, 5, 64, 256, 10**7])
def test_the_chance_of_any_gain_is_exact(n_more: int) -> None:
    gains = gains_of_more(LOSSES, 64, n_more)
    assert gains.exceed(0.0) == pytest.approx(n_more / (64 + n_more))
    assert gains.chance.sum() == pytest.approx(1.0)
    assert np.all(np.diff(gains.size) >= 0.0)


def test_location_and_scale_go_through() -> None:
    gains = gains_of_more(LOSSES, 64, 30)
    other = gains_of_more(-7.0 + 2.5 * LOSSES, 64, 30)
    assert other.size == pytest.approx(2.5 * gains.size)
    assert other.chance == pytest.approx(gains.chance)


@pytest.mark.parametrize("c", [0.5, 1.0, 2.0])
def test_with_the_right_power_quantiles_hold(c: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of losses u^c, a gain is at most its forecast 90 % quantile in 90 % of searches."""
    monkeypatch.setattr(pivot, "POWERS", (c,))
    rng = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        losses = np.sort(rng.random(64)) ** c
        gain = max(losses[0] - (rng.random(100) ** c).min(), 0.0)
        held.append(gain <= gains_of_more(losses, 64, 100).quantile(0.9))
    assert np.mean(held) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 2000))


def test_more_trials_gain_more() -> None:
    bounds = [gains_of_more(LOSSES, 64, n).quantile(0.9) for n in (1, 10, 100, 10**4, 10**7)]
    assert np.all(np.diff(bounds) >= 0.0)
    assert bounds[0] == 0.0


def test_failed_draws_count_as_draws() -> None:
    assert gains_of_more(LOSSES[:8], 16, 16).exceed(0.0) == pytest.approx(0.5)


def test_ties_of_the_best_do_not_hide_the_scale() -> None:
    tied = np.concatenate([np.zeros(5), [1.0, 2.0, 3.0]])
    assert gains_of_more(tied, 8, 8).quantile(0.9) > 0.0


def test_equal_losses_tell_of_no_scale_like_a_single_one() -> None:
    alike = gains_of_more(np.zeros(8), 8, 8)
    assert (alike.exceed(0.0), alike.exceed(1e300), alike.quantile(0.4)) == (0.5, 0.5, 0.0)
    assert alike.quantile(0.6) == np.inf


def test_ties_that_differ_by_rounding_do_not_hide_the_scale_either() -> None:
    tied = np.array([0.3, 0.3, 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, 0.4, 0.5])
    assert gains_of_more(tied, 8, 8).quantile(0.9) > 1e-3


def test_one_loss_tells_the_chance_of_a_gain_but_not_its_size() -> None:
    gains = gains_of_more(LOSSES[:1], 3, 9)
    assert gains.exceed([0.0, 1e300]) == pytest.approx(0.75)
    assert gains.quantile([0.2, 0.3]).tolist() == [0.0, np.inf]


@pytest.mark.parametrize("f", [2, 3])
def test_few_losses(f: int) -> None:
    gains = gains_of_more(LOSSES[:f], f, 2)
    assert np.all(np.isfinite(gains.size))

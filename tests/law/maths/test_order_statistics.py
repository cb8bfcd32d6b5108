"""Levels of order statistics: against Kolmogorov's law, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths.order_statistics import (
    KINDS,
    MOST_LEVELS,
    Levels,
    hold_probability,
    order_levels,
)


@pytest.mark.parametrize("n", [1, 2, 7, 30, 100])
@pytest.mark.parametrize("e", [0.15, 0.3, 0.6])
def test_probability_is_that_of_kolmogorov(n: int, e: float) -> None:
    low = np.clip(np.arange(1, n + 1) / n - e, 0.0, 1.0)
    expected = stats.kstwo.cdf(e, n)
    probability = hold_probability(Levels(low, 1.0 - low[::-1]), n, np.arange(n))
    assert probability == pytest.approx(expected, abs=1e-6)


def test_probability_of_two_by_hand() -> None:
    """P(U_(1) >= a, U_(2) <= b) = (b - a)^2."""
    both, possible = np.arange(2), Levels(np.array([0.2, 0.2]), np.array([0.9, 0.9]))
    assert hold_probability(possible, 2, both) == pytest.approx(0.49)
    impossible = Levels(np.array([0.5, 0.6]), np.array([0.4, 0.9]))
    assert hold_probability(impossible, 2, both) == 0.0


def test_probability_of_some_by_hand() -> None:
    """P(U_(1) >= a) = (1 - a)^3, whatever the other two do."""
    least = Levels(np.array([0.2]), np.array([1.0]))
    assert hold_probability(least, 3, np.arange(1)) == pytest.approx(0.8**3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 5, 40, 300])
def test_levels_hold_as_often_as_they_say(kind: str, n: int) -> None:
    levels = order_levels(n, 0.9, kind)
    u = np.sort(np.random.default_rng(n).random((4000, n)), axis=1)
    share = np.all((u >= levels.low) & (u <= levels.high), axis=1).mean()
    error = np.sqrt(0.9 * 0.1 / 4000)
    assert share > 0.9 - 4 * error
    if kind != "dkw":
        assert share < 0.9 + 4 * error


def test_levels_are_ascending_and_mirrored() -> None:
    for kind in KINDS:
        levels = order_levels(50, 0.95, kind)
        assert np.all(np.diff(levels.low) >= 0.0)
        assert levels.high == pytest.approx(1.0 - levels.low[::-1])
        assert np.all(levels.low <= levels.high)


def test_order_is_narrowest_near_the_best() -> None:
    widths = {kind: order_levels(100, 0.95, kind).high[0] for kind in KINDS}
    assert widths["order"] < 0.5 * widths["ks"] < 0.51 * widths["dkw"]


def test_of_many_draws_only_some_have_levels_of_their_own() -> None:
    n = 5 * MOST_LEVELS
    levels = order_levels(n, 0.9)
    assert len(np.unique(levels.low)) <= MOST_LEVELS
    u = np.sort(np.random.default_rng(0).random((400, n)), axis=1)
    share = np.all((u >= levels.low) & (u <= levels.high), axis=1).mean()
    assert share == pytest.approx(0.9, abs=4 * np.sqrt(0.9 * 0.1 / 400))


def test_what_is_kept_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        order_levels(5, 0.95).low[0] = 0.0


@pytest.mark.parametrize("confidence", [0.01, 1.0 - 1e-8, 1.0 - 1e-12, 1.0 - 1e-15])
@pytest.mark.parametrize("kind", KINDS)
def test_confidences_near_0_and_1(confidence: float, kind: str) -> None:
    for n in (1, 2, 40):
        levels = order_levels(n, confidence, kind)
        assert np.all((levels.low >= 0.0) & (levels.high <= 1.0))
        assert np.all(levels.low <= levels.high)
    strict = order_levels(40, max(confidence, 1.0 - 1e-8), kind)
    assert np.all(strict.high >= order_levels(40, 0.95, kind).high)


def test_of_losses_that_are_only_known_to_be_bad_none_has_a_level() -> None:
    """1,000,000 of them: levels of the others hold as often as they say, and are narrower."""
    n, known = 1_000_000, 5
    levels = order_levels(n, 0.9, n_known=known)
    rng = np.random.default_rng(0)
    # The smallest of n uniform numbers are nearly those of a Poisson process.
    u = rng.exponential(size=(20_000, known + 1)).cumsum(axis=1) / n
    inside = (u >= levels.low[: known + 1]) & (u <= levels.high[: known + 1])
    assert inside.all(axis=1).mean() == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 20_000))
    assert np.all(levels.low[known:] == levels.low[known])
    assert np.all(levels.high[known + 1 :] == 1.0)


def test_that_not_all_are_known_changes_nothing_where_each_has_a_level() -> None:
    assert order_levels(50, 0.9, n_known=3).high == pytest.approx(order_levels(50, 0.9).high)

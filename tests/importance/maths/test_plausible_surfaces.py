"""Intervals from surfaces: their formula, and when surfaces agree."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths import plausible_surfaces

NOTHING = np.zeros((2, 2))


def surfaces(n: int = 2001) -> np.ndarray:
    """S of two parameters, evenly from .2 to .4 and from .1 to .1."""
    return np.column_stack([np.linspace(0.2, 0.4, n), np.full(n, 0.1)])


def test_ends_by_hand() -> None:
    """The median is .3, the quantiles .205 and .395; twice as far, and .35 of .3 above."""
    low, high = plausible_surfaces.ends(surfaces(), NOTHING, 0.95)
    assert low == pytest.approx([0.3 - 2 * 0.095, 0.1])
    assert high == pytest.approx([0.3 + np.hypot(0.19, 0.105), 0.135])


def test_what_the_points_leave_open_is_added_as_an_independent_error() -> None:
    off = np.array([[0.03, 0.02], [0.04, 0.3]])
    low, high = plausible_surfaces.ends(surfaces(), off, 0.95)
    assert low == pytest.approx([0.3 - np.hypot(0.19, 0.03), 0.08])
    assert high == pytest.approx(
        [0.3 + np.sqrt(0.19**2 + 0.04**2 + 0.105**2), 0.1 + np.hypot(0.3, 0.035)]
    )


def test_ends_stay_between_0_and_1_and_a_lower_level_is_narrower() -> None:
    s = np.random.default_rng(0).random((100, 3))
    low, high = plausible_surfaces.ends(s, np.zeros((2, 3)), 0.95)
    assert (low.tolist(), high.tolist()) == ([0.0] * 3, [1.0] * 3)
    s = 0.3 + 0.2 * s
    low, high = plausible_surfaces.ends(s, np.zeros((2, 3)), 0.95)
    narrow_low, narrow_high = plausible_surfaces.ends(s, np.zeros((2, 3)), 0.5)
    assert ((low < narrow_low) & (narrow_high < high)).all()


def test_shares() -> None:
    s = np.array([[0.3, 0.1], [0.0, 0.0]])
    np.testing.assert_allclose(plausible_surfaces.shares(s), [[0.75, 0.25], [0.5, 0.5]])
    low, high = plausible_surfaces.share_ends(np.repeat(s[:1], 9, axis=0), NOTHING, 0.95)
    np.testing.assert_allclose([low, high], [[0.75, 0.25], [0.75, 0.25]])


def test_disagreement() -> None:
    same = np.array([[0.2, 0.2], [0.4, 0.4]])
    assert plausible_surfaces.disagreement(same) == 0.0, "only the shares count"
    assert plausible_surfaces.disagreement(np.eye(2)) == pytest.approx(1.0)
    assert plausible_surfaces.disagreement(np.eye(4)) == pytest.approx(1.5)


def test_first_probability_looks_at_wider_draws() -> None:
    """Medians .3 and .25: at .22 and .27 the first is ahead only until both are twice as far."""
    s = np.array([[0.3, 0.25]] * 3 + [[0.28, 0.27]])
    assert plausible_surfaces.first_probability(s).tolist() == [0.75, 0.25]
    tie = np.full((5, 2), 0.3)
    assert plausible_surfaces.first_probability(tie).tolist() == [0.5, 0.5]
    assert plausible_surfaces.first_probability(np.zeros((5, 4))).tolist() == [0.25] * 4

"""Bounds of tuning curves: by hand, and as often true as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.law.maths.curve_band import CurveBand, level_of_best
from optuna_hpx.law.maths.order_statistics import KINDS, Levels, order_levels


def band(least: float = -np.inf, most: float = np.inf) -> CurveBand:
    """Make a band of three losses with levels that are easy to read."""
    levels = Levels(np.array([0.1, 0.3, 0.6]), np.array([0.4, 0.7, 0.9]))
    return CurveBand(np.array([1.0, 2.0, 5.0]), levels, least, most)


def test_level_of_the_best() -> None:
    """The median of the best of k uniform losses is 1 - 2^(-1/k)."""
    assert level_of_best(1, 0.3) == pytest.approx(0.3)
    assert level_of_best(np.array([2, 1e9]), 0.5) == pytest.approx(
        [1 - 0.5**0.5, np.log(2) / 1e9], rel=1e-6
    )


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.05, (-np.inf, 1.0, 1.0)),
        (0.1, (-np.inf, 1.0, 1.0)),
        (0.2, (-np.inf, 1.0, 2.0)),
        (0.4, (-np.inf, 2.0, 5.0)),
        (0.5, (1.0, 2.0, 5.0)),
        (0.65, (1.0, 2.0, np.inf)),
        (0.95, (5.0, 5.0, np.inf)),
    ],
)
def test_quantiles_by_hand(p: float, expected: tuple[float, float, float]) -> None:
    assert tuple(float(x) for x in band().quantile(p)) == expected


def test_what_is_known_beforehand_bounds_the_rest() -> None:
    low, _, high = band(0.0, 6.0).quantile(np.array([0.05, 0.95]))
    assert low.tolist() == [0.0, 5.0]
    assert high.tolist() == [1.0, 6.0]


def test_cdf_by_hand() -> None:
    low, middle, high = band(0.0, 6.0).cdf(np.array([-1.0, 0.5, 1.0, 3.0, 5.0, 6.0]))
    assert low.tolist() == [0.0, 0.0, 0.1, 0.3, 0.6, 1.0]
    assert middle == pytest.approx([0.0, 0.0, 1 / 3, 2 / 3, 1.0, 1.0])
    assert high.tolist() == [0.0, 0.4, 0.7, 0.9, 1.0, 1.0]


def test_cdf_from_below_by_hand() -> None:
    """A loss of y itself does not count: of a maximised score of at most y it is the rest."""
    y = np.array([0.0, 1.0, 1.5, 2.0, 5.0, 6.0, 6.5])
    low, middle, high = band(0.0, 6.0).cdf(y, is_strict=True)
    assert low.tolist() == [0.0, 0.0, 0.1, 0.1, 0.3, 0.6, 1.0]
    assert middle == pytest.approx([0.0, 0.0, 1 / 3, 1 / 3, 2 / 3, 1.0, 1.0])
    assert high.tolist() == [0.0, 0.4, 0.7, 0.7, 0.9, 1.0, 1.0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rounded", [False, True])
def test_all_quantiles_of_all_numbers_of_trials_are_held_at_once(kind: str, rounded: bool) -> None:
    """Ties, of which the levels know nothing, only make the bounds wider than need be."""
    k = np.array([1, 2, 3, 5, 9, 20, 60, 500])[:, None]
    p = level_of_best(k, np.array([0.1, 0.5, 0.9]))
    places = np.arange(-60, 61) / 10
    truth = places[np.searchsorted(stats.norm.cdf(places + 0.05), p)]
    truth = truth if rounded else stats.norm.ppf(p)
    rng = np.random.default_rng(1)
    held = []
    for _ in range(300):
        losses = np.sort(rng.standard_normal(40))
        losses = losses.round(1) if rounded else losses
        low, _, high = CurveBand(losses, order_levels(40, 0.9, kind)).quantile(p)
        held.append(np.all((low <= truth) & (truth <= high)))
    assert np.mean(held) > 0.9 - 3 * np.sqrt(0.09 / 300)

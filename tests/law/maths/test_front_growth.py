"""Forecasts of the hypervolume, against enumeration, exact identities and simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optuna_hpx.law.maths.attainment import attainment_of
from optuna_hpx.law.maths.front_growth import FrontGrowth
from optuna_hpx.law.maths.fronts import front_of
from optuna_hpx.trials.hypervolume import hypervolume


def _growth(losses: np.ndarray, point: np.ndarray, n: int | None = None) -> FrontGrowth:
    inside = losses[(losses < point).all(axis=1)]
    return FrontGrowth(attainment_of(losses, point), front_of(inside), n or len(losses))


def _trade_off(rng: np.random.Generator, n: int) -> np.ndarray:
    x = rng.random((n, 3))
    return np.column_stack([x[:, 0] + 0.3 * x[:, 1], (1.0 - x[:, 0]) ** 2 + 0.5 * x[:, 2]])


def _correlated(rng: np.random.Generator, n: int) -> np.ndarray:
    x = rng.random((n, 2))
    return np.column_stack([x[:, 0], 0.9 * x[:, 0] + 0.1 * x[:, 1]]) ** 2


def _noisy(rng: np.random.Generator, n: int) -> np.ndarray:
    return _trade_off(rng, n) + 0.1 * rng.normal(size=(n, 2))


def _three(rng: np.random.Generator, n: int) -> np.ndarray:
    x = rng.random((n, 4))
    return np.column_stack([((x - c) ** 2).sum(axis=1) for c in (0.2, 0.5, 0.8)])


def test_what_parts_lack_on_average_is_exact() -> None:
    """Equation (3), by the exact hypervolumes of 4000 parts."""
    rng = np.random.default_rng(0)
    losses, point, q = rng.random((20, 2)), np.ones(2), 0.4
    whole = hypervolume(losses, point)
    lack = [whole - hypervolume(losses[kept], point) for kept in rng.random((4000, 20)) >= q]
    shells = attainment_of(losses, point).shells
    expected = (shells * q ** np.arange(1.0, len(shells) + 1.0)).sum()
    assert np.mean(lack) == pytest.approx(expected, abs=4 * np.std(lack) / np.sqrt(4000))


def test_the_next_draw_gains_on_average_what_one_alone_dominates() -> None:
    """Equations (1) and (2), over 600 searches of 12 draws and one more."""
    rng = np.random.default_rng(1)
    point, gains, alone, joined, share = np.ones(2), [], [], [], []
    for _ in range(600):
        losses = rng.random((13, 2)) ** 2
        before = hypervolume(losses[:12], point)
        gains.append(hypervolume(losses, point) - before)
        joined.append(gains[-1] > 0.0)
        growth = _growth(losses, point)
        alone.append(growth.attainment.shells[0] / 13)
        share.append(len(growth.front.copies) / 13)
    for came, said in ((gains, alone), (joined, share)):
        error = np.std(np.subtract(came, said)) / np.sqrt(len(came))
        assert np.mean(came) == pytest.approx(np.mean(said), abs=4 * error)


@pytest.mark.parametrize("n_more", [1, 7, 50, 400])
def test_of_a_front_of_one_any_gain_is_as_probable_as_of_one_objective(n_more: int) -> None:
    line = np.linspace(0.1, 0.9, 40)
    growth = _growth(np.column_stack([line, line]), np.ones(2))
    assert growth.chance(n_more) == pytest.approx(n_more / (40 + n_more))
    assert growth.gains(n_more).exceed(0.0) == pytest.approx(n_more / (40 + n_more))


def test_a_front_that_was_drawn_often_is_extended_as_if_it_had_been_once() -> None:
    losses = np.repeat([[0.2, 0.4], [0.4, 0.2], [0.5, 0.5], [0.6, 0.7]], 10, axis=0)
    growth = _growth(losses, np.ones(2))
    assert growth.chance(1) == pytest.approx(1.0 - (1.0 - 1.0 / 41.0) ** 2, rel=0.01)
    assert growth.chance(40) == pytest.approx(1.0 - (1.0 - 0.5) ** 2, rel=0.01)
    assert growth.gains(40).exceed(0.0) == pytest.approx(growth.chance(40))
    alike = _growth(np.full((20, 2), 0.5), np.ones(2))
    assert alike.gains(100).exceed(0.0) == 0.0


def test_more_draws_gain_more_and_failed_ones_make_gains_rarer() -> None:
    losses = _trade_off(np.random.default_rng(2), 60)
    growth, failing = (_growth(losses, np.array([1.4, 1.6]), n) for n in (60, 120))
    medians = [growth.gains(n_more).quantile(0.5) for n_more in (1, 10, 50, 200, 5000)]
    assert np.all(np.diff(medians) > 0.0)
    assert failing.chance(10) < growth.chance(10)
    assert failing.gains(50).quantile(0.9) < growth.gains(50).quantile(0.9)


def test_the_same_draws_have_the_same_forecast_in_any_order_and_scale() -> None:
    losses, point = _three(np.random.default_rng(3), 40), np.full(3, 2.0)
    gains = _growth(losses, point).gains(30)
    again = _growth(losses[::-1], point).gains(30)
    assert np.array_equal(gains.size, again.size)
    scaled = _growth(losses * 10.0, point * 10.0).gains(30)
    assert scaled.quantile(0.8) == pytest.approx(1000.0 * gains.quantile(0.8))


def _replay(
    draw: Callable[[np.random.Generator, int], np.ndarray], n_replays: int
) -> dict[str, tuple[float, float]]:
    """Forecast 30 draws, make 30 more; mean of what was said, and of what came."""
    rows = []
    for seed in range(n_replays):
        losses = draw(np.random.default_rng([5, seed]), 60)
        point = losses[:30].max(axis=0)
        now = hypervolume(losses[:30], point)
        gain = hypervolume(losses, point) - now
        gain = gain if gain > 1e-12 * now else 0.0
        gains = _growth(losses[:30], point).gains(30)
        any_gain, step = gains.exceed(0.0), gains.exceed(0.02 * now)
        below = [gain <= gains.quantile(q) for q in (0.5, 0.9, 0.95)]
        rows.append((any_gain, gain > 0.0, step, gain > 0.02 * now, *below))
    mean = np.mean(np.array(rows, dtype=float), axis=0)
    return {
        "any": (mean[0], mean[1]),
        "step": (mean[2], mean[3]),
        "median": (0.5, mean[4]),
        "q90": (0.9, mean[5]),
        "q95": (0.95, mean[6]),
    }


DRAWS = [_trade_off, _correlated, _noisy, _three]


def test_what_was_said_comes() -> None:
    """A hundred searches: probabilities to about .1; upper quantiles hold, and say something."""
    said = [_replay(draw, 30 if draw is not _three else 10) for draw in DRAWS]
    for name, tolerance in (("any", 0.08), ("step", 0.12)):
        pair = np.mean([part[name] for part in said], axis=0)
        assert pair[0] == pytest.approx(pair[1], abs=tolerance)
    assert np.mean([part["q95"][1] for part in said]) >= 0.9
    assert 0.25 <= np.mean([part["median"][1] for part in said]) <= 0.65


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWS)
def test_what_was_said_comes_at_length(
    draw: Callable[[np.random.Generator, int], np.ndarray],
) -> None:
    said = _replay(draw, 1000)
    assert said["any"][0] == pytest.approx(said["any"][1], abs=0.05)
    assert said["step"][0] == pytest.approx(said["step"][1], abs=0.12)
    assert said["q90"][1] >= 0.86
    assert said["q95"][1] >= 0.92


def test_what_is_better_than_a_draw_that_came_often_may_come() -> None:
    """Half of the draws are alike, and 3 of 100 are better than those."""
    rng, said, came = np.random.default_rng(3), [], []
    for _ in range(300):
        x, level = rng.random((80, 2)), rng.random(80)[:, None]
        losses = np.where(level < 0.03, 0.5 * x, np.where(level < 0.5, 0.6, 0.6 + 0.4 * x))
        growth = _growth(losses[:30], np.ones(2))
        said.append(growth.chance(50))
        came.append(hypervolume(losses, np.ones(2)) > hypervolume(losses[:30], np.ones(2)) + 1e-9)
    error = 3.0 * float(np.std(came)) / np.sqrt(300)
    assert np.mean(came) <= np.mean(said) + error

"""The surrogate: one function in the units of the loss, and the surfaces that are plausible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx.importance._space import draw
from optuna_hpx.importance._surrogate import Surrogate
from optuna_hpx.trials.table import Column, TrialTable
from tests import made_by_hand as hand

UNIT = FloatDistribution(0.0, 1.0)
LETTERS = CategoricalDistribution(["a", "b", "c"])


def table_of(n: int, loss: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> TrialTable:
    """Even draws of x in [0, 1] and of one of three letters."""
    rng = np.random.default_rng(0)
    x, codes = rng.random(n), rng.integers(0, 3, n)
    return TrialTable.from_study(
        hand.study(
            [[value] for value in loss(x, codes).tolist()],
            params=[{"x": v, "c": "abc"[k]} for v, k in zip(x.tolist(), codes, strict=True)],
            distributions={"x": UNIT, "c": LETTERS},
        )
    )


def surrogate_of(table: TrialTable, seed: int = 0) -> Surrogate:
    rows = np.flatnonzero(table.complete)
    return Surrogate.of(table, rows, table.losses[rows, 0], np.random.default_rng(seed))


def points_of(table: TrialTable, n: int = 300, seed: int = 1) -> dict[str, Column]:
    return draw(table.columns, n, np.random.default_rng(seed))[0]


def smooth(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return 100.0 + 30.0 * (x - 0.3) ** 2 + 5.0 * codes


def test_predicts_and_draws_in_the_units_of_the_loss() -> None:
    table = table_of(80, smooth)
    surrogate, points = surrogate_of(table), points_of(table)
    truth = smooth(points["x"].values, points["c"].values)
    assert surrogate.skill > 0.95
    assert np.abs(surrogate.predict(points) - truth).mean() < 0.5
    draws = surrogate.draws(points, 20)
    assert draws.shape == (20, 300)
    assert np.abs(draws - truth).mean() < 1.0


def test_a_draw_is_one_surface_at_whatever_points_and_whatever_their_order() -> None:
    table = table_of(40, smooth)
    surrogate, points = surrogate_of(table), points_of(table)
    draws = surrogate.draws(points, 5)
    some = {name: points[name].take(np.arange(10, 20)) for name in ("c", "x")}
    np.testing.assert_allclose(surrogate.draws(some, 3), draws[:3, 10:20])
    np.testing.assert_allclose(surrogate.predict(some), surrogate.predict(points)[10:20])
    assert np.ptp(draws, axis=0).min() > 0.0


def test_draws_spread_where_no_trial_was() -> None:
    """Trials with x < 0.3 only tell little of x > 0.8."""
    table = table_of(200, lambda x, codes: np.sin(7.0 * x) + 0.1 * codes)
    rows = np.flatnonzero(table.columns["x"].values < 0.3)
    surrogate = Surrogate.of(table, rows, table.losses[rows, 0], np.random.default_rng(0))
    points = points_of(table)
    spread, x = surrogate.draws(points, 100).std(axis=0), points["x"].values
    assert spread[x > 0.8].mean() > 5.0 * spread[x < 0.3].mean()


@pytest.mark.parametrize("n", [1, 10, 60])
def test_nothing_to_learn(n: int) -> None:
    table = table_of(n, lambda x, codes: np.full(len(x), 3.5))
    surrogate, points = surrogate_of(table), points_of(table, 7)
    assert surrogate.skill == 0.0
    assert surrogate.predict(points).tolist() == [3.5] * 7
    assert surrogate.draws(points, 2).tolist() == [[3.5] * 7] * 2


def test_without_parameters_there_is_one_point() -> None:
    table = TrialTable.from_study(hand.study([[2.0]] * 20, params=[{}] * 20, distributions={}))
    surrogate = surrogate_of(table)
    assert surrogate.predict({}).tolist() == [2.0]


def test_the_same_generator_gives_the_same_surrogate() -> None:
    table = table_of(300, smooth)
    points = points_of(table, 20)
    one, again, other = (surrogate_of(table, seed).draws(points, 3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)

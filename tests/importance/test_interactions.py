"""Interactions of parameters as studies have them: conditional, moving, of few values."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx.importance._interactions import InteractionMatrix, interaction_matrix
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.trials.table import INACTIVE, Column

UNIT = FloatDistribution(0.0, 1.0)


def column(name: str, values: np.ndarray, *dists: BaseDistribution) -> Column:
    """NaN: inactive. Several distributions: one per trial, or the only one."""
    known = {dist: code for code, dist in enumerate(dict.fromkeys(dists))}
    codes = np.array([known[dist] for dist in dists] if len(dists) > 1 else 0)
    regime = np.where(np.isnan(values), INACTIVE, codes)
    return Column(name, tuple(known), regime, np.asarray(values, dtype=float))


def within(columns: list[Column], region: np.ndarray, top: np.ndarray) -> InteractionMatrix:
    regimes = [regimes_of(column, region)[0] for column in columns]
    return interaction_matrix(columns, regimes, region, top)


def of_all(columns: list[Column], top: np.ndarray) -> InteractionMatrix:
    return within(columns, np.ones(len(top), dtype=bool), top)


def test_xor_of_all_kinds_of_parameters() -> None:
    rng = np.random.default_rng(0)
    n = 3000
    x, y = rng.random((2, n))
    z, c, k = rng.integers(0, 2, n), rng.integers(0, 3, n), rng.integers(1, 11, n)
    columns = [
        column("x", x, UNIT),
        column("y", np.exp(y), FloatDistribution(1.0, 3.0, log=True)),
        column("z", z, IntDistribution(0, 1)),
        column("c", c, CategoricalDistribution(["a", None, 3])),
        column("k", k, IntDistribution(1, 10)),
    ]
    for other, at in ((y < 0.5, 1), (z == 1, 2), (c == 1, 3), (k <= 5, 4)):
        found = of_all(columns, (x < 0.5) ^ other)
        share = np.var((x < 0.5) - 0.5) * 4 * np.var(other) * 4
        assert found.values[0, at] == pytest.approx(share, abs=0.13)
        assert found.p_values[0, at] < 1e-20
        assert not found.warnings
        others = np.delete(found.values[np.triu_indices(5, 1)], at - 1)
        assert (others < 0.02).all()


def test_a_gate_and_what_it_opens_do_not_interact() -> None:
    """c < .5 opens x. Top: c < .5 and x < .2, so x alone decides where it is active."""
    rng = np.random.default_rng(1)
    c, x, y = rng.random((3, 2000))
    x[c >= 0.5], y[c < 0.5] = np.nan, np.nan
    columns = [column(name, v, UNIT) for name, v in (("c", c), ("x", x), ("y", y))]
    found = of_all(columns, x < 0.2)
    assert (found.values == 0).all()
    assert found.p_values[1, 2] == 1.0  # never active together
    assert (found.p_values > 0.01).all()
    assert not found.warnings


def test_an_interaction_within_a_branch_counts_by_its_share_of_the_variance() -> None:
    """Where c < .5: XOR of x and y. S = share of trials * variance there / variance in all."""
    rng = np.random.default_rng(2)
    c, x, y = rng.random((3, 4000))
    x[c >= 0.5] = y[c >= 0.5] = np.nan
    columns = [column(name, v, UNIT) for name, v in (("c", c), ("x", x), ("y", y))]
    top = (c < 0.5) & ((x < 0.5) ^ (y < 0.5))
    exact = 0.5 * 0.25 / (0.25 * 0.75)
    assert of_all(columns, top).values[1, 2] == pytest.approx(exact, abs=0.07)


def test_two_domains() -> None:
    """XOR by the place in either domain: seen in both, not washed out by their mixture."""
    rng = np.random.default_rng(3)
    u, v, c = rng.random((3, 3000))
    low = c < 0.5
    dists = [FloatDistribution(0.0, 1.0) if h else FloatDistribution(0.5, 1.5) for h in low]
    x = column("x", np.where(low, u, u + 0.5), *dists)
    y = column("y", v, UNIT)
    found = of_all([x, y], (u < 0.5) ^ (v < 0.5))
    assert found.values[0, 1] > 0.85


def test_bounds_that_move() -> None:
    """y ~ U(0, x): by its place between its own bounds, XOR with z; no interaction with x."""
    rng = np.random.default_rng(4)
    n = 2000
    x = 0.1 + 0.9 * rng.random(n)
    u, z = rng.random((2, n))
    columns = [
        column("x", x, FloatDistribution(0.1, 1.0)),
        column("y", x * u, *[FloatDistribution(0.0, high) for high in x.tolist()]),
        column("z", z, UNIT),
    ]
    found = of_all(columns, (u < 0.5) ^ (z < 0.5))
    assert found.values[1, 2] > 0.6
    assert found.values[0, 1] < 0.02
    assert found.values[0, 2] < 0.02
    assert not found.warnings


def test_only_the_region_counts() -> None:
    rng = np.random.default_rng(5)
    u = rng.random((2, 2000))
    columns = [column(name, x, UNIT) for name, x in zip("xy", u, strict=True)]
    region = np.arange(2000) < 1000
    top = np.where(region, (u[0] < 0.5) ^ (u[1] < 0.5), u[0] < 0.3)
    inside = within(columns, region, top)
    alone = of_all([c.take(np.flatnonzero(region)) for c in columns], top[region])
    np.testing.assert_allclose(inside.values, alone.values)
    np.testing.assert_allclose(inside.p_values, alone.p_values)


def test_dependence_is_said() -> None:
    rng = np.random.default_rng(6)
    x, y, z = rng.random((3, 400))
    columns = [
        column("x", x, UNIT),
        column("y", 0.7 * x + 0.3 * y, UNIT),
        column("z", z, UNIT),
    ]
    (message,) = of_all(columns, z < 0.2).warnings
    assert "x and y (by 0." in message
    assert "z" not in message
    assert not of_all([columns[0], columns[2]], z < 0.2).warnings


@pytest.mark.parametrize("n", [0, 1, 2, 20])
def test_few_trials_and_few_parameters(n: int) -> None:
    x, y = np.random.default_rng(n).random((2, n))
    columns = [column("x", x, UNIT), column("y", y, UNIT)]
    for d in range(3):
        found = of_all(columns[:d], x < 0.5)
        assert found.values.shape == found.p_values.shape == (d, d)
        assert ((found.p_values >= 0) & (found.p_values <= 1)).all()

"""The space behind the trials: points as numbers, and draws that are active where trials were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from optuna_hpx.importance._space import (
    blocks,
    draw,
    draw_along,
    encode,
    in_turn,
    unseen_choices,
)
from optuna_hpx.trials.table import INACTIVE, Column

UNIT = FloatDistribution(0.0, 1.0)
TWO = CategoricalDistribution(["a", "b"])
LETTERS = CategoricalDistribution(["a", "b", "c"])


def column(name: str, values: Any, *dists: Any, regime: Any = None) -> Column:
    """NaN: inactive."""
    values = np.array(values, dtype=float)
    codes = np.zeros(len(values), dtype=int) if regime is None else np.asarray(regime)
    return Column(name, dists, np.where(np.isnan(values), INACTIVE, codes), values)


def drawn(
    *columns: Column, n: int = 1000, seed: int = 0
) -> tuple[dict[str, Column], tuple[str, ...]]:
    return draw({one.name: one for one in columns}, n, np.random.default_rng(seed))


class TestEncode:
    def test_numbers_by_place_and_choices_by_indicator(self) -> None:
        trials = {
            "x": column("x", [0.0, 1.0, 3.0], FloatDistribution(0.0, 4.0)),
            "lr": column("lr", [1e-4, 1e-2, 1.0], FloatDistribution(1e-4, 1.0, log=True)),
            "n": column("n", [0, 1, 1], IntDistribution(0, 1)),
            "k": column("k", [2, 0, 2], LETTERS),
        }
        np.testing.assert_allclose(
            encode(trials, trials),
            [
                [0.0, 0.0, 0.25, 0, 0, 1],
                [0.25, 0.5, 0.75, 1, 0, 0],
                [0.75, 1.0, 0.75, 0, 0, 1],
            ],
        )
        assert [block.shape[1] for block in blocks(trials, trials)] == [1, 1, 1, 3]

    def test_bounds_that_moved_are_one_scale(self) -> None:
        """Between the outermost ends that there ever were, 0 and 8."""
        dists = (FloatDistribution(2.0, 4.0), FloatDistribution(0.0, 8.0))
        trials = {"x": column("x", [2.0, 2.0, 8.0], *dists, regime=[0, 1, 1])}
        np.testing.assert_allclose(encode(trials, trials)[:, 0], [0.25, 0.25, 1.0])

    def test_inactive_parameters_and_an_indicator_for_each_group(self) -> None:
        """x and k are active together, y always, z in others; inactive is the middle, or none."""
        nan = np.nan
        trials = {
            "x": column("x", [1.0, nan, 0.0], UNIT),
            "y": column("y", [0.0, 0.0, 1.0], UNIT),
            "k": column("k", [1, nan, 0], LETTERS),
            "z": column("z", [nan, 1.0, nan], UNIT),
        }
        expected = [
            [1.0, 0.0, 0, 1, 0, 0.5, 1, 0],
            [0.5, 0.0, 0, 0, 0, 1.0, 0, 1],
            [0.0, 1.0, 1, 0, 0, 0.5, 1, 0],
        ]
        np.testing.assert_allclose(encode(trials, trials), expected)

    def test_points_are_encoded_as_the_trials_decide(self) -> None:
        """The trials have x in one of two, so there is an indicator, though all points have it."""
        trials = {"x": column("x", [0.5, np.nan], UNIT)}
        points = {"x": column("x", [0.25, 0.75, 1.0], UNIT)}
        assert encode(points, trials).tolist() == [[0.25, 1.0], [0.75, 1.0], [1.0, 1.0]]
        assert encode(trials, points).tolist() == [[0.5], [0.5]]

    def test_one_value(self) -> None:
        trials = {"x": column("x", [3.0, 3.0], FloatDistribution(3.0, 3.0))}
        assert encode(trials, trials).tolist() == [[0.5], [0.5]]


class TestDraw:
    def test_each_value_is_of_its_domain_and_as_likely_as_another(self) -> None:
        trials = [
            column("x", [0.1], FloatDistribution(-2.0, 2.0)),
            column("lr", [0.1], FloatDistribution(1e-4, 1.0, log=True)),
            column("n", [3], IntDistribution(1, 7, step=2)),
            column("k", [1], LETTERS),
            column("one", [5], IntDistribution(5, 5)),
        ]
        points, without_rule = drawn(*trials)
        assert list(points) == ["x", "lr", "n", "k", "one"]
        assert without_rule == ()
        for one in trials:
            assert points[one.name].distributions == one.distributions
            assert (points[one.name].regime == 0).all()
            assert len(points[one.name].values) == 1000
        for name in ("x", "lr"):  # evenly: the mean of 1000 has a standard error of 0.009
            assert points[name].position.mean() == pytest.approx(0.5, abs=0.03)
            assert points[name].position.std() == pytest.approx(12**-0.5, abs=0.02)
        for name, values in (("n", [1, 3, 5, 7]), ("k", [0, 1, 2]), ("one", [5])):
            drawn_values, counts = np.unique(points[name].values, return_counts=True)
            assert drawn_values.tolist() == values
            assert counts / 1000 == pytest.approx(np.full(len(values), 1 / len(values)), abs=0.06)

    def test_parameters_are_drawn_independently(self) -> None:
        points, _ = drawn(column("x", [0.1], UNIT), column("y", [0.1], UNIT))
        assert abs(np.corrcoef(points["x"].values, points["y"].values)[0, 1]) < 0.1

    def test_a_choice_that_opens_a_branch(self) -> None:
        codes = np.arange(60) % 3
        x = np.where(codes == 1, 0.5, np.nan)
        y = np.where(codes != 1, 0.5, np.nan)
        points, without_rule = drawn(
            column("x", x, UNIT), column("y", y, UNIT), column("k", codes, LETTERS)
        )
        assert list(points) == ["x", "y", "k"], "in the order of the trials"
        assert without_rule == ()
        is_open = points["k"].values == 1
        np.testing.assert_array_equal(points["x"].regime != INACTIVE, is_open)
        np.testing.assert_array_equal(points["y"].regime != INACTIVE, ~is_open)
        np.testing.assert_array_equal(np.isnan(points["x"].values), ~is_open)

    def test_a_branch_within_a_branch(self) -> None:
        rng = np.random.default_rng(0)
        outer, inner = rng.integers(0, 2, (2, 120)).astype(float)
        inner[outer == 0] = np.nan
        leaf = np.where((outer == 1) & (inner == 1), 0.5, np.nan)
        yes_no = CategoricalDistribution([False, True])
        points, without_rule = drawn(
            column("leaf", leaf, UNIT),
            column("inner", inner, yes_no),
            column("outer", outer, yes_no),
        )
        assert without_rule == ()
        inside = (points["outer"].values == 1) & (points["inner"].values == 1)
        np.testing.assert_array_equal(points["leaf"].regime != INACTIVE, inside)
        assert inside.mean() == pytest.approx(0.25, abs=0.05)

    def test_the_threshold_of_a_gate_lies_between_two_trials(self) -> None:
        gate = np.linspace(0.0, 1.0, 41)  # in steps of 0.025
        x = np.where(gate < 0.4, 0.5, np.nan)
        points, without_rule = drawn(column("gate", gate, UNIT), column("x", x, UNIT))
        assert without_rule == ()
        place, is_active = points["gate"].values, points["x"].regime != INACTIVE
        assert is_active[place < 0.375].all()
        assert not is_active[place > 0.4].any()

    def test_bounds_that_follow_another_parameter(self) -> None:
        n = np.arange(90) % 3
        dists = tuple(FloatDistribution(0.0, high) for high in (1.0, 2.0, 3.0))
        points, without_rule = drawn(
            column("x", np.full(90, 0.5), *dists, regime=n),
            column("n", n + 1, IntDistribution(1, 3)),
        )
        assert without_rule == ()
        np.testing.assert_array_equal(points["x"].regime, points["n"].values - 1)
        assert (points["x"].values <= points["n"].values).all()
        assert points["x"].position.mean() == pytest.approx(0.5, abs=0.03)

    def test_where_nothing_tells_it_is_active_as_often_and_as_the_latest(self) -> None:
        rng = np.random.default_rng(0)
        x = np.where(rng.random(200) < 0.3, 0.5, np.nan)
        share = np.mean(~np.isnan(x))
        other = FloatDistribution(2.0, 3.0)
        regime = np.where(np.arange(200) < 150, 0, 1)
        points, without_rule = drawn(
            column("x", np.where(regime == 1, x + 2.0, x), UNIT, other, regime=regime),
            column("y", rng.random(200), UNIT),
        )
        assert without_rule == ("x",)
        is_active = points["x"].regime != INACTIVE
        assert set(points["x"].regime[is_active]) == {1}
        assert (points["x"].values[is_active] >= 2.0).all()
        assert is_active.mean() == pytest.approx(share, abs=0.05)
        assert np.corrcoef(is_active, points["y"].values)[0, 1] == pytest.approx(0.0, abs=0.1)

    def test_a_lone_parameter_has_nothing_to_follow(self) -> None:
        points, without_rule = drawn(column("x", [0.5, np.nan, np.nan, 0.5], UNIT))
        assert without_rule == ("x",)
        assert np.mean(points["x"].regime == 0) == pytest.approx(0.5, abs=0.05)

    def test_the_generator_decides(self) -> None:
        codes = np.arange(30) % 3
        columns = (
            column("k", codes, LETTERS),
            column("x", np.where(codes == 1, 0.5, np.nan), UNIT),
        )
        values: Callable[[int], list[float]] = lambda seed: (  # noqa: E731
            drawn(*columns, n=50, seed=seed)[0]["x"].values.tolist()
        )
        np.testing.assert_equal(values(1), values(1))
        assert values(1) != values(2)

    def test_no_parameters(self) -> None:
        assert drawn() == ({}, ())


class TestDrawAlong:
    def test_the_copies_differ_in_the_pinned_parameter_only(self) -> None:
        trials = {"x": column("x", [0.1, 0.2], UNIT), "k": column("k", [0, 2], LETTERS)}
        pinned = column("k", [2, 0, 1], LETTERS)
        points = draw_along(trials, pinned, 5, np.random.default_rng(0))
        assert points["k"].values.tolist() == [2.0] * 5 + [0.0] * 5 + [1.0] * 5
        x = points["x"].values.reshape(3, 5)
        assert (x == x[0]).all()
        assert len(set(x[0])) == 5

    def test_what_the_pinned_parameter_decides_goes_with_it(self) -> None:
        codes = np.arange(60) % 2
        behind = np.where(codes == 1, 0.5, np.nan)
        trials = {"k": column("k", codes, LETTERS), "y": column("y", behind, UNIT)}
        points = draw_along(trials, column("k", [0, 1], LETTERS), 4, np.random.default_rng(0))
        assert (points["y"].regime == INACTIVE).tolist() == [True] * 4 + [False] * 4

    def test_it_stays_inactive_where_others_decide_so(self) -> None:
        codes = np.arange(60) % 2
        behind = np.where(codes == 1, 0.5, np.nan)
        trials = {"k": column("k", codes, TWO), "y": column("y", behind, UNIT)}
        points = draw_along(trials, column("y", [0.1, 0.9], UNIT), 50, np.random.default_rng(0))
        active = (points["y"].regime != INACTIVE).reshape(2, 50)
        np.testing.assert_array_equal(active[0], points["k"].values[:50] == 1)
        np.testing.assert_array_equal(active[0], active[1])
        assert set(points["y"].values.reshape(2, 50)[:, active[0]].ravel()) == {0.1, 0.9}


def test_those_come_first_that_may_decide() -> None:
    nan = np.nan
    trials = {
        "leaf": column("leaf", [0.1, nan, nan], UNIT),
        "branch": column("branch", [0.1, 0.2, nan], UNIT),
        "gate": column("gate", [0.1, 0.2, 0.3], UNIT),
    }
    assert in_turn(trials) == ["gate", "branch", "leaf"]


def test_choices_that_no_trial_had() -> None:
    assert unseen_choices(column("x", [0, 2, np.nan], LETTERS), 0).tolist() == [1.0]
    assert not len(unseen_choices(column("x", [0.5], UNIT), 0))

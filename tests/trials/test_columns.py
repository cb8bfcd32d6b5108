"""Columns: what is read from trials, and what follows from it, against the trials one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials.columns import INACTIVE, Column, join, read_columns

UNIT = FloatDistribution(0.0, 1.0)
WIDE = FloatDistribution(0.0, 4.0)
LETTERS = CategoricalDistribution(["a", "b", None])


def trial(state: TrialState = TrialState.COMPLETE, **params: tuple[Any, Any]) -> FrozenTrial:
    """A trial with the value and the distribution of each parameter."""
    return optuna.create_trial(
        state=state,
        value=0.0 if state == TrialState.COMPLETE else None,
        params={name: value for name, (value, _) in params.items()},
        distributions={name: dist for name, (_, dist) in params.items()},
    )


def moved() -> Column:
    """Inactive; 0.5 of [0, 1]; 3 of [0, 4]; 1 of [0, 1]; 0.5 of [0, 4]."""
    dists: list[tuple[Any, BaseDistribution]] = [
        (0.5, UNIT),
        (3.0, WIDE),
        (1.0, UNIT),
        (0.5, WIDE),
    ]
    return read_columns([trial(), *[trial(x=pair) for pair in dists]])["x"]


def of_numbers(values: list[float], *dists: Any, regime: list[int] | None = None) -> Column:
    codes = np.zeros(len(values), dtype=int) if regime is None else np.array(regime)
    return Column("x", dists, codes, np.array(values))


def test_each_trial_is_read_with_its_own_domain() -> None:
    column = moved()
    assert column.name == "x"
    assert column.distributions == (UNIT, WIDE)
    assert column.regime.tolist() == [INACTIVE, 0, 1, 0, 1]
    np.testing.assert_equal(column.values, [np.nan, 0.5, 3.0, 1.0, 0.5])
    np.testing.assert_equal(column.bounds, [[np.nan, 0, 0, 0, 0], [np.nan, 1, 4, 1, 4]])
    np.testing.assert_equal(column.position, [np.nan, 0.5, 0.75, 1.0, 0.125])
    assert column.external() == [None, 0.5, 3.0, 1.0, 0.5]


def test_parameters_are_in_the_order_of_first_appearance_whatever_the_state() -> None:
    columns = read_columns(
        [
            trial(TrialState.FAIL),
            trial(TrialState.PRUNED, y=(1.0, UNIT)),
            trial(x=(0.25, UNIT), y=(0.5, UNIT)),
            trial(TrialState.FAIL, z=(0.75, UNIT), x=(0.125, UNIT)),
        ]
    )
    assert list(columns) == ["y", "x", "z"]
    np.testing.assert_equal(columns["y"].values, [np.nan, 1.0, 0.5, np.nan])
    np.testing.assert_equal(columns["x"].values, [np.nan, np.nan, 0.25, 0.125])
    np.testing.assert_equal(columns["z"].values, [np.nan, np.nan, np.nan, 0.75])
    assert read_columns([]) == {}
    assert read_columns([trial()]) == {}


def test_the_order_in_which_a_trial_suggests_does_not_matter() -> None:
    one = read_columns([trial(x=(0.25, UNIT), k=("b", LETTERS)), trial(k=("a", LETTERS))])
    other = read_columns([trial(k=("b", LETTERS), x=(0.25, UNIT)), trial(k=("a", LETTERS))])
    for name in ("x", "k"):
        np.testing.assert_equal(one[name].values, other[name].values)
        assert one[name].distributions == other[name].distributions


def test_a_random_study_is_read_as_optuna_reads_each_trial() -> None:
    """Kinds, branches and bounds that change from trial to trial, in no order."""
    rng = np.random.default_rng(0)
    trials = []
    for number in range(80):
        high = int(rng.integers(1, 4))
        params: dict[str, tuple[Any, Any]] = {
            "x": (float(rng.random() * high), FloatDistribution(0.0, high)),
            "n": (int(rng.integers(1, 9)), IntDistribution(1, 8, log=bool(number % 3))),
            "k": (["a", "b", None][rng.integers(3)], LETTERS),
        }
        names = rng.permutation(list(params))[: rng.integers(0, 4)]
        trials.append(trial(**{name: params[name] for name in names}))
    for name, column in read_columns(trials).items():
        for row, one in enumerate(trials):
            code = int(column.regime[row])
            if name not in one.params:
                assert code == INACTIVE
                assert math.isnan(column.values[row])
                continue
            dist = one.distributions[name]
            assert column.distributions[code] == dist
            assert column.values[row] == dist.to_internal_repr(one.params[name])
        assert column.external() == [one.params.get(name) for one in trials]
        first = [column.regime.tolist().index(code) for code in range(len(column.distributions))]
        assert first == sorted(first), "regimes are numbered by first appearance"


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution:UserWarning")
def test_choices_of_every_kind() -> None:
    """NaN is equal to no other, and a list, as JSON gives back a tuple, does not hash."""
    choices = [float("nan"), None, "1", 1.5, [1, 2], (1, 2)]
    dist = CategoricalDistribution(choices)
    values = [float("nan"), [1, 2], None, "1", 1.5, (1, 2), float("nan")]
    column = read_columns([trial(k=(value, dist)) for value in values])["k"]
    assert column.values.tolist() == [0, 4, 1, 2, 3, 5, 0]
    assert len(column.distributions) == 1
    assert column.is_categorical
    assert column.n_choices == 6


def test_choices_that_changed_are_regimes() -> None:
    """Other choices, and the same ones in another order."""
    more, turned = (CategoricalDistribution(c) for c in (["b", "a", None, "d"], [None, "b", "a"]))
    params = [("a", LETTERS), ("a", more), ("d", more), ("a", turned), ("b", LETTERS)]
    column = read_columns([trial(k=param) for param in params])["k"]
    assert column.regime.tolist() == [0, 1, 1, 2, 0]
    assert column.values.tolist() == [0, 1, 3, 2, 1]
    assert column.n_choices == 4
    assert column.external() == ["a", "a", "d", "a", "b"]


def test_a_number_has_no_choices() -> None:
    column = of_numbers([0.5], UNIT)
    assert not column.is_categorical
    assert column.n_choices == 0


def test_one_domain() -> None:
    assert of_numbers([0.1, 0.2], UNIT).has_one_domain
    assert not of_numbers([0.1, np.nan], UNIT, regime=[0, INACTIVE]).has_one_domain
    assert not of_numbers([0.1, 0.2], UNIT, WIDE, regime=[0, 1]).has_one_domain


def test_order_keeps_ties_and_puts_inactive_trials_last() -> None:
    values = [[2.0, np.nan, 1.0, 0.0][row % 4] for row in range(80)]
    regime = [INACTIVE if row % 4 == 1 else 0 for row in range(80)]
    expected = [row for k in (3, 2, 0, 1) for row in range(k, 80, 4)]
    assert of_numbers(values, WIDE, regime=regime).order.tolist() == expected


def test_bounds_and_positions_of_a_log_int() -> None:
    """Half a step beyond the ends, on the log scale; a value is in the middle of its cell."""
    column = of_numbers([1.0, 8.0], IntDistribution(1, 8, log=True))
    a, b = math.log(0.5), math.log(8.5)
    np.testing.assert_allclose(column.bounds, [[a, a], [b, b]])
    middle = (math.log(0.5) + math.log(1.5)) / 2
    np.testing.assert_allclose(column.scaled[0], middle)
    np.testing.assert_allclose(column.position[0], (middle - a) / (b - a))


def test_position_between_the_trials_own_bounds() -> None:
    trials = []
    for low, high, value in ((0.0, 1.0, 0.25), (10.0, 20.0, 15.0), (3.0, 3.0, 3.0)):
        trials.append(
            optuna.create_trial(
                params={"x": value, "lr": 1e-2},
                distributions={
                    "x": FloatDistribution(low, high),
                    "lr": FloatDistribution(1e-4, 1.0, log=True),
                },
                value=0.0,
            )
        )
    columns = read_columns(trials)
    np.testing.assert_allclose(columns["x"].position, [0.25, 0.5, 0.5])
    np.testing.assert_allclose(columns["lr"].position, [0.5, 0.5, 0.5])


def test_one_value_is_in_the_middle() -> None:
    for dist in (FloatDistribution(2.0, 2.0), IntDistribution(2, 2), LETTERS):
        column = of_numbers([1.0 if dist is LETTERS else 2.0], dist)
        assert column.position.tolist() == [0.5]


def test_take_renumbers_by_first_appearance() -> None:
    column = moved()
    taken = column.take(np.array([4, 0, 1]))
    assert taken.distributions == (WIDE, UNIT)
    assert taken.regime.tolist() == [0, INACTIVE, 1]
    np.testing.assert_equal(taken.values, [0.5, np.nan, 0.5])
    assert column.take(np.array([1, 3])).distributions == (UNIT,)
    for rows in (np.array([0]), np.array([], dtype=int)):
        assert column.take(rows).distributions == ()


def test_join_is_reading_both_at_once() -> None:
    early = [trial(x=(0.5, WIDE)), trial()]
    late = [trial(x=(0.25, UNIT)), trial(), trial(x=(0.75, WIDE))]
    a, b = read_columns(early)["x"], read_columns(late)["x"]
    for joined, trials in (
        (join(a, 2, b, 3), [*early, *late]),
        (join(a, 2, None, 1), [*early, trial()]),
        (join(None, 2, b, 3), [trial(), trial(), *late]),
    ):
        whole = read_columns(trials)["x"]
        assert joined.name == "x"
        assert joined.distributions == whole.distributions
        np.testing.assert_equal(joined.regime, whole.regime)
        np.testing.assert_equal(joined.values, whole.values)


def test_a_column_cannot_be_written_to() -> None:
    column = moved()
    for array in (column.regime, column.values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_part_keeps_the_regimes_that_taking_rows_numbers_anew() -> None:
    wide, narrow = FloatDistribution(0.0, 2.0), FloatDistribution(0.0, 1.0)
    column = Column("x", (wide, narrow), np.array([0, 1, 1]), np.array([1.5, 0.5, 0.25]))
    part, taken = column.part(slice(1, 3)), column.take(np.array([1, 2]))
    assert (part.distributions, part.regime.tolist()) == ((wide, narrow), [1, 1])
    assert (taken.distributions, taken.regime.tolist()) == ((narrow,), [0, 0])
    assert part.values.tolist() == taken.values.tolist() == [0.5, 0.25]

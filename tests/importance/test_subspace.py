"""Which trials are assessed, and by which losses: each case against a list made by hand."""

from __future__ import annotations

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
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.importance._subspace import Region, Target, columns_of, in_box, select
from tests import made_by_hand as hand
from tests.importance.subspaces import subspace

INF, NAN = float("inf"), float("nan")
DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "x": FloatDistribution(0.0, 1.0),
    "n": IntDistribution(1, 9),
    "k": CategoricalDistribution(["a", "b", None]),
    "never": FloatDistribution(0.0, 1.0),
}
STUDY = hand.study(
    [[3.0], [1.0], TrialState.PRUNED, [INF], [2.0], TrialState.FAIL],
    params=[
        {"x": 0.0, "k": "a"},
        {"x": 0.5, "n": 3, "k": None},
        {"x": 0.6, "n": 4, "never": 0.5},
        {"x": 0.7, "n": 5, "k": "b"},
        {"n": 9, "k": "b"},
        {},
    ],
    distributions=DISTRIBUTIONS,
    infeasible=[4],
)
TABLE = TrialTable.from_study(STUDY)


def rows_in(region: Region | None, *, has_target: bool = False) -> list[int]:
    target: Target | None = "feasible" if has_target else None
    return np.flatnonzero(in_box(TABLE, region, target)).tolist()


@pytest.mark.parametrize(
    ("region", "rows"),
    [
        (None, [0, 1, 4]),
        ({}, [0, 1, 4]),
        ({"x": (0.0, 0.5)}, [0, 1]),  # both ends are in, and a trial without x is out
        ({"x": (0.1, 1)}, [1]),
        ({"x": (0.5, 0.5)}, [1]),
        ({"x": [0.0]}, [0]),
        ({"x": []}, []),
        ({"n": {3, 9}}, [1, 4]),
        ({"n": np.array([9.0])}, [4]),
        ({"k": ["a", None]}, [0, 1]),
        ({"k": ("b",)}, [4]),
        ({"k": []}, []),
        ({"k": ["a", "b"], "n": (1, 9)}, [4]),
        ({"never": (0.0, 1.0)}, []),
        (lambda trial: trial.params["k"] != "a", [1, 4]),
        (lambda trial: 0, []),
    ],
)
def test_region(region: Region | None, rows: list[int]) -> None:
    assert rows_in(region) == rows


@pytest.mark.parametrize("unit", [0.1, 0.7])
def test_a_value_of_a_grid_may_miss_it_by_rounding(unit: float) -> None:
    """Optuna suggests 3 * 0.1 = 0.30000000000000004 where a person writes 0.3."""
    grid = FloatDistribution(0.0, 1e3 * unit, step=unit)
    steps, ends = (0, 1, 2, 3, 4, 700), (3 * 0.1, 3 * unit)
    study = hand.study(
        [[0.0]] * len(steps),
        params=[{"drop": k * unit, "free": ends[k % 2]} for k in steps],
        distributions={"drop": grid, "free": FloatDistribution(0.0, 3.0)},
    )
    table = TrialTable.from_study(study)

    def inside(region: Region) -> list[int]:
        return np.flatnonzero(in_box(table, region, None)).tolist()

    three = float(f"{3 * unit:.1f}")
    assert inside({"drop": [three]}) == [3]
    assert inside({"drop": [three, 700 * unit]}) == [3, 5]
    assert inside({"drop": (0.0, three)}) == [0, 1, 2, 3]
    assert inside({"drop": (three, three + unit)}) == [3, 4]
    assert inside({"drop": [three + 0.001 * unit]}) == [], "that is another value"
    assert inside({"free": [0.3]}) == [], "without a grid a value is what it is"


def test_whether_a_trial_completes_is_asked_of_all_finished_ones() -> None:
    def inside(region: Region | None) -> list[int]:
        return np.flatnonzero(in_box(TABLE, region, "complete")).tolist()

    assert inside(None) == [0, 1, 2, 3, 4, 5]
    assert inside({"x": (0.5, 0.7)}) == [1, 2, 3]
    assert inside({"never": (0.0, 1.0)}) == [2]
    assert inside(lambda trial: trial.number in (2, 4, 5)) == [2, 4, 5]


def test_an_infinite_objective_counts_only_if_another_target_is_assessed() -> None:
    assert rows_in(None, has_target=True) == [0, 1, 3, 4]
    assert rows_in({"k": ["b"]}, has_target=True) == [3, 4]


def test_a_callable_is_not_called_with_trials_that_cannot_count() -> None:
    numbers: list[int] = []
    in_box(TABLE, lambda trial: bool(numbers.append(trial.number)), None)
    assert numbers == [0, 1, 4]


def test_choices_are_those_of_the_trial_itself() -> None:
    """The same choice has another index where the choices are in another order."""
    study = optuna.create_study()
    for choices, value in ((["a", "b"], "a"), (["b", "a"], "a"), (["b", "a", "c"], "c")):
        dists = {"k": CategoricalDistribution(choices)}
        study.add_trial(optuna.create_trial(params={"k": value}, distributions=dists, value=0.0))
    table = TrialTable.from_study(study)
    for choice, expected in (("a", [0, 1]), ("b", []), ("c", [2])):
        assert np.flatnonzero(in_box(table, {"k": [choice]}, None)).tolist() == expected
    with pytest.raises(ValueError, match=r"`region\['k'\]` must be among .*'c'\), got 'd'"):
        in_box(table, {"k": ["a", "d"]}, None)


@pytest.mark.parametrize(
    ("region", "error", "message"),
    [
        ({"w": (0, 1)}, ValueError, r"`region` names 'w', but the parameters are \['k', 'n'"),
        ({"x": (1, 0)}, ValueError, r"`region\['x'\]` must be \(low, high\) with low <= high"),
        ({"x": (0, NAN)}, ValueError, "low <= high"),
        ({"x": (0, 1, 2)}, ValueError, r"low <= high, got \(0.0, 1.0, 2.0\)"),
        ({"x": 0.5}, TypeError, r"a tuple \(low, high\) or a list of choices, got 0.5"),
        ({"x": "ab"}, TypeError, "got 'ab'"),
        ({"x": ["a"]}, TypeError, "a list of numbers, got 'a'"),
        ({"k": ["c"]}, ValueError, r"`region\['k'\]` must be among \('a', 'b', None\), got 'c'"),
    ],
)
def test_bad_region(region: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        in_box(TABLE, region, None)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"region": [1]}, TypeError, "`region` must be a dict or a callable"),
        ({"target_direction": "up"}, ValueError, "`target_direction` must be one of"),
        ({"target_quantile": 0.0}, ValueError, "`target_quantile` must be in"),
        ({"region_quantile": 0.1}, ValueError, "`target_quantile` must be less than"),
        ({"target_value": INF}, ValueError, "`target_value` must be finite"),
    ],
)
def test_bad_subspace(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        subspace(**options)


def test_the_sign_of_the_objective_and_of_a_target() -> None:
    table = TrialTable.from_study(hand.study([[1.0]], ["maximize"]))
    for direction, sign in (("minimize", 1.0), ("maximize", -1.0)):
        one = subspace(target_direction=direction)
        assert one.sign(table, None) == -1.0
        assert one.sign(table, lambda trial: 0.0) == sign


class TestSelect:
    def test_the_objective(self) -> None:
        selection = select(TABLE, subspace(region={"x": (0.1, 1.0)}), None)
        assert selection.rows.tolist() == [1]
        assert selection.losses.tolist() == [[1.0]]
        assert selection.warnings == ()

    def test_everywhere(self) -> None:
        selection = select(TABLE, subspace(region={"x": (0.1, 1.0)}), None, everywhere=True)
        assert selection.rows.tolist() == [0, 1, 4]
        assert selection.violation.tolist() == [0.0, 0.0, 1.0]

    def test_a_maximised_objective_is_a_loss(self) -> None:
        table = TrialTable.from_study(hand.study([[1.0, 5.0]], ["minimize", "maximize"]))
        assert select(table, subspace(), None).losses.tolist() == [[1.0, -5.0]]

    def test_a_target_in_either_direction_without_what_is_not_finite(self) -> None:
        values = {0: 5.0, 1: NAN, 3: 7.0, 4: -INF}
        for direction, sign in (("minimize", 1.0), ("maximize", -1.0)):
            one = subspace(target_direction=direction)
            selection = select(TABLE, one, lambda trial: values[trial.number])
            assert selection.rows.tolist() == [0, 3]
            assert selection.losses.tolist() == [[sign * 5.0], [sign * 7.0]]

    def test_feasibility_has_no_losses_yet(self) -> None:
        selection = select(TABLE, subspace(), "feasible")
        assert selection.rows.tolist() == [0, 1, 3, 4]
        assert selection.losses.tolist() == [[0.0]] * 4

    def test_completion_is_a_label_and_constraints_play_no_part(self) -> None:
        selection = select(TABLE, subspace(), "complete")
        assert selection.rows.tolist() == [0, 1, 2, 3, 4, 5]
        assert selection.losses.tolist() == [[0.0]] * 6
        assert selection.violation.tolist() == [0.0] * 6
        assert selection.is_good.tolist() == [True, True, False, True, True, False]
        assert selection.is_labelled

    def test_no_trials(self) -> None:
        table = TrialTable.from_study(optuna.create_study(directions=["minimize"] * 2))
        targets: tuple[Target | None, ...] = (None, "feasible", lambda trial: 0.0)
        for target, m in zip(targets, (2, 1, 1), strict=True):
            selection = select(table, subspace(), target)
            assert selection.losses.shape == (0, m)
            assert selection.warnings == ()

    def test_an_objective_taken_by_its_wrong_end(self) -> None:
        table = TrialTable.from_study(
            hand.study([[1.0, 5.0], [2.0, 4.0]], ["minimize", "maximize"])
        )
        selection = select(table, subspace(), lambda trial: trial.values[1])
        (message,) = selection.warnings
        assert message.startswith("`target` is objective 1, which the study is to maximize")
        assert 'Pass target_direction="maximize"'.replace('"', "'") in message
        assert selection.losses.tolist() == [[5.0], [4.0]], "it is warned of, not changed"
        for target, direction in ((1, "maximize"), (0, "minimize")):
            other = subspace(target_direction=direction)
            assert not select(table, other, lambda t, k=target: t.values[k]).warnings
        assert not select(table, subspace(), lambda trial: trial.values[1] + 1).warnings

    @pytest.mark.parametrize(
        ("target", "options", "error", "message"),
        [
            ("infeasible", {}, TypeError, "`target` must be a callable, 'feasible' or 'complete'"),
            (lambda trial: [1.0, 2.0], {}, ValueError, r"one number, got the shape \(2,\)"),
            ("feasible", {"region_quantile": 0.5}, ValueError, "`target='feasible'` goes with"),
            ("feasible", {"target_value": 0.0}, ValueError, "`target='feasible'` goes with"),
            ("complete", {"region_quantile": 0.5}, ValueError, "`target='complete'` goes with"),
            ("complete", {"target_value": 0.0}, ValueError, "`target='complete'` goes with"),
        ],
    )
    def test_errors(
        self, target: Any, options: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            select(TABLE, subspace(**options), target)

    def test_a_target_needs_trials(self) -> None:
        table = TrialTable.from_frame(TABLE.to_frame(), value="value")
        with pytest.raises(ValueError, match="needs a study"):
            select(table, subspace(), lambda trial: 0.0)


class TestColumns:
    def test_those_of_completed_trials_even_of_divergent_ones(self) -> None:
        assert list(columns_of(TABLE, None)) == ["x", "k", "n"]
        lone = TrialTable.from_study(hand.study([[INF], TrialState.PRUNED]))
        assert list(columns_of(lone, None)) == ["x"]

    def test_of_completion_also_those_that_no_trial_completed_with(self) -> None:
        assert set(columns_of(TABLE, None, "complete")) == {"x", "n", "k", "never"}
        assert list(columns_of(TABLE, ["never"], "complete")) == ["never"]
        with pytest.raises(ValueError, match=r"`params` .*got \['w'\]"):
            columns_of(TABLE, ["w"], "complete")

    def test_those_named_in_their_order(self) -> None:
        columns = columns_of(TABLE, ["n", "x"])
        assert list(columns) == ["n", "x"]
        assert columns["n"] is TABLE.columns["n"]
        assert columns_of(TABLE, []) == {}

    def test_errors(self) -> None:
        with pytest.raises(ValueError, match=r"`params` .*got \['never', 'w'\]; there are \['k'"):
            columns_of(TABLE, ["x", "never", "w"])
        with pytest.raises(TypeError, match="`params` must be a list of strings"):
            columns_of(TABLE, "x")  # type: ignore[arg-type]


def test_a_range_of_a_categorical_parameter_is_refused() -> None:
    choices = {"b": optuna.distributions.CategoricalDistribution([16, 32, 64, "auto"])}
    params = [{"b": b} for b in (16, 32, 64, "auto")]
    study = hand.study([[1.0]] * 4, params=params, distributions=choices)  # type: ignore[arg-type]
    table = TrialTable.from_study(study)
    with pytest.raises(ValueError, match=r"a list of choices.*\(16, 64\) is a range"):
        in_box(table, {"b": (16, 64)}, None)
    assert in_box(table, {"b": [16, 64]}, None).tolist() == [True, False, True, False]
    assert in_box(table, {"b": (16, "auto")}, None).tolist() == [True, False, False, True]

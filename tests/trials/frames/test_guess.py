"""What a column of a data frame was drawn from: by its type, its values and their spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import TrialTable
from optuna_hpx.trials.frames.guess import column_of, guess, guess_distributions, is_number

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({"lr": 10 ** rng.uniform(-4, 0, 60), "k": rng.integers(1, 5, 60)})
FRAME["loss"] = np.log10(FRAME.lr) ** 2


def of(values: Any, **options: Any) -> BaseDistribution:
    return guess(pd.DataFrame({"x": values}), "x", **options)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.5, 2.0, 1.0], FloatDistribution(0.5, 2.0)),
        ([0.5, None, 2.0], FloatDistribution(0.5, 2.0)),
        ([3, 1, 2], IntDistribution(1, 3)),
        ([3.0, 1.0, None], IntDistribution(1, 3)),
        ([-2, 0], IntDistribution(-2, 0)),
        ([7], IntDistribution(7, 7)),
        ([0.5, 0.5], FloatDistribution(0.5, 0.5)),
        (pd.Series([1, None, 4], dtype="Int64"), IntDistribution(1, 4)),
        (pd.Series([1, 200], dtype="uint8"), IntDistribution(1, 200)),
        ([True, False, True], CategoricalDistribution([False, True])),
        (pd.Series([True, None], dtype="boolean"), CategoricalDistribution([True])),
        (["b", "a", None, "b"], CategoricalDistribution(["a", "b"])),
        (pd.Series(list("ba"), dtype="category"), CategoricalDistribution(["a", "b"])),
        ([2, "a"], CategoricalDistribution([2, "a"])),  # in no order: as they come
        (["10", "9"], CategoricalDistribution(["10", "9"])),
        # every whole number below 2**53 is a float, and none above need be the one that was meant
        ([2**53 - 2, 2**53 - 1], IntDistribution(2**53 - 2, 2**53 - 1)),
        ([2.0**53, 2.0**53 + 2], FloatDistribution(2.0**53, 2.0**53 + 2)),
    ],
)
def test_by_type(values: Any, expected: BaseDistribution) -> None:
    assert of(values) == expected


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ([1, 2, 4, 8, 16, 32], True),  # even on the log scale
        ([1, 2, 4, 8, 16], False),  # but over less than a factor of 20
        ([1, 2, 20], True),  # exactly a factor of 20
        (np.linspace(1, 100, 50), False),
        ([0, 1, 10, 100, 1000], False),  # no logarithm
        ([-1, 1, 10, 100, 1000], False),
        ([1, 2, 20, 20, 20, 20], True),  # repeats do not count
        ([1, 1000], False),  # two values are even on either
    ],
)
def test_log_by_spread(values: Any, is_log: bool) -> None:
    dist = of(values)
    assert isinstance(dist, (FloatDistribution, IntDistribution))
    assert dist.log is is_log


def test_what_the_user_says_of_the_scale_counts() -> None:
    assert of([1, 2, 4, 8, 16, 32], log=False) == IntDistribution(1, 32)
    assert of([1.5, 2.0], log=True) == FloatDistribution(1.5, 2.0, log=True)
    assert of([3, 3], log=True) == IntDistribution(3, 3, log=True)
    assert of([32, 8, 16, 8], categorical=True) == CategoricalDistribution([8, 16, 32])
    assert of([8.5, None], categorical=True) == CategoricalDistribution([8.5])


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([None, np.nan], {}, "Column 'x' is empty"),
        ([], {}, "Column 'x' is empty"),
        (pd.date_range("2026-01-01", periods=2), {}, "Column 'x' holds times: make numbers"),
        (pd.to_timedelta(range(20), unit="s"), {}, "Column 'x' holds times"),
        ([1.0, np.inf], {}, "'x' must hold finite numbers"),
        ([0.0, 1.0], {"log": True}, "'x' cannot be on a log scale: it holds 0"),
        ([-2.5, 1.0], {"log": True}, "'x' cannot be on a log scale: it holds -2.5"),
        (["1", "2"], {"log": True}, "'x' cannot be on a log scale: it does not hold numbers"),
    ],
)
def test_errors(values: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        of(values, **options)


def test_log_of_nothing_positive() -> None:
    with pytest.raises(ValueError, match="'x' cannot be on a log scale: it holds 0"):
        guess_distributions(pd.DataFrame({"x": [0.0, 1.0]}), ["x"], log=["x"])


def test_several_columns_each_in_its_own_way() -> None:
    scale = [1, 2, 4, 8, 16, 32]
    frame = pd.DataFrame(dict.fromkeys("abcd", scale))
    dists = guess_distributions(frame, ["d", "a", "b", "c"], linear=["b"], categorical=["c"])
    assert list(dists) == ["d", "a", "b", "c"]
    assert dists["a"] == dists["d"] == IntDistribution(1, 32, log=True)
    assert dists["b"] == IntDistribution(1, 32)
    assert dists["c"] == CategoricalDistribution(scale)
    assert guess_distributions(frame[:2], ["a"], log=["a"])["a"] == IntDistribution(1, 2, log=True)
    assert guess_distributions(frame, []) == {}


def test_a_scale_that_is_both() -> None:
    with pytest.raises(ValueError, match="'a' is named in both `log` and `linear`"):
        guess_distributions(pd.DataFrame({"a": [1, 2]}), ["a"], log=["a"], linear=["a"])


class TestNumbersAsText:
    def test_as_text(self) -> None:
        text = FRAME.assign(lr=FRAME.lr.astype(str))
        table = TrialTable.from_frame(text, params=["lr"], value="loss")
        assert table.columns["lr"].values.tolist() == FRAME.lr.tolist()

    def test_one_bad_cell(self) -> None:
        bad = FRAME.assign(lr=FRAME.lr.astype(object))
        bad.loc[8, "lr"] = "auto"
        with pytest.warns(UserWarning, match=r"'lr' 1 cell holds no number .*: 'auto' \(1\)"):
            table = TrialTable.from_frame(bad, params=["lr"], value="loss")
        assert np.flatnonzero(np.isnan(table.columns["lr"].values)).tolist() == [8]

    def test_a_few_numerals_may_be_choices(self) -> None:
        text = FRAME.assign(k=FRAME.k.astype(str))
        table = TrialTable.from_frame(text, params=["k"], value="loss")
        assert table.columns["k"].is_categorical

    def test_ten_are_a_few_and_eleven_are_not(self) -> None:
        assert len(of([str(k) for k in range(10)]).choices) == 10  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match="numbers as text"):
            of([str(k) for k in range(11)])

    def test_words_among_which_numerals_are_the_smaller_half(self) -> None:
        mostly_words = [*"abcdefgh", "1", "2", "3"]
        assert len(of(mostly_words).choices) == 11  # type: ignore[attr-defined]
        half = [*"abcdef", *"123456"]
        assert len(of(half).choices) == 12  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match="numbers, and 'a' in row 7"):
            of([*"1234567", *"abcdef"])

    def test_whoever_takes_it_as_categorical_is_believed(self) -> None:
        dist = of([str(k) for k in range(11)], categorical=True)
        assert len(dist.choices) == 11  # type: ignore[attr-defined]


def test_none_as_a_choice() -> None:
    assert of(["b", None, "a"], has_none=True) == CategoricalDistribution([None, "a", "b"])
    assert of([0.5, 2.0], has_none=True) == FloatDistribution(0.5, 2.0)


def test_the_column_by_its_name() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "b"])
    assert column_of(frame, "a").tolist() == [1]
    with pytest.raises(ValueError, match=r"There is no column 'c'; the columns are \['a', 'b'"):
        column_of(frame, "c")
    with pytest.raises(ValueError, match="The column name 'b' occurs more than once"):
        column_of(frame, "b")


@pytest.mark.parametrize(
    ("values", "is_one"), [([1], True), ([1.5, None], True), ([True], False), (["1"], False)]
)
def test_what_is_a_number(values: list[Any], is_one: bool) -> None:
    assert is_number(pd.Series(values)) is is_one

"""Cells of text, and what they say."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from optuna_hpx.trials.frames.cells import read_cells


def read(cells: list[Any], decimals: str = ".,") -> list[Any]:
    """The cells as typed, "" for nothing."""
    found = read_cells(pd.Series(cells, dtype=object), decimals).values.tolist()
    return ["" if isinstance(cell, float) and math.isnan(cell) else cell for cell in found]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2", " 3 "], [1, 2, 3]),
        (["1.5", "", "1e-3"], [1.5, "", 0.001]),
        (["0,5", "0,25", "3"], [0.5, 0.25, 3.0]),
        (["1,024", "512", "2,048"], [1024, 512, 2048]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1'000.5", "2.5"], [1000.5, 2.5]),
        (["10%", "12.5 %"], [10.0, 12.5]),
        (["64 MB", "128 MB"], [64, 128]),
        (["$3.50", "$4"], [3.5, 4.0]),
        (["64 KB", "2 MB"], ["64 KB", "2 MB"]),
        (["True", "false", "TRUE", ""], [True, False, True, ""]),
        (["adam", "n/a", "sgd", "-"], ["adam", "", "sgd", ""]),
        (["sqrt", "0.5", "sqrt", "None"], ["sqrt", 0.5, "sqrt", None]),
        (["3", "5", "None", "5"], [3, 5, None, 5]),
        (["00017", "00018"], ["00017", "00018"]),
        (["12345e7", "1234567", "abcdef1"], ["12345e7", "1234567", "abcdef1"]),
        ([0.5, "0.25", None], [0.5, 0.25, ""]),
    ],
)
def test_what_cells_say(cells: list[Any], values: list[Any]) -> None:
    found = read(cells)
    assert found == values
    assert [isinstance(x, bool) for x in found] == [isinstance(x, bool) for x in values]


def test_a_group_of_three_digits_is_read_as_the_file_writes_numbers() -> None:
    assert read(["1,024", "2,048"]) == [1024, 2048]
    assert read(["1,024", "2,048"], ",.") == [1.024, 2.048]
    assert read(["0.00123", "0.5"], ",.") == [0.00123, 0.5], "no comma: written by another hand"


def test_odd_cells_among_numbers_cost_themselves() -> None:
    typed = read_cells(pd.Series([*[str(k / 7) for k in range(60)], "auto", "inf", "inf"]))
    assert typed.odd == {"auto": 1, "inf": 2}
    assert typed.values.notna().sum() == 60
    assert not typed.is_mixed


def test_many_words_among_many_numbers() -> None:
    typed = read_cells(pd.Series([str(k / 7) for k in range(30)] + ["scale"] * 20))
    assert (typed.odd, typed.is_mixed) == ({"scale": 20}, True)
    words = read_cells(pd.Series([*"abcdefghijkl", "1", "2"]))
    assert not words.odd
    assert words.values.tolist()[-1] == 2


def test_none_among_choices_and_among_numbers() -> None:
    assert read_cells(pd.Series(["a", "null", ""])).has_none
    numbers = read_cells(pd.Series([*[str(k / 7) for k in range(30)], "None"]))
    assert not numbers.has_none
    assert numbers.odd == {"None": 1}


def test_infinite_numbers_of_a_frame() -> None:
    typed = read_cells(pd.Series([1.0, float("inf"), None]))
    assert typed.odd == {"inf": 1}
    assert typed.values.isna().tolist() == [False, True, True]

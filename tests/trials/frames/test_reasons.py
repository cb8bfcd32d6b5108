"""Why a column by itself is no parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optuna_hpx.trials.frames.layouts import layout_of
from optuna_hpx.trials.frames.reasons import (
    doubt_of_leaving,
    doubt_of_taking,
    n_different,
    reason_against,
)

NUMBERS = np.random.default_rng(0).random(30)
NONE = layout_of([])


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("fold", [0, 1, 2] * 10, "which repetition it is"),
        ("status", [1, 1, 2] * 10, "a state, by its name"),
        ("gpu", ["A100", "V100"] * 15, "an id or a name, of the run or its machine"),
        ("converged", ["yes", "no"] * 15, "a result, by its name"),
        ("work_mem", NUMBERS, ""),
        ("mem", NUMBERS, "a measure of the machine"),
        ("peak_memory", NUMBERS, "a measure of the machine"),
        ("Genauigkeit", NUMBERS, "a result, by its name"),
        ("Durée (s)", NUMBERS, "a duration"),
        ("max_tokens", NUMBERS, ""),
        ("prompt_tokens", NUMBERS, "a measure of the machine"),
    ],
)
def test_reasons(name: str, cells: Any, reason: str) -> None:
    assert reason_against(pd.Series(cells), name, NONE) == reason


def test_a_prefix_decides() -> None:
    layout = layout_of(["config.lr", "config.mem", "fold"])
    assert reason_against(pd.Series(NUMBERS), "lr", layout) == "not named config.*"
    assert reason_against(pd.Series(NUMBERS), "config.mem", layout) == ""
    assert reason_against(pd.Series(NUMBERS), "config.seed", layout) == "a seed"


def test_doubts() -> None:
    assert doubt_of_leaving(pd.Series([1, 2, 3]), "x", "goes up by 1 from row to row")
    assert not doubt_of_leaving(pd.Series([1, 2, 3]), "seed", "a seed")
    result = np.random.default_rng(1).normal(size=(60, 1)) ** 2
    about = pd.Series(result[:, 0])
    assert "rank correlation" in doubt_of_taking(about, "a", NONE, result)
    assert doubt_of_taking(about, "a", NONE, result[::-1]) == ""
    assert doubt_of_taking(about, "lr", NONE, result) == ""
    even = pd.Series(np.random.default_rng(2).random(60))
    assert doubt_of_taking(even, "a", NONE, even.to_numpy()[:, None]) == ""
    assert "rank correlation" in doubt_of_taking(even[:20], "a", NONE, even.to_numpy()[:20, None])


def test_different_cells() -> None:
    assert n_different(pd.Series([1, 1, 2, np.nan])) == 2
    assert n_different(pd.Series([[1], [1], [2]])) == 2

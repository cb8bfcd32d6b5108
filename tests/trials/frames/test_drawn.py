"""Values of parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx.trials.frames.drawn import numeric, read_column

FRAME = pd.DataFrame(
    {"x": [0.1, np.nan, 0.3], "k": ["a", None, "b"], "b": [True, 1, None]}, dtype=object
)


def test_numbers_and_trials_without_them() -> None:
    _, regime, values = read_column(FRAME.astype({"x": float}), "x", FloatDistribution(0, 1))
    assert regime.tolist() == [0, -1, 0]
    np.testing.assert_array_equal(values, [0.1, np.nan, 0.3])
    with pytest.raises(ValueError, match=r"'x' must lie in \[0, 0.2\], but holds 0.3"):
        read_column(FRAME, "x", FloatDistribution(0, 0.2))
    with pytest.raises(ValueError, match="'k' must hold numbers"):
        numeric(FRAME, "k")


def test_choices_and_the_choice_none() -> None:
    _, regime, codes = read_column(FRAME, "k", CategoricalDistribution(["a", "b"]))
    assert (regime.tolist(), codes[[0, 2]].tolist()) == ([0, -1, 0], [0.0, 1.0])
    _, regime, codes = read_column(FRAME, "k", CategoricalDistribution([None, "b", "a"]))
    assert (regime.tolist(), codes.tolist()) == ([0, 0, 0], [2.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="'k' must hold one of"):
        read_column(FRAME, "k", CategoricalDistribution(["a", "c"]))


def test_a_truth_is_no_number() -> None:
    _, _, codes = read_column(FRAME, "b", CategoricalDistribution([1, True]))
    assert codes[:2].tolist() == [1.0, 0.0]

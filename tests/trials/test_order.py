"""Whether trials are in the order of time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.trials.order import may_be_in_time
from tests import made_by_hand as hand


def _frame() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).random((40, 3)), columns=["x", "y", "loss"])


def _is_in_time(frame: pd.DataFrame) -> bool:
    return may_be_in_time(TrialTable.from_frame(frame, params=["x", "y"], value="loss"))


def test_rows_in_no_order_may_be_in_time() -> None:
    assert _is_in_time(_frame())


@pytest.mark.parametrize("name", ["loss", "y"])
@pytest.mark.parametrize("ascending", [True, False])
def test_rows_that_were_sorted_are_not(name: str, ascending: bool) -> None:
    assert not _is_in_time(_frame().sort_values(name, ascending=ascending))


def test_trials_of_a_study_are_however_they_went() -> None:
    assert may_be_in_time(TrialTable.from_study(hand.study([[1.0 / k] for k in range(1, 30)])))

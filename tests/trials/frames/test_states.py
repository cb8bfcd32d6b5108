"""States in the words of other tools."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from optuna.trial import TrialState

from optuna_hpx.trials.frames.states import are_states, named_states, state_of


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("COMPLETE", TrialState.COMPLETE),
        ("TrialState.FAIL", TrialState.FAIL),
        (" Finished ", TrialState.COMPLETE),
        ("early stopped", TrialState.PRUNED),
        ("Timed-Out", TrialState.FAIL),
        ("InProgress", None),
        ("in progress", TrialState.RUNNING),
        ("Queued", TrialState.WAITING),
        ("adam", None),
        (1, None),
    ],
)
def test_words(word: Any, state: TrialState | None) -> None:
    assert state_of(word) is state


def test_a_column_of_states() -> None:
    column = pd.Series(["finished", None, "crashed", "PRUNED"], name="State")
    assert are_states(column)
    assert [TrialState(s).name for s in named_states(column)] == [
        "COMPLETE",
        "COMPLETE",
        "FAIL",
        "PRUNED",
    ]


def test_columns_of_other_words() -> None:
    assert not are_states(pd.Series(["ca", "ny"], name="state"))
    assert not are_states(pd.Series([None, None], name="state", dtype=object))
    assert not are_states(pd.Series(["ok", "perhaps"], name="status")), "no word is clearly one"
    with pytest.raises(ValueError, match=r"Column 'status' must hold states .* holds 'perhaps'"):
        are_states(pd.Series(["finished", "perhaps"], name="status"))

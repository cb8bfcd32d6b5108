"""Names of columns."""

from __future__ import annotations

import optuna
import pandas as pd
import pytest

from optuna_hpx.trials.frames.headings import resolve, with_plain_names
from optuna_hpx.trials.frames.layouts import layout_of


def test_levels_are_joined_as_optuna_joins_them() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    levels = with_plain_names(study.trials_dataframe(multi_index=True))
    assert levels.columns.tolist() == study.trials_dataframe().columns.tolist()


def test_a_name_that_comes_twice() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["x", "y", "x"])
    with pytest.raises(ValueError, match="got 'x' 2 times: rename or drop all but one"):
        with_plain_names(frame)
    assert with_plain_names(frame.set_axis([0, 1, 2], axis=1)).columns.tolist() == ["0", "1", "2"]


def test_what_is_meant() -> None:
    names = ["config/lr", "loss"]
    assert resolve("LR", names, layout_of(names)) == "config/lr"
    with pytest.raises(ValueError, match=r"no column 'z'.* Change `value`"):
        resolve("z", names, layout_of(names), "value")

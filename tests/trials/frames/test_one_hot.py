"""Columns of 0 and 1 that are one choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.trials.frames.one_hot import fold_one_hot

rng = np.random.default_rng(0)
K = rng.integers(3, size=30)
HOT = pd.DataFrame({f"opt_{name}": k == K for k, name in enumerate(["adam", "sgd", "lion"])})


@pytest.mark.parametrize("dtype", [bool, int, float, object])
def test_they_become_one_column_of_choices(dtype: type) -> None:
    frame, folded = fold_one_hot(HOT.astype(dtype).assign(x=0.5), kept=())
    assert folded == {"opt": ("opt_adam", "opt_sgd", "opt_lion")}
    assert frame.columns.tolist() == ["opt", "x"]
    assert frame["opt"].tolist() == [["adam", "sgd", "lion"][k] for k in K]


def test_the_longest_prefix_counts() -> None:
    frame = HOT.rename(columns=lambda name: f"model_{name}").assign(
        model_bias=rng.random(30) > 0.5
    )
    assert list(fold_one_hot(frame, kept=())[1]) == ["model_opt"]


@pytest.mark.parametrize(
    "frame",
    [
        HOT.assign(opt_sgd=True),
        HOT.drop(columns="opt_sgd"),
        HOT.assign(opt=1),
        HOT.head(9),
        HOT.astype(float).assign(opt_sgd=np.nan),
        HOT.rename(columns=dict(zip(HOT, "abc", strict=True))),
    ],
)
def test_flags_stay_flags(frame: pd.DataFrame) -> None:
    same, folded = fold_one_hot(frame, kept=())
    assert folded == {}
    assert same is frame


def test_what_is_named_stays() -> None:
    assert fold_one_hot(HOT, kept={"opt_sgd"})[1] == {}


def test_a_table_says_so() -> None:
    frame = HOT.assign(lr=rng.random(30), loss=rng.random(30))
    with pytest.warns(UserWarning, match="opt_adam, opt_sgd, opt_lion are one choice"):
        table = TrialTable.from_frame(frame, value="loss")
    assert table.columns["opt"].distributions[0].choices == ("adam", "lion", "sgd")  # type: ignore


def test_two_of_one_name_are_not_one() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.random(30) > 0.5, rng.random(30) > 0.5
    frame = pd.DataFrame({"o_a": x, "o_b": ~x, "o.a": y, "o.b": ~y})
    folded_frame, folded = fold_one_hot(frame, kept=())
    assert folded == {"o": ("o_a", "o_b")}
    assert folded_frame.columns.tolist() == ["o", "o.a", "o.b"]

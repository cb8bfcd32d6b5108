"""What is said of how a table was read."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.trials.frames.words import check_arguments

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({"lr": rng.random(40), "loss": rng.random(40)})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, None, (), None), "`value` must be the name of a column"),
        (("y", "lr", (), None), "`params` must be a list of column names, got 'lr'"),
        (("y", None, "lr", None), "`ignore` must be a list of column names, got 'lr'"),
        (("y", None, (), {"lr": 1}), r"`distributions\['lr'\]` must be one of"),
    ],
)
def test_arguments_of_other_types(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_arguments(*arguments)


def test_objectives() -> None:
    assert check_arguments("y", None, (), None) == ["y"]
    assert check_arguments(("y", "z"), [], [], {}) == ["y", "z"]


def test_one_warning_says_all_that_was_guessed() -> None:
    frame = FRAME.assign(seed=rng.integers(0, 3, 40), val_loss=rng.random(40), n=np.arange(40))
    with pytest.warns(UserWarning, match="To say otherwise: `params` or `ignore`") as caught:
        TrialTable.from_frame(frame, value="loss")
    assert len(caught) == 1
    said = str(caught[0].message)
    assert "no parameters: 'seed' (a seed), 'val_loss' (a result, by its name)" in said
    assert "Column 'n' is taken as no parameter (goes up by 1 from row to row), but" in said


@pytest.mark.parametrize("options", [{}, {"params": ["lr"]}, {"ignore": ["seed", "n"]}])
def test_nothing_to_say(options: dict[str, Any]) -> None:
    frame = FRAME if not options else FRAME.assign(seed=1, n=rng.integers(0, 9, 40))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(TrialTable.from_frame(frame, value="loss", **options).columns) == ["lr"]


def test_one_sentence_for_columns_of_which_the_same_is_said() -> None:
    others = {name: rng.random(40) ** 5 for name in ("sparsity", "lipschitz")}
    frame = pd.DataFrame({"lr": rng.random(40), "layers": rng.integers(1, 5, 40)})
    frame = frame.assign(loss=rng.random(40), **others)
    with pytest.warns(UserWarning, match="Columns 'sparsity', 'lipschitz' are each taken as no"):
        TrialTable.from_frame(frame, value="loss")

"""What columns say of each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optuna_hpx.trials.frames.layouts import layout_of
from optuna_hpx.trials.frames.role import Role
from optuna_hpx.trials.frames.roles import roles_of

rng = np.random.default_rng(0)
N = 60
LOSS = rng.random(N)
LR = 10 ** rng.uniform(-5, -1, N)
LAYERS = rng.integers(1, 6, N)


def roles(**cells: Any) -> list[Role]:
    frame = pd.DataFrame(cells)
    names = frame.columns.tolist()
    return roles_of(frame, layout_of(names), {"loss": "objective"}, LOSS[:, None])


def reasons(**cells: Any) -> dict[str, str]:
    """Why columns are left out."""
    return {role.column: role.reason for role in roles(**cells) if role.kind == "left out"}


@pytest.mark.parametrize(
    "cells",
    [np.log10(LR), -LR, 3 * LAYERS + 7, np.array(list("abcdefg"))[LAYERS]],
    ids=["log", "negative", "linear", "words"],
)
def test_what_follows_from_a_parameter(cells: np.ndarray) -> None:
    left = reasons(lr=LR, layers=LAYERS, other=cells, loss=LOSS)
    assert left["other"] in ("follows from lr in every row", "follows from layers in every row")
    assert len(left) == 1


def test_the_one_stays_that_is_named_like_a_parameter() -> None:
    assert reasons(what=np.log(LR), lr=LR, loss=LOSS) == {"what": "follows from lr in every row"}


def test_what_only_happens_to_go_along_is_taken() -> None:
    both = rng.integers(0, 2, N)
    assert reasons(a=both, b=1 - both, loss=LOSS) == {}  # two values: a switch and its like
    few = np.tile([0, 1, 2], N // 3)
    again = {"C": few**2, "gamma": 5.0 - few}  # three configurations, each run 20 times
    assert reasons(**again, loss=LOSS) == {}
    empty = np.where(LAYERS > 2, LAYERS, np.nan)
    assert reasons(layers=LAYERS, extra=empty * 2, loss=LOSS) == {}


def test_what_stands_beyond_the_objective() -> None:
    sure = {"lr": LR, "layers": LAYERS}
    noise = rng.random(N)
    left = reasons(**sure, loss=LOSS, sparsity=noise)
    assert left["sparsity"].startswith("likely a result, by its place: what surely is a parameter")
    left = reasons(sparsity=noise, loss=LOSS, **sure)
    assert list(left) == ["sparsity"]
    assert reasons(sparsity=noise, **sure, loss=LOSS) == {}
    assert reasons(lr=LR, loss=LOSS, layers=LAYERS, sparsity=noise) == {}
    assert reasons(**sure, loss=LOSS, dropout=noise) == {}
    # A parameter that was added later stands last, and is empty above.
    assert reasons(**sure, loss=LOSS, extra=np.where(LR > 1e-3, noise, np.nan)) == {}
    assert reasons(lr=LR, loss=LOSS, sparsity=noise) == {}


def test_what_stands_between_two_results() -> None:
    a, b, c = rng.random((3, N))
    left = reasons(fast=a, slow=b, loss=LOSS, trades=c, accuracy=a + b)
    assert left["trades"] == "likely a result, by its place: between loss and accuracy"
    assert "trades" not in reasons(fast=a, loss=LOSS, trades=c, accuracy=a)


def test_what_crowds_where_others_do_not() -> None:
    crowded = rng.normal(size=N) ** 3
    doubts = {r.column: r.doubt for r in roles(size_of=crowded, lr=LR, b=rng.random(N), loss=LOSS)}
    assert doubts["size_of"] == "it may be a result: its values crowd as even draws do not"
    assert not doubts["lr"]
    assert not doubts["b"]
    # Of trials that a sampler chose all crowd.
    chosen = 1e-3 * np.exp(rng.normal(size=N) ** 3)
    assert not any(r.doubt for r in roles(size_of=crowded, lr=chosen, b=rng.random(N), loss=LOSS))
    assert not any(r.doubt for r in roles(a=crowded, b=rng.normal(size=N) ** 3, loss=LOSS))

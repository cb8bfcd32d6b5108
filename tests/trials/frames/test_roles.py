"""Which columns are parameters, and why others are not."""

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


def role(name: str, cells: Any, **others: Any) -> Role:
    """The role of one column beside a parameter and an objective."""
    frame = pd.DataFrame({"lr": rng.random(N), "loss": LOSS, **others, name: cells})
    names = frame.columns.tolist()
    return roles_of(frame, layout_of(names), {"loss": "objective"}, LOSS[:, None])[-1]


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("x", 3, "one value in all rows"),
        ("x", np.where(LOSS > 0.5, 1.0, np.nan), "one value, or empty"),
        ("x", np.nan, "empty"),
        ("x", pd.date_range("2026-01-01", periods=N), "a date"),
        ("x", pd.date_range("2026-01-01", periods=N).astype(str), "a date"),
        ("x", [f"{k} days 00:01:00" for k in range(N)], "a duration"),
        ("x", [f"a{k * 7919:09x}" for k in range(N)], "ids or hashes"),
        ("x", [f"run {k}" for k in range(N)], "text of its own in each row"),
        ("x", [f"run {k // 2 * 2}" if k > 9 else f"r {k}" for k in range(N)], "text that hardly"),
        ("x", 1.7e9 + 60.0 * np.arange(N), "a date, as a number"),
        ("x", 10**6 + 7919 * np.arange(N), "whole numbers that never repeat"),
        ("x", np.arange(N) + 5, "goes up by 1"),
        ("x", LOSS**3, "likely a result: the objective follows its order"),
        ("x", LOSS, "the same as loss"),
        ("train_loss", rng.random(N), "a result, by its name"),
        ("rank", rng.permutation(N), "a rank"),
        ("seed", rng.integers(0, 5, N), "a seed"),
        ("converged", rng.random(N) > 0.5, "a result, by its name"),
    ],
)
def test_what_is_left_out(name: str, cells: Any, reason: str) -> None:
    found = role(name, cells)
    assert not found.is_parameter
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("x", rng.random(N)),
        ("x", rng.integers(0, 3, N)),
        ("loss_fn", rng.choice(["mse", "mae"], N)),
        ("precision", rng.choice(["16", "32"], N)),
        ("rank", rng.choice([4, 8, 16], N)),
        ("max_iter", rng.permutation(10**6)[:N]),
        ("run", rng.integers(1, 4, N)),
        ("units", LOSS**3),
        ("layers", rng.choice(["[64, 64]", "[128]"], N)),
    ],
)
def test_what_is_taken(name: str, cells: Any) -> None:
    assert role(name, cells).is_parameter


def test_doubts() -> None:
    assert "rank correlation" in role("x", (LOSS + 0.6 * rng.random(N)) ** 4).doubt
    assert "swept" in role("width", np.arange(N)).doubt
    many = role("x", [f"c{k % 31 if k < 55 else 0}" for k in range(2 * N)][:N])
    assert many.doubt == "it has 31 choices" or not many.is_parameter


def test_nothing_is_left_if_all_go_along_with_the_objective() -> None:
    frame = pd.DataFrame({"x": LOSS**2, "loss": LOSS})
    roles = roles_of(frame, layout_of(["x", "loss"]), {"loss": "objective"}, LOSS[:, None])
    assert roles[0].is_parameter
    assert roles[0].doubt.startswith("it is likely a result")


def test_a_prefix_marks_parameters() -> None:
    frame = pd.DataFrame({"number": range(N), "value": LOSS, "params_x": 1, "params_seed": LOSS})
    roles = roles_of(frame, layout_of(list(frame)), {"value": "objective"}, LOSS[:, None])
    assert [r.kind for r in roles] == ["left out", "objective", "parameter", "parameter"]
    assert roles[0].reason == "not named params_*"
    config = frame.rename(columns=lambda name: name.replace("params_", "config/")).assign(
        done=True
    )
    config["config/lr"] = rng.random(N)
    roles = roles_of(config, layout_of(list(config)), {"value": "objective"}, LOSS[:, None])
    assert [r.column for r in roles if r.is_parameter] == ["config/lr"]

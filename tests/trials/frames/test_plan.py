"""Roles and types of a whole table, and what its user says of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optuna_hpx.trials.frames.headings import resolve
from optuna_hpx.trials.frames.layouts import layout_of
from optuna_hpx.trials.frames.plan import plan_frame

rng = np.random.default_rng(0)
N = 40


def frame(**more: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trial_id": [f"{k:05d}" for k in range(N)],
            "loss": rng.random(N),
            "done": True,
            "config/lr": rng.random(N),
            "config/opt": rng.choice(["a", "b"], N),
            **more,
        }
    )


def test_parameters_are_called_without_their_prefix() -> None:
    plan = plan_frame(frame(), ["loss"])
    assert dict(plan.params) == {"lr": "config/lr", "opt": "config/opt"}
    assert plan.layout.tool == "Ray Tune"
    assert plan.name_of("config/lr") == "lr"
    assert (plan.find("config/lr"), plan.find("lr")) == ("lr", "lr")
    with pytest.raises(ValueError, match="'done' is no parameter"):
        plan.find("done")


@pytest.mark.parametrize("name", ["lr", "config/lr", "LR", "Config/LR"])
def test_both_spellings(name: str) -> None:
    assert list(plan_frame(frame(), ["loss"], params=[name]).params) == ["lr"]
    assert list(plan_frame(frame(), ["loss"], ignore=[name]).params) == ["opt"]


def test_what_a_name_may_mean() -> None:
    names = ["metrics.loss", "a.x", "b.x", "params.lr"]
    layout = layout_of(["run_id", "status", *names])
    assert resolve("loss", names, layout) == "metrics.loss"
    assert resolve("lr", names, layout) == "params.lr"
    with pytest.raises(ValueError, match="'x' may be any of the columns"):
        resolve("x", names, layout)
    with pytest.raises(ValueError, match=r"no column 'y'; the columns are 'metrics.loss', 'a.x'"):
        resolve("y", names, layout)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"params": ["loss"]}, "as a parameter and as an objective"),
        ({"named": ["lr"], "ignore": ["lr"]}, "as a parameter and in `ignore`"),
        ({"params": ["lr"], "named": ["opt"]}, "'config/opt' is named, but the parameters are"),
    ],
)
def test_one_column_in_two_roles(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_frame(frame(), ["loss"], **options)


def test_a_column_that_is_named_is_a_parameter() -> None:
    table = frame(**{"config/seed": rng.integers(0, 3, N)})
    assert "seed" not in plan_frame(table, ["loss"]).params
    assert "seed" in plan_frame(table, ["loss"], named=["seed"]).params


def test_open_rows_are_counted_and_numbers_put_rows_in_order() -> None:
    table = frame(number=np.arange(N)[::-1], status=["running"] * 3 + ["finished"] * (N - 3))
    plan = plan_frame(table, ["loss"])
    assert plan.n_unfinished == 3
    assert plan.numbers.tolist() == list(range(N - 3))
    assert plan.df["loss"].tolist() == table["loss"].tolist()[:2:-1]


def test_text_of_a_file_and_text_of_a_frame() -> None:
    text = frame(**{"config/n": rng.choice(["8", "16"], N)}).astype(str)
    assert plan_frame(text, ["loss"], decimals=".,").df["config/n"].dtype.kind == "i"
    assert plan_frame(text, ["loss"]).df["config/n"].dtype.kind not in "if", "choices as text"
    assert plan_frame(text, ["loss"]).df["config/lr"].dtype.kind == "f"


def test_cells_that_were_lost() -> None:
    lr = [*map(str, rng.random(N - 2)), "auto", "inf"]
    plan = plan_frame(frame(**{"config/lr": lr}), ["loss"], decimals=".,")
    words = "'auto' (1), 'inf' (1)"
    assert plan.lost_cells("config/lr") == f"2 cells hold no number and count as empty: {words}"
    assert plan.lost_cells("config/opt") == ""


def test_an_infinite_objective_stays_one() -> None:
    plan = plan_frame(frame(loss=["inf", *map(str, rng.random(N - 1))]), ["loss"], decimals=".,")
    assert plan.df["loss"].iloc[0] == np.inf


def test_names_of_no_text_and_names_that_come_twice() -> None:
    assert list(plan_frame(pd.DataFrame({1: [0.1, 0.3], "y": [1.0, 2]}), ["y"]).params) == ["1"]
    twice = pd.DataFrame([[1.0, 2.0]], columns=["x", "x"])
    with pytest.raises(ValueError, match="got 'x' 2 times: rename"):
        plan_frame(twice, ["x"])

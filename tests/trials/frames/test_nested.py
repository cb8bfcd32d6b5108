"""Cells that hold all parameters of a row."""

from __future__ import annotations

import pandas as pd

from optuna_hpx.trials.frames.nested import spread_nested


def test_dicts_and_what_str_makes_of_them() -> None:
    rows = [{"lr": 0.1, "opt": {"name": "adam"}}, {"lr": 0.2, "betas": [0.9, 0.99], "wd": None}]
    for cells in (rows, [str(row) for row in rows], ['{"lr": 0.1, "opt": {"name": "adam"}}', ""]):
        frame, name = spread_nested(pd.DataFrame({"config": cells, "loss": [1.0, 2.0]}))
        assert name == "config"
        assert frame["config.lr"].tolist()[0] == 0.1
        assert frame["config.opt.name"].tolist()[0] == "adam"
    full, _ = spread_nested(pd.DataFrame({"config": rows}))
    assert full["config.betas"].tolist()[1] == "[0.9, 0.99]"
    assert full["config.wd"].tolist()[1] == "None"


def test_numbers_of_numpy_and_no_numbers() -> None:
    cells = ["{'a': np.float64(0.5), 'b': nan}", "{'a': -inf, 'b': 3}"]
    frame, _ = spread_nested(pd.DataFrame({"params": cells}))
    assert frame["params.a"].tolist() == [0.5, float("-inf")]
    assert frame["params.b"].tolist() == ["None", 3]


def test_summaries_are_spread_as_well() -> None:
    frame = pd.DataFrame(
        {"summary": ["{'acc': 0.5}"], "config": ["{'lr': {'value': 1, 'desc': 0}}"]}
    )
    spread, _ = spread_nested(frame)
    assert spread.columns.tolist() == ["summary.acc", "config.lr"]
    assert spread["config.lr"].tolist() == [1]


def test_what_is_left_as_it_is() -> None:
    for frame in (
        pd.DataFrame({"params": ["{'C': 1}"], "param_C": [1]}),
        pd.DataFrame({"config": ["a.yaml"], "loss": [1.0]}),
        pd.DataFrame({"config": ["{broken"], "loss": [1.0]}),
        pd.DataFrame({"summary": ["{'acc': 0.5}"]}),
    ):
        spread, name = spread_nested(frame)
        assert name == ""
        assert spread is frame

"""Who wrote a table."""

from __future__ import annotations

import pytest

from optuna_hpx.trials.frames.layouts import layout_of


@pytest.mark.parametrize(
    ("columns", "tool", "prefix"),
    [
        ("number,value,params_x,state", "Optuna", "params_"),
        ("Number,State,Value,Param x", "Optuna Dashboard", "Param "),
        ("mean_fit_time,param_C,params,mean_test_score", "scikit-learn", "param_"),
        ("run_id,status,params.lr,metrics.loss", "MLflow", "params."),
        ("Start Time,Run ID,Source Type,Source Name,lr", "MLflow", ""),
        ("val,trial_id,done,config/lr", "Ray Tune", "config/"),
        ("Name,State,Created,lr,loss", "", ""),
        ("Name,State,Created,Runtime,lr,loss", "Weights & Biases", ""),
        ("Name,State,config.lr,loss", "Weights & Biases", "config."),
        ("arm_name,trial_index,trial_status,x1,y", "Ax", ""),
        ("lr,loss", "", ""),
        ("hparams/lr,hparams/wd,loss", "", "hparams/"),
        ("hp_lr,hp_units,score", "", "hp_"),
        ("Parameters.lr,loss", "", "Parameters."),
        ("param_count,lr,loss", "", ""),
        ("config_path,lr,loss", "", ""),
        ("params_x,loss", "", "params_"),
    ],
)
def test_tools(columns: str, tool: str, prefix: str) -> None:
    layout = layout_of(columns.split(","))
    assert (layout.tool, layout.prefix) == (tool, prefix)


def test_special_columns_in_any_case() -> None:
    layout = layout_of(["Trial_Number", "STATUS", "Duration", "lr"])
    assert (layout.number, layout.state, layout.duration) == ("Trial_Number", "STATUS", "Duration")
    assert layout_of(["TrainingJobStatus", "lr"]).state == "TrainingJobStatus"
    assert layout_of(["a_state", "b_state"]).state == ""
    assert layout_of(["run_id", "status", "params.state"]).state == "status"


def test_names_without_the_prefix() -> None:
    layout = layout_of(["Number", "State", "Param lr"])
    assert layout.short("Param lr") == "lr"
    assert layout.short("Param ") == "Param "

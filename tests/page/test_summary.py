"""The study in a few lines, and the best of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from optuna_hpx.page._summary import best_sections, facts, history_section, n_unfinished
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


def _facts(study: optuna.Study, n: int = 0) -> dict[str, str]:
    return dict(facts(TrialTable.from_study(study), n))


def test_trials_by_state() -> None:
    study = hand.study([[1.0], TrialState.PRUNED, [0.5], TrialState.FAIL])
    assert _facts(study, 2) == {
        "Trials": "2 complete, 1 pruned, 1 failed, 2 waiting or running",
        "Objective": "minimize",
        "Best": "0.5 in trial 2",
        **{key: _facts(study)[key] for key in ("Time", "Sampled")},
    }


def test_several_objectives() -> None:
    values = [[1.0, 1.0], [2.0, 2.0], [3.0, 1.0]]
    summary = _facts(hand.study(values, ["minimize", "maximize"]))
    assert summary["Objectives"] == "objective 0: minimize, objective 1: maximize"
    assert summary["Best"] == "2 trials that no other dominates"


def test_no_feasible_trial() -> None:
    study = hand.study([[1.0], [2.0]], infeasible=[0, 1])
    assert _facts(study)["Feasible"] == "0 of 2 complete trials"
    assert _facts(study)["Best"] == "no feasible trial"
    assert best_sections(TrialTable.from_study(study)) == []


def test_when_and_how_long() -> None:
    study = optuna.create_study()
    start = datetime(2026, 3, 1, 23, 0)
    for minutes in (30, 90):
        trial = optuna.create_trial(
            value=1.0, params={"x": 0.5}, distributions={"x": FloatDistribution(0, 1)}
        )
        trial.datetime_start = start
        trial.datetime_complete = start + timedelta(minutes=minutes)
        study.add_trial(trial)
    summary = _facts(study)
    assert summary["Time"] == "2 h 0 min in all, 1 h 0 min per trial (median)"
    assert summary["Sampled"] == "2026-03-01 23:00 to 2026-03-02 00:30"


def test_trials_that_still_wait_or_run() -> None:
    study = hand.study([[1.0]])
    assert n_unfinished(None) == n_unfinished(study) == 0
    study.ask()
    study.enqueue_trial({"x": 0.5})
    assert n_unfinished(study) == 2


def test_the_parameters_of_the_best_trial() -> None:
    params = [{"x": 0.25}, {"x": 0.125, "y": 1.0}]
    distributions = {name: FloatDistribution(0.0, 1.0) for name in "xy"}
    study = hand.study([[2.0], [3.0]], params=params, distributions=distributions)
    (section,) = best_sections(TrialTable.from_study(study))
    assert section.title == "The best trial"
    (table,) = section.tables
    assert table.caption == "Parameters of the best trial (0)"
    assert table.rows == (("x", "0.25"),), "y was not active"


def test_trials_that_no_other_dominates() -> None:
    study = hand.study([[float(k), float(k)] for k in range(30)], ["minimize", "maximize"])
    (section,) = best_sections(TrialTable.from_study(study))
    assert section.title == "The best trials"
    (table,) = section.tables
    assert table.head == ("trial", "objective 0", "objective 1", "x")
    assert table.caption.endswith("(10 of 30, spread over objective 0)")
    assert [row[0] for row in table.rows][:2] == ["0", "3"]
    assert table.rows[-1][0] == "29"


def test_how_the_objective_went() -> None:
    section = history_section(TrialTable.from_study(hand.study([[1.0], [2.0]])))
    assert section.title == "How the study went"
    assert [chart.label for chart in section.charts] == ["Chart: the objective of 2 trials"]


def test_how_long_ago_the_best_was_is_not_told_of_rows_that_were_sorted() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((30, 2)), columns=["x", "loss"])
    by_loss = frame.sort_values("loss", ignore_index=True)
    verdicts = [
        best_sections(TrialTable.from_frame(rows, params=["x"], value="loss"))[0].verdict
        for rows in (frame, by_loss)
    ]
    assert "before the last" in verdicts[0]
    assert verdicts[1].endswith("in trial 0.")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0] * 12, "All 12 complete trials have the same value, 1."),
        (
            [2.0, 1.0, 1.0, 3.0],
            "The best of 4 complete trials is 1 in trial 1, 2 trials before the last. 2 trials "
            "have that value.",
        ),
        ([1.0, 2.0], "The best of 2 complete trials is 1 in trial 0, 1 trial before the last."),
    ],
)
def test_the_verdict_tells_of_equal_values(values: list[float], expected: str) -> None:
    (section,) = best_sections(TrialTable.of(hand.study([[value] for value in values])))
    assert section.verdict == expected


def test_what_is_infeasible_or_infinite_is_no_equal_value() -> None:
    values = [[1.0], [1.0], [2.0], [1.0]]
    table = TrialTable.from_study(hand.study(values, infeasible=[2]))
    (section,) = best_sections(table)
    assert section.verdict.startswith("The best of 4 complete trials is 1")

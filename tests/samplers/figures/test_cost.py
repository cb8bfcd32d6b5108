"""What the figure of quality against cost shows, read from its traces."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from optuna_hpx import HsicSampler, TrialTable, plot_cost
from tests import made_by_hand as hand


def _table(directions: tuple[str, ...] = ("minimize",)) -> TrialTable:
    """Values and seconds (3, 1), (2, 2), (1, 4), (2.5, 3), one infeasible, one without time."""
    study = optuna.create_study(directions=list(directions))
    start = datetime(2026, 1, 1)
    for value, seconds, constraint in (
        (3, 1, -1),
        (2, 2, -1),
        (1, 4, -1),
        (2.5, 3, -1),
        (0, 1, 1),
        (1.5, 0, -1),
    ):
        trial = optuna.create_trial(
            params={"x": 0.5},
            distributions={"x": FloatDistribution(0, 1)},
            values=[float(value)] * len(directions),
            system_attrs={"constraints": [constraint]},
        )
        trial.datetime_start = start
        trial.datetime_complete = start + timedelta(seconds=seconds)
        study.add_trial(trial)
    return TrialTable.from_study(study)


def _named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_front_of_quality_and_cost() -> None:
    figure = plot_cost(_table())
    front = _named(figure, "best for its cost")
    assert front.x.tolist() == [1.0, 2.0, 4.0]
    assert front.y.tolist() == [3.0, 2.0, 1.0]
    assert _named(figure, "infeasible").y.tolist() == [0.0]
    assert len(_named(figure, "trials").x) == 4
    assert "1 trial has no known cost" in figure.layout.xaxis.title.text


def test_maximised_front_has_the_users_sign() -> None:
    front = _named(plot_cost(_table(("maximize",))), "best for its cost")
    assert front.y.tolist() == [3.0]


def test_cost_by_the_user() -> None:
    figure = plot_cost(_table(), lambda trial: 10.0 - trial.number)
    assert _named(figure, "best for its cost").x.tolist() == [5.0, 8.0]


def test_nothing_to_draw() -> None:
    table = TrialTable.from_study(optuna.create_study())
    assert "No complete trial" in plot_cost(table).layout.annotations[0].text


def test_several_objectives_are_refused() -> None:
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_cost(_table(("minimize", "minimize")))


def test_points_are_trials_with_their_numbers() -> None:
    points = _named(plot_cost(_table()), "trials")
    assert points.x.tolist() == [1.0, 2.0, 4.0, 3.0]
    assert points.y.tolist() == [3.0, 2.0, 1.0, 2.5]
    assert points.customdata.tolist() == [0, 1, 2, 3]
    front = _named(plot_cost(_table()), "best for its cost")
    assert front.customdata.tolist() == [0, 1, 2]
    assert front.line.shape == "hv", "the best stays so until something dearer beats it"


def test_axes_name_unit_and_direction() -> None:
    figure = plot_cost(_table(("maximize",)))
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.title.text.startswith("seconds of a trial")
    assert figure.layout.yaxis.title.text == "value (maximize)"
    assert "seconds" in figure.data[0].hovertemplate
    own = plot_cost(_table(), lambda trial: 1.0 + trial.number)
    assert own.layout.xaxis.title.text == "cost of a trial", "every trial has one"
    assert "cost %{x" in own.data[0].hovertemplate


def _costly() -> optuna.Study:
    """Values 3, 2, 1 that cost 1, 2, 2; a pruned and a failed trial; one that diverged."""
    values: list[Any] = [[3.0], [2.0], [1.0], TrialState.PRUNED, TrialState.FAIL, [np.inf]]
    return hand.study(values)


COSTS = [1.0, 2.0, 2.0, 0.1, 0.1, 0.1]


def test_of_trials_of_one_cost_the_best_counts() -> None:
    front = _named(plot_cost(_costly(), lambda trial: COSTS[trial.number]), "best for its cost")
    assert front.x.tolist() == [1.0, 2.0]
    assert front.y.tolist() == [3.0, 1.0]


def test_trials_without_a_value_are_not_drawn() -> None:
    figure = plot_cost(_costly(), lambda trial: COSTS[trial.number])
    assert [number for trace in figure.data[:-1] for number in trace.customdata] == [0, 1, 2]
    assert "no known cost" not in figure.layout.xaxis.title.text


@pytest.mark.parametrize("odd", [None, 0.0, -1.0, np.nan, np.inf])
def test_odd_costs_are_counted(odd: float | None) -> None:
    figure = plot_cost(_costly(), lambda trial: odd if trial.number < 2 else 5.0)
    assert figure.data[0].customdata.tolist() == [2]
    assert "2 trials have no known cost" in figure.layout.xaxis.title.text


def test_nothing_feasible_has_no_front() -> None:
    table = TrialTable.from_study(hand.study([[1.0], [2.0]], infeasible=[0, 1]))
    figure = plot_cost(table, lambda trial: 1.0)
    assert [trace.name for trace in figure.data] == ["infeasible"]


def test_the_samplers_cost_is_taken_where_none_is_given() -> None:
    study = _costly()
    study.sampler = HsicSampler(cost=lambda trial: 10.0 + trial.number, seed=0)
    assert _named(plot_cost(study), "trials").x.tolist() == [10.0, 11.0, 12.0]
    assert _named(plot_cost(study, lambda trial: 7.0), "trials").x.tolist() == [7.0] * 3
    without = plot_cost(TrialTable.from_study(study))
    assert without.layout.annotations[0].text.startswith("No complete trial has a known cost")


@pytest.mark.parametrize(
    ("cost", "error", "message"),
    [
        ("time", TypeError, "`cost` must be None"),
        (3.0, TypeError, "`cost` must be None"),
        (lambda trial: trial.params["y"], ValueError, "for trial 0 it raised KeyError"),
        (lambda trial: "much", ValueError, "`cost` must return a number"),
    ],
)
def test_bad_costs(cost: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plot_cost(_costly(), cost)


def test_a_function_of_trials_needs_trials() -> None:
    table = TrialTable.from_frame(TrialTable.from_study(_costly()).to_frame(), value="value")
    with pytest.raises(ValueError, match="needs a study"):
        plot_cost(table, lambda trial: 1.0)


def test_something_else() -> None:
    with pytest.raises(TypeError, match="`study` must be a Study"):
        plot_cost(3)  # type: ignore[arg-type]


def test_many_trials_are_thinned_and_the_extremes_kept() -> None:
    import pandas as pd

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"y": rng.random(12_000), "duration": rng.uniform(1.0, 2.0, 12_000)})
    frame.loc[7001, ["y", "duration"]] = 9.0, 99.0
    table = TrialTable.from_frame(frame, params=[], value="y")
    figure = plot_cost(table)
    trials = _named(figure, "trials")
    assert 5000 <= len(trials.x) <= 5004
    assert 7001 in trials.customdata
    assert f"{len(trials.x):,} of 12,000 trials are drawn" in figure.layout.xaxis.title.text

"""What the figures of a sampler's beliefs and of cost show, read from their traces."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution

from optuna_hpx import (
    HsicSampler,
    SamplerBeliefs,
    TrialTable,
    plot_beliefs,
    plot_cost,
    sampler_beliefs,
)

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _beliefs(d: int, *, cost: bool = True) -> SamplerBeliefs:
    rng = np.random.default_rng(0)
    return SamplerBeliefs(
        names=tuple(f"p{k}" for k in range(d)),
        numbers=np.array([10, 13, 17]),
        n_trials=np.array([10, 13, 17]),
        activity=rng.random((3, d)),
        cost=rng.random((3, d)) if cost else np.full((3, d), np.nan),
    )


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


def test_a_line_for_each_parameter_and_a_row_for_cost() -> None:
    figure = plot_beliefs(_beliefs(3))
    assert [trace.name for trace in figure.data] == ["p0", "p1", "p2"] * 2
    assert figure.data[0].y.tolist() == _beliefs(3).activity[:, 0].tolist()
    assert figure.data[3].y == pytest.approx(np.exp(_beliefs(3).cost[:, 0]))
    assert len(plot_beliefs(_beliefs(3, cost=False)).data) == 3


def test_many_parameters_are_one_grey_line() -> None:
    figure = plot_beliefs(_beliefs(12, cost=False))
    grey = figure.data[0]
    assert grey.name == "4 other parameters"
    assert len(grey.x) == 4 * 4


def test_no_beliefs() -> None:
    study = optuna.create_study()
    assert "No belief" in plot_beliefs(sampler_beliefs(study)).layout.annotations[0].text


def test_beliefs_of_a_study() -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("idle", 0, 1)
        return trial.suggest_float("x", 0, 1)

    study = optuna.create_study(sampler=HsicSampler(cost=lambda t: 1 + t.params["x"], seed=0))
    study.optimize(objective, n_trials=60)
    beliefs = sampler_beliefs(study)
    assert beliefs.names == ("x", "idle")
    assert beliefs.numbers.tolist() == sorted(beliefs.numbers.tolist())
    assert (beliefs.n_trials <= beliefs.numbers).all()
    assert np.nanmax(beliefs.activity) <= 1.0
    assert beliefs.cost[-1, 0] > beliefs.cost[-1, 1]


def test_front_of_quality_and_cost() -> None:
    figure = plot_cost(_table())
    front = _named(figure, "best for its cost")
    assert front.x.tolist() == [1.0, 2.0, 4.0]
    assert front.y.tolist() == [3.0, 2.0, 1.0]
    assert _named(figure, "infeasible").y.tolist() == [0.0]
    assert len(_named(figure, "trials").x) == 4
    assert "1 trials have no known cost" in figure.layout.xaxis.title.text


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


@pytest.mark.parametrize("plot", [plot_beliefs, plot_cost])
def test_something_else(plot: Any) -> None:
    with pytest.raises(TypeError, match="must be"):
        plot(3)

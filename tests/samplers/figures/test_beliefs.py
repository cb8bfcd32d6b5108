"""What the figure of a sampler's beliefs shows, read from its traces."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_hpx import (
    HsicSampler,
    SamplerBeliefs,
    plot_beliefs,
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


def test_something_else() -> None:
    with pytest.raises(TypeError, match="must be"):
        plot_beliefs(3)  # type: ignore[arg-type]

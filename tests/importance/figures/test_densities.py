from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx.importance import PedAnovaImportanceEvaluator
from optuna_hpx.visualization import plot_densities
from tests import made_by_hand as hand


def _by_name(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_continuous_densities_reach_the_bounds() -> None:
    regime = hand.continuous(bounds=(2.0, 6.0), peak=0.5)
    traces = _by_name(plot_densities(hand.report({"x": [regime]}), "x"))
    target = traces["target trials"]
    np.testing.assert_allclose(
        target.x[[0, -1]] if isinstance(target.x, np.ndarray) else [target.x[0], target.x[-1]],
        [2.0, 6.0],
    )
    np.testing.assert_allclose(target.y[1:-1], regime.p_target)
    np.testing.assert_allclose(traces["all trials"].y, 1.0)
    assert list(traces["uniform"].y) == [1, 1]
    assert traces["uniform"].line.dash == "dash"
    assert traces["uniform"].text[-1] == "uniform"


def test_a_log_parameter_has_a_log_axis_over_its_bounds() -> None:
    report = hand.report({"lr": [hand.continuous(bounds=(1e-5, 1e-1), log=True)]})
    axis = plot_densities(report, "lr").layout.xaxis
    assert axis.type == "log"
    np.testing.assert_allclose(axis.range, [-5, -1], atol=1e-9)
    assert axis.title.text == "lr"


def test_a_short_log_axis_has_whole_numbers_as_ticks() -> None:
    report = hand.report({"n": [hand.continuous(bounds=(2.0, 64.0), log=True)]})
    np.testing.assert_allclose(
        plot_densities(report, "n").layout.xaxis.tickvals, [2, 5, 10, 20, 50]
    )


def test_moving_bounds_are_called_positions() -> None:
    report = hand.report({"x": [hand.continuous("moving bounds within 0 to 9")]})
    assert "own bounds" in plot_densities(report, "x").layout.xaxis.title.text


def test_a_discrete_parameter_has_two_bars_per_choice() -> None:
    figure = plot_densities(hand.report({"opt": [hand.discrete()]}), "opt")
    traces = _by_name(figure)
    np.testing.assert_allclose(traces["target trials"].y, [0.9, 0.1])
    np.testing.assert_allclose(traces["all trials"].y, [0.5, 0.5])
    assert list(figure.layout.xaxis.ticktext) == ["a", "b"]


def test_choices_of_the_same_name_stay_apart() -> None:
    figure = plot_densities(
        hand.report(
            {"flag": [hand.discrete(("1", "1", "True"), (0.2, 0.3, 0.5), (0.4, 0.4, 0.2))]}
        ),
        "flag",
    )
    assert list(figure.data[0].x) == [0, 1, 2]


def test_many_choices_lie_and_the_rest_is_counted() -> None:
    choices = [f"choice number {i}" for i in range(50)]
    p_target = np.zeros(50)
    p_target[40:] = 0.1
    figure = plot_densities(
        hand.report({"c": [hand.discrete(choices, p_target, np.full(50, 0.02))]}), "c"
    )
    bars = figure.data[0]
    assert bars.orientation == "h"
    assert len(bars.y) == 30
    assert "20 more choices" in figure.layout.xaxis.title.text
    assert set(figure.layout.yaxis.ticktext) >= set(choices[40:]), "the frequent ones are kept"


def test_regimes_are_rows_with_the_most_target_trials_first() -> None:
    few, many = hand.continuous("0 to 1", n_target=2), hand.continuous("0 to 10", n_target=8)
    figure = plot_densities(hand.report({"x": [few, many, hand.discrete(n_target=1)]}), "x")
    titles = [annotation.text for annotation in figure.layout.annotations]
    assert [title.partition("<br>")[0] for title in titles] == ["0 to 10", "0 to 1", "2 choices"]
    assert "8 of 100 trials are target trials" in titles[0]
    in_legend = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(in_legend) == ["all trials", "target trials"]


def test_of_many_regimes_six_are_drawn_and_the_rest_is_counted() -> None:
    regimes = [hand.continuous(f"0 to {i}", n_target=i) for i in range(9)]
    figure = plot_densities(hand.report({"x": regimes}), "x")
    assert len(figure.layout.annotations) == 6
    assert figure.layout.annotations[0].text.startswith("0 to 8")
    assert "3 more regimes" in figure.layout.xaxis6.title.text


def test_without_target_trials_only_the_region_is_drawn() -> None:
    figure = plot_densities(hand.report({"x": [hand.continuous(n_target=0)]}), "x")
    assert set(_by_name(figure)) == {"all trials", "uniform"}


def test_without_a_regime_there_is_a_reason() -> None:
    figure = plot_densities(hand.report({"x": []}), "x")
    assert "Too few" in figure.layout.annotations[0].text


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"`name` must be one of \['x'\], got 'y'"):
        plot_densities(hand.report({"x": [hand.continuous()]}), "y")


def test_markup_in_choices_is_text() -> None:
    regime = hand.discrete(("<b>a</b>", "a & b"))
    figure = plot_densities(hand.report({"<i>c</i>": [regime]}), "<i>c</i>")
    assert list(figure.layout.xaxis.ticktext) == ["&lt;b&gt;a&lt;/b&gt;", "a &amp; b"]
    assert figure.layout.xaxis.title.text == "&lt;i&gt;c&lt;/i&gt;"


def test_every_kind_of_parameter_of_a_real_study() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("lr", 1e-5, 1.0, log=True)
        trial.suggest_float("moving", trial.number, trial.number + 2.0)
        trial.suggest_int("width", 1, 1000, log=True)
        trial.suggest_int("depth", 1, 5)
        kind = trial.suggest_categorical("kind", ["a", None, True])
        if kind == "a":
            trial.suggest_float("only_a", 0.0, 1.0)
        trial.suggest_float("fixed", 3.0, 3.0)
        return x

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=60)
    report = PedAnovaImportanceEvaluator().report(study)
    assert set(report.names) == {"lr", "moving", "width", "depth", "kind", "only_a", "fixed"}
    for name in report.names:
        assert plot_densities(report, name).data

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.trials.table import TrialTable
from optuna_hpx.visualization import plot_history
from tests import made_by_hand as hand


def _table(*args: Any, **kwargs: Any) -> TrialTable:
    return TrialTable.from_study(hand.study(*args, **kwargs))


def _by_name(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


@pytest.mark.parametrize(("direction", "best"), [("minimize", [3, 1]), ("maximize", [3, 5])])
def test_values_and_best_so_far_have_the_users_sign(direction: str, best: list[float]) -> None:
    traces = _by_name(plot_history(_table([[3.0], [1.0], [5.0], [4.0]], [direction])))
    np.testing.assert_allclose(traces["trials"].y, [3, 1, 5, 4])
    line = traces["best so far"]
    assert list(line.y) == [*best, best[-1]], "it goes on to the last trial"
    assert line.x[-1] == 3
    assert line.line.shape == "hv"


def test_infeasible_trials_are_apart_and_never_the_best() -> None:
    traces = _by_name(plot_history(_table([[3.0], [1.0], [2.0]], infeasible=[1])))
    assert list(traces["feasible"].x) == [0, 2]
    assert list(traces["infeasible"].x) == [1]
    assert list(traces["best so far"].y) == [3, 2, 2]


def test_pruned_and_failed_trials_are_marked_where_they_were() -> None:
    figure = plot_history(_table([[3.0], TrialState.PRUNED, TrialState.FAIL, [1.0]]))
    traces = _by_name(figure)
    assert list(traces["pruned"].x) == [1]
    assert list(traces["failed"].x) == [2]
    assert traces["failed"].marker.symbol != traces["pruned"].marker.symbol
    assert list(traces["trials"].x) == [0, 3]


def test_infinite_values_are_counted() -> None:
    figure = plot_history(_table([[3.0], [float("inf")], [1.0]]))
    assert list(_by_name(figure)["trials"].x) == [0, 2]
    assert "1 infinite" in figure.layout.xaxis.title.text


def test_no_complete_trial_is_said() -> None:
    figure = plot_history(_table([TrialState.FAIL]))
    assert "No trial is complete" in figure.layout.annotations[0].text


def test_no_feasible_trial_has_no_best() -> None:
    traces = _by_name(plot_history(_table([[1.0], [2.0]], infeasible=[0, 1])))
    assert set(traces) == {"infeasible"}


def test_two_objectives_are_a_trade_off_with_its_front() -> None:
    figure = plot_history(
        _table(
            [[0.0, 0.0], [1.0, 3.0], [2.0, 2.0], [3.0, 9.0]],
            ["minimize", "maximize"],
            infeasible=[3],
        )
    )
    traces = _by_name(figure)
    assert list(traces["non-dominated"].customdata) == [0, 1]
    assert list(traces["feasible"].customdata) == [2]
    assert list(traces["infeasible"].customdata) == [3]
    assert figure.layout.xaxis.title.text == "objective 0 (minimize)"
    assert figure.layout.yaxis.title.text == "objective 1 (maximize)"


def test_three_objectives_have_a_history_each() -> None:
    figure = plot_history(_table([[3.0, 1.0, 2.0], [1.0, 2.0, 3.0]], ["minimize"] * 3))
    assert figure.layout.yaxis3.title.text == "objective 2 (minimize)"
    assert sum(trace.name == "best so far" for trace in figure.data) == 3
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2


def _long_table(values: np.ndarray) -> TrialTable:
    import pandas as pd

    frame = pd.DataFrame({"y": values})
    return TrialTable.from_frame(frame, params=[], value="y")


def test_a_long_history_is_thinned_and_says_so() -> None:
    values = np.linspace(1.0, 2.0, 12_000)
    values[6002] = 0.5
    figure = plot_history(_long_table(values))
    traces = _by_name(figure)
    assert len(traces["trials"].x) == 5001
    assert 6002 in traces["trials"].x, "the best is kept"
    assert traces["trials"].x[0] == 0
    assert traces["trials"].x[-1] == 11_999
    assert list(traces["best so far"].y) == [1.0, 0.5, 0.5], "the line rests on all trials"
    assert "5,001 of 12,000 trials are drawn:" in figure.layout.xaxis.title.text
    assert "evenly spaced ones, and the extremes" in figure.layout.xaxis.title.text


def test_improvements_without_end_are_thinned_too() -> None:
    figure = plot_history(_long_table(np.linspace(2.0, 1.0, 12_000)))
    line = _by_name(figure)["best so far"]
    assert len(line.x) == 5001
    assert (line.y[0], line.y[-1]) == (2.0, 1.0)


def test_a_long_front_is_thinned_and_says_so() -> None:
    import pandas as pd

    x = np.random.default_rng(0).permutation(12_000)
    frame = pd.DataFrame({"a": x, "b": -x})
    table = TrialTable.from_frame(frame, params=[], value=["a", "b"], direction=["minimize"] * 2)
    figure = plot_history(table)
    front = _by_name(figure)["non-dominated"]
    assert len(front.x) == 5000
    assert (min(front.x), max(front.x)) == (0, 11_999)
    assert "5,000 of 12,000 non-dominated trials are drawn" in figure.layout.xaxis.title.text


def test_many_failures_have_a_tick_only_now_and_then() -> None:
    values = np.where(np.arange(12_000) % 2, np.nan, 1.0)
    figure = plot_history(_long_table(values))
    assert len(_by_name(figure)["failed"].x) == 1000
    assert "1,000 of 6,000 failed trials have a tick" in figure.layout.xaxis.title.text
    assert figure.layout.yaxis99.domain[1] <= figure.layout.yaxis.domain[0], "beside the values"


def test_extremes_do_not_squash_the_rest() -> None:
    values = np.linspace(0.0, 1.0, 100)
    values[7] = 1e9
    figure = plot_history(_long_table(values))
    assert figure.layout.yaxis.range[1] < 2
    assert "1 extreme value" in figure.layout.xaxis.title.text
    assert plot_history(_long_table(np.linspace(0, 1, 100))).layout.yaxis.range is None


def test_a_real_study_with_its_running_trial() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    study.ask()
    assert len(_by_name(plot_history(TrialTable.from_study(study)))["trials"].x) == 5

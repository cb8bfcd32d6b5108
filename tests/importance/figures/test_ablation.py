from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx import AblationPath
from optuna_hpx.importance._changes import Change
from optuna_hpx.visualization import plot_ablation_path


def path_of(
    improvements: tuple[float, ...] = (2.0, 0.1, -1.0), direction: str = "minimize"
) -> AblationPath:
    """From 5.0; intervals reach half a unit to each side, Shapley values are 10 % larger."""
    steps = np.array(improvements)
    sign = 1.0 if direction == "maximize" else -1.0
    k = len(steps)
    names = ["lr", "optimizer", "width", *(f"x{i}" for i in range(k))]
    return AblationPath(
        changes=tuple(Change(name, 0.1, 0.01) for name in names[:k]),
        values=5.0 + sign * np.concatenate([[0.0], np.cumsum(steps)]),
        improvements=steps,
        ci_low=steps - 0.5,
        ci_high=steps + 0.5,
        shapley=1.1 * steps,
        shapley_low=1.1 * steps - 0.5,
        shapley_high=1.1 * steps + 0.5,
        shapley_error=np.zeros(k),
        total=(float(steps.sum()), float(steps.sum()) - 0.6, float(steps.sum()) + 0.6),
        observed=np.array([4.9, *[np.nan] * (k - 1), 4.0]),
        n_observed=np.array([1, *[0] * (k - 1), 2]),
        labels=("the median trial", "the best trial"),
        direction=direction,
        confidence=0.95,
        skill=0.93,
        n_trials=120,
    )


def test_a_bar_leads_from_each_value_to_the_next() -> None:
    better, worse, pale = plot_ablation_path(path_of()).data[:3]
    assert (better.name, worse.name, pale.name) == ("better", "worse", "not told from no change")
    assert (better.base[0], better.x[0], better.y[0]) == (5.0, -2.0, 1)
    assert (worse.base[0], worse.x[0], worse.y[0]) == pytest.approx((2.9, 1.0, 3))
    assert (pale.base[0], pale.x[0], pale.y[0]) == pytest.approx((3.0, -0.1, 2))
    assert len({bar.marker.color for bar in (better, worse, pale)}) == 3


def test_a_change_without_an_interval_is_pale_and_has_no_whisker() -> None:
    nan = np.array([np.nan, -0.4, -1.5])
    figure = plot_ablation_path(replace(path_of(), ci_low=nan, ci_high=nan + 1.0))
    pale = next(bar for bar in figure.data if bar.name == "not told from no change")
    assert pale.y.tolist() == [1, 2]
    assert "nan" not in pale.customdata[0]
    assert "improves by 2<br>" in pale.customdata[0]


def test_of_a_maximised_objective_better_is_to_the_right() -> None:
    better = plot_ablation_path(path_of(direction="maximize")).data[0]
    assert (better.base[0], better.x[0]) == (5.0, 2.0)


@pytest.mark.parametrize(
    ("direction", "ends"), [("minimize", (3.5, 2.5)), ("maximize", (6.5, 7.5))]
)
def test_whiskers_span_the_interval_of_the_value_after(
    direction: str, ends: tuple[float, float]
) -> None:
    figure = plot_ablation_path(path_of(direction=direction))
    (whiskers,) = [trace for trace in figure.data if "interval" in trace.name]
    assert tuple(whiskers.x[:2]) == ends


def test_trials_on_the_path_are_diamonds() -> None:
    diamonds = plot_ablation_path(path_of()).data[-1]
    assert list(diamonds.y) == [0, 3, 4], "the end has a row of its own"
    assert list(diamonds.x) == [4.9, 4.0, 4.0]
    assert list(diamonds.customdata) == ["1 trial", "2 trials", "2 trials"]
    none = replace(path_of(), n_observed=np.zeros(4, dtype=int))
    assert "trials there" not in {trace.name for trace in plot_ablation_path(none).data}


def test_rows_and_what_hovering_tells() -> None:
    figure = plot_ablation_path(path_of())
    assert list(figure.layout.yaxis.ticktext) == [
        "the median trial",
        "lr 0.1 → 0.01",
        "optimizer 0.1 → 0.01",
        "width 0.1 → 0.01",
        "the best trial",
    ]
    text = figure.data[0].customdata[0]
    assert "improves by 2 (1.5 to 2.5)" in text
    assert "on average over all orders 2.2 (1.7 to 2.7)" in text
    assert "skill 0.93" in figure.layout.title.text
    assert "the objective is to minimize" in figure.layout.title.text


def test_many_changes() -> None:
    figure = plot_ablation_path(path_of((1.0,) * 50))
    assert len(figure.layout.yaxis.ticktext) == 42
    assert "the first 40 of 50 changes" in figure.layout.title.text


def test_what_is_no_path() -> None:
    with pytest.raises(TypeError, match="ablation_path"):
        plot_ablation_path(3)  # type: ignore[arg-type]

"""What the figure of a race shows, read from its traces."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, certify
from optuna_hpx.tasks.figures import _task_racing
from optuna_hpx.visualization import plot_task_racing
from tests import made_by_hand as hand
from tests.tasks.problems import add_trial, evaluate

PRUNED, FAILED = TrialState.PRUNED, TrialState.FAIL
GROUPS = {"best", "on all tasks", "dropped", "infeasible", "failed or cut short"}


def raced(direction: str = "minimize") -> optuna.Study:
    """Losses on 4 tasks: trial 1 is the best, 0.1 before trial 0; 2 was dropped, 3 failed."""
    sign = -1.0 if direction == "maximize" else 1.0
    study = optuna.create_study(direction=direction)
    for x, losses, state in (
        (0.0, {0: 0.3, 1: 0.4, 2: 0.5, 3: 0.6}, TrialState.COMPLETE),
        (0.1, {0: 0.1, 1: 0.4, 2: 0.3, 3: 0.6}, TrialState.COMPLETE),
        (0.2, {1: 0.9, 3: 0.7}, PRUNED),
        (0.3, {2: 0.2}, FAILED),
    ):
        add_trial(study, x, {i: sign * loss for i, loss in losses.items()}, state=state)
    return study


def _bars(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.type == "bar"}


def _points(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.type == "scatter"}


def _notes(figure: Any) -> str:
    return figure.layout.title.text


def _groups(figure: Any) -> dict[str, list[int]]:
    return {name: list(trace.x) for name, trace in _bars(figure).items()}


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_bars_count_tasks_and_points_are_behind_the_best(direction: str) -> None:
    figure = plot_task_racing(raced(direction))
    assert _groups(figure) == {
        "best": [1],
        "on all tasks": [0],
        "dropped": [2],
        "failed or cut short": [3],
    }
    assert [trace.y[0] for trace in _bars(figure).values()] == [4, 4, 2, 1]
    behind = {name: trace.y[0] for name, trace in _points(figure).items()}
    # d of trial 2: 0.5 and 0.1; of trial 3, on one task, -0.1.
    assert behind == pytest.approx(
        {"best": 0.0, "on all tasks": 0.1, "dropped": 0.3, "failed or cut short": -0.1}
    )
    errors = {name: trace.error_y.array[0] for name, trace in _points(figure).items()}
    assert errors["dropped"] == pytest.approx(0.4 / math.sqrt(2.0) / math.sqrt(2.0))
    assert errors["failed or cut short"] == 0.0
    assert list(figure.layout.yaxis.tickvals) == [0, 2, 4]
    (line,) = figure.layout.shapes
    assert (line.y0, line.y1, line.yref) == (0.0, 0.0, "y2")
    assert "behind trial 1" in figure.layout.yaxis2.title.text


def test_what_was_saved() -> None:
    notes = _notes(plot_task_racing(raced()))
    assert "2 of 12 task evaluations saved (16.7 %)." in notes, "the failed trial does not count"
    study = optuna.create_study()
    add_trial(study, 0.1, {}, state=FAILED)
    add_trial(study, 0.0, {0: 1.0, 1: 2.0})
    assert "No trial was dropped, no task evaluation saved." in _notes(plot_task_racing(study))


def test_what_was_reused_is_not_saved_by_racing() -> None:
    study = raced()
    add_trial(study, 0.1, {0: 0.1, 1: 0.4}, state=PRUNED)  # complete before
    assert "2 of 12 task evaluations saved (16.7 %)." in _notes(plot_task_racing(study))
    add_trial(study, 0.2, {1: 0.9, 2: 0.8}, state=PRUNED)  # task 2 is new
    add_trial(study, 0.0, {0: 0.3, 1: 0.4, 2: 0.5, 3: 0.6})
    assert "1 of 12 task evaluations saved (8.33 %)." in _notes(plot_task_racing(study))
    add_trial(study, 0.2, {0: 0.9, 1: 0.9, 2: 0.8, 3: 0.7})
    assert "0 of 12 task evaluations saved" in _notes(plot_task_racing(study))


def test_a_trial_that_was_dropped_before_its_first_task() -> None:
    study = optuna.create_study()
    study.add_trial(optuna.trial.create_trial(state=PRUNED))
    MultiTaskObjective(evaluate, range(3))._begin(study)
    assert "3 of 3 task evaluations saved" in _notes(plot_task_racing(study))


def test_hovering_tells_all() -> None:
    traces = _points(plot_task_racing(raced()))
    assert traces["dropped"].customdata[0] == (
        "trial 2: pruned<br>2 of 4 tasks<br>on these 0.3 worse than trial 1<br>standard error 0.2"
    )
    assert traces["failed or cut short"].customdata[0].endswith("0.1 better than trial 1")
    assert traces["best"].customdata[0] == "trial 1: complete<br>4 of 4 tasks"


def test_the_best_is_that_of_the_certificate() -> None:
    study = optuna.create_study(direction="maximize", pruner=TaskRacingPruner(n_startup_tasks=3))
    study.sampler = optuna.samplers.RandomSampler(seed=0)
    study.optimize(MultiTaskObjective(evaluate, range(12), seed=0), 40)
    figure = plot_task_racing(study)
    assert _groups(figure)["best"] == [certify(study, bounds=(0, 1)).trial]
    assert sum(map(len, _groups(figure).values())) == 40
    seen = {
        x: y for trace in _bars(figure).values() for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert seen == {t.number: len(t.intermediate_values) for t in study.trials}
    seen_of: dict[float, set[int]] = {}
    for trial in study.trials:
        seen_of.setdefault(trial.params["x"], set()).update(trial.intermediate_values)
    n_saved = sum(12 - len(tasks) for tasks in seen_of.values())
    assert n_saved > 0
    assert f"{n_saved} of {12 * len(seen_of)} task evaluations saved" in _notes(figure)


@pytest.mark.parametrize(("aggregate", "best"), [("mean", 0), ("median", 1), ("worst", 2)])
def test_the_best_by_another_aggregate(aggregate: str, best: int) -> None:
    values = [[0.0, 3.0, 3.0, 3.0], [2.0, 2.0, 2.0, 9.0], [2.7, 2.7, 2.7, 2.7]]

    def by_hand(trial: optuna.Trial, task: int) -> float:
        return values[trial.suggest_int("row", 0, 2)][task]

    study = optuna.create_study()
    for row in range(3):
        study.enqueue_trial({"row": row})
    study.optimize(MultiTaskObjective(by_hand, range(4), aggregate=aggregate), 3)  # type: ignore[arg-type]
    figure = plot_task_racing(study)
    assert _groups(figure)["best"] == [best]
    assert ("drawn are means" in _notes(figure)) == (aggregate != "mean")


def test_without_a_trial_on_all_tasks() -> None:
    study = optuna.create_study()
    add_trial(study, 0.0, {0: 1.0, 3: 2.0}, state=PRUNED)
    add_trial(study, 0.1, {}, state=FAILED)
    figure = plot_task_racing(study)
    assert "yaxis2" not in figure.layout
    assert "No trial has all 4 tasks: none to compare with." in _notes(figure)
    assert "1 trial has no task to show." in _notes(figure)
    assert figure.layout.xaxis.title.text == "trial"


def test_trials_far_off_stand_in_a_strip() -> None:
    study = optuna.create_study()
    rng = np.random.default_rng(0)
    for number in range(60):
        add_trial(study, number % 18 / 20, dict(enumerate(rng.uniform(size=5))))
    add_trial(study, 0.9, {0: 1e6, 1: 1e6}, state=PRUNED)
    add_trial(study, 0.95, {0: math.inf, 1: 0.2}, state=PRUNED)
    figure = plot_task_racing(study)
    low, high = figure.layout.yaxis2.range
    assert high < 10.0
    strip = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert all(strip.y0 < y < strip.y1 <= high for y in _points(figure)["dropped"].y)
    assert max(_points(figure)["on all tasks"].y) < strip.y0
    assert "2 trials lie far beyond the axis: in the strip." in _notes(figure)
    assert low < 0.0
    text = figure.to_json()
    assert "Infinity" not in text
    assert "inf worse than" in _points(figure)["dropped"].customdata[1]


def test_a_best_that_was_completed_when_tried_again() -> None:
    study = raced()
    add_trial(study, 0.5, {0: 0.0, 1: 0.0}, state=PRUNED)
    assert "tried again" not in _notes(plot_task_racing(study))
    add_trial(study, 0.5, {0: 0.0, 1: 0.8, 2: 0.0, 3: 0.0})
    figure = plot_task_racing(study)
    assert _groups(figure)["best"] == [4]
    assert "Trial 4 has all tasks with what was tried again of it." in _notes(figure)
    again = _points(figure)["on all tasks"].customdata[-1]
    assert "0.2 worse than trial 4" in again, "the first value on each task counts"


def test_infeasible_trials_are_told_apart_and_never_the_best() -> None:
    study = hand.study([[1.0], [2.0]], infeasible=[0])
    made = optuna.create_study()
    for trial in study.trials:
        trial.intermediate_values = {0: trial.value, 1: trial.value}
        made.add_trial(trial)
    assert _groups(plot_task_racing(made)) == {"best": [1], "infeasible": [0]}


def test_a_trial_that_was_cut_short_is_not_among_the_whole() -> None:
    study = raced()
    add_trial(study, 0.4, {0: 0.05})
    assert _groups(plot_task_racing(study))["failed or cut short"] == [3, 4]


def test_standard_errors_only_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Lines: one standard error." in _notes(plot_task_racing(raced()))
    monkeypatch.setattr(_task_racing, "_MAX_ERRORS", 3)
    figure = plot_task_racing(raced())
    assert "standard error" not in _notes(figure)
    assert not any(trace.error_y.visible for trace in _points(figure).values())


def test_many_trials_are_thinned_and_the_best_is_kept() -> None:
    study = optuna.create_study()
    rng = np.random.default_rng(1)
    trials = []
    for number in range(5000):
        seen = rng.permutation(10)[: 10 if number % 7 == 0 else 5].tolist()
        values = {i: float(rng.uniform(1, 2)) for i in seen}
        if number == 4998:
            values = dict.fromkeys(range(10), 0.0)
        whole = len(values) == 10
        trials.append(
            optuna.trial.create_trial(
                state=TrialState.COMPLETE if whole else PRUNED,
                value=float(np.mean(list(values.values()))) if whole else None,
                params={"x": number / 5000},
                distributions={"x": optuna.distributions.FloatDistribution(0.0, 1.0)},
                intermediate_values=values,
            )
        )
    study.add_trials(trials)
    start = time.process_time()
    figure = plot_task_racing(study)
    text = figure.to_json()
    assert time.process_time() - start < 10.0
    assert len(text) < 2e6
    assert _groups(figure)["best"] == [4998]
    n = sum(map(len, _groups(figure).values()))
    assert n in (2000, 2001)
    assert f"{n:,} of 5,000 trials are drawn." in _notes(figure)


def test_notes_fit_a_phone() -> None:
    study = raced()
    add_trial(study, 0.5, {}, state=FAILED)
    for line in _notes(plot_task_racing(study)).split("<br>"):
        assert len(line) <= 62 + len('<span style="font-size: 11px"></span>')


def test_before_the_first_trial() -> None:
    study = optuna.create_study()
    with pytest.raises(ValueError, match="`study` must have trials with a value for each task"):
        plot_task_racing(study)
    objective = MultiTaskObjective(evaluate, range(3))
    objective._begin(study)
    assert "No trial is finished." in plot_task_racing(study).layout.annotations[0].text


def test_something_else() -> None:
    with pytest.raises(TypeError, match=r"`study` must be a Study, or a TrialTable.*; got a int"):
        plot_task_racing(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_task_racing(hand.study([[1.0, 2.0]], ["minimize"] * 2))


def test_every_group_has_its_own_look() -> None:
    looks = _task_racing._GROUPS
    assert {look.name for look in looks} == GROUPS
    assert len({look.colour for look in looks}) == len({look.symbol for look in looks}) == 5

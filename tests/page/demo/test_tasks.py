"""The tasks of the demonstration."""

from __future__ import annotations

from typing import Any

import optuna

from optuna_hpx.page.demo._tasks import draw_tasks, evaluate


def test_tasks_are_drawn_by_the_seed() -> None:
    assert draw_tasks(0) == draw_tasks(0)
    assert draw_tasks(0) != draw_tasks(1)
    assert len(set(draw_tasks(0))) == 200
    assert {digit for digit, _ in draw_tasks(0)} == set(range(10))


def test_a_task_has_a_value_in_the_unit_interval_and_the_same_again() -> None:
    def trial(**params: Any) -> optuna.trial.FixedTrial:
        return optuna.trial.FixedTrial({"log10_c": 0.0, "class_weight": "balanced"} | params)

    values = [evaluate(trial(), task) for task in draw_tasks(0)[:5]]
    assert all(0.5 < value <= 1.0 for value in values)
    assert values == [evaluate(trial(), task) for task in draw_tasks(0)[:5]]
    plain = [evaluate(trial(log10_c=-3.0, class_weight="none"), t) for t in draw_tasks(0)[:5]]
    assert sum(plain) < sum(values), "few images of a digit are outweighed by those of others"

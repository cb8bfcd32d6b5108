"""What a panel of a schedule shows, without drawing it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_hpx.population import Schedule, Step
from optuna_hpx.population.figures._panels import Crowd, objective_panel, parameter_panel
from tests.population.figures.test_genealogy import population, trained


def schedule_of(*params: dict[str, Any], direction: str = "minimize") -> Schedule:
    steps = [Step(chosen, 0, 4.0 - k, None, k, k) for k, chosen in enumerate(params)]
    return Schedule(tuple(steps), direction)


def test_numbers_and_gaps() -> None:
    panel = parameter_panel("x", schedule_of({"x": 1.0}, {}, {"x": 3.0}), None)
    np.testing.assert_array_equal(panel.y, [1.0, np.nan, 3.0])
    assert panel.text == ["1", "", "3"]
    assert panel.axis["type"] == "linear"
    assert len(panel.crowd_y) == len(panel.crowd_text) == 0


def test_categories_of_one_value_are_told_apart() -> None:
    panel = parameter_panel("c", schedule_of({"c": 1}, {"c": True}, {"c": "a"}), None)
    assert panel.y.tolist() == [0.0, 1.0, 2.0]
    assert panel.axis["ticktext"] == ["1", "True", "a"]


@pytest.mark.parametrize(("largest", "kind"), [(29.0, "linear"), (31.0, "log")])
def test_a_wide_range_is_drawn_on_a_logarithmic_axis(largest: float, kind: str) -> None:
    panel = parameter_panel("x", schedule_of({"x": 1.0}, {"x": largest}), None)
    assert panel.axis["type"] == kind


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_crowd_behind_a_schedule(direction: str) -> None:
    study, scheduler = trained(direction)
    schedule = scheduler.best_schedule()
    crowd = Crowd.read(study, schedule, 1000)
    assert [segment.number for segment in crowd.segments] == [t.number for t in study.trials]
    assert crowd.n_all == len(study.trials)
    assert np.round(crowd.x).tolist() == [t.user_attrs["generation"] for t in study.trials]
    assert (np.abs(crowd.colours) <= 1.0).all()
    panel, _ = objective_panel(schedule, crowd)
    values = [t.value if t.state.name == "COMPLETE" else np.nan for t in study.trials]
    expected = [v if v is not None and np.isfinite(v) else np.nan for v in values]
    np.testing.assert_array_equal(panel.crowd_y, expected)
    assert panel.y.tolist() == [step.value for step in schedule.steps]
    few = Crowd.read(study, schedule, 7)
    assert (len(few.segments), few.n_all) == (7, len(study.trials))


def test_another_direction_is_refused() -> None:
    schedule = schedule_of({"x": 1.0}, direction="maximize")
    with pytest.raises(ValueError, match="`study` must maximize, as the schedule does"):
        Crowd.read(population([[(1.0, None)]]), schedule, 10)

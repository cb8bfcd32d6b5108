"""A schedule and its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optuna_hpx.population import (
    Schedule,
)
from tests.population.models import choose
from tests.population.runs import scheduler


def test_a_schedule_and_its_file(tmp_path: Path) -> None:
    run = scheduler()
    run.optimize(choose)
    schedule = run.best_schedule()
    schedule.to_json(tmp_path / "s.json")
    again = Schedule.from_json(tmp_path / "s.json")
    assert again == schedule
    assert run.replay(choose, again) == run._study.best_value
    plain = json.loads((tmp_path / "s.json").read_text())
    assert [step["params"] for step in plain["steps"]] == [s.params for s in schedule.steps]
    assert f"Schedule of {len(schedule)} segments" in repr(schedule)


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"format": "another"}'])
def test_what_is_no_schedule(content: str, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"`path` must be a schedule.s file"):
        Schedule.from_json(path)

"""StudyWatch: what its callback reads in it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from optuna_hpx import AsymptoticLawCallback
from optuna_hpx.law._watch import StudyWatch


def test_nothing_is_known_of_a_new_study() -> None:
    watch = StudyWatch(next_look=30)
    assert (watch.next_look, watch.n_trials, watch.n_draws) == (30, 0, 0)
    assert watch.verdict == ""
    assert not watch.is_asked
    assert not watch.is_warned
    assert watch.next_poll <= time.monotonic(), "other processes are asked at once"


def test_two_studies_can_be_looked_at_together() -> None:
    one, other = StudyWatch(next_look=30), StudyWatch(next_look=30)
    with one.lock:
        assert other.lock.acquire(blocking=False)
        assert not one.lock.acquire(blocking=False), "not even by the thread that looks"
    other.lock.release()


def test_another_thread_does_not_wait_for_a_look() -> None:
    watch = StudyWatch(next_look=30)
    entered: list[bool] = []
    with watch.lock:
        thread = threading.Thread(
            target=lambda: entered.append(watch.lock.acquire(blocking=False))
        )
        thread.start()
        thread.join()
    assert entered == [False]


@pytest.mark.parametrize(
    ("state", "stop", "is_due"),
    [
        ({"n_trials": 29}, None, False),
        ({"n_trials": 30}, None, True),
        ({"n_trials": 30, "verdict": "Enough."}, None, False),
        ({"n_trials": 30, "verdict": "Enough."}, 0.1, False),
        ({"n_trials": 0, "next_poll": 0.0}, 0.1, True),
        ({"n_trials": 0, "next_poll": 0.0}, None, False),
        ({"n_trials": 29, "next_poll": 1e12}, 0.1, False),
    ],
)
def test_when_there_is_something_to_do(
    state: dict[str, Any], stop: float | None, is_due: bool
) -> None:
    callback = AsymptoticLawCallback(stop=stop)
    assert callback._is_due(StudyWatch(next_look=30, **state)) is is_due

"""Workers that live, and workers that are dead."""

from __future__ import annotations

import threading
import time

import optuna
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
)
from optuna_hpx.population._leases import Leases, Watch
from tests.population.models import check_run, descend
from tests.population.runs import N, T, scheduler


def test_a_long_segment_keeps_its_lease() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if trial.number == 0:
            time.sleep(1.2)
        return descend(trial, checkpoint)

    study = optuna.create_study()
    scheduler(study, lease_seconds=0.3).optimize(segment, n_jobs=2)
    assert [t.state for t in study.trials if t.number == 0] == [TrialState.COMPLETE]
    check_run(study, N, T)


def test_no_thread_is_left_behind() -> None:
    scheduler().optimize(descend, n_jobs=2)
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and any(
        thread.name == "optuna-hpx leases" for thread in threading.enumerate()
    ):
        time.sleep(0.05)
    assert not [t for t in threading.enumerate() if t.name == "optuna-hpx leases"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_that_is_renewed_is_alive() -> None:
    clock = Clock()
    watch = Watch(clock)
    for count in range(100):
        assert not watch.is_dead(1, count // 2, 10.0)
        clock.now += 4.0


def test_a_lease_that_is_not_renewed_is_dead_after_its_length() -> None:
    clock = Clock()
    watch = Watch(clock)
    dead = []
    for _ in range(16):
        dead.append(watch.is_dead(1, 7, 10.0))
        clock.now += 1.0
    assert dead.index(True) == 11
    watch.forget(1)
    assert not watch.is_dead(1, 7, 10.0)


def test_a_watcher_that_was_itself_stopped_has_not_watched() -> None:
    clock = Clock()
    watch = Watch(clock)
    assert not watch.is_dead(1, 7, 10.0)
    clock.now += 3600.0
    assert not watch.is_dead(1, 7, 10.0)
    clock.now += 1.0
    assert not watch.is_dead(1, 8, 10.0)  # the owner was stopped, too, and renews now


def test_renewals_survive_a_storage_that_fails_now_and_then() -> None:
    counts: list[int] = []

    def renew(trial_id: int, count: int) -> None:
        if count % 2:
            raise OSError("away")
        counts.append(count)

    leases = Leases(renew, 0.08)
    with leases.hold(3) as lease:
        deadline = threading.Event()
        while len(counts) < 4 and not deadline.wait(0.01):
            assert not lease.is_lost
    assert counts[:4] == [2, 4, 6, 8]


def test_many_leases_one_after_the_other() -> None:
    """The thread that renews ends and begins again; no lease goes without it."""
    renewed: set[int] = set()
    leases = Leases(lambda trial_id, count: renewed.add(trial_id), 0.04)
    for trial_id in range(20):
        with leases.hold(trial_id):
            for _ in range(500):
                if trial_id in renewed:
                    break
                threading.Event().wait(0.01)
    assert renewed == set(range(20))

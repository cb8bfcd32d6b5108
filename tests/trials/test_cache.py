"""One value per study: built once, extended by what is new, built anew where trials changed."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Sequence

import optuna
import pytest
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials import cache
from optuna_hpx.trials.cache import cached_by_study


class Log:
    """Caches the numbers of trials, and notes how each value came about."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []

    def build(self, trials: Sequence[FrozenTrial]) -> list[int]:
        self.calls.append(("build", [trial.number for trial in trials]))
        return [trial.number for trial in trials]

    def extend(self, value: list[int], trials: Sequence[FrozenTrial]) -> list[int]:
        self.calls.append(("extend", [trial.number for trial in trials]))
        return [*value, *(trial.number for trial in trials)]

    def read(self, study: Study) -> list[int]:
        return cached_by_study(study, build=self.build, extend=self.extend)


@pytest.mark.parametrize("url", [None, "sqlite://"])
def test_a_value_is_built_once_and_then_extended(url: str | None) -> None:
    study, log = optuna.create_study(storage=url), Log()
    trials = [study.ask() for _ in range(4)]
    study.tell(trials[1], 1.0)
    assert log.read(study) == [1]
    assert log.read(study) == [1]
    study.tell(trials[0], state=TrialState.FAIL)  # a smaller number, later
    study.tell(trials[3], state=TrialState.PRUNED)
    assert log.read(study) == [1, 0, 3]
    assert log.calls == [("build", [1]), ("extend", [0, 3])]


def test_a_study_whose_trials_are_others_now_is_read_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study, log = optuna.create_study(), Log()
    study.add_trials([optuna.trial.create_trial(value=float(k)) for k in range(3)])
    log.read(study)
    changed = study.trials
    changed[1].value = 7.0
    monkeypatch.setattr(study, "get_trials", lambda **options: changed)
    log.read(study)
    monkeypatch.setattr(study, "get_trials", lambda **options: changed[:2])
    log.read(study)
    assert [kind for kind, _ in log.calls] == ["build"] * 3


def test_studies_do_not_share_and_die_with_their_entries() -> None:
    studies, log = [optuna.create_study() for _ in range(2)], Log()
    studies[0].add_trial(optuna.trial.create_trial(value=0.0))
    assert [log.read(study) for study in studies] == [[0], []]
    n, dead = len(cache._entries), weakref.ref(studies.pop())
    gc.collect()
    assert dead() is None
    assert len(cache._entries) < n


def test_threads_build_one_value() -> None:
    study, log = optuna.create_study(), Log()
    study.add_trials([optuna.trial.create_trial(value=float(k)) for k in range(50)])
    values: list[list[int]] = []
    threads = [threading.Thread(target=lambda: values.append(log.read(study))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == [list(range(50))] * 8
    assert len(log.calls) == 1


def test_a_forked_child_starts_without_entries_and_locks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "_entries", cache._entries)  # restored afterwards
    monkeypatch.setattr(cache, "_entries_lock", cache._entries_lock)
    study, log = optuna.create_study(), Log()
    log.read(study)
    with cache._entries_lock:  # as a thread might at the fork
        cache._forget()
        assert log.read(study) == []
    assert len(log.calls) == 2

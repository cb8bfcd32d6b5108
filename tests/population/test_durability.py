"""Workers that are killed, stopped and restarted, on every kind of storage."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import optuna
import pytest
from moto import mock_aws
from optuna.artifacts import Boto3ArtifactStore
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from benchmarks.population.gpbt_soak import Place, grpc_proxy, soak
from optuna_hpx.population import CheckpointError, GPBTScheduler
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.trials import storage as _storage
from tests.population.models import check_run, descend
from tests.population.runs import table


@pytest.fixture(
    params=["sqlite", "journal"]
    + [pytest.param(kind, marks=pytest.mark.postgres) for kind in ("postgres", "grpc")]
)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where every process finds the storage."""
    if request.param in ("sqlite", "journal"):
        prefix = {"sqlite": "sqlite:///", "journal": "journal:"}[request.param]
        yield f"{prefix}{tmp_path}/study"
        return
    url = request.getfixturevalue("postgres_url")
    if request.param == "postgres":
        yield url
    else:
        with grpc_proxy(url) as proxied:
            yield proxied


def test_nothing_is_lost_when_workers_are_killed(address: str, tmp_path: Path) -> None:
    place = Place(address, f"{tmp_path}/checkpoints", 8, 4, lease_seconds=2.0)
    found = soak(place, n_workers=2, n_kills=2, n_stops=1)
    assert found.is_clean, str(found)
    assert found.n_published == 32
    assert found.n_files <= 9


def test_a_claim_beside_that_of_the_holder_is_cleared(tmp_path: Path) -> None:
    """Of a worker that was killed after its claim, before it saw that another was first."""
    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=4, n_generations=2, lease_seconds=0.3, seed=0)

    def second_claim(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if trial.number == 0:
            template = optuna.trial.create_trial(
                state=TrialState.RUNNING, system_attrs=trial.system_attrs
            )
            _storage.create_trial(study, template)

    run.optimize(descend, callbacks=[second_claim])
    check_run(study, 4, 2)


def test_every_storage_holds_a_run(storage: BaseStorage, tmp_path: Path) -> None:
    study = optuna.create_study(storage=storage)
    store = optuna.artifacts.FileSystemArtifactStore(tmp_path)

    def scheduler() -> GPBTScheduler:
        return GPBTScheduler(
            study, population_size=4, n_generations=3, artifact_store=store, seed=0
        )

    scheduler().optimize(descend)
    check_run(study, 4, 3)
    memory = optuna.create_study()
    alone = GPBTScheduler(memory, population_size=4, n_generations=3, seed=0)
    alone.optimize(descend)
    assert table(study) == table(memory)
    assert scheduler().replay(descend, scheduler().best_schedule()) == study.best_value


def test_checkpoints_in_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="checkpoints")
        study = optuna.create_study()
        store = Boto3ArtifactStore("checkpoints", client=client)
        run = GPBTScheduler(
            study, population_size=6, n_generations=3, artifact_store=store, seed=0
        )
        run.optimize(descend)
        check_run(study, 6, 3)
        left = client.list_objects_v2(Bucket="checkpoints")["Contents"]
        assert len(left) <= 7
        x = np.zeros(6)
        run.best_checkpoint().load(x=x)
        assert x.any()


# Claims


@pytest.mark.parametrize("kind", ["sqlite", "memory"])
def test_of_a_complete_and_a_failed_trial_only_one_wins(kind: str, tmp_path: Path) -> None:
    """One worker publishes while another declares it dead: exactly one of them succeeds."""
    storage = f"sqlite:///{tmp_path}/s.db" if kind == "sqlite" else None
    study = optuna.create_study(storage=storage, study_name="s")
    others = [
        study,
        study if storage is None else optuna.load_study(study_name="s", storage=storage),
    ]
    for _ in range(25):
        number = study.ask().number
        trial_id = study.trials[number]._trial_id
        barrier, won = threading.Barrier(2), [False, False]

        def finish(k: int, trial_id: int = trial_id, barrier=barrier, won=won) -> None:
            state, values = ((TrialState.COMPLETE, [1.0]), (TrialState.FAIL, None))[k]
            barrier.wait()
            won[k] = _storage.finish(others[k], trial_id, state, values)

        threads = [threading.Thread(target=finish, args=(k,)) for k in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(won) == 1
        state = optuna.load_study(study_name="s", storage=study._storage).trials[number].state
        assert state == (TrialState.COMPLETE if won[0] else TrialState.FAIL)


def test_the_user_of_sqlite_keeps_deferred_transactions(tmp_path: Path) -> None:
    """Only this package's own changes of state begin at once: reading must not wait for them."""
    from sqlalchemy import event

    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    begun: list[str] = []
    engine = study._storage._backend.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda c, cu, sql, *rest: begun.append(sql))
    trial = study.ask()
    assert "BEGIN IMMEDIATE" not in begun
    assert _storage.finish(study, trial._trial_id, TrialState.FAIL)
    assert "BEGIN IMMEDIATE" in begun
    begun.clear()
    study.tell(study.ask(), 1.0)
    assert "BEGIN IMMEDIATE" not in begun


# Threads


@pytest.fixture
def _switching_often() -> Iterator[None]:
    """Threads come between each other's steps at almost every one."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_switching_often")
def test_threads_train_the_same_as_one_worker() -> None:
    def trained(n_jobs: int) -> optuna.Study:
        study = optuna.create_study()
        run = GPBTScheduler(study, population_size=4, n_generations=8, seed=0)
        run.optimize(descend, n_jobs=n_jobs)
        return study

    alone = table(trained(1))
    for _ in range(6):
        study = trained(8)
        check_run(study, 4, 8)
        assert table(study) == alone
        assert len(study.trials) == 32  # threads of one process do not want the same slot


# A storage that fails


def faulty(monkeypatch: pytest.MonkeyPatch, method: str, at: int, *, after: bool) -> list[int]:
    """A storage whose ``at``-th call of ``method`` raises, before or after it took effect."""
    calls = [0]
    original = getattr(optuna.storages.InMemoryStorage, method)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] != at:
            return original(self, *args, **kwargs)
        if after:
            original(self, *args, **kwargs)
        raise optuna.exceptions.StorageInternalError("by hand")

    monkeypatch.setattr(optuna.storages.InMemoryStorage, method, call)
    return calls


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [2, 5, 8])
@pytest.mark.parametrize(
    "method",
    ["set_trial_state_values", "create_new_trial", "set_trial_system_attr", "get_all_trials"],
)
def test_a_call_that_fails_once(
    method: str, at: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the storage did what it was asked, or not, is not known to the caller."""
    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=3, n_generations=3, seed=0, lease_seconds=0.3)
    calls = faulty(monkeypatch, method, at, after=after)
    run.optimize(descend)
    monkeypatch.undo()
    assert calls[0] >= at
    check_run(study, 3, 3)
    memory = optuna.create_study()
    GPBTScheduler(memory, population_size=3, n_generations=3, seed=0).optimize(descend)
    assert table(study) == table(memory)


def test_a_trial_that_is_complete_keeps_its_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if the storage, having done what it was asked, raises what is not tried again."""
    finish = _storage.finish

    def finish_and_raise(*args: Any) -> bool:
        monkeypatch.undo()
        finish(*args)
        raise OSError("by hand")

    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=2, n_generations=1, seed=0)
    monkeypatch.setattr(_storage, "finish", finish_and_raise)
    run.optimize(descend)
    check_run(study, 2, 1)
    store = run._run.store._store
    assert all(store.open_reader(run._run.artifact(number)) for number in (0, 1))


def test_a_short_note_replaces_a_long_one() -> None:
    study = optuna.create_study()
    trial = study.ask()
    for note in ({"why": "x" * 5000}, {"why": "y" * 3000}, {"why": "z"}):
        _storage.write(study, trial, _storage.FAILURE, note)
        assert _storage.read(study.trials[0].system_attrs, _storage.FAILURE) == note
    assert _storage.read({}, _storage.FAILURE) is None


def test_a_segment_in_which_the_storage_always_fails_is_given_up() -> None:
    def segment(trial: optuna.Trial, checkpoint: Any) -> float:
        value = descend(trial, checkpoint)
        if checkpoint.is_root and trial.params["rate"] > 0.3:
            raise optuna.exceptions.StorageInternalError("value too long")
        return value

    study = optuna.create_study()
    GPBTScheduler(study, population_size=8, n_generations=2, seed=0).optimize(segment)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.accidents
    assert all(count in (0, 20) for count in ledger.accidents.values())
    assert len(ledger.published) == 16 - sum(c == 20 for c in ledger.accidents.values())


def test_a_missing_parent_ends_the_run_also_if_all_is_caught(tmp_path: Path) -> None:
    study = optuna.create_study()
    store = optuna.artifacts.FileSystemArtifactStore(tmp_path)
    run = GPBTScheduler(study, population_size=4, n_generations=2, artifact_store=store, seed=0)

    def lose(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if trial.number == 3:
            for path in tmp_path.iterdir():
                path.unlink()

    with pytest.raises(CheckpointError, match="is not in the store"):
        run.optimize(descend, callbacks=[lose], catch=Exception)
    assert len(study.trials) == 5


def test_a_sampler_that_raises_leaves_no_trial_running() -> None:
    class Broken(optuna.samplers.RandomSampler):
        def sample_independent(self, *args: Any) -> Any:
            raise ZeroDivisionError

    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=4, n_generations=2, sampler=Broken())
    with pytest.raises(ZeroDivisionError):
        run.optimize(descend)
    assert [t.state for t in study.trials] == [TrialState.FAIL]


@pytest.mark.parametrize("how", ["diverged", "pruned"])
def test_asynchronous_after_a_start_that_led_nowhere(how: str) -> None:
    def segment(trial: optuna.Trial, checkpoint: Any) -> float:
        value = descend(trial, checkpoint)
        if checkpoint.is_root and trial.number < 5:
            if how == "pruned":
                raise optuna.TrialPruned
            return float("nan")
        return value

    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=8, n_generations=3, synchronous=False, seed=0)
    run.optimize(segment)
    ledger = Ledger(study)
    ledger.update()
    assert len(ledger.published) == 24
    assert run.replay(segment, run.best_schedule()) == study.best_value


def test_workers_with_leases_of_different_length() -> None:
    """A short one must not take a long one, which is renewed rarely, for dead."""
    study = optuna.create_study()

    def slow(trial: optuna.Trial, checkpoint: Any) -> float:
        threading.Event().wait(0.5)
        return descend(trial, checkpoint)

    def run(lease: float) -> GPBTScheduler:
        return GPBTScheduler(
            study, population_size=3, n_generations=2, seed=0, lease_seconds=lease
        )

    patient = threading.Thread(target=run(60.0).optimize, args=(slow,))
    patient.start()
    run(0.1).optimize(descend)
    patient.join()
    check_run(study, 3, 2)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.accidents.total() == 0

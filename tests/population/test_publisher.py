"""How trials end: published, failed, dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
)
from tests.population.models import check_run, descend
from tests.population.runs import N, T, artifacts, scheduler


def test_a_full_disk_fails_the_segment_and_keeps_the_parents(tmp_path: Path) -> None:
    class Full(FileSystemArtifactStore):
        is_full = False

        def write(self, artifact_id: str, content_body: Any) -> None:
            if self.is_full:
                (tmp_path / artifact_id).write_bytes(b"half of it")
                raise OSError(28, "No space left on device")
            super().write(artifact_id, content_body)

    store = Full(tmp_path)
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    run = scheduler(study, artifact_store=store)

    def fill(study: Any, trial: Any) -> None:
        store.is_full = trial.number == N + 1

    with pytest.raises(OSError, match="No space"):
        run.optimize(descend, callbacks=[fill])
    failed = study.trials[-1]
    assert failed.state == TrialState.FAIL
    assert run._run.artifact(failed.number) not in artifacts(tmp_path)
    store.is_full = False
    run.optimize(descend)
    check_run(study, N, T)


def test_a_worker_that_lost_its_lease_drops_what_it_trained() -> None:
    """As if it had been stopped for a while: another declares its trial dead meanwhile."""
    study = optuna.create_study()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 5:
            study.tell(5, state=TrialState.FAIL)
        return value

    run = scheduler(study)
    run.optimize(segment)
    check_run(study, N, T)
    assert study.trials[5].state == TrialState.FAIL
    assert run._run.artifact(5) not in run._run.store._store._artifacts  # type: ignore[attr-defined]


def test_a_segment_that_reports_after_it_was_fenced(said: pytest.LogCaptureFixture) -> None:
    study = optuna.create_study()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 5:
            study.tell(5, state=TrialState.FAIL)
        trial.report(value, 1)
        return value

    scheduler(study).optimize(segment)
    check_run(study, N, T)
    lost = [record for record in said.records if "lost its lease" in record.getMessage()]
    assert [record.exc_info[0].__name__ for record in lost] == ["UpdateFinishedTrialError"]  # type: ignore[index, union-attr]

"""Checkpoints in an artifact store: damaged, missing, without a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore

from optuna_hpx.population import (
    CheckpointError,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.trials import storage as _storage
from tests.population.models import check_run, descend
from tests.population.runs import N, T, scheduler


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_checkpoint_is_never_loaded(damage: str, tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    run = scheduler(study, artifact_store=FileSystemArtifactStore(folder))

    def stop(study: Any, trial: Any) -> None:
        if trial.number == N - 1:
            run.stop()

    run.optimize(descend, callbacks=[stop])
    saved = {path: path.read_bytes() for path in folder.iterdir()}
    for path, content in saved.items():
        if damage == "missing":
            path.unlink()
        elif damage == "truncated":
            path.write_bytes(content[: len(content) // 2])
        else:
            path.write_bytes(content.replace(b'"steps": 5', b'"steps": 6'))
    for _ in range(N * 3 if damage == "missing" else 1):
        with pytest.raises(CheckpointError, match=r"checkpoint of trial \d cannot be loaded"):
            run.optimize(descend)
    for path, content in saved.items():
        path.write_bytes(content)
    run.optimize(descend)  # as if nothing had happened: the failures were not the segment's
    check_run(study, N, T)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.accidents.total() == ledger.failures.total() == 0
    told = [_storage.read(trial.system_attrs, _storage.FAILURE) for trial in study.trials]
    assert {failure["why"] for failure in told if failure} == {"parent"}


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    store = FileSystemArtifactStore(tmp_path / "nope")
    with pytest.raises(ValueError, match=r"nope' does not exist"):
        scheduler(artifact_store=store)

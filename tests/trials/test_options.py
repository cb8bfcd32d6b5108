"""Options without a public reader are those that were passed."""

from __future__ import annotations

from pathlib import Path

import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.pruners import MedianPruner, PatientPruner
from optuna.samplers import GPSampler, PartialFixedSampler, RandomSampler, TPESampler

from optuna_hpx.trials import options


def test_of_tpe() -> None:
    assert options.n_startup_trials(TPESampler(n_startup_trials=7)) == 7
    assert options.n_startup_trials(TPESampler()) == 10


def test_of_gp() -> None:
    pytest.importorskip("torch")
    sampler = RandomSampler()
    gp = GPSampler(n_startup_trials=7, independent_sampler=sampler)
    assert options.n_startup_trials(gp) == 7
    assert options.independent_sampler(gp) is sampler
    assert isinstance(options.independent_sampler(GPSampler()), RandomSampler)


def test_of_a_sampler_with_fixed_parameters() -> None:
    sampler = RandomSampler()
    assert options.wrapped_sampler(PartialFixedSampler({"x": 0.0}, sampler)) is sampler


def test_of_a_patient_pruner() -> None:
    pruner = MedianPruner()
    assert options.wrapped_pruner(PatientPruner(pruner, patience=1)) is pruner
    assert options.wrapped_pruner(PatientPruner(None, patience=1)) is None


def test_of_a_store(tmp_path: Path) -> None:
    assert options.artifact_folder(FileSystemArtifactStore(str(tmp_path))) == tmp_path
    unreadable = FileSystemArtifactStore(tmp_path)
    del unreadable._base_path
    assert options.artifact_folder(unreadable) is None

"""Checkpoints that are kept, and no others."""

from __future__ import annotations

from pathlib import Path

import optuna
from optuna.artifacts import FileSystemArtifactStore

from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.maths import plan as plans
from tests.population.models import descend
from tests.population.runs import N, T, artifacts, scheduler


def test_checkpoints_kept_are_those_of_parents_and_the_current_generation(tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    run = scheduler(study, artifact_store=FileSystemArtifactStore(folder))
    most = []
    run.optimize(descend, callbacks=[lambda s, t: most.append(len(artifacts(folder)))])
    n_parents = plans.annealed(N, T).parents[0]
    assert max(most) <= N + n_parents + 1  # and the best of all
    ledger = Ledger(study)
    ledger.update()
    last = {run._run.artifact(s.number) for s in ledger.generation(T - 1)}
    assert artifacts(folder) == last | {run._run.artifact(ledger.best().number)}  # type: ignore[union-attr]

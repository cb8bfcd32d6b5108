"""Populations to train in tests, and all that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from optuna_hpx.population import (
    GPBTScheduler,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.trials import storage as _storage

N, T = 8, 4


def scheduler(study: optuna.Study | None = None, **kwargs: Any) -> GPBTScheduler:
    settings = {"population_size": N, "n_generations": T, "seed": 0, **kwargs}
    return GPBTScheduler(study or optuna.create_study(), **settings)


def table(study: optuna.Study) -> list[tuple[Any, ...]]:
    """By slot: all that a run is."""
    ledger = Ledger(study)
    ledger.update()
    numbers = {number: segment.slot for number, segment in ledger.by_number.items()}
    return [
        (slot, s.kind, s.seed, s.trial.params, s.trial.values, s.sha256, numbers.get(s.parent))
        for slot, s in sorted(ledger.published.items())
    ]


def artifacts(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def claim_and_die(study: optuna.Study, run: GPBTScheduler, slot: int, lease: float = 0.3) -> int:
    """A trial that is running and will never renew its lease."""
    told = {"generation": 0, "slot": slot, "parent": None, "kind": "root", "seed": 1}
    attributes = _storage.as_attributes(_storage.SEGMENT, told)
    attributes |= _storage.as_attributes(_storage.LEASE, [0, lease])
    attributes |= _storage.as_attributes(_storage.RUN, run._run.settings.record)
    template = optuna.trial.create_trial(state=TrialState.RUNNING, system_attrs=attributes)
    return _storage.create_trial(study, template)

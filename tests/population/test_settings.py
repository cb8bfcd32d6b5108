"""Arguments that are refused, and settings that workers agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_hpx.population import (
    GPBTScheduler,
)
from tests.population.models import descend
from tests.population.runs import N, T, scheduler, table


@pytest.mark.parametrize(
    ("kwargs", "error", "match"),
    [
        ({"population_size": 0}, ValueError, "`population_size` must be at least 1"),
        ({"n_generations": 2.0}, TypeError, "`n_generations` must be an int"),
        ({"history": "all"}, ValueError, "`history` must be one of"),
        ({"lease_seconds": 0}, ValueError, "`lease_seconds` must be positive"),
        ({"seed": -1}, ValueError, "`seed` must not be negative"),
        ({"plan": "best"}, ValueError, "`plan` must be one of"),
        ({"sampler": 3}, TypeError, "`sampler` must be a sampler"),
        ({"sampler": optuna.samplers.CmaEsSampler()}, ValueError, "must not be a CmaEsSampler"),
        ({"artifact_store": "folder"}, TypeError, "`artifact_store` must be"),
        ({"max_attempts": 0}, ValueError, "`max_attempts`"),
        ({"synchronous": "no"}, TypeError, "`synchronous` must be True or False, got 'no'"),
    ],
)
def test_bad_arguments(kwargs: dict[str, Any], error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        scheduler(**kwargs)


def test_bad_studies(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="`study` must be a Study"):
        GPBTScheduler("study")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one objective, got 2"):
        GPBTScheduler(optuna.create_study(directions=["minimize", "maximize"]))
    with pytest.raises(ValueError, match="`artifact_store` must be given"):
        GPBTScheduler(optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db"))


@pytest.mark.parametrize(
    ("kwargs", "name"),
    [
        ({"population_size": 9}, "population_size"),
        ({"seed": 1}, "seed"),
        ({"history": "lineage"}, "history"),
    ],
)
def test_a_run_with_other_settings_is_refused_and_kept(kwargs: dict[str, Any], name: str) -> None:
    run = scheduler()
    run.optimize(descend)
    before = table(run._study)
    with pytest.raises(ValueError, match=f"holds a run with `{name}`"):
        scheduler(run._study, **kwargs).optimize(descend)
    other = scheduler(run._study, **kwargs)
    for look in (lambda: other.is_complete, lambda: other.generation(0), other.best_schedule):
        with pytest.raises(ValueError, match=f"holds a run with `{name}`"):
            look()
    assert table(run._study) == before
    assert len(run._study.trials) == N * T

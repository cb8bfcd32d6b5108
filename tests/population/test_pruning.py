"""Pruning inside a generation."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
)
from tests.population.models import check_run, descend
from tests.population.runs import N, T, scheduler


@pytest.mark.parametrize("later", [-100.0, 100.0])
def test_pruning_compares_with_the_same_generation_only(later: float) -> None:
    """Beside other generations, all or none of the later ones would be pruned."""
    pruned_at: list[int] = []

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        trial.report(later * checkpoint.generation + value, 1)
        if trial.should_prune():
            pruned_at.append(checkpoint.generation)
            raise optuna.TrialPruned
        return value

    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=3))
    scheduler(study).optimize(segment)
    check_run(study, N, T)
    assert set(pruned_at) - {0}
    assert len(pruned_at) < N * T / 2
    pruned = [t for t in study.trials if t.state == TrialState.PRUNED]
    assert len(pruned) == len(pruned_at)
    assert not {t.number for t in pruned} & {t.user_attrs["parent"] for t in study.trials}


@pytest.mark.parametrize(
    "pruner", [optuna.pruners.HyperbandPruner(), optuna.pruners.SuccessiveHalvingPruner()]
)
def test_pruners_that_make_no_sense_here(pruner: Any) -> None:
    with pytest.raises(ValueError, match="pruner must not be a"):
        scheduler(optuna.create_study(pruner=pruner))

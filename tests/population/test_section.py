"""What the page says of a population that trained."""

from __future__ import annotations

import math

import optuna
import pytest

from optuna_hpx.importance import PedAnovaImportanceEvaluator
from optuna_hpx.page import build_page
from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population._page_population import population_of
from optuna_hpx.population.section import on_population
from optuna_hpx.trials.table import TrialTable
from tests.population.models import choose, descend


def trained(direction: str = "minimize", segment=descend) -> optuna.Study:  # type: ignore[no-untyped-def]
    study = optuna.create_study(direction=direction)
    GPBTScheduler(study, population_size=6, n_generations=3, seed=0).optimize(segment)
    return study


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_schedule_is_that_of_the_scheduler(direction: str) -> None:
    study = trained(direction)
    found = population_of(TrialTable.from_study(study))
    assert found is not None
    run = GPBTScheduler(study, population_size=6, n_generations=3, seed=0)
    assert found.schedule == run.best_schedule()


def test_what_came_out_and_what_changed() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        trial.report(value, 0)
        if trial.number == 2:
            raise optuna.TrialPruned
        return math.nan if trial.number == 3 else value

    study = trained(segment=segment)
    found = population_of(TrialTable.from_study(study))
    assert found is not None
    assert found.schedule is not None
    said = on_population(found.ledger, found.schedule)
    assert said.startswith(
        "3 generations of models trained: 18 segments, of which 1 pruned and 1 diverged. The best "
        f"value is {study.best_value:.6g}, of trial {study.best_trial.number}, after "
    )
    steps = found.schedule.steps
    first, last = steps[0].params["rate"], steps[-1].params["rate"]
    changed = max(first, last) / min(first, last) >= 1.25
    assert (f"rate from {first:.2g} to {last:.2g}" in said) == changed


def test_a_conditional_space() -> None:
    found = population_of(TrialTable.from_study(trained(segment=choose)))
    assert found is not None
    assert "The best value is" in on_population(found.ledger, found.schedule)


def test_nothing_is_said_of_other_studies() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    assert population_of(TrialTable.from_study(study)) is None


def test_the_page_has_a_section_for_it() -> None:
    table = TrialTable.from_study(trained())
    report = PedAnovaImportanceEvaluator(seed=0).report(table)
    page = build_page(table, report, title="s")
    assert "<h2>How the hyperparameters changed</h2>" in page
    assert "Who descends from whom" in page
    assert "These trials are segments of a population" in page
    assert page.count("Chart: the hyperparameters of the best model") == 1

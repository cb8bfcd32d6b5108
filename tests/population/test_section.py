"""What the page says of a population that trained."""

from __future__ import annotations

import math
from dataclasses import replace

import optuna
import pytest

from optuna_hpx.canvas.material import Material
from optuna_hpx.page import build_page
from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population.section import describe_population, read_population, sections
from optuna_hpx.trials.table import TrialTable
from tests.population.models import choose, descend


def trained(direction: str = "minimize", segment=descend) -> optuna.Study:  # type: ignore[no-untyped-def]
    study = optuna.create_study(direction=direction)
    GPBTScheduler(study, population_size=6, n_generations=3, seed=0).optimize(segment)
    return study


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_schedule_is_that_of_the_scheduler(direction: str) -> None:
    study = trained(direction)
    _, schedule = read_population(TrialTable.from_study(study))
    assert schedule is not None
    run = GPBTScheduler(study, population_size=6, n_generations=3, seed=0)
    assert schedule == run.best_schedule()


def test_what_came_out_and_what_changed() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        trial.report(value, 0)
        if trial.number == 2:
            raise optuna.TrialPruned
        return math.nan if trial.number == 3 else value

    study = trained(segment=segment)
    ledger, schedule = read_population(TrialTable.from_study(study))
    assert schedule is not None
    text = describe_population(ledger, schedule)
    assert text.startswith(
        "3 generations of models trained: 18 segments, of which 1 pruned and 1 diverged. The best "
        f"value is {study.best_value:.6g}, of trial {study.best_trial.number}, after "
    )
    steps = schedule.steps
    first, last = steps[0].params["rate"], steps[-1].params["rate"]
    changed = max(first, last) / min(first, last) >= 1.25
    assert (f"rate from {first:.2g} to {last:.2g}" in text) == changed


def test_a_conditional_space() -> None:
    table = TrialTable.from_study(trained(segment=choose))
    assert "The best value is" in describe_population(*read_population(table))


def test_many_changes_are_counted() -> None:
    ledger, schedule = read_population(TrialTable.from_study(trained()))
    assert schedule is not None
    first, last = schedule.steps[0], schedule.steps[-1]
    steps = (
        replace(first, params={f"x{k}": 1.0 for k in range(8)}),
        replace(last, params={f"x{k}": 2.0 for k in range(8)}),
    )
    text = describe_population(ledger, replace(schedule, steps=steps))
    assert text.endswith("x4 from 1 to 2 and 3 more.")


def test_nothing_is_said_of_other_studies() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    assert sections(Material.of(study)) == []


def test_the_section_has_the_schedule_and_the_genealogy() -> None:
    (section,) = sections(Material.of(trained()))
    assert section.title == "How the hyperparameters changed"
    (schedule,) = section.charts
    assert schedule.label.startswith("Chart: the hyperparameters of the best model in ")
    (part,) = section.parts
    assert part.title == "Who descends from whom"
    assert part.charts[0].label == "Chart: who descends from whom of 18 segments"


def test_the_page_has_a_section_for_it() -> None:
    page = build_page(trained())
    assert "<h2>How the hyperparameters changed</h2>" in page
    assert "Who descends from whom" in page
    assert "These trials are segments of a population" in page
    assert page.count("Chart: the hyperparameters of the best model") == 1
    assert "How good it can get" not in page, "segments are no independent draws"

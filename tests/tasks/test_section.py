"""What the page says of a study over tasks."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, certify
from optuna_hpx.importance import PedAnovaImportanceEvaluator
from optuna_hpx.page import build_page
from optuna_hpx.page._cli import main
from optuna_hpx.tasks._page_tasks import Tasks, tasks_of
from optuna_hpx.tasks.section import on_certainty, on_race
from optuna_hpx.trials import storage as _storage
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand
from tests.tasks.problems import add_trial, evaluate

PRUNED, FAILED = TrialState.PRUNED, TrialState.FAIL


def declared(n_tasks: int, aggregate: str = "mean", direction: str = "minimize") -> optuna.Study:
    """Without trials."""
    study = optuna.create_study(direction=direction)
    told = {"n_tasks": n_tasks, "aggregate": aggregate}
    _storage.write_study(study, _storage.TASKS, told)
    return study


def tuned(n_tasks: int = 20, n_trials: int = 30, **others: Any) -> optuna.Study:
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=TaskRacingPruner(),
        **others,
    )
    study.optimize(MultiTaskObjective(evaluate, range(n_tasks), seed=0), n_trials)
    return study


def known(study: optuna.Study) -> Tasks:
    found = tasks_of(study)
    assert found is not None
    return found


def page_of(study: optuna.Study) -> str:
    table = TrialTable.from_study(study)
    report = PedAnovaImportanceEvaluator(seed=0).report(table)
    return build_page(table, report, title="s", study=study)


def test_how_the_race_went() -> None:
    study = declared(4)
    add_trial(study, 0.0, {0: 1.0, 1: 2.0, 2: 3.0, 3: 6.0})
    add_trial(study, 0.1, {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0})
    add_trial(study, 0.2, {0: 9.0}, state=PRUNED)
    add_trial(study, 0.3, {0: 9.0, 3: 9.0}, state=FAILED)
    assert on_race(known(study).race).replace("\xa0", " ") == (
        "A trial is worth its mean over 4 tasks. Of 4 trials, 2 were evaluated on all of them, "
        "1 was dropped before and 1 was stopped by an error. Dropping saved 3 of 12 evaluations "
        "of tasks (25 %). The best is trial 1, with a mean of 2.5."
    )


def test_a_race_without_losers() -> None:
    study = declared(2, "worst", "maximize")
    add_trial(study, 0.0, {0: 1.0, 1: 2.0})
    assert on_race(known(study).race) == (
        "A trial is worth its worst value over 2 tasks. The one trial was evaluated on all. "
        "The best is trial 0, with a worst value of 1."
    )
    add_trial(study, 0.1, {0: 1.5, 1: 1.5})
    said = on_race(known(study).race)
    assert "All 2 trials were evaluated on all. The best is trial 1" in said


def test_a_study_without_tasks() -> None:
    assert tasks_of(None) is None
    assert tasks_of(hand.study([[1.0], [2.0]])) is None
    assert tasks_of(hand.study([[1.0, 2.0]], ["minimize"] * 2)) is None
    epochs = optuna.create_study()
    add_trial(epochs, 0.0, {0: 1.0, 1: 0.5})
    assert tasks_of(epochs) is None, "steps may be epochs"
    assert "Will it hold" not in page_of(epochs)


def test_a_certificate_is_told_with_its_condition() -> None:
    study = tuned()
    tasks, certificate = known(study), certify(study, bounds=(0, 1))
    assert not certificate.is_vacuous
    said = on_certainty(tasks).replace("\xa0", " ")
    assert said.startswith("If values cannot but lie between 0 and 1, as accuracies do")
    assert "certify(study, bounds=(0, 1)) says: on average over such tasks" in said
    assert f"is worth at least {certificate.bound:.4g}, with probability 95 %." in said
    assert f"Observed was {certificate.observed:.4g}" in said
    assert f"would say {certificate.naive:.4g}" in said


def test_a_minimised_certificate_is_an_upper_bound() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    objective = MultiTaskObjective(lambda trial, task: 1.0 - evaluate(trial, task), range(20))
    study.optimize(objective, 10)
    bound = certify(study, bounds=(0, 1)).bound
    assert f"is worth at most {bound:.4g}" in on_certainty(known(study))


def test_a_vacuous_certificate_promises_nothing() -> None:
    study = declared(2)
    add_trial(study, 0.0, {0: 0.5, 1: 0.6})
    tasks = known(study)
    assert tasks.certificate is not None
    said = on_certainty(replace(tasks, certificate=replace(tasks.certificate, bound=1.0)))
    assert "no more than that: 2 tasks are too few for so many configurations" in said
    assert "at most" not in said


@pytest.mark.parametrize("bad", [1.5, -0.1, math.inf])
def test_with_other_values_it_says_how_to_ask(bad: float) -> None:
    study = declared(2)
    add_trial(study, 0.0, {0: 0.5, 1: 0.6})
    add_trial(study, 0.1, {0: bad}, state=PRUNED)
    tasks = known(study)
    assert tasks.certificate is None
    assert "certify(study, bounds=(low, high))" in on_certainty(tasks)


def test_why_there_is_none() -> None:
    one = declared(1)
    add_trial(one, 0.0, {0: 0.5})
    said = on_certainty(known(one))
    assert said.endswith("cannot be said: `study` must have at least 2 tasks, got 1.")
    cut = declared(3)
    add_trial(cut, 0.0, {0: 0.5, 1: 0.5, 2: 0.5})
    add_trial(cut, 0.1, {0: 0.1})
    assert "The best trial of `study`, 1, must have been" in on_certainty(known(cut))
    none = declared(3)
    add_trial(none, 0.0, {0: 0.5}, state=PRUNED)
    assert on_certainty(known(none)).startswith("No trial was evaluated on all tasks: finish one")


def test_the_page_has_a_section_for_it() -> None:
    study = tuned()
    page = page_of(study)
    assert "<h2>Will it hold on the next task</h2>" in page
    assert page.count("Chart: how many of 20 tasks each of 30 trials came to") == 1
    assert page.count("Chart: the best configuration by task, and its certificate") == 1
    table = TrialTable.from_study(study)
    report = PedAnovaImportanceEvaluator(seed=0).report(table)
    assert "Will it hold" not in build_page(table, report, title="s"), "it needs the study"


def test_a_page_without_a_whole_trial() -> None:
    none = declared(3)
    assert "None is finished." in page_of(none)
    add_trial(none, 0.0, {0: 0.5}, state=PRUNED)
    add_trial(none, 0.1, {}, state=FAILED)
    page = page_of(none)
    assert "No trial was evaluated on all tasks" in page
    assert "and its certificate" not in page


def test_the_command_tells_it_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    tuned(n_tasks=6, n_trials=8, storage=url)
    out = tmp_path / "page.html"
    assert main(["report", "--storage", url, "--out", str(out)]) == 0
    page = out.read_text(encoding="utf-8")
    assert "A trial is worth its mean over 6 tasks." in page
    assert "Chart: how many of 6 tasks each of 8 trials came to" in page

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
from optuna_hpx.page import build_page
from optuna_hpx.page._cli import main
from optuna_hpx.tasks.section import (
    TaskOutlook,
    describe_certainty,
    describe_race,
    find_task_outlook,
    verdict_of,
)
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


def outlook(study: optuna.Study) -> TaskOutlook:
    result = find_task_outlook(study)
    assert result is not None
    return result


def test_how_the_race_went() -> None:
    study = declared(4)
    add_trial(study, 0.0, {0: 1.0, 1: 2.0, 2: 3.0, 3: 6.0})
    add_trial(study, 0.1, {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0})
    add_trial(study, 0.2, {0: 9.0}, state=PRUNED)
    add_trial(study, 0.3, {0: 9.0, 3: 9.0}, state=FAILED)
    assert describe_race(outlook(study).race).replace("\xa0", " ") == (
        "A trial is worth its mean over 4 tasks. Of 4 trials, 2 were evaluated on all of them, "
        "1 was dropped before and 1 was stopped by an error. Dropping saved 3 of 12 evaluations "
        "of tasks (25 %). The best is trial 1, with a mean of 2.5."
    )


def test_a_race_without_losers() -> None:
    study = declared(2, "worst", "maximize")
    add_trial(study, 0.0, {0: 1.0, 1: 2.0})
    assert describe_race(outlook(study).race) == (
        "A trial is worth its worst value over 2 tasks. The one trial was evaluated on all. "
        "The best is trial 0, with a worst value of 1."
    )
    add_trial(study, 0.1, {0: 1.5, 1: 1.5})
    said = describe_race(outlook(study).race)
    assert "All 2 trials were evaluated on all. The best is trial 1" in said


def test_a_study_without_tasks() -> None:
    assert find_task_outlook(None) is None
    assert find_task_outlook(hand.study([[1.0], [2.0]])) is None
    assert find_task_outlook(hand.study([[1.0, 2.0]], ["minimize"] * 2)) is None
    epochs = optuna.create_study()
    add_trial(epochs, 0.0, {0: 1.0, 1: 0.5})
    assert find_task_outlook(epochs) is None, "steps may be epochs"
    assert "Will it hold" not in build_page(epochs)


def test_a_certificate_is_told_with_its_condition() -> None:
    study = tuned()
    result, certificate = outlook(study), certify(study, bounds=(0, 1))
    assert not certificate.is_vacuous
    said = describe_certainty(result).replace("\xa0", " ")
    assert said.startswith("If values cannot but lie between 0 and 1, as accuracies do")
    assert "certify(study, bounds=(0, 1)) says: on average over such tasks" in said
    assert f"is worth at least {certificate.bound:.4g}, with probability 95 %." in said
    assert f"Observed was {certificate.observed:.4g}" in said
    assert f"would say {certificate.naive:.4g}" in said
    opening = verdict_of(result).replace("\xa0", " ")
    assert f"is worth at least {certificate.bound:.4g} (95 % sure, if " in opening


def test_a_minimised_certificate_is_an_upper_bound() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    objective = MultiTaskObjective(lambda trial, task: 1.0 - evaluate(trial, task), range(20))
    study.optimize(objective, 10)
    bound = certify(study, bounds=(0, 1)).bound
    assert f"is worth at most {bound:.4g}" in describe_certainty(outlook(study))


def test_a_vacuous_certificate_promises_nothing() -> None:
    study = declared(2)
    add_trial(study, 0.0, {0: 0.5, 1: 0.6})
    result = outlook(study)
    assert result.certificate is not None
    vacuous = replace(result.certificate, bound=1.0)
    said = describe_certainty(replace(result, certificate=vacuous))
    assert "no more than that: 2 tasks are too few for so many configurations" in said
    assert verdict_of(replace(result, certificate=vacuous)).endswith("told from 2 tasks.")
    assert "at most" not in said


@pytest.mark.parametrize("bad", [1.5, -0.1, math.inf])
def test_with_other_values_it_says_how_to_ask(bad: float) -> None:
    study = declared(2)
    add_trial(study, 0.0, {0: 0.5, 1: 0.6})
    add_trial(study, 0.1, {0: bad}, state=PRUNED)
    result = outlook(study)
    assert result.certificate is None
    assert verdict_of(result).endswith("is not certified yet.")
    assert "certify(study, bounds=(low, high))" in describe_certainty(result)


def test_why_there_is_none() -> None:
    one = declared(1)
    add_trial(one, 0.0, {0: 0.5})
    said = describe_certainty(outlook(one))
    assert said.endswith("cannot be said: `study` must have at least 2 tasks, got 1.")
    cut = declared(3)
    add_trial(cut, 0.0, {0: 0.5, 1: 0.5, 2: 0.5})
    add_trial(cut, 0.1, {0: 0.1})
    assert "The best trial of `study`, 1, must have been" in describe_certainty(outlook(cut))
    none = declared(3)
    add_trial(none, 0.0, {0: 0.5}, state=PRUNED)
    assert describe_certainty(outlook(none)).startswith(
        "No trial was evaluated on all tasks: finish one"
    )


def test_the_page_has_a_section_for_it() -> None:
    study = tuned()
    page = build_page(study)
    assert "<h2>Will it hold on the next task</h2>" in page
    assert page.count("Chart: how many of 20 tasks each of 30 trials came to") == 1
    assert page.count("Chart: the best configuration by task, and its certificate") == 1
    table = TrialTable.from_study(study)
    assert "Will it hold" not in build_page(table), "it needs the study"


def test_a_page_without_a_whole_trial() -> None:
    none = declared(3)
    assert "None is finished." in build_page(none)
    add_trial(none, 0.0, {0: 0.5}, state=PRUNED)
    add_trial(none, 0.1, {}, state=FAILED)
    page = build_page(none)
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

"""Several objectives: each by itself, and what is said of their front."""

from __future__ import annotations

import re

import optuna
import pytest
from optuna.samplers import NSGAIISampler, RandomSampler

from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.section import Section
from optuna_hpx.importance.section import sections
from optuna_hpx.importance.section.kinds import AnswerKind
from optuna_hpx.importance.section.objectives import (
    objective_sentences,
    objectives_sections,
    on_front,
    reports_by_objective,
)
from tests import made_by_hand as hand


def _study(sampler: optuna.samplers.BaseSampler, n: int = 120, m: int = 2) -> optuna.Study:
    study = optuna.create_study(directions=["minimize", "maximize"][:m], sampler=sampler)
    study.set_metric_names(["loss", "speed"])

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.suggest_float("idle", 0, 1)
        return x + 0.1 * y, y + 0.1 * x

    study.optimize(objective, n_trials=n)
    return study


@pytest.mark.parametrize(
    "sampler", [RandomSampler(seed=0), NSGAIISampler(population_size=20, seed=0)]
)
def test_what_matters_is_told_for_each_by_its_name(sampler: optuna.samplers.BaseSampler) -> None:
    material = Material.of(_study(sampler))
    first, front, *_ = sections(material)
    assert first.title == "What matters for each objective"
    assert re.match("x .*for loss. y .* for speed. Each is 95\xa0% sure", first.answer)
    assert first.verdict == first.answer
    assert ("by a model" in first.answer) == isinstance(sampler, NSGAIISampler)
    assert front.title == "What matters for the front"
    assert not any("target=" in warning for warning in front.warnings)
    assert not any("may tell what matters" in action.deed for action in front.actions)
    (table,) = first.tables
    assert table.head[1::2] == ("S for loss", "S for speed")
    assert [entry["name"] for entry in first.data["objectives"]] == ["loss", "speed"]


def test_the_claims_name_parameter_and_objective() -> None:
    reports = reports_by_objective(Material.of(_study(RandomSampler(seed=1))))
    claims = [claim for s in objective_sentences(reports) for claim in s.claims]
    assert [claim.kind for claim in claims] == [AnswerKind.MATTERS_FOR] * 2
    assert [claim.subjects for claim in claims] == [("x", "loss"), ("y", "speed")]


def test_what_differs_is_tested_of_draws_only() -> None:
    for sampler in (RandomSampler(seed=0), NSGAIISampler(population_size=20, seed=0)):
        material = Material.of(_study(sampler))
        (section,) = objectives_sections(reports_by_objective(material), material)
        assert [part.title for part in section.parts] == (
            ["What matters for loss, and what for speed"]
            if isinstance(sampler, RandomSampler)
            else []
        )


def test_what_has_no_test_is_not_said_to_be_tested() -> None:
    study = _study(NSGAIISampler(population_size=20, seed=0), n=30)
    sentences = objective_sentences(reports_by_objective(Material.of(study)))
    assert [s.text for s in sentences] == [
        f"What matters for {name} could not be tested." for name in ("loss", "speed")
    ]


def test_where_nothing_is_shown_no_one_is_sure() -> None:
    values = [[float(i % 3), float(i % 2)] for i in range(30)]
    reports = reports_by_objective(Material.of(hand.study(values, ["minimize"] * 2)))
    sentences = objective_sentences(reports)
    assert not any(sentence.claims for sentence in sentences)
    assert not any("sure" in sentence.text for sentence in sentences)


def test_one_objective_or_no_trial_has_none() -> None:
    one = Material.of(hand.study([[1.0], [2.0]]))
    assert objectives_sections(reports_by_objective(one), one) == []
    none = Material.of(optuna.create_study(directions=["minimize"] * 2))
    assert reports_by_objective(none) == {}


def test_of_more_than_five_the_others_are_counted() -> None:
    study = optuna.create_study(directions=["minimize"] * 7, sampler=RandomSampler(seed=0))
    study.optimize(lambda trial: [trial.suggest_float("x", 0, 1)] * 7, n_trials=30)
    material = Material.of(study)
    (section,) = objectives_sections(reports_by_objective(material), material)
    assert section.answer.endswith("2 further objectives are left out.")


def test_the_verdict_of_the_front_says_so() -> None:
    assert on_front(Section("What matters", verdict="x matters.")).verdict == (
        "For the front as a whole: x matters."
    )
    assert on_front(Section("What matters")).verdict == ""

"""The sections on importances, of reports whose every number is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.canvas.material import Material
from optuna_hpx.importance import ImportanceProfile, ImportanceReport
from optuna_hpx.importance.section import sections, sections_of
from optuna_hpx.page import render
from tests import made_by_hand as hand
from tests.page.html import Page
from tests.page.studies import many_parameters, mixed_study


def _page(report: ImportanceReport, profile: ImportanceProfile | None = None) -> Page:
    return Page(render(sections_of(report, profile), title="t"))


def _two(**others: Any) -> ImportanceReport:
    regimes = {"lr": [hand.continuous(importance=0.41)], "opt": [hand.discrete()]}
    return hand.report(regimes, **others)


def test_the_sections_of_a_study() -> None:
    titles = [section.title for section in sections(Material.of(mixed_study()))]
    assert titles == [
        "What matters",
        "What acts together",
        "What matters at which target",
        "Where the good values lie",
        "From the median trial to the best",
    ]


def test_many_parameters_are_folded() -> None:
    report = PedAnovaImportanceEvaluator(seed=0).report(many_parameters(25))
    *_, good, more = sections_of(report)
    assert (good.title, len(good.parts)) == ("Where the good values lie", 20)
    assert (more.title, len(more.parts)) == ("5 more parameters", 5)
    tested = np.isfinite(report.p_values_familywise).any()
    is_open = tested & ~(report.p_values_familywise[:20] < 0.05)
    assert [part.is_folded for part in good.parts] == is_open.tolist()
    assert all(part.is_folded for part in more.parts)


def test_the_options_reach_the_evaluator() -> None:
    material = Material.of(mixed_study(), target_quantile=0.2, region_quantile=0.5)
    basis = sections(material)[0].basis
    assert "the best 20 %" in basis.replace("\xa0", " ")
    assert "complete with finite values and in the region" in basis
    strict = Material.of(mixed_study(), target_quantile=0.005, region_quantile=0.01)
    assert "What matters at which target" not in [s.title for s in sections(strict)]
    with pytest.raises(ValueError, match="target_value"):
        sections(Material.of(hand.study([[1.0, 2.0]] * 9, ["minimize"] * 2), target_value=1.0))


def test_interactions_and_a_profile_have_sections_of_their_own() -> None:
    report = _two(pairs={("lr", "opt"): (0.16, 0.001)})
    profile = hand.profile({"lr": [0.5, 0.5, 0.5], "opt": [0.1, 0.1, 0.1]})
    page = _page(report, profile)
    text = page.all_text()
    assert "What acts together lr and opt act together (S = 0.16): how much a value" in text
    assert "What matters at which target lr matters most at every target" in text
    assert len(page.figures()) == 5
    assert page.labels()[1] == "Map: how 2 parameters act together in pairs"
    assert page.labels()[2] == "Chart: the importance of 2 parameters at 3 targets"


def test_sections_without_content_are_left_out() -> None:
    one = hand.report({"lr": [hand.continuous()]}, pairs={})
    for report, profile in (
        (_two(), None),
        (one, hand.profile({"lr": [0.5]}, (0.1,))),
        (_two(pairs={}, n_target=0), hand.profile({"lr": [0.5, 0.5, 0.5]})),
    ):
        text = _page(report, profile).all_text()
        assert "What acts together" not in text
        assert "What matters at which target" not in text


def test_the_table_tells_intervals_and_p_values() -> None:
    page = _page(_two(p=[0.0001, 0.2], p_familywise=[0.01, 0.3]))
    text = page.all_text()
    assert "parameter S 95 % interval p p among all share regimes" in text.replace("\xa0", " ")
    assert "lr 0.410 0.310 to 0.510 < 0.001 0.010 67.2 % 1" in text
    assert "opt 0.200 0.100 to 0.300 0.200 0.300 32.8 % 1" in text


def test_the_space_is_told() -> None:
    assert "the space as these trials sampled it" in _page(_two()).all_text()
    text = _page(_two(space="uniform", skill=0.9, n_taught=60, n_taught_as_good=12)).all_text()
    assert "by 100 points drawn evenly, at which a surrogate of 60 trials stands in" in text
    assert "Of these trials 12 reach the target, too." in text
    assert "10 of all 100 points" in text.replace("\xa0", " ")
    for false in ("target trials", "all 100 trials", "all trials", "choice of the sampler"):
        assert false not in text
    assert "sampled it" not in text
    assert "lr 0.410 0.310 to 0.510 0.001" in text


def test_infeasible_trials_are_counted() -> None:
    (section, *_) = sections_of(_two(n_infeasible=7))
    assert "of which 7 are infeasible and never in the target set." in section.basis


def test_whether_the_region_has_all_trials() -> None:
    table = TrialTable.from_study(hand.study([[float(k)] for k in range(100)]))
    assert "in the region" not in sections_of(_two(), table=table)[0].basis
    assert "in the region" in sections_of(_two(n_trials=50), table=table)[0].basis


def test_of_draws_among_chosen_trials_the_region_has_all_draws() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=50)
    for _ in range(10):
        study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    assert (report.sampling, report.n_trials) == ("mixed", 50)
    (first, *_) = sections_of(report, table=TrialTable.from_study(study))
    assert "with all 50 trials that were drawn at random and are complete" in first.basis
    assert "in the region" not in first.basis


def test_repeated_trials_do_not_make_a_region() -> None:
    study = optuna.create_study()
    for _ in range(2):
        study.sampler = optuna.samplers.RandomSampler(seed=0)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=40)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    assert report.n_trials == 40
    assert "in the region" not in sections_of(report, table=TrialTable.from_study(study))[0].basis


def test_parameters_of_chosen_trials_have_no_interval_to_show() -> None:
    parts = [part for one in sections_of(_two(sampling="adaptive")) for part in one.parts]
    assert [part.note for part in parts] == ["S = 0.410", "S = 0.200"]


def test_warnings_are_visible() -> None:
    page = _page(hand.report({"x": [hand.continuous()]}, warnings=["Mind the <gap>."]))
    assert "Mind the <gap>." in page.all_text()
    assert any(attrs.get("class") == "warning" for _, attrs in page.elements)


def test_a_surrogate_has_intervals_to_show() -> None:
    report = _two(space="uniform", skill=0.9)
    parts = [part for section in sections_of(report) for part in section.parts]
    assert [part.note for part in parts] == [
        "S = 0.410, 0.310 to 0.510",
        "S = 0.200, 0.100 to 0.300",
    ]


def test_where_all_trials_are_as_good_nothing_is_compared() -> None:
    """Else the page would go on to say what a sampler had settled."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) * 0.0, n_trials=40)
    report = PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)
    assert [section.title for section in sections_of(report)] == ["What matters"]
    assert "sampler" not in "".join(sections_of(report)[0].answer or "")

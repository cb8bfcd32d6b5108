"""What the page answers of a study, claim by claim, and which of it is false."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from optuna.trial import TrialState

from optuna_hpx import (
    HsicImportanceEvaluator,
    NoSurrogateError,
    PedAnovaImportanceEvaluator,
    TrialTable,
    ablation_path,
    compare_importances,
    importance_profile,
    marginal_effect,
)
from optuna_hpx.canvas.claims import Claim, Sentence
from optuna_hpx.canvas.material import Material
from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance._ablation import ends_differ
from optuna_hpx.importance.section import sentences_of
from optuna_hpx.importance.section.actions import actions_of
from optuna_hpx.importance.section.comparison import comparison_sentences
from optuna_hpx.importance.section.effect_words import effect_sentence
from optuna_hpx.importance.section.objectives import objective_sentences, reports_by_objective
from optuna_hpx.importance.section.path import path_sentences
from optuna_hpx.page._failures import FailureKind, failure_sentences

sys.path.append(str(Path(__file__).parent))
from exact import (
    ExactPath,
    exact_curve,
    is_true_of_comparison,
    is_true_of_effect,
    is_true_of_path,
)
from facts import facts_of
from judges import HsicJudge, Judge, is_sound
from studies import ONE_OBJECTIVE, Case
from zoo import Function

_BURST = 25  # trials in which the machine is as reliable
_BAD, _RISKS = 0.4, (0.35, 0.03)  # how often it is bad, and how often trials fail then and else

Ruling = tuple[Claim, bool]
"""A claim, and whether it is false."""


def importances(case: Case) -> Iterator[Ruling]:
    """What the page says of importances, interactions, targets and values; and its warnings."""
    table = case.material.table
    report = PedAnovaImportanceEvaluator(seed=0).report(table, interactions=True)
    sentences = sentences_of(report, importance_profile(table))
    judge = Judge(_assessed(case, report), _quantile(report))
    yield from _judged(judge, _claims(sentences))
    yield from facts_of(case, report, report.warnings)


def hsic(case: Case, score: str) -> Iterator[Ruling]:
    """What the sections say of a report of HSIC; and its warnings."""
    evaluator = HsicImportanceEvaluator(score=score, seed=0)
    report = evaluator.report(case.material.table, interactions=True)
    judge = HsicJudge(_assessed(case, report), _quantile(report), score)
    yield from _judged(judge, _claims(sentences_of(report)))
    yield from facts_of(case, report, report.warnings)


def path(case: Case) -> Iterator[Ruling]:
    """What the page says of the path to the best trial; not of functions with branches."""
    table = case.material.table
    if case.function.active or not ends_differ(table):
        return
    exact = ExactPath(case.function, case.study)
    try:
        way = ablation_path(table, seed=0)
    except NoSurrogateError:
        return
    for claim in _claims(path_sentences(way)):
        yield claim, not is_true_of_path(exact, claim)


def effects(case: Case) -> Iterator[Ruling]:
    """What the page says of the effects of the first two parameters, in the order of the space."""
    for name in list(case.function.dists)[:2]:
        try:
            effect = marginal_effect(case.material.table, name, seed=0)
        except NoSurrogateError:
            return
        curve = exact_curve(case.function, name, effect.values)
        for claim in effect_sentence(effect).claims:
            yield claim, not is_true_of_effect(curve, claim)


def comparison(case: Case) -> Iterator[Ruling]:
    """What the page says of the function beside its mirror image, of one study of both."""
    if not case.function.is_cube or case.sampler in ONE_OBJECTIVE:
        return
    evaluator = PedAnovaImportanceEvaluator(space="trials", seed=0)
    table = TrialTable.of(case.mirrored_study)
    compared = compare_importances(table, targets=(0, 1), evaluator=evaluator, seed=0)
    for claim in _claims(comparison_sentences(compared)):
        yield claim, not is_true_of_comparison(case.function, 0.1, claim)


def objectives(case: Case) -> Iterator[Ruling]:
    """What the page says of the function and its mirror image, each by itself, in one study."""
    if not case.function.is_cube or case.sampler in ONE_OBJECTIVE:
        return
    reports = reports_by_objective(Material.of(TrialTable.of(case.mirrored_study)))
    functions = dict(zip(reports, (case.function, case.function.mirrored), strict=True))
    for claim in _claims(objective_sentences(reports)):
        name, objective = claim.subjects
        yield claim, not Judge(functions[objective], 0.1).is_active_one(name)


def actions(case: Case) -> Iterator[Ruling]:
    """What the page advises to change in the next search."""
    report = PedAnovaImportanceEvaluator(seed=0).report(case.material.table)
    judge = Judge(_assessed(case, report), 0.1)
    for action in actions_of(report):
        for claim in action.claims:
            yield claim, not is_sound(judge, claim)


def failures(case: Case) -> Iterator[Ruling]:
    """What the page says of failures that have nothing to do with any parameter, in bursts."""
    table = case.material.table
    rng = np.random.default_rng(case.seed)
    risk = np.where(rng.random(-(-len(table) // _BURST)) < _BAD, *_RISKS)
    fails = rng.random(len(table)) < np.repeat(risk, _BURST)[: len(table)]
    states = np.where(fails, TrialState.FAIL, table.states)
    for claim in _claims(failure_sentences(replace(table, states=states))):
        yield claim, claim.kind is FailureKind.DIFFERS


def _claims(sentences: Iterable[Sentence]) -> list[Claim]:
    return [claim for sentence in sentences for claim in sentence.claims]


def _assessed(case: Case, report: ImportanceReport) -> Function:
    return case.function.smooth if report.space == "uniform" else case.function


def _quantile(report: ImportanceReport) -> float:
    return round(report.n_target / max(report.n_trials, 1), 3)


def _judged(judge: Judge, claims: list[Claim]) -> Iterator[Ruling]:
    for claim in claims:
        yield claim, not judge.is_true(claim)


ANSWERS: dict[str, Callable[[Case], Iterator[Ruling]]] = {
    "importances": importances,
    "HSIC": partial(hsic, score="indicator"),
    "HSIC, rank": partial(hsic, score="rank"),
    "path": path,
    "effects": effects,
    "comparison": comparison,
    "objectives": objectives,
    "actions": actions,
    "failures": failures,
}

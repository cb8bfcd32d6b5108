"""What the page answers of a study, claim by claim, and which of it is false."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from optuna_hpx import (
    HsicImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    importance_profile,
)
from optuna_hpx.canvas.claims import Claim, Sentence
from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance.section import sentences_of

sys.path.append(str(Path(__file__).parent))
from facts import facts_of
from judges import HsicJudge, Judge
from studies import Case
from zoo import Function

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
}

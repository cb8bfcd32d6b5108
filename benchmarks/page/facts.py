"""What warnings state as facts, found in their words, and when each is one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance import ImportanceReport

sys.path.append(str(Path(__file__).parent))
from studies import DRAWN, Case


class Fact(Enum):
    """A kind of fact. Its value is how its warning is recognised."""

    CHOSEN = r"person,? chose"
    ONLY_DRAWS = r"only the ([\d,]+) complete trials? that (?:was|were) drawn at random"
    UNKNOWN = r"What drew these trials is not known"
    REPEATED = r"([\d,]+) trials? repeats? all values of an earlier one"
    RETRIED = r"([\d,]+) failed trials? (?:was|were) tried again"
    LOST = r"No trial completed with some values"
    UNMARKED = r"([\d,]+) trials? without a mark of a sampler may be random draws"
    OVERLAP = r"importances add up to"
    FEW = r"([\d,]+) (?:of [\d,]+ )?(?:trials?|points?) (?:(?:are|is) )?in the target set"
    ALL_EQUAL = r"target set is the whole region|have the same value"
    BY_SURROGATE = r"whole search space: (?:a surrogate|it learnt)"
    DISAGREE = r"surrogates of the objective that the trials leave plausible disagree"
    UNPREDICTABLE = r"cannot be predicted well enough|do not predict"
    WITHOUT_RULE = r"with which bounds: ([^.]*)\.|When (.*) is active, or with which bounds"
    UNMEASURED = r"Too few trials have these parameters to tell: (.*)\."
    TOGETHER = r"[Ss]ome parameters went together"
    FEW_EFFECTIVE = r"[Ww]orth fewer than"
    UNREAD = r"(?!)"  # of a warning that has none of these


FactRule = Callable[[Case, ImportanceReport, tuple[str, ...]], bool]


def _always(case: Case, report: ImportanceReport, words: tuple[str, ...]) -> bool:
    return True


def _is_chosen(case: Case, report: ImportanceReport, words: tuple[str, ...]) -> bool:
    return case.sampler not in DRAWN


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _n_drawn(case: Case) -> int:
    """Count the trials that a random sampler drew."""
    if case.sampler == "random, TPE":
        return 2 * case.n // 3
    if case.sampler == "interleaved":  # those of TPE's start are random, too
        chosen = [any("tpe:" in key for key in t.system_attrs) for t in case.study.trials]
        return len(chosen) - sum(chosen)
    return case.n if case.sampler in DRAWN else 0


def _n_repeats(case: Case) -> int:
    seen: list[dict[str, object]] = []
    for trial in case.study.trials:
        if trial.params not in seen:
            seen.append(trial.params)
    return len(case.study.trials) - len(seen)


def _overlap(case: Case, report: ImportanceReport, words: tuple[str, ...]) -> bool:
    """Tell whether parameters explain the same: where they did not vary independently."""
    if report.space == "trials" and case.sampler not in DRAWN:
        return True
    quantile = round(report.n_target / report.n_trials, 3)
    truth = case.function.truth
    return sum(truth.importance(name, quantile) for name in case.function.dists) > 1.0


RULES: dict[Fact, FactRule] = {
    Fact.CHOSEN: _is_chosen,
    Fact.ONLY_DRAWS: lambda case, report, words: 0 < _number(words[0]) <= _n_drawn(case),
    Fact.UNKNOWN: _always,
    Fact.REPEATED: lambda case, report, words: 0 < _number(words[0]) <= _n_repeats(case),
    Fact.RETRIED: lambda case, report, words: False,  # no trial of these studies fails
    Fact.LOST: lambda case, report, words: False,
    Fact.UNMARKED: lambda case, report, words: case.sampler == "random, TPE",
    Fact.OVERLAP: _overlap,
    Fact.FEW: lambda case, report, words: _number(words[0]) == report.n_target,
    Fact.ALL_EQUAL: lambda case, report, words: not case.function.noise,
    Fact.BY_SURROGATE: lambda case, report, words: report.space == "uniform",
    Fact.DISAGREE: lambda case, report, words: report.space == "trials",
    Fact.UNPREDICTABLE: lambda case, report, words: report.space == "trials",
    Fact.WITHOUT_RULE: lambda case, report, words: (
        set(words[0].split(", ")) <= case.function.active.keys()
    ),
    Fact.UNMEASURED: _always,
    Fact.TOGETHER: lambda case, report, words: case.sampler != "random",
    Fact.FEW_EFFECTIVE: _always,
    Fact.UNREAD: _always,
}
"""When a fact of each kind is one; of a count, when it is no larger than that of the study."""


def facts_of(
    case: Case, report: ImportanceReport, warnings: Sequence[str]
) -> Iterator[tuple[Claim, bool]]:
    """Find the facts of a report, and whether each is false."""
    for warning in warnings:
        matches = [(fact, re.search(fact.value, warning)) for fact in Fact]
        for fact, match in matches:
            if match:
                words = tuple(group for group in match.groups() if group)
                is_false = not RULES[fact](case, report, words)
                yield Claim(fact, (warning,)), is_false
        if not any(match for _, match in matches):
            yield Claim(Fact.UNREAD, (warning,)), False

"""Which of two random searches is better, from which number of trials on, for the page of two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from optuna.samplers import RandomSampler

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, duration, listing, percent
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law.figures import plot_tuning_curve_comparison
from optuna_hpx.law.maths.mean_cost import mean_cost

if TYPE_CHECKING:
    from optuna_hpx.canvas.pair import Pair
    from optuna_hpx.law import TuningCurveComparison
    from optuna_hpx.trials.table import TrialTable

__all__ = ["ComparisonKind", "Curves", "find_curves", "sections", "verdict_sentences"]

_MIN_SECONDS = 30.0  # of all trials of a side: of less, what is measured is mostly Optuna itself
_DRAWS = {"independent", "unknown"}
_MAX_STRETCHES = 3  # in a sentence
_BASIS = (
    "Better is here: of the best scores that searches of so many random trials come to, the "
    "median is better. Half of all such searches do better than the median, and half worse. It "
    "counts what a search may try as much as how: another search space is another search."
)
_IN_A_ROW = "Seconds are those of the trials, one after the other, and of no pauses between them."


class ComparisonKind(Enum):
    """A kind of claim on two searches. Its value says what makes it true."""

    BETTER = (
        "the median best score of so many random trials is better on the first side than on the "
        "other, for all numbers of trials between the figures"
    )
    BETTER_IN_TIME = "the same for all times between the figures, in seconds"
    WITHIN = (
        "after as many random trials as the first figure, the first side is better by an amount "
        "between the other two"
    )
    NOT_TOLD = "always: nothing is claimed"


@dataclass(frozen=True)
class Curves:
    """What can be said of two searches.

    Attributes:
        by_trials: After as many trials.
        by_seconds: After as much time; None where trials took next to none, or it is not known.
        is_conditional: Whether it is not known that the trials are random draws.
    """

    by_trials: TuningCurveComparison
    by_seconds: TuningCurveComparison | None
    is_conditional: bool


def sections(pair: Pair) -> list[Section]:
    """Make the section with the verdict, if the trials of both sides are random draws.

    Of trials that a sampler chose, one run is one observation: nothing is said of them here.
    """
    curves = find_curves(pair)
    if curves is None:
        return []
    trials, seconds = curves.by_trials, curves.by_seconds
    claims = [claim for line in verdict_sentences(curves) for claim in line.claims]
    parts = [_part("After as many trials", trials, "tuning_curves_trials")]
    if seconds is not None:
        part = _part("After as much time", seconds, "tuning_curves_seconds")
        parts.append(_with_costs(part, pair))
    return [
        Section(
            "Which is better",
            warnings=trials.warnings,
            answer=prose(verdict_sentences(curves)),
            basis=_BASIS,
            parts=tuple(parts),
            key="verdict",
            data={
                "rests_on": "random draws",
                "is_conditional": curves.is_conditional,
                "confidence": trials.confidence,
                "claims": [_plain_claim(claim) for claim in claims],
            },
        )
    ]


def find_curves(pair: Pair) -> Curves | None:
    """Compare the tuning curves of two sides; None if the trials of one are no random draws."""
    # slow: brings in scipy's distributions
    from optuna_hpx.law import compare_tuning_curves

    is_population = any(side.has_segments for side in pair.sides)
    if not pair.has_one_objective or is_population or not set(pair.kinds) <= _DRAWS:
        return None
    sampler = RandomSampler() if "unknown" in pair.kinds else None
    tables = pair.tables
    has_seconds = all(_seconds(table).sum() >= _MIN_SECONDS for table in tables)
    try:
        by_trials, by_seconds = (
            compare_tuning_curves(*tables, labels=pair.labels, cost=cost, sampler=sampler)
            if cost is None or has_seconds
            else None
            for cost in (None, "duration")
        )
    except NoLawError:
        return None
    assert by_trials is not None
    return Curves(by_trials, by_seconds, "unknown" in pair.kinds)


def _seconds(table: TrialTable) -> np.ndarray:
    seconds: np.ndarray = table.durations[table.durations > 0.0]  # which NaN is not
    return seconds


def verdict_sentences(curves: Curves) -> list[Sentence]:
    """Make the sentences on which side is better, by trials and by time."""
    by_trials = curves.by_trials
    sentences = [*_better(by_trials, ComparisonKind.BETTER)] or [_not_told(by_trials)]
    if curves.by_seconds is not None:
        by_time = [*_better(curves.by_seconds, ComparisonKind.BETTER_IN_TIME)]
        sentences += by_time or [
            Sentence(
                "After as much time, which is better cannot be told.",
                (Claim(ComparisonKind.NOT_TOLD),),
            )
        ]
    if curves.is_conditional:
        condition = (
            "What drew the trials is not known of both sides, and they are too few, or of too few "
            "values, to show it. What follows holds only if they are independent random draws."
        )
        sentences.insert(0, Sentence(condition))
    return sentences


def _better(comparison: TuningCurveComparison, kind: ComparisonKind) -> list[Sentence]:
    """Say where each side is surely better, one sentence for both."""
    clauses, claims = [], []
    for label, other in (comparison.labels, comparison.labels[::-1]):
        stretches = comparison.better(label)
        if stretches:
            spans = listing([_span(comparison, *ends) for ends in stretches], _MAX_STRETCHES)
            clauses.append(f"{label} is better than {other} {spans}")
            claims += [Claim(kind, (label, other), ends) for ends in stretches]
    if not clauses:
        return []
    everywhere = "all numbers of trials" if comparison.unit == "trials" else "all times"
    sure = f"{percent(comparison.confidence)} confidence, for {everywhere} at once"
    return [Sentence(f"{', and '.join(clauses)} ({sure}).", tuple(claims))]


def _span(comparison: TuningCurveComparison, first: float, last: float) -> str:
    ends = [_place(comparison, end) for end in (first, last)]
    if first == last:
        return f"after {ends[0]}"
    beyond = comparison.x[comparison.x > last]
    if not len(beyond) or _is_unknown(comparison, beyond[0]):
        return f"from {ends[0]} on, up to {ends[1]}, which is as far as these trials tell"
    return f"from {ends[0]} to {ends[1]}"


def _is_unknown(comparison: TuningCurveComparison, x: float) -> bool:
    row = int(np.searchsorted(comparison.x, x))
    return bool(
        np.isinf(comparison.advantage_low[row]) or np.isinf(comparison.advantage_high[row])
    )


def _place(comparison: TuningCurveComparison, x: float) -> str:
    return count(int(x), "trial") if comparison.unit == "trials" else duration(x)


def _not_told(comparison: TuningCurveComparison) -> Sentence:
    """Say that neither is surely better, and between which bounds the difference lies."""
    a, b = comparison.labels
    text = (
        f"Which of {a} and {b} is better cannot be told: after no number of trials is the "
        f"difference more than chance may make ({percent(comparison.confidence)} confidence)."
    )
    low, high = comparison.advantage_low, comparison.advantage_high
    n = min(comparison.n_trials)
    bounded = np.flatnonzero((comparison.x <= n) & np.isfinite(low) & np.isfinite(high))
    if not len(bounded):
        return Sentence(text, (Claim(ComparisonKind.NOT_TOLD),))
    row = int(bounded[-1])
    place = comparison.x[row]
    text += (
        f" After {_place(comparison, place)} each, {a} is at most {_gain(high[row])} better and "
        f"at most {_gain(-low[row])} worse."
    )
    return Sentence(
        text,
        (Claim(ComparisonKind.WITHIN, (a, b), (float(place), float(low[row]), float(high[row]))),),
    )


def _gain(value: float) -> str:
    """Write a bound that is not negative: of equal scores it may be a zero with a sign."""
    return f"{max(value, 0.0) + 0.0:.3g}"


def _part(title: str, comparison: TuningCurveComparison, key: str) -> Section:
    first, second = comparison.labels
    place = f"{title[0].lower()}{title[1:]}"
    label = f"Chart: the best score of {first} and of {second} {place}, with bands"
    return Section(
        title,
        answer=comparison.in_words,
        charts=(Chart(plot_tuning_curve_comparison(comparison), label),),
        key=key,
        data=comparison.to_dict(),
    )


def _with_costs(part: Section, pair: Pair) -> Section:
    """Add what a trial of each side takes on average."""
    texts = []
    for label, table in zip(pair.labels, pair.tables, strict=True):
        cost = mean_cost(_seconds(table), 0.95)
        ends = f"95 % interval {duration(cost.low)} to {duration(cost.high)}"
        texts.append(f"{duration(cost.mean)} for {label} ({ends})")
    takes = f"A trial takes on average {listing(texts)}."
    return replace(part, basis=f"{takes} {_IN_A_ROW}")


def _plain_claim(claim: Claim) -> dict[str, object]:
    return {
        "kind": claim.kind.name.lower(),
        "subjects": list(claim.subjects),
        "figures": plain(claim.figures),
    }

"""Which parameters act together, in sentences that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count
from optuna_hpx.importance.figures import plot_interactions
from optuna_hpx.importance.section.basis import (
    MIN_TARGET,
    describe_basis,
    describe_trials,
    symbol_of,
    target_of,
)

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = ["describe_interactions", "interactions_sections"]

_MAX_PAIRS = 3

_CHOSEN = (
    "Which parameters act together cannot be told: a sampler or a person chose these trials, and "
    "with them which values go together. The map is a hint."
)


def interactions_sections(report: ImportanceReport) -> list[Section]:
    """Make the section "What acts together" of a report that has interactions."""
    if report.interactions is None or len(report.names) < 2:
        return []
    label = f"Map: how {count(len(report.names), 'parameter')} act together in pairs"
    return [
        Section(
            "What acts together",
            answer=describe_interactions(report),
            charts=(Chart(plot_interactions(report), label),),
        )
    ]


def describe_interactions(report: ImportanceReport) -> str:
    """Say which parameters act together."""
    if report.n_target < MIN_TARGET:
        return "Too few target trials to tell which parameters act together."
    if not report.has_p_values:
        sentence = _CHOSEN
    elif report.significant_pairs():
        sentence = _describe_pairs(report)
    else:
        sentence = _describe_none(report)
    return " ".join([sentence, *describe_basis(report.space, report.sampling, report.skill)])


def _describe_none(report: ImportanceReport) -> str:
    n = len(report.names) * (len(report.names) - 1) // 2
    none = "the only pair does not act" if n == 1 else f"none of the {n:,} pairs acts"
    return (
        f"No pair stands out: {describe_trials(report)}, {none} together visibly more than chance "
        "would have it. A weaker interaction may still be there."
    )


def _describe_pairs(report: ImportanceReport) -> str:
    (first, second, s, _), *others = report.significant_pairs()
    also = [f"{a} and {b} ({s_ij:.2f})" for a, b, s_ij, _ in others[: _MAX_PAIRS - 1]]
    if len(others) > len(also):
        also.append(count(len(others) - len(also), "more pair"))
    more = f"; so do {'; '.join(also)}" if also else ""
    jointly = "a pair" if also else "they"
    return (
        f"{first} and {second} act together ({symbol_of(report)} = {s:.2f}){more}: how much a "
        f"value of one helps to get among {target_of(report)} depends on the other. Effects that "
        f"merely add up show like this, too, so it does not tell whether {jointly} must be tuned "
        "jointly."
    )

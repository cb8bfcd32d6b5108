"""Which parameters act together, in sentences that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count
from optuna_hpx.importance.figures import plot_interactions
from optuna_hpx.importance.section.basis import (
    MIN_TARGET,
    describe_basis,
    describe_trials,
    n_telling,
    pairs_of,
    symbol_of,
    target_of,
)
from optuna_hpx.importance.section.kinds import ClaimKind

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = [
    "describe_interactions",
    "interaction_sentences",
    "interactions_sections",
    "sure_pairs_of",
]

_MAX_PAIRS = 3
_SURELY = 0.01
"""Adjusted p of a pair that is named. At .05 one in seven pairs named in 100 trials does nothing:
few real ones are found there, and beside them chance has a large part."""

_CHOSEN = (
    "Which parameters act together cannot be told: a sampler or a person chose these trials, and "
    "with them which values go together. The map is a hint."
)
_EXPECTED = (
    "Which parameters act together is not tested, as a sampler or a person chose the trials. The "
    "map is what the surrogate expects, and may be its error."
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
            how_to_read=(
                "Each square is a pair of parameters: the darker, the more the two explain "
                "together beyond what each explains by itself. Where a pair acts together, how "
                "good a value of one is depends on the value of the other."
            ),
        )
    ]


def describe_interactions(report: ImportanceReport) -> str:
    """Say which parameters act together."""
    return prose(interaction_sentences(report))


def sure_pairs_of(report: ImportanceReport) -> list[tuple[str, str, float, float]]:
    """Return the pairs that surely act together; none where that was not asked for."""
    return [pair for pair in pairs_of(report) if pair[3] < _SURELY]


def interaction_sentences(report: ImportanceReport) -> list[Sentence]:
    """Make the sentences on which parameters interact, and which only act together.

    Two parameters interact if the objective is no monotone function of effects that add up; they
    act together if a value of one helps more or less to get into the target set by the other's.
    """
    if n_telling(report) < MIN_TARGET:
        few = "target trials" if report.score == "indicator" else "trials"
        text = f"There are too few {few} to tell which parameters act together."
        return [Sentence(text)]
    if not report.has_p_values:
        chosen = _CHOSEN if report.space == "trials" else _EXPECTED
        return [Sentence(chosen)]
    joint = report.joint_pairs()
    names = {frozenset(pair[:2]) for pair in joint}
    others = [p for p in sure_pairs_of(report) if frozenset(p[:2]) not in names]
    sentences = [*_joint(report, joint), *_together(report, others, has_joint=bool(joint))]
    basis = describe_basis(report.space, report.sampling, report.skill)
    return [*(sentences or [_none(report)]), *(Sentence(text) for text in basis)]


def _none(report: ImportanceReport) -> Sentence:
    n = len(report.names) * (len(report.names) - 1) // 2
    none = "the only pair does not act" if n == 1 else f"none of the {n:,} pairs acts"
    text = (
        f"No pair stands out: {describe_trials(report)}, {none} together visibly more than chance "
        "would have it. An interaction that they do not show may still be there."
    )
    return Sentence(text, (Claim(ClaimKind.NO_PAIR),))


def _joint(report: ImportanceReport, pairs: list[tuple[str, str, float, float]]) -> list[Sentence]:
    if not pairs:
        return []
    named = [f"{first} and {second}" for first, second, *_ in pairs[:_MAX_PAIRS]]
    if len(pairs) > _MAX_PAIRS:
        named.append(count(len(pairs) - _MAX_PAIRS, "more pair"))
    if report.sampling == "even":  # 3 of 8 so named were false in a sequence: benchmarks/page
        text = (
            f"{'; '.join(named)} may interact, so that their effects do not just add up: but "
            "points of a grid or a sequence are no independent draws, and can look like that."
        )
        return [Sentence(text, tuple(Claim(ClaimKind.MAY_INTERACT, pair[:2]) for pair in pairs))]
    jointly = "them" if len(pairs) == 1 else "each pair"
    text = (
        f"{'; '.join(named)} interact: on whatever scale the objective is measured, their effects "
        f"do not just add up. Tune {jointly} jointly."
    )
    return [Sentence(text, tuple(Claim(ClaimKind.JOINT, pair[:2]) for pair in pairs))]


def _together(
    report: ImportanceReport, pairs: list[tuple[str, str, float, float]], *, has_joint: bool
) -> list[Sentence]:
    if not pairs:
        return []
    (first, second, s, _), *others = pairs
    also = [f"{a} and {b} ({s_ij:.2f})" for a, b, s_ij, _ in others[: _MAX_PAIRS - 1]]
    if len(others) > len(also):
        also.append(count(len(others) - len(also), "more pair"))
    more = f"; so do {'; '.join(also)}" if also else ""
    jointly = "a pair" if also else "they"
    link = "also " if has_joint else ""
    goal = f"to get among {target_of(report)}" if report.score == "indicator" else "to rank high"
    text = (
        f"{first} and {second} {link}act together ({symbol_of(report)} = {s:.2f}){more}: how much "
        f"a value of one helps {goal} depends on the other. Effects "
        f"that merely add up show like this, too, so it does not tell whether {jointly} must be "
        "tuned jointly."
    )
    return [Sentence(text, tuple(Claim(ClaimKind.PAIR_ACTS, p[:2], p[2:3]) for p in pairs))]

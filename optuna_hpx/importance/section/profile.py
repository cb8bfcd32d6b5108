"""What matters at which stage, in sentences that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.importance.figures import plot_importance_profile
from optuna_hpx.importance.section.basis import describe_basis
from optuna_hpx.importance.section.kinds import ClaimKind

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceProfile

__all__ = ["describe_profile", "profile_sections", "profile_sentences"]

_MAX_NAMED = 3
_LARGE = 20  # target trials, below which S leans to 0 and would seem to fall
_STRICT = 0.2  # a target quantile that can be called near the best


def profile_sections(profile: ImportanceProfile | None) -> list[Section]:
    """Make the section "What matters at which target" of a profile with several targets."""
    if profile is None or len(profile.quantiles) < 2:
        return []
    label = (
        f"Chart: the importance of {count(len(profile.names), 'parameter')} "
        f"at {len(profile.quantiles)} targets"
    )
    return [
        Section(
            "What matters at which target",
            answer=describe_profile(profile),
            charts=(Chart(plot_importance_profile(profile), label),),
            how_to_read=(
                "From left to right the target gets stricter: from nearly all trials to the best "
                "few. A line is the importance S of a parameter at each target. What is high on "
                "the left keeps a trial from being bad; what is high on the right makes a good "
                "one the best."
            ),
            key="importance_profile",
            data=profile.to_dict(),
        )
    ]


def describe_profile(profile: ImportanceProfile) -> str:
    """Say which parameter leads at which targets, and which gain or lose at stricter ones."""
    return prose(profile_sentences(profile))


def profile_sentences(profile: ImportanceProfile) -> list[Sentence]:
    """Make the sentences on what matters at which target.

    A parameter leads where its interval lies above those of all others; it gains or loses if its
    intervals at the strictest target of 20 trials or more and at a wider one do not overlap. Of a
    surrogate's importances, and of trials that were chosen, nothing is claimed.
    """
    if profile.space == "uniform":
        text = (
            "These numbers are those of a surrogate: the chart is what it expects, and "
            "differences may be its errors."
        )
        return [Sentence(text)]
    if not profile.has_intervals:
        text = (
            "Which parameter matters at which target cannot be told: a sampler or a person chose "
            "these trials, and no interval holds for them. The chart is a hint."
        )
        return [Sentence(text)]
    large = _of_large_targets(profile)
    s, low, high = large.importances, large.ci_low, large.ci_high
    gains, losses = [], []
    if large.quantiles.min(initial=1.0) <= _STRICT:
        gains, losses = _moves(s, low, high), _moves(-s, -high, -low)
    sentences = [
        *_on_leaders(profile),
        *_on_moves(large, losses, ClaimKind.MOVES_DOWN),
        *_on_moves(large, gains, ClaimKind.MOVES_UP),
    ]
    if not sentences:
        text = (
            "The intervals of all parameters overlap at every target: what matters at which stage "
            "cannot be told."
        )
        sentences = [Sentence(text)]
    elif not gains and not losses and len(large.quantiles) > 1:
        text = f"No importance surely changes over targets of {_LARGE} trials or more."
        sentences.append(Sentence(text, (Claim(ClaimKind.STEADY),)))
    basis = describe_basis(profile.space, profile.sampling, None)
    return [*sentences, *(Sentence(text) for text in basis)]


def _of_large_targets(profile: ImportanceProfile) -> ImportanceProfile:
    rows = profile.n_target >= _LARGE
    return replace(
        profile,
        quantiles=profile.quantiles[rows],
        importances=profile.importances[rows],
        ci_low=profile.ci_low[rows],
        ci_high=profile.ci_high[rows],
        n_target=profile.n_target[rows],
    )


def _leader(profile: ImportanceProfile, row: int) -> int:
    """Return the parameter whose interval lies above those of all others, or -1."""
    low, high = profile.ci_low[row], profile.ci_high[row]
    best = int(np.argmax(low))
    is_first = low[best] > np.delete(high, best).max(initial=0.0)
    return best if is_first else -1


def _on_leaders(profile: ImportanceProfile) -> list[Sentence]:
    """Name all leaders in one sentence, from the widest target to the strictest."""
    rows = range(len(profile.quantiles) - 1, -1, -1)
    runs = [
        (leader, [float(profile.quantiles[row]) for row in run])
        for leader, run in groupby(rows, lambda row: _leader(profile, row))
    ]
    claims = tuple(
        Claim(ClaimKind.LEADS, (profile.names[leader],), tuple(quantiles))
        for leader, quantiles in runs
        if leader >= 0
    )
    if len(runs) == 1 and claims:
        return [Sentence(f"{profile.names[runs[0][0]]} matters most at every target.", claims)]
    clauses = [
        f"{claim.subjects[0]} {'' if k else 'surely matters most '}at the best "
        f"{_span(claim.figures)}"
        for k, claim in enumerate(claims)
    ]
    rest = _on_undecided([leader >= 0 for leader, run in runs for _ in run])
    return [Sentence(f"{listing(clauses)}{rest}.", claims)] if clauses else []


def _on_undecided(are_led: list[bool]) -> str:
    """Say that at other targets, the widest of all comes first, no one is known to lead."""
    if all(are_led):
        return ""
    others = "stricter" if are_led == sorted(are_led, reverse=True) else "the other"
    return f"; at {others} targets the trials cannot tell which one does"


def _span(quantiles: Sequence[float]) -> str:
    """Write ``10 %``, or ``50 % to 10 %`` for several in a row."""
    ends = dict.fromkeys(percent(quantile) for quantile in (quantiles[0], quantiles[-1]))
    return " to ".join(ends)


@dataclass(frozen=True, order=True)
class _Move:
    """How far S moves, of which parameter, from which row of the profile to the first."""

    size: float
    parameter: int
    wide: int


def _moves(s: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[_Move]:
    """Find the largest sure rise of each parameter up to the strictest target, largest first.

    S and its interval are (Q, d), of which the first row is the strictest target; a rise is sure
    if the intervals do not overlap.
    """
    moves = []
    for k in range(s.shape[1]):
        rises = np.where(low[0, k] > high[1:, k], s[0, k] - s[1:, k], 0.0)
        if rises.any():
            wide = int(rises.argmax())
            moves.append(_Move(float(rises[wide]), k, wide + 1))
    return sorted(moves, reverse=True)


def _on_moves(profile: ImportanceProfile, moves: list[_Move], kind: ClaimKind) -> list[Sentence]:
    if not moves:
        return []
    clauses, claims = [], []
    for move in moves:
        name, quantiles = profile.names[move.parameter], profile.quantiles[[move.wide, 0]]
        wide, strict = (
            f"{profile.importances[row, move.parameter]:.2f} at the best {percent(quantile)}"
            for row, quantile in zip((move.wide, 0), quantiles.tolist(), strict=True)
        )
        clauses.append(f"{name} (S from {wide} to {strict})")
        claims.append(Claim(kind, (name,), tuple(quantiles.tolist())))
    verb = "matter" if len(moves) > 1 else "matters"
    change = "less" if kind is ClaimKind.MOVES_DOWN else "more"
    text = f"As the target gets stricter, {listing(clauses, at_most=_MAX_NAMED)} {verb} {change}."
    return [Sentence(text, tuple(claims))]

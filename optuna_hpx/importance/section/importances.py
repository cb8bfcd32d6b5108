"""What matters, in sentences that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.importance.section.basis import (
    FAINT,
    MIN_TARGET,
    deed_of,
    describe_basis,
    describe_trials,
    is_sure,
    n_telling,
    symbol_of,
    target_of,
)
from optuna_hpx.importance.section.interactions import sure_pairs_of
from optuna_hpx.importance.section.kinds import ClaimKind

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = ["describe_importances", "importance_sentences"]

_SURELY_FIRST = 0.9  # share of the bootstrap replicates in which a parameter comes first
_SURELY_FAINT = 0.01
"""Family-wise p of a parameter that S does not show: among few such, chance has a large part."""
_LEFT_OVER = 0.05  # a share below this is not worth a sentence
_MAX_FOLLOWERS = 3
_MAX_PAIRS = 3


def describe_importances(report: ImportanceReport) -> str:
    """Say which parameters matter, which are as good as chance, and what is left unexplained."""
    return prose(importance_sentences(report))


def importance_sentences(report: ImportanceReport) -> list[Sentence]:
    """Make the sentences on what matters.

    A parameter matters if its family-wise p-value is below 1 - confidence.
    """
    if not report.names:
        return [Sentence("There is no parameter to assess.")]
    if n_telling(report) == 0:
        text = (
            f"No {report.unit} is among {target_of(report)}: nothing can be said of what matters."
        )
        return [Sentence(text)]
    is_by_target = report.score == "indicator"
    if n_telling(report) < MIN_TARGET:
        n = count(n_telling(report), f"target {report.unit}" if is_by_target else report.unit)
        return [Sentence(f"What matters cannot be told from {n}: the numbers below are a hint.")]
    if is_by_target and report.n_target == report.n_trials:
        text = "All are in the target set: nothing can be said of what matters."
        return [Sentence(text)]
    if not report.has_p_values:
        return _chosen(report)
    if not (is_by_target or np.isfinite(report.p_values).any()):
        return [Sentence("No parameter could be compared: nothing can be said of what matters.")]
    kinds = [_kind(report, k) for k in range(len(report.names))]
    groups = {
        group: [k for k, kind in enumerate(kinds) if kind == group]
        for group in ("sure", "faint", "possible", "noise", "unseen", "constant")
    }
    return [
        *_leading_pair(report, groups["sure"]),
        *_sure(report, groups["sure"]),
        *_pairs(report, groups["sure"]),
        *_faint(_names(report, groups["faint"])),
        *_possible(report, _names(report, groups["possible"])),
        *_noise(report, groups["noise"]),
        *_unseen(report, _names(report, groups["unseen"])),
        *_constant(_names(report, groups["constant"])),
        *_rest(report),
        *[Sentence(text) for text in describe_basis(report.space, "independent", report.skill)],
    ]


def _names(report: ImportanceReport, parameters: list[int]) -> tuple[str, ...]:
    return tuple(report.names[k] for k in parameters)


def _chosen(report: ImportanceReport) -> list[Sentence]:
    """Say what sets the target set apart in trials that a sampler chose, and what to do then."""
    tested = _tested_by_model(report) if report.is_tested_by_model else []
    visible = [k for k, s in enumerate(report.importances) if s >= FAINT]
    source = "In these trials" if report.space == "trials" else "By a surrogate of these trials"
    if not visible:
        nothing = f"{source}, no parameter by itself {deed_of(report)}."
        return [*tested, Sentence(nothing, (Claim(ClaimKind.CHOSEN_NONE),))]
    # one name: of the others a third do nothing in the objective, as benchmarks/page shows
    name_first = _first_in_trials if report.space == "trials" else _first_by_surrogate
    return [*tested, name_first(report, *visible)]


def _first_in_trials(report: ImportanceReport, first: int, *others: int) -> Sentence:
    """Name what differs most in the trials: no more than a hint where no test confirms it."""
    name, s = report.names[first], f"{symbol_of(report)} = {report.importances[first]:.2f}"
    text = f"In these trials, {name} {deed_of(report)} most ({s})"
    if is_sure(report, first):
        claim = Claim(ClaimKind.CHOSEN_FIRST, (name,))
        return Sentence(f"{text}.{_on_others(report, others)}", (claim,))
    hint = f"{text}, which may be chance, or the choice of the sampler."
    return Sentence(hint, (Claim(ClaimKind.CHOSEN_HINT, (name,)),))


def _first_by_surrogate(report: ImportanceReport, first: int, *others: int) -> Sentence:
    """Name what comes first by a surrogate, and how far others that are plausible differ."""
    name, s = report.names[first], f"{symbol_of(report)} = {report.importances[first]:.2f}"
    is_first = report.first_probability[first] >= _SURELY_FIRST
    kind = ClaimKind.SURROGATE_FIRST if is_first else ClaimKind.SURROGATE_LIKELY
    claims = [Claim(kind, (name,))]
    low, high = report.ci_low[first], report.ci_high[first]
    if np.isfinite(low):
        s += f"; {low:.2f} to {high:.2f} by others that the trials leave plausible"
        claims.append(_interval_claim(report, first, ClaimKind.SURROGATE_INTERVAL))
    text = f"By a surrogate of these trials, {name} {deed_of(report)} most ({s})"
    end = f".{_on_others(report, others)}" if is_first else ", though another may matter more."
    return Sentence(f"{text}{end}", tuple(claims))


def _on_others(report: ImportanceReport, others: Sequence[int]) -> str:
    all_sure = all(is_sure(report, k) for k in others)
    return "" if all_sure else " Of the others some may have no influence."


def _tested_by_model(report: ImportanceReport) -> list[Sentence]:
    """Say what matters by a model of trials that a sampler chose."""
    sure = _names(report, [k for k in range(len(report.names)) if is_sure(report, k)])
    source = "(by a model of the trials that allows for the sampler's choices)"
    if not sure:
        return [Sentence(f"No parameter is shown to matter beyond chance {source}.")]
    verb = "matter" if len(sure) > 1 else "matters"
    claims = tuple(Claim(ClaimKind.MATTERS_BY_MODEL, (name,)) for name in sure)
    return [Sentence(f"{listing(sure)} {verb} beyond chance {source}.", claims)]


def _kind(report: ImportanceReport, k: int) -> str:
    """Judge what can be said of a parameter.

    ``"sure"``: it matters; ``"faint"``: it does, but does not show in the target set;
    ``"possible"``: it would matter if it were the only one looked at;
    ``"in a pair"``: only with another;
    ``"unseen"``: it is in too few target trials, or nothing is known of it;
    ``"constant"``: it has only one value;
    ``"noise"``: all that is left.
    """
    level, name = 1.0 - report.confidence, report.names[k]
    if len(report.regimes[name]) == 1 and report.regimes[name][0].has_one_value:
        return "constant"
    if np.isnan(report.p_values[k]):
        return "unseen"
    if report.p_values_familywise[k] < level and report.importances[k] >= FAINT:
        return "sure"
    if report.p_values_familywise[k] < min(level, _SURELY_FAINT):
        return "faint"
    if report.p_values[k] < level:
        return "possible"
    if any(name in pair[:2] for pair in sure_pairs_of(report)):
        return "in a pair"
    is_by_target = report.score == "indicator"
    n = sum(r.n_target if is_by_target else r.n_region for r in report.regimes[name])
    return "unseen" if n < MIN_TARGET else "noise"


def _leading_pair(report: ImportanceReport, sure: list[int]) -> list[Sentence]:
    """Name a pair first that explains more than any parameter does alone."""
    if not _has_leading_pair(report, sure):
        return []
    one, other, s, _ = sure_pairs_of(report)[0]
    text = (
        f"{one} and {other} explain most, and that only together ({symbol_of(report)} = {s:.2f} "
        "beyond what each explains alone)."
    )
    return [Sentence(text, (Claim(ClaimKind.PAIR_LEADS, (one, other), (s,)),))]


def _has_leading_pair(report: ImportanceReport, sure: list[int]) -> bool:
    pairs = sure_pairs_of(report)
    return bool(pairs and sure and pairs[0][2] > report.ci_high[sure[0]])


def _sure(report: ImportanceReport, sure: list[int]) -> list[Sentence]:
    if not sure:
        text = f"No parameter by itself surely {deed_of(report)}."
        return [Sentence(text)]
    first, *others = sure
    s, name = float(report.importances[first]), report.names[first]
    is_first = report.first_probability[first] >= _SURELY_FIRST
    rank = "matters most" if is_first else "comes first, though another may matter more"
    level = f"{percent(report.confidence)} interval "
    explains = ""
    if report.measure == "S":
        explains = (
            f": by itself it explains {percent(s)} of what separates {target_of(report)} from "
            "the rest"
        )
    text = (
        f"Taken one by one, {name} {rank} ({symbol_of(report)} = {s:.2f}"
        f"{_interval(report, first, level)}{explains})"
    )
    followers = [
        f"{report.names[k]} ({report.importances[k]:.2f}{_interval(report, k)})" for k in others
    ]
    if followers:
        text += f", followed by {listing(followers, at_most=_MAX_FOLLOWERS)}"
    claims = [Claim(ClaimKind.MATTERS_MOST if is_first else ClaimKind.COMES_FIRST, (name,))]
    claims += [Claim(ClaimKind.MATTERS, (report.names[k],)) for k in sure]
    if report.has_intervals:
        shown = sure[: 1 + _MAX_FOLLOWERS]
        claims += [_interval_claim(report, k) for k in shown if np.isfinite(report.ci_low[k])]
    return [Sentence(f"{text}.", tuple(claims))]


def _interval(report: ImportanceReport, k: int, level: str = "") -> str:
    """Put an interval after S, where one is known."""
    if np.isnan(report.ci_low[k]):
        return ""
    return f", {level}{report.ci_low[k]:.2f} to {report.ci_high[k]:.2f}"


def _interval_claim(
    report: ImportanceReport, k: int, kind: ClaimKind = ClaimKind.INTERVAL
) -> Claim:
    ends = (float(report.ci_low[k]), float(report.ci_high[k]))
    return Claim(kind, (report.names[k],), ends)


def _pairs(report: ImportanceReport, sure: list[int]) -> list[Sentence]:
    pairs = sure_pairs_of(report)[int(_has_leading_pair(report, sure)) :]
    if not pairs:
        return []
    named = [f"{first} with {second} ({s:.2f})" for first, second, s, _ in pairs[:_MAX_PAIRS]]
    if len(pairs) > _MAX_PAIRS:
        named.append(count(len(pairs) - _MAX_PAIRS, "more pair"))
    do = "add to that" if sure else "do"
    claims = tuple(Claim(ClaimKind.PAIR_ACTS, pair[:2], pair[2:3]) for pair in pairs)
    return [Sentence(f"Pairs that act together {do}: {listing(named)}.", claims)]


def _faint(names: tuple[str, ...]) -> list[Sentence]:
    if not names:
        return []
    verb, pronoun = ("matter", "they") if len(names) > 1 else ("matters", "it")
    text = (
        f"{listing(names)} {verb}, but how much cannot be told: so few target trials hardly show "
        f"what {pronoun} {'do' if len(names) > 1 else 'does'} (S below {FAINT})."
    )
    return [Sentence(text, tuple(Claim(ClaimKind.FAINT, (name,)) for name in names))]


def _possible(report: ImportanceReport, names: tuple[str, ...]) -> list[Sentence]:
    if not names:
        return []
    text = (
        f"{listing(names)} may matter, but among {count(len(report.names), 'parameter')} chance "
        "shows as much now and then. More trials would tell."
    )
    return [Sentence(text, (Claim(ClaimKind.MAY_MATTER, names),))]


def _noise(report: ImportanceReport, noise: list[int]) -> list[Sentence]:
    if not noise:
        return []
    names = _names(report, noise)
    verb, pronoun = ("are", "they") if len(names) > 1 else ("is", "it")
    text = f"{listing(names)} {verb} indistinguishable from noise {describe_trials(report)}"
    claims: tuple[Claim, ...] = ()
    if np.isfinite(report.ci_high[noise]).any():
        limit = float(np.fmax.reduce(report.ci_high[noise]))
        text += f", in which an {symbol_of(report)} of up to {limit:.2f} may hide"
        claims = (Claim(ClaimKind.NOISE, names, (limit,)),)
    if report.interactions is None:
        text += f"; and {pronoun} may act together with another parameter"
    return [Sentence(f"{text}.", claims)]


def _unseen(report: ImportanceReport, names: tuple[str, ...]) -> list[Sentence]:
    if not names:
        return []
    pronoun = "them" if len(names) > 1 else "it"
    few = (
        f"fewer than {MIN_TARGET} target trials"
        if report.score == "indicator"
        else "too few trials"
    )
    text = f"Nothing can be said of {listing(names)}: {few} tell of {pronoun}."
    return [Sentence(text, (Claim(ClaimKind.UNSEEN, names),))]


def _constant(names: tuple[str, ...]) -> list[Sentence]:
    if not names:
        return []
    verb, pronoun = ("have", "them") if len(names) > 1 else ("has", "it")
    return [Sentence(f"{listing(names)} {verb} only one value: nothing can be said of {pronoun}.")]


def _rest(report: ImportanceReport) -> list[Sentence]:
    """Say what is surely left over: more than no S within the intervals would explain."""
    if not np.isfinite(report.ci_high).all() or report.measure != "S":
        return []
    if report.importances.sum() > 1.0:
        text = "What the parameters explain overlaps or is overestimated: it adds up to over 1."
        return [Sentence(text)]
    left = 1.0 - float(report.ci_high.sum())
    if left < _LEFT_OVER:
        return []
    text = (
        f"At least {percent(left)} is not explained by parameters one by one, and is left to "
        "interactions and noise."
    )
    return [Sentence(text, (Claim(ClaimKind.REST, (), (left,)),))]

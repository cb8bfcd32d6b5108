"""What matters, in sentences that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.importance.section.basis import (
    MIN_TARGET,
    describe_basis,
    describe_trials,
    pairs_of,
    symbol_of,
    target_of,
)

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = ["describe_importances"]

_FAINT = 0.01  # an S below this is not worth acting on, however sure
_SURELY_FIRST = 0.9  # share of the bootstrap replicates in which a parameter comes first
_MAX_FOLLOWERS = 3
_MAX_PAIRS = 3


def describe_importances(report: ImportanceReport) -> str:
    """Say which parameters matter, which are as good as chance, and what is left unexplained.

    A parameter matters if its family-wise p-value is below 1 - confidence.
    """
    if not report.names:
        return "There is no parameter to assess."
    if report.n_target == 0:
        return f"No trial is among {target_of(report)}: nothing can be said of what matters."
    if report.n_target < MIN_TARGET:
        n = count(report.n_target, "target trial")
        return (
            f"Only {n} ({target_of(report)}): too few to tell what matters. The numbers below are "
            "a first hint."
        )
    if not report.has_p_values:
        return " ".join([*_describe_chosen(report), *_describe_surrogate(report)])
    kinds = [_kind(report, k) for k in range(len(report.names))]
    names = {
        group: [name for name, kind in zip(report.names, kinds, strict=True) if kind == group]
        for group in ("faint", "possible", "noise", "unseen")
    }
    sure = [k for k, kind in enumerate(kinds) if kind == "sure"]
    return " ".join(
        [
            *_describe_sure(report, sure),
            *_describe_pairs(report, sure),
            *_describe_faint(names["faint"]),
            *_describe_possible(report, names["possible"]),
            *_describe_noise(report, names["noise"]),
            *_describe_unseen(names["unseen"]),
            *_describe_rest(report),
            *_describe_surrogate(report),
        ]
    )


def _describe_surrogate(report: ImportanceReport) -> list[str]:
    """Say whose numbers these are; a warning of the report says who the trials are."""
    return describe_basis(report.space, "independent", report.skill)


def _describe_chosen(report: ImportanceReport) -> list[str]:
    """Say what sets the target set apart in trials that a sampler chose, and what to do then."""
    visible = [k for k, s in enumerate(report.importances) if s >= _FAINT]
    source = "In these trials" if report.space == "trials" else "By a surrogate of these trials"
    advice = (
        "This is a hint, as few of them, or none, were drawn at random. For p-values and "
        "intervals draw 40 trials or more at random, e.g. with InterleavedSampler."
    )
    if not visible:
        return [f"{source}, no parameter by itself sets {target_of(report)} apart.", advice]
    first, *others = visible
    followers = [f"{report.names[k]} ({report.importances[k]:.2f})" for k in others]
    then = f", followed by {listing(followers, at_most=_MAX_FOLLOWERS)}" if followers else ""
    return [
        f"{source}, {report.names[first]} sets {target_of(report)} apart most "
        f"({symbol_of(report)} = {report.importances[first]:.2f}){then}.",
        advice,
    ]


def _kind(report: ImportanceReport, k: int) -> str:
    """Judge what can be said of a parameter.

    ``"sure"``: it matters; ``"faint"``: its effect is beyond chance, but near 0; ``"possible"``:
    it would matter if it were the only one looked at; ``"in a pair"``: only with another;
    ``"unseen"``: it is in too few target trials; ``"noise"``: all that is left.
    """
    level, name = 1.0 - report.confidence, report.names[k]
    if report.p_values_familywise[k] < level:
        return "sure" if report.importances[k] >= _FAINT else "faint"
    if report.p_values[k] < level:
        return "possible"
    if any(name in pair[:2] for pair in pairs_of(report)):
        return "in a pair"
    n_target = sum(regime.n_target for regime in report.regimes[name])
    return "unseen" if n_target < MIN_TARGET else "noise"


def _describe_sure(report: ImportanceReport, sure: list[int]) -> list[str]:
    if not sure:
        return [f"No parameter by itself surely sets {target_of(report)} apart from the rest."]
    first, *others = sure
    s = float(report.importances[first])
    probably = "" if report.first_probability[first] >= _SURELY_FIRST else "probably "
    level = f"{percent(report.confidence)} interval "
    explains = ""
    if report.measure == "S":
        explains = (
            f": by itself it explains {percent(s)} of what separates {target_of(report)} from "
            "the rest"
        )
    pair, alone = "", ""
    if _has_first_pair(report, sure):
        one, other, s_pair, _ = pairs_of(report)[0]
        pair = f"{one} and {other} matter most together ({symbol_of(report)} = {s_pair:.2f}). "
        alone = "Alone, "
    sentence = (
        f"{pair}{alone}{report.names[first]} {probably}matters most ({symbol_of(report)} = {s:.2f}"
        f"{_interval(report, first, level)}{explains})"
    )
    followers = [
        f"{report.names[k]} ({report.importances[k]:.2f}{_interval(report, k)})" for k in others
    ]
    if not followers:
        return [f"{sentence}."]
    return [f"{sentence}, followed by {listing(followers, at_most=_MAX_FOLLOWERS)}."]


def _interval(report: ImportanceReport, k: int, level: str = "") -> str:
    """Put an interval after S; none after a surrogate's numbers, of which it is not known."""
    if not report.has_intervals:
        return ""
    return f", {level}{report.ci_low[k]:.2f} to {report.ci_high[k]:.2f}"


def _has_first_pair(report: ImportanceReport, sure: list[int]) -> bool:
    """Tell whether a pair matters more than the first parameter, and is named before it."""
    pairs = pairs_of(report)
    return bool(pairs and sure and pairs[0][2] > report.importances[sure[0]])


def _describe_pairs(report: ImportanceReport, sure: list[int]) -> list[str]:
    pairs = pairs_of(report)[int(_has_first_pair(report, sure)) :]
    if not pairs:
        return []
    named = [f"{first} with {second} ({s:.2f})" for first, second, s, _ in pairs[:_MAX_PAIRS]]
    if len(pairs) > _MAX_PAIRS:
        named.append(count(len(pairs) - _MAX_PAIRS, "more pair"))
    do = "add to that" if sure else "do"
    return [f"Pairs that act together {do}: {listing(named)}."]


def _describe_faint(names: list[str]) -> list[str]:
    if not names:
        return []
    verb, separates = ("have", "set") if len(names) > 1 else ("has", "sets")
    return [
        f"{listing(names)} {verb} an effect, but by itself hardly {separates} the target trials "
        f"apart (S below {_FAINT})."
    ]


def _describe_possible(report: ImportanceReport, names: list[str]) -> list[str]:
    if not names:
        return []
    subject = "each is" if len(names) > 1 else "it is"
    return [
        f"{listing(names)} may matter: {subject} significant alone, but not as one of "
        f"{count(len(report.names), 'parameter')}, among which chance finds its favourites. More "
        "trials would tell."
    ]


def _describe_noise(report: ImportanceReport, names: list[str]) -> list[str]:
    if not names:
        return []
    verb, pronoun = ("are", "they") if len(names) > 1 else ("is", "it")
    sentence = f"{listing(names)} {verb} indistinguishable from noise {describe_trials(report)}"
    if report.interactions is None:
        sentence += f", though {pronoun} may act together with another parameter"
    return [f"{sentence}."]


def _describe_unseen(names: list[str]) -> list[str]:
    if not names:
        return []
    subject = "These parameters were" if len(names) > 1 else "This parameter was"
    return [
        f"Nothing can be said of {listing(names)}. {subject} active in fewer than {MIN_TARGET} "
        "of the target trials."
    ]


def _describe_rest(report: ImportanceReport) -> list[str]:
    if not report.importances.any() or report.measure != "S":
        return []
    if report.importances.sum() > 1.0:
        return ["What the parameters explain overlaps, as they did not vary independently."]
    return [
        f"{percent(report.unexplained)} is not explained by parameters one by one: interactions, "
        "noise, or effects too weak to be seen in so few trials."
    ]

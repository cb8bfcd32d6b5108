"""What matters, by itself and together, in sentences that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas.words import count, listing, percent

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

FEW = 5  # target trials, below which nothing is said of what they have in common

_FAINT = 0.01  # an S below this is not worth acting on, however sure
_SURELY_FIRST = 0.9  # share of the bootstrap replicates in which a parameter comes first
_MAX_FOLLOWERS = 3
_MAX_PAIRS = 3


def on_importances(report: ImportanceReport) -> str:
    """Which parameters matter, which cannot be told from chance, and what is left unexplained.

    A parameter matters if its family-wise p-value is below 1 - confidence.
    """
    if not report.names:
        return "There is no parameter to assess."
    if report.n_target < FEW:
        n = count(report.n_target, "target trial")
        return (
            f"Only {n} ({_target(report)}): too few to tell what matters. The numbers below are a "
            "first hint."
        )
    kinds = [_kind(report, k) for k in range(len(report.names))]
    names = {
        kind: [name for name, its in zip(report.names, kinds, strict=True) if its == kind]
        for kind in ("faint", "possible", "noise", "unseen")
    }
    return " ".join(
        [
            *_on_sure(report, [k for k, kind in enumerate(kinds) if kind == "sure"]),
            *_on_pairs(report),
            *_on_faint(names["faint"]),
            *_on_possible(report, names["possible"]),
            *_on_noise(report, names["noise"]),
            *_on_unseen(names["unseen"]),
            *_on_rest(report),
            *on_basis(report.space, report.sampling, report.skill),
        ]
    )


def _kind(report: ImportanceReport, k: int) -> str:
    """What can be said of a parameter.

    ``"sure"``: it matters; ``"faint"``: its effect is beyond chance, but near 0; ``"possible"``:
    it would matter if it were the only one looked at; ``"in a pair"``: only with another;
    ``"unseen"``: it is in too few target trials; ``"noise"``: all that is left.
    """
    level, name = 1.0 - report.confidence, report.names[k]
    if report.p_values_familywise[k] < level:
        return "sure" if report.importances[k] >= _FAINT else "faint"
    if report.p_values[k] < level:
        return "possible"
    if any(name in pair[:2] for pair in _pairs(report)):
        return "in a pair"
    n_target = sum(regime.n_target for regime in report.regimes[name])
    return "unseen" if n_target < FEW else "noise"


def _pairs(report: ImportanceReport) -> list[tuple[str, str, float, float]]:
    return [] if report.interactions is None else report.significant_pairs()


def _on_sure(report: ImportanceReport, sure: list[int]) -> list[str]:
    if not sure:
        return [f"No parameter by itself sets {_target(report)} apart from the rest for certain."]
    first, *others = sure
    s = float(report.importances[first])
    probably = "" if report.first_probability[first] >= _SURELY_FIRST else "probably "
    level = f"{percent(report.confidence)} interval "
    symbol, explains = "R²", ""
    if report.measure == "S":
        symbol = "S"
        explains = (
            f": by itself it explains {percent(s)} of what separates {_target(report)} from the "
            "rest"
        )
    sentence = (
        f"{report.names[first]} {probably}matters most ({symbol} = {s:.2f}"
        f"{_interval(report, first, level)}{explains})"
    )
    followers = [
        f"{report.names[k]} ({report.importances[k]:.2f}{_interval(report, k)})"
        for k in others[:_MAX_FOLLOWERS]
    ]
    if len(others) > len(followers):
        followers.append(f"{len(others) - len(followers)} more")
    return [f"{sentence}, followed by {listing(followers)}." if followers else f"{sentence}."]


def _interval(report: ImportanceReport, k: int, level: str = "") -> str:
    """What to put after S; nothing for a surrogate's numbers, of which no interval is known."""
    if report.space == "uniform":
        return ""
    return f", {level}{report.ci_low[k]:.2f} to {report.ci_high[k]:.2f}"


def _on_pairs(report: ImportanceReport) -> list[str]:
    pairs = _pairs(report)
    if not pairs:
        return []
    named = [f"{first} with {second} ({s:.2f})" for first, second, s, _ in pairs[:_MAX_PAIRS]]
    if len(pairs) > _MAX_PAIRS:
        named.append(count(len(pairs) - _MAX_PAIRS, "more pair"))
    return [f"Pairs that act together add to that: {listing(named)}."]


def _on_faint(names: list[str]) -> list[str]:
    if not names:
        return []
    have, it = ("have", "them") if len(names) > 1 else ("has", "it")
    return [
        f"{listing(names)} {have} an effect, but too faint a one to act on (S below {_FAINT}): "
        f"leave {it} to the end."
    ]


def _on_possible(report: ImportanceReport, names: list[str]) -> list[str]:
    if not names:
        return []
    each = "each is" if len(names) > 1 else "it is"
    return [
        f"{listing(names)} may matter: {each} significant alone, but not as one of "
        f"{count(len(report.names), 'parameter')}, among which chance finds its favourites. More "
        "trials would tell."
    ]


def _on_noise(report: ImportanceReport, names: list[str]) -> list[str]:
    if not names:
        return []
    are, they = ("are", "they") if len(names) > 1 else ("is", "it")
    sentence = f"{listing(names)} {are} indistinguishable from noise {_where(report)}"
    if report.interactions is None:
        sentence += f", though {they} may act together with another parameter"
    return [f"{sentence}."]


def _where(report: ImportanceReport) -> str:
    if report.space == "uniform":
        return "in these trials"  # the report counts virtual ones
    return f"in these {count(report.n_trials, 'trial')}"


def _on_unseen(names: list[str]) -> list[str]:
    if not names:
        return []
    had = "These parameters were" if len(names) > 1 else "This parameter was"
    return [
        f"Nothing can be said of {listing(names)}. {had} active in fewer than {FEW} of the "
        "target trials."
    ]


def _on_rest(report: ImportanceReport) -> list[str]:
    if not report.importances.any() or report.measure != "S":
        return []
    if report.importances.sum() > 1.0:
        return ["What the parameters explain overlaps, as they did not vary independently."]
    return [f"{percent(report.unexplained)} is left to interactions or noise."]


def _target(report: ImportanceReport) -> str:
    is_noun = report.target.startswith("the ")
    return report.target if is_noun else f"trials with {report.target}"


def on_interactions(report: ImportanceReport) -> str:
    """Which parameters to tune jointly."""
    if report.n_target < FEW:
        return "Too few target trials to tell which parameters act together."
    pairs = report.significant_pairs()
    if not pairs:
        n = len(report.names) * (len(report.names) - 1) // 2
        which = "the only pair does not act" if n == 1 else f"none of the {n:,} pairs acts"
        sentence = (
            f"No pair stands out: {_where(report)}, {which} together more than chance would have "
            "it. Nothing here calls for tuning two parameters jointly."
        )
    else:
        (first, second, s, _), *others = pairs
        also = [f"{a} and {b} ({s_ij:.2f})" for a, b, s_ij, _ in others[: _MAX_PAIRS - 1]]
        if len(others) > len(also):
            also.append(count(len(others) - len(also), "more pair"))
        more = f"; so do {'; '.join(also)}" if also else ""
        symbol = "S" if report.measure == "S" else "R²"
        jointly = "each pair" if also else "them"
        sentence = (
            f"{first} and {second} act together ({symbol} = {s:.2f}){more}: tune {jointly} "
            "jointly, as what a value of one is worth depends on the other."
        )
    return " ".join([sentence, *on_basis(report.space, report.sampling, report.skill)])


def on_basis(space: str, sampling: str, skill: float | None) -> list[str]:
    """What the numbers of a report or a profile rest on, where a reader must bear that in mind."""
    said = []
    if space == "uniform":
        of_skill = (
            "" if skill is None else f" with cross-validated skill {skill:.2f} (1 is perfect)"
        )
        said.append(
            f"These numbers are those of a surrogate{of_skill}, not of the trials themselves."
        )
    if sampling == "adaptive":
        what = "p-values" if space == "uniform" else "intervals and p-values"
        said.append(f"The trials were drawn adaptively: {what} are hints, no guarantees.")
    return said

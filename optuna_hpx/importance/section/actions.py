"""What to change in the next search, and what would tell more: offered by what matters.

Only a parameter that is shown to matter is named with a value. Whether the best values lie
elsewhere is not shown by any trial, so every such action says "try".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from optuna.distributions import IntDistribution

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.canvas.section import Action, Urgency
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.importance.section.basis import FAINT, MIN_TARGET, end_in_words, n_telling
from optuna_hpx.importance.section.densities import anchor_of, place_sentence
from optuna_hpx.importance.section.importances import importance_sentences
from optuna_hpx.importance.section.kinds import ActionKind, ClaimKind
from optuna_hpx.statistics.enrichment import enrichment_p_value
from optuna_hpx.trials.domain import is_log, step_of

if TYPE_CHECKING:
    from optuna_hpx.canvas.claims import Sentence
    from optuna_hpx.importance import ImportanceReport, Regime
    from optuna_hpx.trials.columns import Column

__all__ = ["UNTESTED", "actions_of", "shown_by", "verdict_of"]

_MAX_CHANGES = 3
_DIGITS = 3  # of an end of a range
_ALL_DIGITS = 15  # where values are at even steps, and no others will do
_MORE = 40  # random trials, at least: fewer hardly change what is shown
UNTESTED = "What matters could not be tested in these trials."
_SHOWN = {
    ClaimKind.MATTERS: "",
    ClaimKind.FAINT: "",
    ClaimKind.MATTERS_BY_MODEL: ", by a model that allows for the sampler's choices",
    ClaimKind.CHOSEN_FIRST: "",
}


def verdict_of(report: ImportanceReport) -> str:
    """Say in a sentence what is shown to matter, and how sure that is."""
    if not report.names or n_telling(report) == 0:
        return ""
    if n_telling(report) < MIN_TARGET:
        n = count(report.n_taught or report.n_trials, "trial")
        return f"What matters cannot be told from {n}."
    names, source = shown_by(importance_sentences(report))
    if not names:
        is_tested = report.has_p_values or report.is_tested_by_model
        return "No parameter is shown to matter beyond chance." if is_tested else UNTESTED
    verb = "matters" if len(names) == 1 else "matter"
    level = percent(report.confidence)
    among = "" if len(report.names) == 1 else f" among {len(report.names)} parameters"
    return f"{listing(names)} {verb} beyond chance ({level} sure{among}{source})."


def shown_by(sentences: list[Sentence]) -> tuple[list[str], str]:
    """List the parameters that sentences claim to matter, and say by what if not by a test."""
    claims = [claim for s in sentences for claim in s.claims if claim.kind in _SHOWN]
    names = dict.fromkeys(claim.subjects[0] for claim in claims)
    ways = {_SHOWN[claim.kind] for claim in claims if isinstance(claim.kind, ClaimKind)}
    return list(names), max(ways, default="", key=len)


def actions_of(
    report: ImportanceReport,
    *,
    columns: Mapping[str, Column] | None = None,
    is_answered: bool = False,
) -> tuple[Action, ...]:
    """List what to change in the next search, and what to draw for what is left open.

    Args:
        report: What matters.
        columns: Of the parameters; without them no line of code draws from a narrower range.
        is_answered: Whether another report shows that some parameter matters.
    """
    if not report.names or n_telling(report) == 0:
        return ()
    names, _ = shown_by(importance_sentences(report))
    worth = [k for k, name in enumerate(report.names) if name in names]
    changes = (_change(report, k, columns or {}) for k in worth if report.importances[k] >= FAINT)
    chosen = [action for action in changes if action is not None][:_MAX_CHANGES]
    return (*chosen, *(() if is_answered else _settle(report, names)))


def _change(report: ImportanceReport, k: int, columns: Mapping[str, Column]) -> Action | None:
    """Offer a value or a range of a parameter that matters; None where none stands out."""
    name = report.names[k]
    if len(report.regimes[name]) != 1:
        return None
    regime = report.regimes[name][0]
    if regime.is_relative or regime.n_target < MIN_TARGET or regime.importance == 0.0:
        return None
    sentence = place_sentence(name, regime, report.unit)
    claims = {claim.kind: claim for claim in sentence.claims}
    if ClaimKind.CROWD in claims:
        bound = claims[ClaimKind.CROWD].subjects[1]
        change = "below its lower" if bound == "lower" else "above its upper"
        deed = f"Try {name} {change} bound, if that makes sense"
        return _act(report, k, deed, sentence, Claim(ActionKind.EXTEND, (name, bound)))
    if report.space == "trials" and not report.has_p_values:
        # one in four such ranges was only where the sampler went: benchmarks/page/claims.py
        return None
    if ClaimKind.ENRICHED in claims and _is_no_chance(regime, report):
        value = claims[ClaimKind.ENRICHED].subjects[1]
        deed = f"Try more trials with {name} = {value}"
        return _act(report, k, deed, sentence, Claim(ActionKind.KEEP, (name, value)))
    if ClaimKind.RANGE in claims and regime.middle is not None:
        ends = (regime.middle.low, regime.middle.high)
        low, high = (end_in_words(end, _DIGITS) for end in ends)
        deed = f"Try more trials with {name} from {low} to {high}"
        code = _suggestion(columns[name], regime) if name in columns else ""
        return _act(report, k, deed, sentence, Claim(ActionKind.NARROW, (name,), ends), code)
    return None


def _is_no_chance(regime: Regime, report: ImportanceReport) -> bool:
    """Tell whether one value is so frequent among target trials that no other may as well be it.

    That a parameter matters does not say at which of its values; of many, chance favours some.
    """
    if report.space == "uniform":  # points, of which there are as many as one likes
        return True
    best = int(np.argmax(regime.p_target - regime.p_region))
    n, k = regime.n_target, round(float(regime.p_target[best]) * regime.n_target)
    p = enrichment_p_value(k, n, float(regime.p_region[best]), len(regime.x))
    return p < 1.0 - report.confidence


def _suggestion(column: Column, regime: Regime) -> str:
    """Write the line of an objective that draws a parameter from the narrower range."""
    assert regime.middle is not None
    dist = column.distributions[-1]
    step = step_of(dist)
    ends = (regime.middle.low, regime.middle.high)
    low, high = (end_in_words(end, _DIGITS if step is None else _ALL_DIGITS) for end in ends)
    kind = "int" if isinstance(dist, IntDistribution) else "float"
    log = ", log=True" if is_log(dist) else ""
    is_plain = step is None or (kind == "int" and step == 1)
    grid = "" if is_plain else f", step={step:g}"
    return f"trial.suggest_{kind}({column.name!r}, {low}, {high}{grid}{log})"


def _act(
    report: ImportanceReport, k: int, deed: str, sentence: Sentence, claim: Claim, code: str = ""
) -> Action:
    name, level = report.names[k], percent(report.confidence)
    source = ", by a model of the trials" if report.is_tested_by_model else ""
    expected = (
        "is what a surrogate expects" if report.space == "uniform" else "may be in part luck"
    )
    return Action(
        f"{deed}.",
        sentence.text,
        f"That {name} matters is {level} sure{source}; where its good values lie {expected}.",
        Urgency.CHANGE,
        code=code,
        anchor=anchor_of(k),
        claims=(claim,),
    )


def _settle(report: ImportanceReport, shown: list[str]) -> Iterator[Action]:
    """Offer random trials for parameters that may matter, or where none is shown to."""
    level = 1.0 - report.confidence
    possible = [
        name
        for name, p in zip(report.names, report.p_values, strict=True)
        if name not in shown and np.isfinite(p) and p < level
    ]
    if shown and not possible:
        return
    n = max(_MORE, int(np.ceil((report.n_taught or report.n_trials) / 20)) * 10)
    code = (
        f"study.sampler = optuna.samplers.RandomSampler(); study.optimize(objective, n_trials={n})"
    )
    if possible:
        verb = "matter" if len(possible) > 1 else "matters"
        settled = f"whether {listing(possible)} {verb}"
        reason = (
            f"{listing(possible)} may matter, but among {count(len(report.names), 'parameter')} "
            "chance shows as much now and then."
        )
    else:
        settled = "what matters"
        reason = "No parameter is shown to matter, which does not mean that none does."
    yield Action(
        f"{count(n, 'more random trial')} may tell {settled}.",
        reason,
        "A possibility: how many it takes depends on how much the parameters matter.",
        Urgency.SETTLE,
        code=code,
        claims=(Claim(ActionKind.DRAW),),
    )

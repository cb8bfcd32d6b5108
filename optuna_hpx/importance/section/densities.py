"""Where the good values of a parameter lie, in a sentence that a person can act on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.figures import plot_densities
from optuna_hpx.importance.section.basis import (
    MIN_TARGET,
    end_in_words,
    ends_in_words,
    is_sure,
    symbol_of,
)
from optuna_hpx.importance.section.kinds import ClaimKind

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport, Regime
    from optuna_hpx.importance._report import Middle

__all__ = [
    "anchor_of",
    "densities_sections",
    "density_sentence",
    "describe_densities",
    "place_sentence",
]

_N_OPEN = 20  # parameters whose densities are drawn at once; those of the others when opened
_SPREAD_OUT = 0.7  # a range with this share of all trials tells nothing
_FAINT = 0.01  # an S below this is what a surrogate makes of a value that no trial had, too
_AS_OFTEN = 1.1  # times as often as in all trials is no more often, for a person
_AT_END = 0.03  # of the range: nearer to a bound than this is at the bound


def densities_sections(report: ImportanceReport) -> list[Section]:
    """Make the sections on where each parameter's good values lie.

    Those of many parameters are folded, and those of which nothing is shown.
    """
    parts = tuple(_parameter_section(report, k) for k in range(len(report.names)))
    open_section = Section(
        "Where the good values lie",
        basis=_describe_densities_of(report),
        how_to_read=(
            "Where the target lies above all others, good values are more frequent. The first "
            "chart counts; the second, where there is one, shows how the predicted objective "
            "changes with the parameter, averaged over all others, with a band for how sure that "
            "is."
        ),
        parts=parts[:_N_OPEN],
    )
    if len(parts) <= _N_OPEN:
        return [open_section]
    title = count(len(parts) - _N_OPEN, "more parameter")
    return [open_section, Section(title, parts=parts[_N_OPEN:])]


def _describe_densities_of(report: ImportanceReport) -> str:
    """Say what is drawn, and of whom."""
    scale = (
        "A continuous parameter is drawn relative to a uniform draw from its bounds: 2 means "
        "twice as often."
    )
    if report.space == "trials":
        target = "" if report.score == "indicator" else f" ({report.target})"
        return f"The share of the target trials{target} at each value, and that of all. {scale}"
    return (
        f"Not of trials, but of {count(report.n_trials, 'point')} drawn evenly: the share of the "
        "target points, which a surrogate expects to be good and may be wrong about, at each "
        f"value, and that of all points. {scale}"
    )


def _parameter_section(report: ImportanceReport, k: int) -> Section:
    name, is_beyond = report.names[k], k >= _N_OPEN
    is_known = bool(report.regimes[name])
    note = f"{symbol_of(report)} = {report.importances[k]:.3f}" if is_known else ""
    if np.isfinite(report.ci_low[k]) and not is_beyond:
        note += f", {ends_in_words(report, k)}"
    label = (
        f"Chart: how often each value of {name} occurs among the target {report.unit}s "
        f"and among all {report.unit}s"
    )
    return Section(
        name,
        note=note,
        answer=describe_densities(report, name),
        charts=(Chart(plot_densities(report, name), label),),
        anchor=anchor_of(k),
        is_folded=is_beyond or _is_open_question(report, k),
    )


def _is_open_question(report: ImportanceReport, k: int) -> bool:
    """Tell whether parameters were tested, and this one is not shown to matter."""
    is_tested = np.isfinite(report.p_values_familywise).any()
    return bool(is_tested and not is_sure(report, k))


def anchor_of(k: int) -> str:
    """Return the anchor of the ``k``-th parameter of a report."""
    return f"parameter-{k + 1}"


def describe_densities(report: ImportanceReport, name: str) -> str:
    """Say where the target trials concentrate in the regime that has the most of them."""
    return prose([density_sentence(report, name)])


def density_sentence(report: ImportanceReport, name: str) -> Sentence:
    """Make the sentence on where the good values of a parameter lie.

    What the counts show is claimed to be no chance only if the parameter matters surely.
    """
    regimes = report.regimes[name]
    if not regimes:
        return Sentence("Too few trials to say where the good ones lie.")
    regime = max(regimes, key=lambda regime: regime.n_target)
    sentence = _on_regime(report, name, regime)
    if len(regimes) == 1:
        return sentence
    text = f"In the regime “{regime.label}”, one of {len(regimes)}: {sentence.text}"
    return replace(sentence, text=text)


def _on_regime(report: ImportanceReport, name: str, regime: Regime) -> Sentence:
    symbol, unit = symbol_of(report), report.unit
    if regime.has_one_value:
        return Sentence("It has only one value.")
    if regime.n_target == 0:
        return Sentence(f"None of the target {unit}s has this parameter.")
    if regime.n_target < MIN_TARGET:
        return Sentence(f"It is in too few target {unit}s to say where the good ones lie.")
    nothing = f"Nothing sets the values of the target {unit}s apart"
    if regime.importance == 0.0:
        if not report.has_p_values:
            text = f"{nothing} ({symbol} = 0)."
            early = " They may have been settled early." if report.space == "trials" else ""
            return Sentence(f"{text}{early}")
        text = f"{nothing} beyond chance ({symbol} = 0)."
        return Sentence(text, (Claim(ClaimKind.NO_DIFFERENCE, (name,)),))
    sentence = place_sentence(name, regime, unit)
    claims = sentence.claims
    doubt = _doubt(report, name)
    if doubt is None or not claims:
        return Sentence(sentence.text, claims)
    is_drawn = report.has_p_values and report.space == "trials"
    if is_drawn and any(claim.kind is ClaimKind.NO_RANGE for claim in claims):
        return Sentence(sentence.text, claims)
    return Sentence(f"{sentence.text}{doubt}")


def place_sentence(name: str, regime: Regime, unit: str) -> Sentence:
    """Make the sentence on where target trials or points are, as if it could be no chance.

    A surrogate's points may be at a value that no trial had, so that its claims are no more than
    what it expects.
    """
    describe = _on_values if regime.kind == "discrete" else _on_range
    sentence = describe(regime, unit)
    claims = tuple(replace(claim, subjects=(name, *claim.subjects)) for claim in sentence.claims)
    return Sentence(sentence.text, claims)


def _doubt(report: ImportanceReport, name: str) -> str | None:
    """Say that it may be chance, or the sampler's choice, unless the parameter surely matters.

    Of all that a surrogate expects it is said once, above, that it may be wrong.
    """
    if report.space == "uniform":
        return ""
    if not report.has_p_values:
        return " That may be the choice of the sampler, and no more."
    return None if is_sure(report, report.names.index(name)) else " That may be chance."


def _on_values(regime: Regime, unit: str) -> Sentence:
    best = int(np.argmax(regime.p_target - regime.p_region))
    target, region = float(regime.p_target[best]), float(regime.p_region[best])
    is_faint = unit == "point" and regime.importance < _FAINT
    if is_faint or target < _AS_OFTEN * region:
        text = (
            f"The target {unit}s have all values about as often as all {unit}s: none stands out."
        )
        return Sentence(text)
    text = (
        f"{regime.x[best]} is the value that good {unit}s have more often than others: "
        f"{percent(target)} of the target {unit}s have it, against {percent(region)} of all "
        f"{unit}s."
    )
    return Sentence(text, (Claim(ClaimKind.ENRICHED, (str(regime.x[best]),)),))


def _on_range(regime: Regime, unit: str) -> Sentence:
    middle = regime.middle
    assert middle is not None
    is_all = middle.n_target == regime.n_target
    n_target = "All" if is_all else f"{middle.n_target:,} of the"
    text = (
        f"{n_target} {regime.n_target:,} target {unit}s lie {_span(regime, middle)}, as do "
        f"{middle.n_region:,} of all {regime.n_region:,} {unit}s"
    )
    if middle.n_region >= _SPREAD_OUT * regime.n_region:
        return Sentence(f"{text}: no range stands out.", (Claim(ClaimKind.NO_RANGE),))
    ends = np.array([middle.low, middle.high])
    scaled = np.log(ends) if regime.log else ends
    bound = _on_bound(scaled, _edges(regime), regime.p_target)
    return Sentence(f"{text}.{bound.text}", (Claim(ClaimKind.RANGE), *bound.claims))


def _span(regime: Regime, middle: Middle) -> str:
    """Write from where to where the target trials lie."""
    write = percent if regime.is_relative else partial(end_in_words, digits=4)
    low, high = write(middle.low), write(middle.high)
    own = " of the way between their own bounds" if regime.is_relative else ""
    return f"at {low}{own}" if low == high else f"between {low} and {high}{own}"


def _edges(regime: Regime) -> np.ndarray:
    """Return (K + 1,) edges of the equal cells whose middles are ``x``; logarithms if log."""
    x = np.asarray(regime.x, dtype=float)
    u = np.log(x) if regime.log else x
    half = (u[-1] - u[0]) / (2 * (len(u) - 1))
    return np.append(u - half, u[-1] + half)


def _thins_out(density: np.ndarray) -> bool:
    """Tell whether the first fifth of a density (K,) has more of it than the second."""
    fifth = max(len(density) // 5, 1)
    return bool(density[:fifth].sum() > density[fifth : 2 * fifth].sum())


def _on_bound(ends: np.ndarray, edges: np.ndarray, p_target: np.ndarray) -> Sentence:
    """Say where the target trials crowd at a bound of what was searched.

    They do if none of them is far from it, and the fifth at the bound has more than the next.
    """
    low, high = (ends - edges[0]) / (edges[-1] - edges[0])
    if low < _AT_END and high < 0.5 and _thins_out(p_target):
        bound, change = "lower", "lowered"
    elif high > 1 - _AT_END and low > 0.5 and _thins_out(p_target[::-1]):
        bound, change = "upper", "raised"
    else:
        return Sentence("")
    return Sentence(
        f" They crowd at the {bound} bound: if it can be {change}, better ones may lie beyond.",
        (Claim(ClaimKind.CROWD, (bound,)),),
    )

"""Where the good values of a parameter lie, in a sentence that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.figures import plot_densities
from optuna_hpx.importance.section.basis import MIN_TARGET, symbol_of

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport, Regime
    from optuna_hpx.importance._report import Middle

__all__ = ["anchor_of", "densities_sections", "describe_densities"]

_N_OPEN = 20  # parameters whose densities are drawn at once; those of the others when opened
_SPREAD_OUT = 0.7  # a range with this share of all trials tells nothing
_AT_END = 0.03  # of the range: nearer to a bound than this is at the bound


def densities_sections(report: ImportanceReport) -> list[Section]:
    """Make the sections on where each parameter's good values lie; those of many are folded."""
    parts = tuple(_parameter_section(report, k) for k in range(len(report.names)))
    open_section = Section(
        "Where the good values lie",
        basis=(
            "The share of the target trials at each value, against that of all trials. A "
            "continuous parameter is drawn relative to a uniform draw from its bounds: 2 means "
            "twice as often."
        ),
        parts=parts[:_N_OPEN],
    )
    if len(parts) <= _N_OPEN:
        return [open_section]
    title = count(len(parts) - _N_OPEN, "more parameter")
    return [open_section, Section(title, parts=parts[_N_OPEN:])]


def _parameter_section(report: ImportanceReport, k: int) -> Section:
    name, is_folded = report.names[k], k >= _N_OPEN
    note = f"{symbol_of(report)} = {report.importances[k]:.3f}"
    if report.has_intervals and not is_folded:
        note += f", {report.ci_low[k]:.2f} to {report.ci_high[k]:.2f}"
    label = (
        f"Chart: how often each value of {name} occurs among the target trials "
        "and among all trials"
    )
    return Section(
        name,
        note=note,
        answer=describe_densities(report, name),
        charts=(Chart(plot_densities(report, name), label),),
        anchor=anchor_of(k),
        is_folded=is_folded,
    )


def anchor_of(k: int) -> str:
    """Return the anchor of the ``k``-th parameter of a report."""
    return f"parameter-{k + 1}"


def describe_densities(report: ImportanceReport, name: str) -> str:
    """Say where the target trials concentrate in the regime that has the most of them."""
    regimes = report.regimes[name]
    if not regimes:
        return "Too few trials to say where the good ones lie."
    regime = max(regimes, key=lambda regime: regime.n_target)
    if len(regimes) == 1:
        return _describe_regime(regime, symbol_of(report))
    sentence = _describe_regime(regime, symbol_of(report))
    return f"In the regime “{regime.label}”, one of {len(regimes)}: {sentence}"


def _describe_regime(regime: Regime, symbol: str) -> str:
    if regime.n_target == 0:
        return "None of the target trials has this parameter."
    if regime.n_target < MIN_TARGET:
        n = count(regime.n_target, "target trial")
        return f"Only {n}: too few to say where the good ones lie."
    if regime.importance == 0.0:
        return f"Nothing sets the values of the target trials apart beyond chance ({symbol} = 0)."
    return _describe_choices(regime) if regime.kind == "discrete" else _describe_range(regime)


def _describe_choices(regime: Regime) -> str:
    best = int(np.argmax(regime.p_target - regime.p_region))
    target, region = float(regime.p_target[best]), float(regime.p_region[best])
    return (
        f"The most enriched choice is {regime.x[best]}: {percent(target)} of the target trials "
        f"have it, against {percent(region)} of all trials."
    )


def _describe_range(regime: Regime) -> str:
    middle = regime.middle
    assert middle is not None
    is_all = middle.n_target == regime.n_target
    n_target = "All" if is_all else f"{middle.n_target:,} of the"
    sentence = (
        f"{n_target} {regime.n_target:,} target trials lie {_span(regime, middle)}, as do "
        f"{middle.n_region:,} of all {regime.n_region:,} trials"
    )
    if middle.n_region >= _SPREAD_OUT * regime.n_region:
        return f"{sentence}: no range stands out."
    ends = np.array([middle.low, middle.high])
    scaled = np.log(ends) if regime.log else ends
    return f"{sentence}.{_describe_bound(scaled, _edges(regime))}"


def _span(regime: Regime, middle: Middle) -> str:
    """Write from where to where the target trials lie."""
    write = percent if regime.is_relative else "{:.4g}".format
    low, high = write(middle.low), write(middle.high)
    own = " of the way between their own bounds" if regime.is_relative else ""
    return f"at {low}{own}" if low == high else f"between {low} and {high}{own}"


def _edges(regime: Regime) -> np.ndarray:
    """Return (K + 1,) edges of the equal cells whose middles are ``x``; logarithms if log."""
    x = np.asarray(regime.x, dtype=float)
    u = np.log(x) if regime.log else x
    half = (u[-1] - u[0]) / (2 * (len(u) - 1))
    return np.append(u - half, u[-1] + half)


def _describe_bound(ends: np.ndarray, edges: np.ndarray) -> str:
    """Say where the target trials crowd at a bound of what was searched."""
    low, high = (ends - edges[0]) / (edges[-1] - edges[0])
    if low < _AT_END and high < 0.5:
        return " They crowd at the lower bound: if it can be lowered, better ones may lie beyond."
    if high > 1 - _AT_END and low > 0.5:
        return " They crowd at the upper bound: if it can be raised, better ones may lie beyond."
    return ""

"""Where the good values of a parameter lie, in a sentence that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.section.importances import FEW

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport, Regime

_MIDDLE = 0.8  # of the target trials; where they lie is told by a range that holds this share
_SPREAD_OUT = 0.7  # a range with this share of all trials tells nothing
_AT_END = 0.03  # of the range: nearer to a bound than this is at the bound


def on_densities(report: ImportanceReport, name: str) -> str:
    """Where the target trials concentrate in the regime that has the most of them."""
    regimes = report.regimes[name]
    if not regimes:
        return "Too few trials to say where the good ones lie."
    regime = max(regimes, key=lambda regime: regime.n_target)
    if len(regimes) == 1:
        return _on_regime(regime)
    return f"In the regime “{regime.label}”, one of {len(regimes)}: {_on_regime(regime)}"


def _on_regime(regime: Regime) -> str:
    if regime.n_target == 0:
        return "None of the target trials has this parameter."
    if regime.n_target < FEW:
        n = count(regime.n_target, "target trial")
        return f"Only {n}: too few to say where the good ones lie."
    if regime.importance == 0.0:
        return "The target trials lie where all trials lie, but for chance (S = 0)."
    return _on_choices(regime) if regime.kind == "discrete" else _on_range(regime)


def _on_choices(regime: Regime) -> str:
    best = int(np.argmax(regime.p_target - regime.p_region))
    target, region = float(regime.p_target[best]), float(regime.p_region[best])
    return (
        f"The most enriched choice is {regime.x[best]}: {percent(target)} of the target trials "
        f"have it, against {percent(region)} of all trials."
    )


def _on_range(regime: Regime) -> str:
    edges = _edges(regime)
    mass = np.concatenate([[0.0], np.cumsum(regime.p_target / regime.p_target.sum())])
    ends = np.interp([(1 - _MIDDLE) / 2, (1 + _MIDDLE) / 2], mass, edges)
    region = np.concatenate([[0.0], np.cumsum(regime.p_region / regime.p_region.sum())])
    held = float(np.diff(np.interp(ends, edges, region))[0])
    low, high = np.exp(ends) if regime.log else ends
    between = f"between {low:.3g} and {high:.3g}"
    if regime.is_relative:
        between = f"between {percent(low)} and {percent(high)} of the way between their own bounds"
    sentence = f"The middle {percent(_MIDDLE)} of the target trials lie {between}"
    if held >= _SPREAD_OUT:
        return f"{sentence}, as do {percent(held)} of all trials: no range stands out."
    return f"{sentence}, a range that holds {percent(held)} of all trials.{_on_bound(ends, edges)}"


def _edges(regime: Regime) -> np.ndarray:
    """(K + 1,) edges of the equal cells of which ``x`` holds the middles; logarithms if log."""
    x = np.asarray(regime.x, dtype=float)
    u = np.log(x) if regime.log else x
    half = (u[-1] - u[0]) / (2 * (len(u) - 1))
    return np.append(u - half, u[-1] + half)


def _on_bound(ends: np.ndarray, edges: np.ndarray) -> str:
    """Advice where the target trials crowd at a bound of what was searched."""
    low, high = (ends - edges[0]) / (edges[-1] - edges[0])
    if low < _AT_END and high < 0.5:
        return " They crowd at the lower bound: consider lowering it."
    if high > 1 - _AT_END and low > 0.5:
        return " They crowd at the upper bound: consider raising it."
    return ""

"""What a report or a profile says of its own certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceProfile, ImportanceReport


def is_hint(result: ImportanceReport | ImportanceProfile) -> bool:
    """Return whether intervals and p-values rest on trials that were drawn adaptively."""
    return result.sampling == "adaptive"


def symbol(report: ImportanceReport) -> str:
    """Name an importance: S, a share of variance, or R² of HSIC, which is none."""
    return "S" if report.measure == "S" else "R²"


def has_intervals(result: ImportanceReport | ImportanceProfile) -> bool:
    """Return whether there are intervals: a surrogate's importances have none to rely on."""
    return result.space == "trials"


def interval(result: ImportanceReport | ImportanceProfile, low: float, high: float) -> str:
    """Write the interval for a hover text, after S; empty if there is none."""
    if not has_intervals(result):
        return ""
    return f", {style.percent(result.confidence)} interval {low:.2f} to {high:.2f}"

"""What a report or a profile says of its own certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceProfile, ImportanceReport


def is_hint(result: ImportanceReport | ImportanceProfile) -> bool:
    """Whether intervals and p-values rest on trials that were drawn adaptively."""
    return result.sampling == "adaptive"


def symbol(report: ImportanceReport) -> str:
    """What an importance is called: S, a share of variance, or R² of HSIC, which is none."""
    return "S" if report.measure == "S" else "R²"


def has_intervals(result: ImportanceReport | ImportanceProfile) -> bool:
    """A surrogate's importances have none that could be relied on."""
    return result.space == "trials"


def interval(result: ImportanceReport | ImportanceProfile, low: float, high: float) -> str:
    """For a hover text, after S; empty if there is no interval."""
    if not has_intervals(result):
        return ""
    return f", {style.percent(result.confidence)} interval {low:.2f} to {high:.2f}"

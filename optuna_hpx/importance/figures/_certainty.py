"""What a report or a profile says of its own certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceComparison, ImportanceProfile, ImportanceReport


def no_tests(result: ImportanceComparison | ImportanceProfile | ImportanceReport) -> str:
    """Say in a note what does not hold of trials that a sampler chose."""
    lacking = "p-value" if result.has_intervals else "p-value or interval"
    return f"a sampler or a person chose the trials: no {lacking} holds"


def by_model(report: ImportanceReport) -> str:
    """Say in a note whose p-values those of parameters in chosen trials are."""
    no_interval = "" if report.has_intervals else ", no interval holds"
    return f"a sampler or a person chose the trials: p by a model of them{no_interval}"


def symbol(report: ImportanceReport) -> str:
    """Name an importance: S, a share of variance, or R² of HSIC, which is none."""
    return "S" if report.measure == "S" else "R²"


def interval(result: ImportanceReport | ImportanceProfile, low: float, high: float) -> str:
    """Write the interval for a hover text, after S; empty if there is none."""
    if np.isnan(low):
        return ""
    return f", {kind_of_interval(result)} {low:.2f} to {high:.2f}"


def kind_of_interval(result: ImportanceReport | ImportanceProfile) -> str:
    """Name what spans an importance: an interval of trials, or a range of surrogates."""
    is_drawn = result.space == "trials"
    return f"{style.percent(result.confidence)} interval" if is_drawn else "plausible range"

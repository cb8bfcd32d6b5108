"""What importances rest on, and how sure they must be: shared by the sentences on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = [
    "FAINT",
    "MIN_TARGET",
    "deed_of",
    "describe_basis",
    "describe_trials",
    "end_in_words",
    "ends_in_words",
    "is_sure",
    "n_telling",
    "pairs_of",
    "symbol_of",
    "target_of",
]

FAINT = 0.01  # an importance below this is not worth acting on, however sure
_MOST_WHOLE = 1e9  # beyond it digits are hard to count
MIN_TARGET = 5  # target trials, below which nothing is said of what they have in common


def describe_basis(space: str, sampling: str, skill: float | None) -> list[str]:
    """Say what the numbers of a report or a profile rest on, where a reader must mind that."""
    sentences = []
    if space == "uniform":
        skilled = (
            "" if skill is None else f" with cross-validated skill {skill:.2f} (1 is perfect)"
        )
        sentences.append(
            f"These numbers are those of a surrogate{skilled}, not of the trials themselves."
        )
    if sampling == "unknown":
        sentences.append(
            "This holds if the trials are independent random draws, which is not known."
        )
    return sentences


def describe_trials(report: ImportanceReport) -> str:
    """Say in which trials something was, or was not, seen."""
    if report.space == "uniform":
        return (
            f"in these {count(report.n_taught, 'trial')}" if report.n_taught else "in these trials"
        )
    return f"in these {count(report.n_trials, 'trial')}"


def end_in_words(value: float, digits: int) -> str:
    """Write an end of a range: a whole number, as of an integer, in full."""
    is_whole = value == round(value) and abs(value) < _MOST_WHOLE
    return f"{value:.0f}" if is_whole else f"{value:.{digits}g}"


def ends_in_words(report: ImportanceReport, k: int) -> str:
    """Write the ends of an interval beside an importance of three digits; a dash for none."""
    if not np.isfinite(report.ci_low[k]):
        return "–"
    return f"{report.ci_low[k]:.3f} to {report.ci_high[k]:.3f}"


def is_sure(report: ImportanceReport, k: int) -> bool:
    """Tell whether a parameter matters beyond chance, among all of them."""
    return bool(report.p_values_familywise[k] < 1.0 - report.confidence)


def n_telling(report: ImportanceReport) -> int:
    """Count those that must not be few: of the target set, or all where ranks are compared."""
    return report.n_target if report.score == "indicator" else report.n_trials


def symbol_of(report: ImportanceReport) -> str:
    """Return the symbol of the importances: S, or R² of HSIC."""
    return "S" if report.measure == "S" else "R²"


def pairs_of(report: ImportanceReport) -> list[tuple[str, str, float, float]]:
    """Return the pairs that act together, none where that was not asked for."""
    return [] if report.interactions is None else report.significant_pairs()


def deed_of(report: ImportanceReport) -> str:
    """Say what a parameter that matters does: a predicate."""
    if report.score != "indicator":
        return "moves the rank of a trial"
    return f"sets {target_of(report)} apart"


def target_of(report: ImportanceReport) -> str:
    """Name the target set by a noun."""
    is_noun = report.target.startswith("the ")
    return report.target if is_noun else f"the {report.unit}s with {report.target}"

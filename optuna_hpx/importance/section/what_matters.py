"""The section "What matters": what is compared, a chart, and a table of the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.figures import plot_importances
from optuna_hpx.importance.section.basis import ends_in_words, n_telling, symbol_of
from optuna_hpx.importance.section.densities import anchor_of
from optuna_hpx.importance.section.importances import describe_importances

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceReport

__all__ = ["how_to_read", "what_matters_section"]


def what_matters_section(report: ImportanceReport, *, is_whole: bool = True) -> Section:
    """Make the section "What matters".

    Args:
        report: What matters, as an evaluator of this package reports it.
        is_whole: Whether the report's region has all trials that could be assessed.
    """
    section = Section(
        "What matters",
        warnings=report.warnings,
        answer=describe_importances(report),
        basis=_describe_sets(report, is_whole=is_whole),
        how_to_read=how_to_read(report),
        key="importances",
        data=report.to_dict(),
    )
    if not (n_telling(report) and report.names):
        return section
    label = f"Bar chart: the importance of {count(len(report.names), 'parameter')}"
    chart = Chart(plot_importances(report), label)
    return replace(section, charts=(chart,), tables=(_table(report),))


def how_to_read(report: ImportanceReport) -> str:
    """Say what the numbers of the chart and the table mean."""
    if report.measure == "S":
        meaning = (
            "S is the share of what separates the best from the rest that a parameter explains by "
            "itself: 0 is nothing, 1 is all."
        )
    else:
        meaning = (
            "R² tells how strongly the result depends on a parameter: 0 is not at all, 1 is "
            "fully; it is no share, and does not add up."
        )
    reach = ""
    if report.has_intervals and report.space == "trials":
        reach = (
            f" Of intervals like these {percent(report.confidence)} hold the value that endless "
            "trials would give."
        )
    elif report.has_intervals:
        reach = " The range is what other surrogates say that fit the trials as well."
    tests = ""
    if report.has_p_values:
        tests = (
            " p is how often chance alone gives as much; p among all minds that the largest of "
            "all parameters would have been named."
        )
    elif report.is_tested_by_model:
        tests = (
            " p is small where a model of the trials needs the parameter; not shown means that "
            "it may matter or not."
        )
    regimes = " Regimes are sets of trials that had it within the same bounds."
    return f"{meaning}{reach}{tests}{regimes}"


def _describe_sets(report: ImportanceReport, *, is_whole: bool) -> str:
    """Say what is compared with what."""
    if report.space == "uniform":
        return _describe_points(report)
    region = "" if is_whole else " and in the region"
    drawn = "were drawn at random and " if report.sampling == "mixed" else ""
    state = "are complete with finite values"
    if report.target == "the complete trials":
        state = "are complete, were pruned or failed"
    infeasible = (
        f", of which {report.n_infeasible} are infeasible and never in the target set"
        if report.n_infeasible
        else ""
    )
    trials = f"all {count(report.n_trials, 'trial')} that {drawn}{state}{region}{infeasible}"
    space = "The importances describe the space as these trials sampled it."
    if report.score != "indicator":
        return f"Compared is the {report.score.replace('_', ' ')} of {trials}. {space}"
    n_target = count(report.n_target, "target trial")
    return f"Compared are {report.target}, {n_target}, with {trials}. {space}"


def _describe_points(report: ImportanceReport) -> str:
    """Say what a surrogate is asked, and how many of the real trials are like that."""
    n, n_as_good = count(report.n_taught or 0, "trial"), report.n_taught_as_good
    points = f"{count(report.n_trials, 'point')} drawn evenly"
    if report.score != "indicator":
        compared = f"Compared is the {report.score.replace('_', ' ')} of {points}"
    else:
        compared = f"Compared are {report.target} with all of it, by {points}"
    text = f"{compared}, at which a surrogate of {n} stands in for trials."
    if n_as_good is None or report.score != "indicator":
        return text
    verb = "reaches" if n_as_good == 1 else "reach"
    return f"{text} Of these trials {n_as_good:,} {verb} the target, too."


def _table(report: ImportanceReport) -> TextTable:
    is_real = report.space == "trials"
    symbol, reach = symbol_of(report), "interval" if is_real else "range of plausible surrogates"
    level = f"{percent(report.confidence)} interval" if is_real else "range"
    parts = [reach] if report.has_intervals else []
    if report.is_tested_by_model:
        parts.append("p-values by a model of the trials")
    elif report.has_p_values:
        parts.append("p-values" if is_real else "p-values by the trials")
    tests = f" with {' and '.join(parts)}," if parts else ""
    return TextTable(
        f"Importance {symbol}{tests} and share of the sum of all {symbol}",
        head=("parameter", symbol, level, "p", "p among all", "share", "regimes"),
        rows=tuple(_row(report, k) for k in range(len(report.names))),
        numeric=frozenset(range(1, 7)),
        anchors=tuple(anchor_of(k) for k in range(len(report.names))),
        has_long_heads=True,
    )


def _row(report: ImportanceReport, k: int) -> tuple[str, ...]:
    name = report.names[k]
    has_shares = bool(report.importances.any() and report.regimes[name])
    return (
        name,
        f"{report.importances[k]:.3f}" if report.regimes[name] else "–",
        ends_in_words(report, k),
        _tested(report, k, report.p_values[k]),
        _tested(report, k, report.p_values_familywise[k]),
        f"{100 * report.normalized[k]:.1f} %" if has_shares else "–",
        str(len(report.regimes[name])),
    )


def _tested(report: ImportanceReport, k: int, p: float) -> str:
    """Write a p-value; a large one of a model is no sign that a parameter is idle."""
    if np.isnan(p) or not report.regimes[report.names[k]]:
        return "–"
    if report.is_tested_by_model and p >= 1.0 - report.confidence:
        return "not shown"
    return f"{p:.3f}" if p >= 0.0005 else "< 0.001"

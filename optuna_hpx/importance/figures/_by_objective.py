"""The importance of each parameter for several objectives, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas import style, traces
from optuna_hpx.importance.figures import _certainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport

_MAX_ROWS = 40
_SPREAD = 0.5  # of a row, that the marks of all objectives share
_ROW, _MARK = 12, 11  # pixels of a row, and of each mark in it


def plot_importances_by_objective(
    reports: Sequence[ImportanceReport], labels: Sequence[str]
) -> go.Figure:
    """Plot S of each parameter for each objective, with intervals, the largest S on top.

    A mark is filled where the parameter is shown to matter (family-wise p below 1 - confidence),
    else open. Of more than 40 parameters the first 40 are drawn, and the axis says so.

    Args:
        reports: One for each objective, at most eight, of the same parameters.
        labels: What the objectives are called.
    """
    names = _in_order(reports)
    n = min(len(names), _MAX_ROWS)
    figure = style.new_figure([(_ROW + _MARK * len(reports)) * n + 10])
    heights = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(reports))
    for k, report in enumerate(reports):
        figure.add_traces(_marks(report, labels[k], names[:n], k, float(heights[k])))
    reach = max(_reach(report) for report in reports)
    figure.update_xaxes(
        range=[-0.03 * reach, 1.05 * reach],  # a mark at 0 is clear of its name
        nticks=6,
        title_text="importance S",
        showgrid=True,
    )
    style.name_rows(figure, names[:n])
    style.finish_legend(figure)
    style.add_notes(figure, _notes(reports, n, len(names)))
    return figure


def _reach(report: ImportanceReport) -> float:
    """Return the right end of all marks and intervals."""
    ends = np.fmax(report.importances, report.ci_high)
    return float(np.fmax.reduce(ends, initial=0.2))


def _in_order(reports: Sequence[ImportanceReport]) -> list[str]:
    """List the parameters, that with the largest S for any objective first."""
    largest: dict[str, float] = {}
    for report in reports:
        for name, importance in zip(report.names, report.importances.tolist(), strict=True):
            largest[name] = max(largest.get(name, 0.0), importance)
    return sorted(largest, key=lambda name: -largest[name])


def _marks(
    report: ImportanceReport, label: str, names: Sequence[str], k: int, height: float
) -> list[Any]:
    """Make the marks of one objective, and their intervals below them."""
    rows = [
        (row, report.names.index(name)) for row, name in enumerate(names) if name in report.names
    ]
    places = np.array([row + height for row, _ in rows])
    order = np.array([place for _, place in rows], dtype=int)
    colour, symbol = style.SERIES[k]
    is_shown = [_is_shown(report, place) for place in order.tolist()]
    ends = np.stack([report.ci_low[order], report.ci_high[order]])
    return [
        style.graph_objects().Scatter(
            **traces.segments(ends, places),
            mode="lines",
            line={"color": colour, "width": 1.5},
            opacity=0.6,
            showlegend=False,
        ),
        style.graph_objects().Scatter(
            x=report.importances[order],
            y=places,
            mode="markers",
            marker={
                "color": colour,
                "size": 9,
                "symbol": [symbol if shown else f"{symbol}-open" for shown in is_shown],
            },
            name=style.short(label),
            customdata=[_hover(report, label, place) for place in order.tolist()],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        ),
    ]


def _is_shown(report: ImportanceReport, k: int) -> bool:
    return bool(report.p_values_familywise[k] < 1.0 - report.confidence)


def _hover(report: ImportanceReport, label: str, k: int) -> str:
    return (
        f"{style.literal(report.names[k])} for {style.literal(label)}<br>"
        f"S = {report.importances[k]:.3f}"
        f"{_certainty.interval(report, report.ci_low[k], report.ci_high[k])}<br>"
        f"{'shown' if _is_shown(report, k) else 'not shown'} to matter"
    )


def _notes(reports: Sequence[ImportanceReport], n: int, n_names: int) -> list[str]:
    level = style.percent(reports[0].confidence)
    notes = [f"filled: shown to matter, {level} sure among all parameters; open: not shown"]
    if any(report.has_intervals for report in reports):
        kinds = {
            "ranges of plausible surrogates"
            if report.space == "uniform"
            else f"{level} intervals of the trials"
            for report in reports
            if report.has_intervals
        }
        notes.append(f"lines: {' or '.join(sorted(kinds))}")
    if n < n_names:
        notes.append(f"the first {n} of {n_names} parameters")
    return notes

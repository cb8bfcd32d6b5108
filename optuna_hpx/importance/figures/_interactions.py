"""Which parameters act together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.importance.figures import _certainty

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport

_MAX_PARAMETERS = 20
# Parameters, above which a number does not fit a cell on a phone: in bold, and in small.
_MAX_WRITTEN, _MAX_NUMBERED = 6, 12
_STRONGEST = 0.7  # opacity, at which light and dark text can still be read


def plot_interactions(report: ImportanceReport) -> go.Figure:
    """Plot a symmetric map of the interactions S_ij; on the diagonal, in grey, each S by itself.

    Pairs that cannot be put down to chance (p < 1 - confidence, adjusted for the number of all
    pairs) are marked: with their S_ij, or of more than 6 parameters with a dot. Of more than 20
    parameters those 20 are drawn of which S and the S_ij with all others add up to most; the axis
    says so.

    Args:
        report: What an importance evaluator of this package reports with ``interactions=True``.

    Raises:
        ValueError: If the report has no interactions.

    Example:
        >>> import optuna
        >>> from optuna_hpx import PedAnovaImportanceEvaluator, plot_interactions
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return (x - 0.3) ** 2 + 0.01 * y
        >>> study.optimize(objective, n_trials=100)
        >>> report = PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)
        >>> figure = plot_interactions(report)
        >>> report.interactions.shape, len(figure.data) > 0
        ((2, 2), True)
    """
    _checks.has(
        "report",
        report,
        "interactions",
        "an ImportanceReport, as evaluator.report(study, interactions=True) gives",
    )
    adjusted = {frozenset(pair[:2]): pair[3] for pair in report.significant_pairs()}
    if len(report.names) < 2:
        return style.empty_figure("Fewer than two parameters: there is no pair.")
    shown = _shown(report)
    names = [report.names[k] for k in shown]
    figure = style.new_figure([_row_height(len(shown)) * len(shown)])
    figure.add_traces([_pairs(report, shown, adjusted), _diagonal(report, shown)])
    if len(shown) <= _MAX_NUMBERED:
        figure.add_trace(_numbers(report, shown))
    if marks := [
        (row, column)
        for row, first in enumerate(names)
        for column, second in enumerate(names)
        if frozenset((first, second)) in adjusted
    ]:
        figure.add_trace(_marks(report, shown, marks))
    _finish_axes(figure, report, names)
    return figure


def _shown(report: ImportanceReport) -> np.ndarray:
    """Select the indices of the parameters to draw, in their own order."""
    assert report.interactions is not None  # significant_pairs() has seen to it
    strength = report.importances + report.interactions.sum(axis=1)
    return np.sort(np.argsort(-strength, kind="stable")[:_MAX_PARAMETERS])


def _row_height(n: int) -> float:
    return 38.0 if n <= _MAX_WRITTEN else 26.0


def _pairs(
    report: ImportanceReport, shown: np.ndarray, adjusted: dict[frozenset[str], float]
) -> Any:
    assert report.interactions is not None
    z = report.interactions[np.ix_(shown, shown)].copy()
    np.fill_diagonal(z, np.nan)
    return style.graph_objects().Heatmap(
        x=list(range(len(shown))),
        y=list(range(len(shown))),
        z=np.round(z, 4),
        zmin=0.0,
        zmax=max(float(np.nanmax(z)), 0.05),
        colorscale=_scale(style.POINT),
        xgap=2,
        ygap=2,
        hoverongaps=False,
        customdata=_hover(report, shown, adjusted),
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={
            "thickness": 8,
            "len": 1.0,
            "xpad": 6,
            "ypad": 0,
            "nticks": 4,
            "outlinewidth": 0,
        },
    )


def _diagonal(report: ImportanceReport, shown: np.ndarray) -> Any:
    z = np.full((len(shown), len(shown)), np.nan)
    np.fill_diagonal(z, report.importances[shown])
    hover = np.full(z.shape, "", dtype=object)
    np.fill_diagonal(hover, [_of_one(report, k) for k in shown])
    return style.graph_objects().Heatmap(
        x=list(range(len(shown))),
        y=list(range(len(shown))),
        z=np.round(z, 4),
        zmin=0.0,
        zmax=max(float(report.importances.max()), 0.05),
        colorscale=_scale(style.REGION),
        xgap=2,
        ygap=2,
        showscale=False,
        hoverongaps=False,
        customdata=hover.tolist(),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _scale(colour: str) -> list[list[Any]]:
    """Make the colours from the page's own background to ``colour``."""
    return [[0.0, style.fill(colour, 0.06)], [1.0, style.fill(colour, _STRONGEST)]]


def _of_one(report: ImportanceReport, k: int) -> str:
    return (
        f"{style.literal(report.names[k])} by itself<br>"
        f"{_certainty.symbol(report)} = {report.importances[k]:.3f}"
        + _certainty.interval(report, report.ci_low[k], report.ci_high[k])
    )


def _hover(
    report: ImportanceReport, shown: np.ndarray, adjusted: dict[frozenset[str], float]
) -> list[list[str]]:
    assert report.interactions is not None
    assert report.interaction_p_values is not None
    n_pairs = len(report.names) * (len(report.names) - 1) // 2
    texts, tested = [], report.has_p_values
    for i in shown:
        row = []
        for j in shown:
            first, second = report.names[i], report.names[j]
            p = adjusted.get(frozenset((first, second)))
            row.append(
                f"{style.literal(first)} with {style.literal(second)}"
                f"<br>{_certainty.symbol(report)} = {report.interactions[i, j]:.3f}"
                + (_tested(report.interaction_p_values[i, j], p, n_pairs) if tested else "")
            )
        texts.append(row)
    return texts


def _tested(p: float, adjusted: float | None, n_pairs: int) -> str:
    among = f"{adjusted:.2g}" if adjusted is not None else "not significant"
    return f"<br>p = {p:.2g}, {among} among {n_pairs:,} pairs"


def _numbers(report: ImportanceReport, shown: np.ndarray) -> Any:
    """Write S of each parameter on the diagonal, of up to 12 parameters."""
    n = len(shown)
    return style.graph_objects().Scatter(
        x=list(range(n)),
        y=list(range(n)),
        mode="text",
        text=[_written(s) for s in report.importances[shown]],
        textfont={"size": 12 if n <= _MAX_WRITTEN else 10},
        hoverinfo="skip",
        showlegend=False,
    )


def _written(s: float) -> str:
    """Write a number to two digits, without the 0 before the point: cells are narrow."""
    return f"{s:.2f}".removeprefix("0")


def _marks(report: ImportanceReport, shown: np.ndarray, marks: list[tuple[int, int]]) -> Any:
    """Mark the significant pairs: S_ij where it fits, a dot elsewhere."""
    assert report.interactions is not None
    is_written = len(shown) <= _MAX_WRITTEN
    return style.graph_objects().Scatter(
        x=[column for _, column in marks],
        y=[row for row, _ in marks],
        mode="text" if is_written else "markers",
        text=[
            f"<b>{_written(report.interactions[shown[row], shown[column]])}</b>"
            for row, column in marks
        ]
        if is_written
        else None,
        textfont={"size": 12},
        marker={"color": style.TARGET, "size": 7},
        hoverinfo="skip",
        showlegend=False,
    )


def _finish_axes(figure: go.Figure, report: ImportanceReport, names: list[str]) -> None:
    n, length = len(names), 16 if len(names) <= _MAX_NUMBERED else 12
    ticks = {
        "tickvals": list(range(n)),
        "ticktext": [style.short(name, length) for name in names],
        "tickfont": {"size": 12 if n <= _MAX_NUMBERED else 10},
        "ticks": "",
        "showgrid": False,
        "showline": False,
    }
    figure.update_xaxes(**ticks, range=[-0.5, n - 0.5], tickangle=-90, side="top")
    figure.update_yaxes(**ticks, range=[n - 0.5, -0.5])
    top = 7.5 * min(max(map(len, names)), length) + 12
    figure.update_layout(
        margin={"t": top, "b": 14, "r": 8}, height=_row_height(n) * n + top + 14, dragmode=False
    )
    style.add_notes(figure, _notes(report, n))


def _notes(report: ImportanceReport, n: int) -> list[str]:
    """Say how to read the map, and what it leaves out."""
    mark = "bold" if n <= _MAX_WRITTEN else "dot"
    tested = f", {mark}: p < {1.0 - report.confidence:.2g}" if report.has_p_values else ""
    notes = [f"blue: {_certainty.symbol(report)} of two together{tested}; grey: of one alone"]
    if n < len(report.names):
        notes.append(f"{n} of {len(report.names)} parameters, those with the largest sums of S")
    if not report.has_p_values:
        notes.append(_certainty.no_tests(report))
    return notes

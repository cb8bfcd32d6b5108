"""The importance of each parameter as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx import _checks
from optuna_hpx.visualization import _style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport

_MAX_BARS = 40


def plot_importances(report: ImportanceReport) -> go.Figure:
    """Bars of the importances S, the most important parameter on top.

    Hovering shows S, its share of the sum of all S, and how many regimes and trials it rests on.
    Of more than 40 parameters the 40 most important are drawn, and the axis says so.

    Args:
        report: What an importance evaluator of this package reports.
    """
    _checks.has(
        "report", report, "regimes", "an ImportanceReport, as evaluator.report(study) gives"
    )
    if not report.names:
        return _style.empty_figure("No parameter to assess.")
    names = report.names[:_MAX_BARS]
    positions = list(range(len(names)))
    figure = _style.new_figure([26 * len(names) + 10])
    figure.add_trace(
        _style.graph_objects().Bar(
            orientation="h",
            x=report.importances[: len(names)],
            y=positions,
            text=[f"{importance:.2f}" for importance in report.importances[: len(names)]],
            textposition="outside",
            cliponaxis=False,
            marker={"color": _style.POINT},
            customdata=_hover_rows(report, names),
            hovertemplate=(
                "%{customdata[0]}<br>S = %{x:.3f}<br>%{customdata[1]} of the sum of all S"
                "<br>%{customdata[2]}<extra></extra>"
            ),
        )
    )
    title = "importance S"
    if len(report.names) > len(names):
        title += f"<br>{_style.note(f'the first {len(names)} of {len(report.names)} parameters')}"
    longest = float(report.importances[0])
    figure.update_xaxes(
        range=[0, min(max(1.2 * longest, 0.25), 1.1)], nticks=6, title_text=title, showgrid=True
    )
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=positions,
        ticktext=[_style.short(name) for name in names],
        showgrid=False,
    )
    figure.update_layout(showlegend=False, margin_t=8, height=figure.layout.height - 36)
    if not report.importances.any():
        _style.add_text(figure, "No parameter by itself sets the target trials apart.")
    return figure


def _hover_rows(report: ImportanceReport, names: tuple[str, ...]) -> list[list[str]]:
    rows = []
    for name, share in zip(names, report.normalized, strict=False):
        regimes = report.regimes[name]
        n_trials = sum(regime.n_region for regime in regimes)
        in_words = "1 regime" if len(regimes) == 1 else f"{len(regimes)} regimes"
        rows.append(
            [_style.literal(name), f"{100 * share:.1f} %", f"{in_words}, {n_trials:,} trials"]
        )
    return rows

"""What a sampler believed of the parameters as the study went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.samplers import SamplerBeliefs

_NAME_LENGTH = 20


def plot_beliefs(beliefs: SamplerBeliefs) -> go.Figure:
    """Lines of the activity of each parameter, and of what it does to cost, by trial.

    The 8 parameters with the largest last activity are coloured, the others grey. Cost is the
    factor by which a typical value of the parameter multiplies or divides the cost of a trial.

    Args:
        beliefs: What :func:`optuna_hpx.sampler_beliefs` returns.
    """
    _checks.has("beliefs", beliefs, "activity", "SamplerBeliefs, as sampler_beliefs(study) gives")
    if not len(beliefs.numbers):
        return style.empty_figure(_absence(beliefs))
    has_cost = bool(np.isfinite(beliefs.cost).any())
    figure = style.new_figure([240.0, 180.0] if has_cost else [240.0])
    _add_lines(figure, beliefs, beliefs.activity, 1, "activity")
    figure.update_yaxes(range=[0.0, 1.05], title_text="activity", row=1, col=1)
    if has_cost:
        _add_lines(figure, beliefs, np.exp(beliefs.cost), 2, "factor on cost")
        figure.update_yaxes(type="log", title_text="factor on cost", row=2, col=1)
    figure.update_xaxes(title_text="trial", row=2 if has_cost else 1, col=1)
    style.finish_legend(figure)
    return figure


def _absence(beliefs: SamplerBeliefs) -> str:
    """Say why there is nothing to draw."""
    if beliefs.fallbacks:
        return f"All trials were left to plain TPE: {beliefs.fallbacks[0].explanation}."
    return "No belief of an HsicSampler is in these trials."


def _add_lines(
    figure: go.Figure, beliefs: SamplerBeliefs, y: np.ndarray, row: int, what: str
) -> None:
    n_coloured = min(len(beliefs.names), len(style.SERIES))
    if n_coloured < len(beliefs.names):
        figure.add_trace(_others(beliefs, y, n_coloured, what), row=row, col=1)
    for k in range(n_coloured):
        colour, symbol = style.SERIES[k]
        line = style.graph_objects().Scatter(
            x=beliefs.numbers,
            y=y[:, k],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": symbol, "size": 7},
            name=style.short(beliefs.names[k], _NAME_LENGTH),
            legendgroup=beliefs.names[k],
            hovertemplate=(
                f"{style.literal(beliefs.names[k])}<br>{what} %{{y:.2f}}"
                "<br>for trial %{x} and on<extra></extra>"
            ),
        )
        figure.add_trace(line, row=row, col=1)


def _others(beliefs: SamplerBeliefs, y: np.ndarray, start: int, what: str) -> Any:
    """The parameters from ``start`` on as one broken line, which names each when hovered."""
    names = beliefs.names[start:]
    x = np.append(beliefs.numbers.astype(float), np.nan)
    values = np.vstack([y[:, start:], np.full((1, len(names)), np.nan)])
    return style.graph_objects().Scatter(
        x=np.tile(x, len(names)),
        y=values.T.ravel(),
        mode="lines",
        line={"color": style.REGION, "width": 1},
        opacity=0.6,
        connectgaps=False,
        name=f"{len(names)} other parameter{'s' if len(names) > 1 else ''}",
        customdata=np.repeat([style.literal(name) for name in names], len(x)).tolist(),
        hovertemplate=f"%{{customdata}}<br>{what} %{{y:.2f}}<extra></extra>",
    )

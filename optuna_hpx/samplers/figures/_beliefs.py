"""The figure of what an HsicSampler believed of the parameters as the study went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.samplers import SamplerBeliefs

_NAME_LENGTH = 20


def plot_beliefs(beliefs: SamplerBeliefs) -> go.Figure:
    """Plot the activity of each parameter, and its factor on cost, against the trials.

    The 8 parameters with the largest last activity are coloured, the others grey. The factor on
    cost is what a typical value of the parameter multiplies or divides the cost of a trial by.

    Args:
        beliefs: What :func:`optuna_hpx.sampler_beliefs` returns.

    Returns:
        The figure; where there are no beliefs it says why.

    Raises:
        TypeError: If ``beliefs`` is something else.
        ImportError: If plotly is not installed.

    Example:
        >>> import optuna
        >>> from optuna_hpx import HsicSampler, plot_beliefs, sampler_beliefs
        >>> def objective(trial):
        ...     trial.suggest_float("idle", 0, 1)
        ...     return (trial.suggest_float("x", 0, 1) - 0.3) ** 2
        >>> study = optuna.create_study(sampler=HsicSampler(seed=0))
        >>> study.optimize(objective, n_trials=20)
        >>> [trace.name for trace in plot_beliefs(sampler_beliefs(study)).data]
        ['x', 'idle']
    """
    _checks.has("beliefs", beliefs, "activity", "SamplerBeliefs, as sampler_beliefs(study) gives")
    if not len(beliefs.numbers):
        return style.empty_figure(_absence(beliefs))
    has_cost = bool(np.isfinite(beliefs.cost).any())
    figure = style.new_figure([240.0, 180.0] if has_cost else [240.0])
    _add_panel(figure, beliefs, _BeliefPanel(1, "activity", beliefs.activity))
    figure.update_yaxes(range=[0.0, 1.05], row=1, col=1)
    if has_cost:
        _add_panel(figure, beliefs, _BeliefPanel(2, "factor on cost", np.exp(beliefs.cost)))
        figure.update_yaxes(type="log", row=2, col=1)
    figure.update_xaxes(title_text="trial", row=2 if has_cost else 1, col=1)
    style.finish_legend(figure)
    return figure


def _absence(beliefs: SamplerBeliefs) -> str:
    """Say why there is nothing to draw."""
    if beliefs.fallbacks:
        fallback = beliefs.fallbacks[0]
        return (
            f"No beliefs: {len(fallback.numbers)} trials were left to {fallback.chooser}, because "
            f"{fallback.explanation}."
        )
    return "No belief of an HsicSampler is in these trials."


@dataclass(frozen=True)
class _BeliefPanel:
    """A row of the figure: its number, the title of its y-axis, and y (b, d)."""

    row: int
    title: str
    y: np.ndarray


def _add_panel(figure: go.Figure, beliefs: SamplerBeliefs, panel: _BeliefPanel) -> None:
    n_coloured = min(len(beliefs.names), len(style.SERIES))
    if n_coloured < len(beliefs.names):
        others = traces.other_parameters(
            beliefs.numbers,
            panel.y[:, n_coloured:],
            beliefs.names[n_coloured:],
            f"{panel.title} %{{y:.2f}}",
        )
        figure.add_trace(others, row=panel.row, col=1)
    for k in range(n_coloured):
        figure.add_trace(_line(beliefs, panel, k), row=panel.row, col=1)
    figure.update_yaxes(title_text=panel.title, row=panel.row, col=1)


def _line(beliefs: SamplerBeliefs, panel: _BeliefPanel, k: int) -> Any:
    """Make the coloured line of parameter ``k``."""
    colour, symbol = style.SERIES[k]
    return style.graph_objects().Scatter(
        x=beliefs.numbers,
        y=panel.y[:, k],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"symbol": symbol, "size": 7},
        name=style.short(beliefs.names[k], _NAME_LENGTH),
        legendgroup=beliefs.names[k],
        hovertemplate=(
            f"{style.literal(beliefs.names[k])}<br>{panel.title} %{{y:.2f}}"
            "<br>for trial %{x} and on<extra></extra>"
        ),
    )

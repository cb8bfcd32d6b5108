"""The figure of what an HsicSampler's Gaussian process expects: where, and how fast it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.words import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.samplers import SamplerBeliefs
    from optuna_hpx.samplers._outlook import SurrogateOutlook

_MAX_ROWS = 40
_WHOLE = 1.0  # range: a longer scale means that hardly anything changes over all of it
_ENDS = 0.05, 20.0  # length scales that are shown, at least


def plot_outlook(beliefs: SamplerBeliefs) -> go.Figure:
    """Plot the length scale of each parameter, the shortest on top, with its predicted best value.

    A length scale is the share of its range by which a parameter must move for the result to be
    only half as alike: the shorter, the faster the result changes with the parameter. Those longer
    than the range are pale. Of more than 40 parameters the 40 shortest are drawn.

    Args:
        beliefs: What :func:`optuna_hpx.sampler_beliefs` returns.

    Returns:
        The figure; where nothing is expected it says why.

    Raises:
        TypeError: If ``beliefs`` is something else.
        ImportError: If plotly is not installed.

    Example:
        >>> import optuna
        >>> from optuna_hpx import HsicSampler, plot_outlook, sampler_beliefs
        >>> def objective(trial):
        ...     trial.suggest_float("idle", 0, 1)
        ...     return (trial.suggest_float("x", 0, 1) - 0.3) ** 2
        >>> study = optuna.create_study(sampler=HsicSampler(seed=0))
        >>> study.optimize(objective, n_trials=30)
        >>> plot_outlook(sampler_beliefs(study)).layout.yaxis.ticktext[0].split()[0]
        'x'
    """
    _checks.has("beliefs", beliefs, "outlook", "SamplerBeliefs, as sampler_beliefs(study) gives")
    outlook = beliefs.outlook
    if outlook is None:
        return style.empty_figure(f"Nothing is expected: {beliefs.outlook_absence}.")
    n = min(len(outlook.names), _MAX_ROWS)
    figure = style.new_figure([26.0 * n + 10.0])
    is_short = np.asarray(outlook.length_scales[:n]) < _WHOLE
    for chosen, colour, name in (
        (is_short, style.POINT, "within the range"),
        (~is_short, style.PALE, "longer than the range"),
    ):
        if chosen.any():
            figure.add_trace(_marks(outlook, np.flatnonzero(chosen), (colour, name)))
    scales = outlook.length_scales[:n]
    low, high = min(_ENDS[0], np.min(scales) / 1.5), max(_ENDS[1], np.max(scales) * 1.5)
    figure.update_xaxes(
        type="log",
        range=np.log10([low, high]).tolist(),
        tickvals=[0.01, 0.1, 1.0, 10.0, 100.0],
        title_text="length scale, in units of the range",
        showgrid=True,
    )
    figure.add_vline(_WHOLE, line={"color": style.INK, "width": 1, "dash": "dot"})
    style.name_rows(figure, [_row_name(outlook, k) for k in range(n)])
    figure.update_layout(hovermode="closest", legend_itemclick=False)
    style.finish_legend(figure)
    if n < len(outlook.names):
        style.add_notes(figure, [f"{n} of {len(outlook.names)} parameters, the shortest ones"])
    return figure


def _marks(outlook: SurrogateOutlook, rows: np.ndarray, look: tuple[str, str]) -> Any:
    colour, name = look
    return style.graph_objects().Scatter(
        x=np.asarray(outlook.length_scales)[rows],
        y=rows,
        mode="markers",
        marker={"color": colour, "size": 10},
        name=name,
        customdata=[style.literal(_row_name(outlook, k)) for k in rows],
        hovertemplate="%{customdata}<br>length scale %{x:.3g} of the range<extra></extra>",
    )


def _row_name(outlook: SurrogateOutlook, k: int) -> str:
    """Write the name of a parameter, and its value at the predicted optimum if it has one."""
    name = outlook.names[k]
    if name not in outlook.optimum.params:  # of a branch that the optimum is not in
        return name
    value = outlook.optimum.params[name]
    return f"{name} = {f'{value:.3g}' if isinstance(value, float) else number(value)}"

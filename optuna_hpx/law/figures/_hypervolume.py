"""How the front of several objectives grows, and what more random trials add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.law.figures._bands import Band, add_band

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.law import HypervolumeOutlook

_BAND = 0.8  # confidence of the forecast's band
_AHEAD = 3  # times as many trials as so far: a forecast should reach no further
_N_POINTS = 24  # of the forecast: each is drawn anew


def plot_hypervolume_outlook(outlook: HypervolumeOutlook) -> go.Figure:
    """Plot the hypervolume of the random draws, and its forecast.

    Drawn are the hypervolume of the first so many random draws, and where it will be, with the
    middle 80 %, after up to three times as many more. Trials that are no random draws are not in
    it; a note then says what the hypervolume of all trials is.

    Args:
        outlook: As :func:`hypervolume_outlook` makes it.

    Returns:
        The figure. Cost: a second at most.

    Raises:
        ImportError: If plotly is not installed.
        TypeError: If ``outlook`` is none.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import hypervolume_outlook, plot_hypervolume_outlook
        >>> scores = np.random.default_rng(0).random((60, 2))
        >>> figure = plot_hypervolume_outlook(hypervolume_outlook(scores))
        >>> [trace.name for trace in figure.data if trace.name]
        ['so far', 'forecast']
    """
    _checks.has("outlook", outlook, "history", "what hypervolume_outlook makes")
    n, values = outlook.history()
    figure = style.new_figure([300.0])
    figure.add_scatter(
        x=np.append(n, outlook.n_trials),
        y=np.append(values, values[-1]),
        mode="lines",
        line={"shape": "hv", "color": style.BEST, "width": 2},
        name="so far",
        hovertemplate="first %{x:,} random trials: %{y:.6g}<extra></extra>",
    )
    ahead = _forecast(outlook)
    y_range = _range(outlook, ahead)
    add_band(figure, ahead, y_range)
    figure.update_xaxes(type="log", dtick=1, title_text="random trials")
    figure.update_yaxes(range=list(y_range), title_text="hypervolume (maximize)")
    style.finish_legend(figure)
    style.add_notes(figure, _notes(outlook))
    return figure


def _forecast(outlook: HypervolumeOutlook) -> Band:
    n = outlook.n_trials
    x = np.unique(np.geomspace(n, (1 + _AHEAD) * n, _N_POINTS).round().astype(int))
    after = [outlook.best_after(int(k), confidence=_BAND) for k in x[1:] - n]
    y = np.array([[outlook.best] * 3, *([f.low, f.median, f.high] for f in after)]).T
    return Band("forecast", style.POINT, "dash", "hypervolume after %{x:,} random trials", x, y)


def _range(outlook: HypervolumeOutlook, ahead: Band) -> tuple[float, float]:
    """Choose the axis: all of the forecast, and of the past what came after the first few."""
    n, values = outlook.history()
    early = int(np.count_nonzero(n <= np.sqrt(outlook.n_trials)))
    low, high = float(values[max(early - 1, 0)]), float(ahead.y.max())
    pad = 0.05 * (high - low) or 0.05 * high
    return low - pad, high + pad


def _notes(outlook: HypervolumeOutlook) -> list[str]:
    """Write what must be known to read the figure, in lines that fit a phone."""
    point = ", ".join(f"{value:.3g}" for value in outlook.reference_point)
    notes = ["The band holds 80 %.", f"Reference point: {point}."]
    if outlook.n_left_out:
        notes.append(f"Of all trials: {outlook.best_of_all:.4g}.")
    return notes

"""Two tuning curves, and where one is better than the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.law.figures._bands import Band, add_band

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.law import TuningCurveComparison

_COLOURS = (style.SERIES[0][0], style.SERIES[1][0])
_N_POINTS = 200  # of a curve: steps stay visible on a logarithmic axis
_AXES = {
    "trials": "random trials",
    "seconds": "random search: seconds",
    "cost": "random search: cost",
}
_STRIP = 0.025  # height of the strips, of that of the figure
_ROOM = 0.25  # of what the estimates span, shown above and below them


def plot_tuning_curve_comparison(comparison: TuningCurveComparison) -> go.Figure:
    """Plot two tuning curves with their bands; a strip marks where one is surely better.

    Args:
        comparison: What :func:`optuna_hpx.compare_tuning_curves` returns.

    Returns:
        The figure.

    Raises:
        ImportError: If plotly is not installed.
        TypeError: If it is no comparison.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import compare_tuning_curves, plot_tuning_curve_comparison
        >>> rng = np.random.default_rng(0)
        >>> comparison = compare_tuning_curves(rng.random(100), rng.random(100) + 0.3)
        >>> figure = plot_tuning_curve_comparison(comparison)
        >>> [trace.name for trace in figure.data if trace.name]
        ['A', 'B']
    """
    _checks.has(
        "comparison",
        comparison,
        "advantage_low",
        "a TuningCurveComparison, as compare_tuning_curves(a, b) gives",
    )
    figure = style.new_figure([340.0])
    rows = np.unique(np.geomspace(1, len(comparison.x), _N_POINTS).round().astype(int)) - 1
    y_range = _range(comparison)
    for label, colour, curve in zip(
        comparison.labels, _COLOURS, (comparison.a, comparison.b), strict=True
    ):
        name = style.literal(label)
        hover = f"{name}, %{{x:,.4g}} {comparison.unit}"
        add_band(
            figure,
            Band(name, colour, "solid", hover, comparison.x[rows], curve[:, rows]),
            y_range,
        )
        for first, last in comparison.better(label):
            ends = {"x0": first, "x1": last, "y0": 0.0, "y1": _STRIP, "yref": "y domain"}
            figure.add_shape(**ends, fillcolor=colour, line_width=0)
    figure.update_xaxes(type="log", dtick=1, title_text=_AXES[comparison.unit])
    title = f"best value ({comparison.direction})"
    figure.update_yaxes(range=list(y_range), title_text=title)
    style.finish_legend(figure)
    style.add_notes(figure, _notes(comparison))
    return figure


def _range(comparison: TuningCurveComparison) -> tuple[float, float]:
    """Choose the axis: the estimates, and some room for the bands around them."""
    middle = np.concatenate([comparison.a[1], comparison.b[1]])
    middle = middle[np.isfinite(middle)]
    if not len(middle):
        return 0.0, 1.0
    room = _ROOM * (np.ptp(middle) or abs(middle[0]) or 1.0)
    return float(middle.min() - room), float(middle.max() + room)


def _notes(comparison: TuningCurveComparison) -> list[str]:
    notes = [f"Bands hold {100 * comparison.confidence:g} %, all at once."]
    if any(comparison.better(label) for label in comparison.labels):
        notes.append("A strip at the bottom: there the one of its colour is surely better.")
    else:
        notes.append("Nowhere is one surely better.")
    return notes

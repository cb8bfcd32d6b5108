"""A line with a band around it, which may reach beyond the figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas import traces

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Band", "add_band"]


@dataclass(frozen=True)
class Band:
    """A line with a band around it.

    Attributes:
        name, colour, dash: Of the line.
        hover: What the numbers are.
        x: (n,) numbers of trials.
        y: (3, n) low end, line and high end; infinite where most trials fail.
    """

    name: str
    colour: str
    dash: str
    hover: str
    x: np.ndarray
    y: np.ndarray


def add_band(figure: go.Figure, band: Band, y_range: tuple[float, float]) -> None:
    """Add a band, and its line, to a figure whose axis reaches over ``y_range``."""
    # Plotly would drop infinite values: put beyond the axis they lead the lines there.
    span = y_range[1] - y_range[0]
    low, line, high = np.nan_to_num(band.y, neginf=y_range[0] - span, posinf=y_range[1] + span)
    figure.add_trace(
        traces.band(band.x, low, high, colour=band.colour, opacity=0.2, group=band.name)
    )
    figure.add_scatter(
        x=band.x,
        y=line,
        mode="lines",
        line={"color": band.colour, "width": 2, "dash": band.dash},
        name=band.name,
        legendgroup=band.name,
        customdata=[f"{y[1]:.6g}, {y[0]:.6g} to {y[2]:.6g}" for y in band.y.T],
        hovertemplate=f"{band.hover}<br>%{{customdata}}<extra></extra>",
    )

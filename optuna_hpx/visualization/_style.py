"""The look that all figures share, and how text gets into them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optuna_hpx._imports import require

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Blue and vermilion stay apart for every common colour vision deficiency, and like the greys they
# have a contrast of at least 3 against white and against near-black.
TARGET = "#d9622b"
REGION = "#8a9099"
POINT = "#3f86c9"
BEST = TARGET
INK = "#7b8088"
GRID = "rgba(128, 128, 128, 0.25)"

_TOP = 44  # pixels for a legend of one line
_LEGEND_LINE = 20
_ENTRIES_PER_LINE = 2  # on a phone
_BOTTOM = 56


def graph_objects() -> Any:
    return require("plotly.graph_objects", extra="plot")


def new_figure(row_heights: Sequence[float], *, row_titles: Sequence[str] = ()) -> go.Figure:
    """A figure of rows with the given heights in pixels, each with its own axes.

    It carries no template: plotly's default one weighs 6 kB per figure. Titles are markup of up to
    two lines.
    """
    gap = 88.0 if row_titles else 62.0
    height = sum(row_heights) + gap * (len(row_heights) - 1)
    figure = require("plotly.subplots", extra="plot").make_subplots(
        rows=len(row_heights),
        cols=1,
        row_heights=list(row_heights),
        vertical_spacing=gap / height if len(row_heights) > 1 else 0.0,
        subplot_titles=list(row_titles) or None,
    )
    figure.layout.template = "none"
    top = _TOP + (36 if row_titles else 0)
    figure.update_layout(
        height=height + top + _BOTTOM,
        margin={"l": 56, "r": 20, "t": top, "b": _BOTTOM},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        hovermode="closest",
        hoverlabel={"align": "left"},
        legend={
            "orientation": "h",
            "font": {"size": 12},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
        },
    )
    figure.update_annotations(font_size=13, align="left", x=0, xanchor="left")
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False}
    figure.update_xaxes(
        **axis, automargin="bottom", showgrid=False, showline=True, title_standoff=6
    )
    figure.update_yaxes(**axis, automargin="left")
    return figure


def finish_legend(figure: go.Figure) -> None:
    """Name each kind of trace once, and leave room for the lines that the legend has on a phone.

    Without the room plotly would make it, and may then not find margins that fit all else.
    """
    names: list[str] = []
    for trace in figure.select_traces(lambda trace: trace.showlegend is not False):
        trace.showlegend = trace.name not in names
        names += [trace.name] * trace.showlegend
    room = _LEGEND_LINE * ((len(names) - 1) // _ENTRIES_PER_LINE)
    figure.update_layout(
        height=figure.layout.height + room,
        margin_t=figure.layout.margin.t + room,
        # An entry stands for the traces of all rows, and a click would hide that of the first.
        legend_itemclick=False if "yaxis2" in figure.layout else "toggle",
    )


def empty_figure(text: str) -> go.Figure:
    """A figure that says why it shows nothing."""
    figure = new_figure([90])
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    add_text(figure, text)
    return figure


def add_text(figure: go.Figure, text: str) -> None:
    figure.add_annotation(
        text=literal(text), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
    )


def note(text: str) -> str:
    """A line under an axis title, small enough for a phone."""
    return f'<span style="font-size: 11px">{literal(text)}</span>'


def literal(text: str) -> str:
    """``text`` as it is: plotly reads markup in the text of a figure."""
    return html.escape(text, quote=False)


def short(text: str, length: int = 24) -> str:
    """:func:`literal` text for an axis, its middle left out where it is too long."""
    if len(text) > length:
        tail = (length - 1) // 2
        text = f"{text[: length - 1 - tail]}…{text[-tail:]}"
    return literal(text)

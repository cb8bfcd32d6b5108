"""The look of all figures: colours, rows, legends and notes, and how text gets into them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import pairwise
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
PALE = "rgba(63, 134, 201, 0.32)"  # POINT, for what cannot be told from chance
# Lines that must be told apart also differ in their markers: the colours alone are of one
# brightness, which a contrast of 3 against white and near-black forces on them.
SERIES = (
    ("#3f86c9", "circle"),
    ("#d9622b", "square"),
    ("#2f9a6b", "triangle-up"),
    ("#c0609c", "diamond"),
    ("#b07d00", "x"),
    ("#7d6bd0", "triangle-down"),
    ("#1f97a8", "cross"),
    ("#8b6f47", "star"),
)

_TOP = 44  # pixels for a legend of one line
_LEGEND_LINE = 20
_ENTRIES_PER_LINE = 2  # on a phone
_BOTTOM = 56
_NOTE_LINE = 15


def graph_objects() -> Any:
    """Import plotly's traces when a figure is first drawn.

    Raises:
        ImportError: If plotly is not installed; the message names the extra.
    """
    return require("plotly.graph_objects", extra="plot")


def new_figure(row_heights: Sequence[float], *, row_titles: Sequence[str] = ()) -> go.Figure:
    """Make an empty figure of rows, each with its own axes.

    It carries no template: plotly's default one weighs 6 kB per figure.

    Args:
        row_heights: Heights in pixels.
        row_titles: Titles above the rows, markup of up to two lines each.
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


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Name the rows of a chart of one bar or mark each, at heights 0, 1, ... from the top."""
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=list(range(len(names))),
        ticktext=[short(name) for name in names],
        showgrid=False,
    )


def finish_legend(figure: go.Figure) -> None:
    """Name each kind of trace once, and leave room for the lines that the legend has on a phone.

    Of traces with the same legend group, or else the same name, the first is named.
    Without the room plotly would make it, and may then not find margins that fit all else.
    """
    kinds: list[str] = []
    for trace in figure.select_traces(lambda trace: trace.showlegend is not False):
        kind = trace.legendgroup or trace.name
        trace.showlegend = kind not in kinds
        kinds += [kind] * trace.showlegend
    room = _LEGEND_LINE * ((len(kinds) - 1) // _ENTRIES_PER_LINE)
    figure.update_layout(
        height=figure.layout.height + room,
        margin_t=figure.layout.margin.t + room,
        # An entry stands for the traces of all rows, and a click would hide that of the first.
        legend_itemclick=False if "yaxis2" in figure.layout else "toggle",
    )


def empty_figure(text: str) -> go.Figure:
    """Make a figure that says why it shows nothing."""
    figure = new_figure([90])
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    add_text(figure, text)
    return figure


def share_x_axis(figure: go.Figure) -> None:
    """Let all rows have the x-axis of the last, which alone has a title."""
    axes = list(figure.select_xaxes())
    for axis, below in pairwise(axes):
        axis.title.text = None
        below.matches = "x"


def add_strip(figure: go.Figure, ends: tuple[float, float], *, row: int) -> None:
    """Colour the strip of a :class:`~optuna_hpx.canvas.scale.Scale` across a row."""
    figure.add_hrect(*ends, fillcolor=GRID, opacity=0.3, line_width=0, row=row, col=1)


def add_text(figure: go.Figure, text: str) -> None:
    """Add text in the middle of a figure."""
    figure.add_annotation(
        text=literal(text), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
    )


def fill(colour: str, opacity: float) -> str:
    """Make a colour, given as ``#rrggbb``, see-through."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def percent(share: float) -> str:
    """Write a share as a percentage of three digits, as figures have them: ``2.5 %``."""
    return f"{100 * share:.3g} %"


def note(text: str) -> str:
    """Make a line under an axis title, small enough for a phone."""
    return f'<span style="font-size: 11px">{literal(text)}</span>'


def add_notes(figure: go.Figure, notes: Sequence[str]) -> None:
    """Add small lines below all else, from the left edge on: there a phone shows 60 letters.

    The figure grows by their height. They are its title, which alone can be put there.
    """
    if not notes:
        return
    room = _NOTE_LINE * len(notes) + 6
    height = figure.layout.height + room
    figure.update_layout(
        height=height,
        margin_b=figure.layout.margin.b + room,
        title={
            "text": "<br>".join(note(text) for text in notes),
            "font": {"size": 11},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": room / height,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 2},
        },
    )


def literal(text: str) -> str:
    """Quote ``text``, so that it is shown as it is: plotly reads markup in a figure's text."""
    return html.escape(text, quote=False)


def short(text: str, length: int = 24) -> str:
    """Make :func:`literal` text for an axis, its middle left out where it is too long."""
    if len(text) > length:
        tail = (length - 1) // 2
        text = f"{text[: length - 1 - tail]}…{text[-tail:]}"
    return literal(text)

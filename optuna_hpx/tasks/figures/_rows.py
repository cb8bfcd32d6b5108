"""Rows of a panel: a mean, or a bound on it, each on a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["PAD", "BoundRow", "add_row", "name_rows"]

PAD = 0.06
"""Room at both ends of an axis, as a share of what is drawn."""

_BAR = 12  # pixels


@dataclass(frozen=True)
class BoundRow:
    """A line of a panel.

    Attributes:
        name: What stands on the axis.
        value: The observed mean, or a bound on it; what is beyond the axis stands at its end.
        end: To which a bar reaches; None for a mean, which is a point.
        colour: Of both.
        hover: What the value is.
        has_value: Whether there is one: there is no t interval of one task.
    """

    name: str
    value: float
    end: float | None
    colour: str
    hover: str
    has_value: bool = True

    @property
    def label(self) -> str:
        """The name on the axis, over the value."""
        return f"{self.name}<br>{self.value:.4g}" if self.has_value else f"{self.name}<br>none"


def add_row(figure: go.Figure, row: BoundRow, height: float, panel: int) -> None:
    """Draw a row of a panel as a point, or as a bar from its value to its end."""
    has_bar = row.end is not None and row.end != row.value
    value = f"{row.value:.6g}" if row.has_value else "none"
    figure.add_scatter(
        x=[row.value, row.end] if has_bar else [row.value],
        y=[height] * (1 + has_bar),
        mode="lines+markers" if has_bar else "markers",
        line={"color": style.fill(row.colour, 0.35), "width": _BAR},
        marker={
            "color": row.colour,
            "symbol": ["line-ns", "line-ns"][: 1 + has_bar] if has_bar else "diamond",
            "size": [9, 0] if has_bar else 11,
            "line": {"color": row.colour, "width": [3, 0] if has_bar else 0},
        },
        name=row.name,
        cliponaxis=True,
        hovertemplate=f"{row.hover}: {value}<extra></extra>",
        row=panel,
        col=1,
    )


def name_rows(figure: go.Figure, labels: list[str], panel: int, room: float) -> None:
    """Name the rows of a panel, from above, with ``room`` below the last one."""
    n = len(labels)
    figure.update_yaxes(
        range=[-0.35 - room, n - 0.5],
        tickvals=list(range(n - 1, -1, -1)),
        ticktext=labels,
        showgrid=False,
        row=panel,
        col=1,
    )

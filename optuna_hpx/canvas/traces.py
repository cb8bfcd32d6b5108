"""Traces that several figures have: which points are drawn, and lines that are drawn as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_hpx.trials.table import TrialTable

MAX_POINTS = 5000
"""Of a kind in a figure: more make a page slow, and look the same."""

__all__ = [
    "MAX_POINTS",
    "band",
    "broken_line",
    "extremes",
    "note_on_thinning",
    "other_parameters",
    "segments",
    "thin_at_random",
    "thin_evenly",
    "thin_to_points",
    "trial_points",
    "whiskers",
]


def thin_evenly(rows: np.ndarray, n: int) -> np.ndarray:
    """Pick at most ``n`` of the rows, evenly spaced, the first and the last among them."""
    if len(rows) <= n:
        return rows
    return rows[np.linspace(0, len(rows) - 1, n).round().astype(int)]


def thin_to_points(rows: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
    """Pick those of the rows that a figure draws: evenly spaced ones, and all that stand out.

    Args:
        rows: Ascending.
        kept: Those among them that a reader looks for, as the extremes; evenly spaced ones of
            these, too, where they are very many.

    Returns:
        Ascending; at most ``MAX_POINTS``, and as many of ``kept``.
    """
    shown = thin_evenly(rows, MAX_POINTS)
    return shown if kept is None else np.union1d(shown, thin_evenly(kept, MAX_POINTS))


def extremes(rows: np.ndarray, *values: np.ndarray) -> np.ndarray:
    """Return those of the rows with the least and the greatest of each of some values (n,)."""
    ends = [end(own[rows]) for own in values for end in (np.argmin, np.argmax) if len(rows)]
    return np.unique(rows[np.array(ends, dtype=int)])


def note_on_thinning(n_shown: int, n: int, kind: str = "trials") -> list[str]:
    """Write the lines of an axis title on what is not drawn, if anything is not."""
    if n_shown == n:
        return []
    lines = f"{n_shown:,} of {n:,} {kind} are drawn:", "evenly spaced ones, and the extremes"
    return [style.note(line) for line in lines]


def thin_at_random(rows: np.ndarray, n: int) -> np.ndarray:
    """Pick at most ``n`` of the rows in their order, always the same ones.

    For rows that repeat periodically, of which every k-th would be always the same.
    """
    if len(rows) <= n:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, n, replace=False))


def trial_points(
    table: TrialTable,
    rows: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    *,
    name: str,
    hover: str,
) -> list[Any]:
    """Make one trace of the feasible and one of the infeasible trials, neither of them empty.

    Args:
        table: n trials.
        rows: Those to draw.
        places: x and y of the trials, each (n,).
        name: Name of the feasible trials in the legend.
        hover: Template of the hover text; ``customdata`` is the number of a trial.
    """
    x, y = places
    cross = {"color": style.REGION, "size": 7, "symbol": "x-thin-open"}
    dot = {"color": style.POINT, "size": 6, "opacity": 0.75}
    traces = []
    for label, marker, mask in (
        (name, dot, table.feasible),
        ("infeasible", cross, ~table.feasible),
    ):
        chosen = rows[mask[rows]]
        if not len(chosen):
            continue
        traces.append(
            style.graph_objects().Scatter(
                x=x[chosen],
                y=y[chosen],
                mode="markers",
                marker=marker,
                name=label,
                customdata=table.numbers[chosen],
                hovertemplate=hover + "<extra></extra>",
            )
        )
    return traces


def broken_line(
    x: np.ndarray, y: np.ndarray, labels: Sequence[Any] | np.ndarray, **look: Any
) -> Any:
    """Make one trace of k lines, with a gap from each to the next.

    One trace draws faster than k, and has one entry in the legend.

    Args:
        x: (n,) places that all lines share.
        y: (n, k) heights.
        labels: k labels, the ``customdata`` of the points of each line.
        look: Other properties of the trace.
    """
    gap = np.full((1, y.shape[1]), np.nan)
    customdata = np.repeat(np.asarray(labels), len(x) + 1)
    return style.graph_objects().Scatter(
        x=np.tile(np.append(np.asarray(x, dtype=float), np.nan), y.shape[1]),
        y=np.vstack([y, gap]).T.ravel(),
        mode="lines",
        connectgaps=False,
        customdata=customdata.tolist() if customdata.dtype.kind == "U" else customdata,
        **look,
    )


def segments(ends: np.ndarray, places: np.ndarray, *, upright: bool = False) -> dict[str, Any]:
    """Return the properties of one broken line that joins two ends at each of n places.

    Args:
        ends: (2, n) from where to where; NaN draws nothing.
        places: (n,) where on the other axis.
        upright: Whether the ends are heights; else they lie side by side.
    """
    along, across = np.full((2, len(places), 3), np.nan)
    along[:, :2] = np.transpose(ends)
    across[:, :2] = np.asarray(places)[:, None]
    x, y = (across, along) if upright else (along, across)
    return {"x": x.ravel(), "y": y.ravel(), "connectgaps": False, "hoverinfo": "skip"}


def whiskers(ends: np.ndarray, places: np.ndarray, name: str) -> Any:
    """Make the intervals (2, n) of n rows at ``places`` (n,), with a cap at each end."""
    return style.graph_objects().Scatter(
        **segments(ends, places),
        mode="lines+markers",
        line={"color": style.INK, "width": 1.5},
        marker={"symbol": "line-ns", "size": 7, "line": {"width": 1.5, "color": style.INK}},
        name=name,
    )


def other_parameters(x: np.ndarray, y: np.ndarray, names: Sequence[str], hover: str) -> Any:
    """Make one pale line of the parameters that have no colour of their own.

    Args:
        x: (n,) places that all parameters share.
        y: (n, k) heights.
        names: k names.
        hover: Template of what follows a parameter's name when it is hovered over.
    """
    return broken_line(
        x,
        y,
        [style.literal(name) for name in names],
        line={"color": style.REGION, "width": 1},
        opacity=0.6,
        name=f"{len(names)} other parameter{'s' if len(names) > 1 else ''}",
        hovertemplate=f"%{{customdata}}<br>{hover}<extra></extra>",
    )


def band(
    x: np.ndarray, low: np.ndarray, high: np.ndarray, *, colour: str, opacity: float, group: str
) -> Any:
    """Make the area between two lines: there along the upper one and back along the lower one.

    Args:
        x: (n,) places.
        low: (n,) lower line.
        high: (n,) upper line.
        colour: As ``#rrggbb``.
        opacity: Opacity of the area.
        group: Legend group of the line that the band belongs to.
    """
    return style.graph_objects().Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=style.fill(colour, opacity),
        hoverinfo="skip",
        legendgroup=group,
        showlegend=False,
    )

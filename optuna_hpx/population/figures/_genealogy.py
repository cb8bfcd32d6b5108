"""Who descends from whom in a population."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import Scale, is_finite
from optuna_hpx.population.figures._population import (
    generation_axis,
    rank_axis,
    read_population,
    value_markup,
)
from optuna_hpx.population.figures._tree import (
    BEYOND,
    ENDED,
    INFINITE,
    LINEAGE,
    LIVING,
    PRUNED,
    Tree,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.population._segment import Segment
    from optuna_hpx.trials.table import TrialTable

_MAX_SEGMENTS = 10_000
_MAX_HOVER, _MAX_HOVERS = 20, 60_000  # hyperparameters in a hover text, and in all of them
_HEIGHT = 420.0
_FAINT = style.fill(style.REGION, 0.15)


@dataclass(frozen=True)
class _BranchLook:
    """How the segments of a group are drawn.

    Attributes:
        name: For the legend.
        edge: Colour of the lines from the parents of its segments.
        opacity: Of the segments.
        symbol: Where they have no place on the axis; None for discs of the colours of ranks.
    """

    name: str
    edge: str
    opacity: float
    symbol: str | None = None


_LOOKS = {  # from back to front
    PRUNED: _BranchLook("pruned", _FAINT, 0.7, "line-ns-open"),
    INFINITE: _BranchLook("infinite", _FAINT, 0.7, "x-thin-open"),
    BEYOND: _BranchLook("beyond the axis", _FAINT, 0.7, "diamond-open"),
    ENDED: _BranchLook("branch that ended", style.fill(style.REGION, 0.25), 0.4),
    LIVING: _BranchLook("living branch", style.fill(style.REGION, 0.7), 1.0),
    LINEAGE: _BranchLook("best lineage", style.BEST, 1.0),
}


def plot_genealogy(study: Study | TrialTable) -> go.Figure:
    """Plot the segments of a population by generation and value, each joined to its parent.

    A segment's colour is its rank in its generation. The lineage of the best segment, which is
    that of :meth:`GPBTScheduler.best_schedule`, is thick; branches without a descendant in the
    last generation are pale. While that one is not complete, the segments of the one before count
    as its own: they may have children yet. Pruned segments, those of an infinite value, and those
    of a few so bad that they would squash the rest stand side by side in a strip at the edge where
    the worst values are. Trials that failed are not drawn.

    The axis is logarithmic if all values are positive and span more than two decades.

    Of more than 10,000 segments so many are drawn, the best lineage and branches that live before
    those that ended, else at random; a note says so. Hover texts name up to 20 hyperparameters,
    and fewer of more than 3000 segments: 6 of 10,000.

    Args:
        study: A study that a :class:`GPBTScheduler` trains or trained, or a table of it.

    Returns:
        A plotly figure. Cost: O(segments x hyperparameters).

    Raises:
        TypeError: If ``study`` is neither a study nor a table.
        ValueError: If the study has several objectives, or segments without their parents, or if
            none is complete or pruned.
        ImportError: Without the extra ``plot``.

    Example:
        >>> import optuna
        >>> from optuna_hpx import GPBTScheduler, plot_genealogy
        >>> def segment(trial, checkpoint):
        ...     rate = trial.suggest_float("rate", 0.0, 1.0)
        ...     x = checkpoint.load(x=8.0)["x"] * (1.0 - rate)
        ...     checkpoint.save(x=x)
        ...     return x
        >>> study = optuna.create_study()
        >>> run = GPBTScheduler(study, population_size=4, n_generations=3, seed=0)
        >>> run.optimize(segment)
        >>> figure = plot_genealogy(study)
        >>> lineage = figure.data[-1]
        >>> lineage.name, len(lineage.x) == len(run.best_schedule())
        ('best lineage', True)
    """
    ledger = read_population(study)
    values = ledger.sign * np.array([segment.loss for segment in ledger.segments()])
    if not is_finite(values).any():
        return style.empty_figure("No segment came to a finite value.")
    scale = Scale.of(values[is_finite(values)], ledger.sign)
    tree = Tree.from_ledger(ledger, values, scale)
    rows = tree.pick(_MAX_SEGMENTS)
    figure = style.new_figure([_HEIGHT])
    _add_branches(figure, tree, rows, tree.places(scale))
    _finish_axes(figure, tree, scale, ledger.direction)
    style.finish_legend(figure)
    if len(rows) < len(values):
        style.add_notes(figure, [f"{len(rows):,} of {len(values):,} segments are drawn."])
    return figure


def _finish_axes(figure: go.Figure, tree: Tree, scale: Scale, direction: str) -> None:
    if has_strip := not tree.on_axis.all():
        low, high = scale.strip
        figure.add_hrect(low, high, fillcolor=style.GRID, opacity=0.3, line_width=0)
    figure.update_xaxes(**generation_axis(tree.generations[-1] + 1))
    figure.update_yaxes(**scale.axis(has_strip=has_strip), title_text=f"value ({direction})")
    figure.update_layout(coloraxis=rank_axis(scale.sign))


def _add_branches(figure: go.Figure, tree: Tree, rows: np.ndarray, places: np.ndarray) -> None:
    """Draw the segments ``rows``, which are at ``places`` (2, n), one group after the other."""
    for group in _LOOKS:
        members = rows[tree.group[rows] == group]
        if len(members):
            _add_edges(figure, tree, group, members, places)
            _add_nodes(figure, tree, group, members, places)


def _add_edges(
    figure: go.Figure, tree: Tree, group: int, rows: np.ndarray, places: np.ndarray
) -> None:
    """Draw lines from the parents of ``rows`` to them, as one broken line."""
    look, rows = _LOOKS[group], rows[tree.parents[rows] >= 0]
    gap = np.full((2, len(rows)), np.nan)
    # (2, k, 3): of each edge its start, its end, and what parts it from the next one.
    x, y = np.stack([places[:, tree.parents[rows]], places[:, rows], gap], axis=-1)
    # A trace of nothing would not be in the legend, where the best of one generation belongs.
    figure.add_scatter(
        x=np.append(x, np.nan).astype(np.float32),
        y=np.append(y, np.nan),
        mode="lines",
        line={"color": look.edge, "width": 4 if group == LINEAGE else 1},
        connectgaps=False,
        name=look.name,
        legendgroup=look.name,
        legendrank=group,
        showlegend=group == LINEAGE or (look.symbol is None and len(rows) > 0),
        hoverinfo="skip",
    )


def _add_nodes(
    figure: go.Figure, tree: Tree, group: int, rows: np.ndarray, places: np.ndarray
) -> None:
    look = _LOOKS[group]
    figure.add_scatter(
        x=places[0, rows].astype(np.float32),
        y=places[1, rows],
        mode="markers",
        marker=_marker(tree, group, rows),
        name=look.name,
        legendgroup=look.name,
        legendrank=group,
        showlegend=look.symbol is not None,  # in a legend discs of many colours are black
        customdata=list(_hover_texts(tree, rows)),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _marker(tree: Tree, group: int, rows: np.ndarray) -> dict[str, Any]:
    look, is_best = _LOOKS[group], group == LINEAGE
    size = {"size": _size(tree) + (3 if is_best else 0), "opacity": look.opacity}
    if look.symbol is not None:
        return {"color": style.REGION, "symbol": look.symbol, **size}
    return {
        "color": tree.colours[rows].astype(np.float32),
        "symbol": None,
        "coloraxis": "coloraxis",
        "line": {"color": style.BEST, "width": 2 if is_best else 0},
        **size,
    }


def _size(tree: Tree) -> int:
    """Return the size of a segment in pixels: smaller where a generation is a crowd."""
    n = len(tree.segments) / (tree.generations[-1] + 1)
    return 8 if n <= 30 else 6 if n <= 120 else 4


def _hover_texts(tree: Tree, rows: np.ndarray) -> Iterator[str]:
    n_params = min(_MAX_HOVER, _MAX_HOVERS // min(len(tree.segments), _MAX_SEGMENTS))
    for row in rows.tolist():
        segment = tree.segments[row]
        origin = "" if segment.parent is None else f" from trial {segment.parent}"
        lines = [
            f"trial {segment.number}, generation {segment.generation}",
            _outcome(segment),
            f"{segment.kind}{origin}",
            *_hyperparameters(segment, n_params),
        ]
        yield "<br>".join(lines)


def _outcome(segment: Segment) -> str:
    value = segment.trial.value
    if segment.is_pruned:
        return "pruned" if value is None else f"pruned at {value:.6g}"
    return f"value {value:.6g}"


def _hyperparameters(segment: Segment, n: int) -> list[str]:
    """Return a line for each of the first ``n``, and one on how many more there are."""
    params = list(segment.trial.params.items())
    lines = [f"{style.short(name, 20)} = {value_markup(value)}" for name, value in params[:n]]
    return lines + ([f"and {len(params) - n} more"] if len(params) > n else [])

"""Who descends from whom in a population."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import Scale, is_finite
from optuna_hpx.population.maths import genealogy

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.population._ledger import Ledger, Segment

_MAX_SEGMENTS = 10_000
_MAX_HOVER, _MAX_HOVERS = 20, 60_000  # hyperparameters in a hover text, and in all of them
_MAX_TICKS = 10
_WIDTH = 0.6  # of a generation, for segments that have no height to tell them apart

_RANK_COLOURS = (style.BEST, style.REGION, style.POINT)  # from the best to the last


@dataclass(frozen=True)
class _Group:
    """Segments that are drawn alike; each is in one group.

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


_FAINT = style.fill(style.REGION, 0.15)
_GROUPS = (
    _Group("best lineage", style.BEST, 1.0),
    _Group("living branch", style.fill(style.REGION, 0.7), 1.0),
    _Group("branch that ended", style.fill(style.REGION, 0.25), 0.4),
    _Group("pruned", _FAINT, 0.7, "line-ns-open"),
    _Group("infinite", _FAINT, 0.7, "x-thin-open"),
    _Group("beyond the axis", _FAINT, 0.7, "diamond-open"),
)
_LINEAGE, _LIVING, _ENDED, _PRUNED, _INFINITE, _BEYOND = range(len(_GROUPS))
_BACK_TO_FRONT = (_PRUNED, _INFINITE, _BEYOND, _ENDED, _LIVING, _LINEAGE)


def plot_genealogy(study: Study) -> go.Figure:
    """The segments of a population by generation and value, each joined to its parent.

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
        study: A study that a :class:`GPBTScheduler` trains or trained.

    Raises:
        ValueError: If the study has several objectives, or segments without their parents, or if
            none is complete or pruned.
    """
    ledger = read_ledger(study)
    values = ledger.sign * np.array([segment.loss for segment in in_order(ledger)])
    if not is_finite(values).any():
        return style.empty_figure("No segment came to a finite value.")
    scale = Scale.of(values[is_finite(values)], ledger.sign)
    tree = _Tree.of(ledger, values, scale)
    shown, places = _shown(tree), _places(tree, scale)
    figure = style.new_figure([420.0])
    for group in _BACK_TO_FRONT:
        rows = shown[tree.group[shown] == group]
        if len(rows):
            _add_edges(figure, tree, group, rows, places)
            _add_nodes(figure, tree, group, rows, places)
    if has_strip := not tree.on_axis.all():
        low, high = scale.strip
        figure.add_hrect(low, high, fillcolor=style.GRID, opacity=0.3, line_width=0)
    title = f"value ({study.direction.name.lower()})"
    figure.update_xaxes(**generation_axis(tree.generations[-1] + 1))
    figure.update_yaxes(**scale.axis(has_strip=has_strip), title_text=title)
    figure.update_layout(coloraxis=rank_axis(ledger.sign))
    style.finish_legend(figure)
    if len(shown) < len(values):
        style.add_notes(figure, [f"{len(shown):,} of {len(values):,} segments are drawn."])
    return figure


# What figures of a population share


def read_ledger(study: Study) -> Ledger:
    """The segments of ``study``.

    Raises:
        TypeError: If it is no study.
        ValueError: If it has several objectives, none of its trials is a published segment, or
            one of them has a parent that is none.
    """
    from optuna_hpx.population._ledger import Ledger

    _checks.has("study", study, "get_trials", "a Study")
    if len(study.directions) > 1:
        raise ValueError(f"`study` must have one objective, got {len(study.directions)}.")
    ledger = Ledger(study)
    ledger.update()
    if not ledger.published:
        raise ValueError(
            "`study` must hold segments that a GPBTScheduler trained; of its "
            f"{len(study.get_trials(deepcopy=False))} trials none is one that is complete or "
            "pruned."
        )
    for segment in ledger.published.values():
        parent = None if segment.parent is None else ledger.by_number.get(segment.parent)
        if segment.generation and (parent is None or parent.generation >= segment.generation):
            raise ValueError(
                f"`study` must hold a whole population; the parent of trial {segment.number}, "
                f"trial {segment.parent}, is missing or another's: copy all trials or none."
            )
    return ledger


def in_order(ledger: Ledger) -> list[Segment]:
    """The published segments, by generation and place."""
    return [ledger.published[slot] for slot in sorted(ledger.published)]


def ranks(segments: Sequence[Segment]) -> np.ndarray:
    """(n,) rank of each in its generation, from 0 for the best to 1; NaN without finite value."""
    generations = np.array([segment.generation for segment in segments])
    losses = np.array([segment.loss for segment in segments])
    found = np.full(len(segments), np.nan)
    for generation in np.unique(generations):
        rows = np.flatnonzero(generations == generation)
        rows = rows[genealogy.ranking(losses[rows])]
        found[rows] = np.linspace(0.0, 1.0, len(rows))
    return found


def rank_axis(sign: float) -> dict[str, Any]:
    """Of colours, for ranks times ``sign``: the best are at the same end as their values."""
    low, high = sorted((0.0, sign))
    return {
        "cmin": low,
        "cmax": high,
        "colorscale": list(zip((0.0, 0.5, 1.0), _RANK_COLOURS[:: int(sign)], strict=True)),
        "colorbar": {
            "thickness": 8,
            "len": 1.0,
            "xpad": 6,
            "ypad": 0,
            "outlinewidth": 0,
            "tickvals": [0.0, sign],
            "ticktext": ["best", "last"],
            "title": {"text": "rank in its generation", "side": "right", "font": {"size": 12}},
        },
    }


def generation_axis(n_generations: int) -> dict[str, Any]:
    """Whole numbers, not more than fit a phone."""
    steps = (k * 10**power for power in range(20) for k in (1, 2, 5))
    step = next(step for step in steps if n_generations <= _MAX_TICKS * step)
    ends = [-0.5, n_generations - 0.5]
    return {"title_text": "generation", "dtick": step, "tickangle": 0, "range": ends}


def side_by_side(generations: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(n,) places of segments around their generation, from the smallest ``order`` on."""
    places = generations.astype(float)
    for generation in np.unique(generations):
        rows = np.flatnonzero(generations == generation)
        rows = rows[np.argsort(order[rows], kind="stable")]
        places[rows] += _WIDTH * ((np.arange(len(rows)) + 0.5) / len(rows) - 0.5)
    return places


def thin(rows: np.ndarray, n: int) -> np.ndarray:
    """``n`` of them, in their order; at random, as slots repeat from generation to generation."""
    if len(rows) <= n:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, n, replace=False))


# The tree


@dataclass(frozen=True)
class _Tree:
    """How segments descend from each other.

    Attributes:
        segments: n of them, in the order of their slots.
        generations: (n,) ascending.
        parents: (n,) row of each one's parent; -1 in generation 0.
        colours: (n,) of :func:`ranks`, as :func:`rank_axis` has them.
        values: (n,) in the user's own sign; infinite if pruned.
        on_axis: (n,) whether they have a place on the axis.
        group: (n,) indices of ``_GROUPS``.
    """

    segments: list[Segment]
    generations: np.ndarray
    parents: np.ndarray
    colours: np.ndarray
    values: np.ndarray
    on_axis: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, values: np.ndarray, scale: Scale) -> _Tree:
        segments = in_order(ledger)
        generations = np.array([segment.generation for segment in segments])
        row_of = {segment.number: row for row, segment in enumerate(segments)}
        parents = np.array([-1 if s.parent is None else row_of[s.parent] for s in segments])
        best = ledger.best()
        line = [] if best is None else [row_of[s.number] for s in ledger.lineage(best)]
        group = np.where(_lives(parents, generations >= _last_generation(ledger)), _LIVING, _ENDED)
        on_axis = scale.has(values)
        group[~on_axis] = _BEYOND
        group[~is_finite(values)] = _INFINITE
        group[[segment.is_pruned for segment in segments]] = _PRUNED
        group[line] = _LINEAGE
        colours = ledger.sign * ranks(segments)
        return cls(segments, generations, parents, colours, values, on_axis, group)


def _last_generation(ledger: Ledger) -> int:
    """The last one that is complete, as far as its trials tell; at least the last but one.

    A slot in which segments failed counts as given up.
    """
    last = max(generation for generation, _ in ledger.published)
    n = 0 if ledger.run is None else int(ledger.run["population_size"])
    slots = {(last, place) for place in range(n)}
    is_complete = slots <= {*ledger.published, *(+ledger.failures)}
    return last if is_complete else max(last - 1, 0)


def _lives(parents: np.ndarray, is_last: np.ndarray) -> np.ndarray:
    """(n,) whether a segment is one of the last or has such a descendant."""
    lives = is_last.copy()
    for row in range(len(parents) - 1, -1, -1):  # children come after their parents
        if parents[row] >= 0 and lives[row]:
            lives[parents[row]] = True
    return lives


def _shown(tree: _Tree) -> np.ndarray:
    """Rows of the segments to draw."""
    shown = np.zeros(0, dtype=int)
    for groups in ((_LINEAGE,), (_LIVING,), (_ENDED, _PRUNED, _INFINITE, _BEYOND)):
        rows = np.flatnonzero(np.isin(tree.group, groups))
        shown = np.concatenate([shown, thin(rows, max(0, _MAX_SEGMENTS - len(shown)))])
    return np.sort(shown)


def _places(tree: _Tree, scale: Scale) -> np.ndarray:
    """(2, n) x and y of all segments."""
    x, y = tree.generations.astype(float), np.full(len(tree.values), scale.middle)
    y[tree.on_axis] = tree.values[tree.on_axis]
    rows = np.flatnonzero(~tree.on_axis)
    x[rows] = side_by_side(tree.generations[rows], rows)
    return np.array([x, y])


# Traces


def _add_edges(
    figure: go.Figure, tree: _Tree, group: int, rows: np.ndarray, places: np.ndarray
) -> None:
    """From the parents of ``rows`` to them, as one broken line."""
    look, rows = _GROUPS[group], rows[tree.parents[rows] >= 0]
    gap = np.full((2, len(rows)), np.nan)
    # (2, k, 3): of each edge its start, its end, and what parts it from the next one.
    x, y = np.stack([places[:, tree.parents[rows]], places[:, rows], gap], axis=-1)
    # A trace of nothing would not be in the legend, where the best of one generation belongs.
    figure.add_scatter(
        x=np.append(x, np.nan).astype(np.float32),
        y=np.append(y, np.nan),
        mode="lines",
        line={"color": look.edge, "width": 4 if group == _LINEAGE else 1},
        connectgaps=False,
        name=look.name,
        legendgroup=look.name,
        legendrank=group,
        showlegend=group == _LINEAGE or (look.symbol is None and len(rows) > 0),
        hoverinfo="skip",
    )


def _add_nodes(
    figure: go.Figure, tree: _Tree, group: int, rows: np.ndarray, places: np.ndarray
) -> None:
    look = _GROUPS[group]
    marker: dict[str, Any] = {"color": style.REGION, "symbol": look.symbol}
    if look.symbol is None:
        marker = {
            "color": tree.colours[rows].astype(np.float32),
            "coloraxis": "coloraxis",
            "line": {"color": style.BEST, "width": 2 if group == _LINEAGE else 0},
        }
    figure.add_scatter(
        x=places[0, rows].astype(np.float32),
        y=places[1, rows],
        mode="markers",
        marker={
            **marker,
            "size": _size(tree) + (3 if group == _LINEAGE else 0),
            "opacity": look.opacity,
        },
        name=look.name,
        legendgroup=look.name,
        legendrank=group,
        showlegend=look.symbol is not None,  # in a legend discs of many colours are black
        customdata=list(_hover(tree, rows)),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _size(tree: _Tree) -> int:
    """In pixels: smaller where a generation is a crowd."""
    n = len(tree.segments) / (tree.generations[-1] + 1)
    return 8 if n <= 30 else 6 if n <= 120 else 4


def _hover(tree: _Tree, rows: np.ndarray) -> Iterator[str]:
    n_params = min(_MAX_HOVER, _MAX_HOVERS // min(len(tree.segments), _MAX_SEGMENTS))
    for row in rows.tolist():
        segment = tree.segments[row]
        origin = "" if segment.parent is None else f" from trial {segment.parent}"
        lines = [
            f"trial {segment.number}, generation {segment.generation}",
            _value(segment),
            f"{segment.kind}{origin}",
            *_hyperparameters(segment, n_params),
        ]
        yield "<br>".join(lines)


def _value(segment: Segment) -> str:
    value = segment.trial.value
    if segment.is_pruned:
        return "pruned" if value is None else f"pruned at {value:.6g}"
    return f"value {value:.6g}"


def _hyperparameters(segment: Segment, n: int) -> list[str]:
    """A line for each of the first ``n``, and one on how many more there are."""
    params = list(segment.trial.params.items())
    lines = [f"{style.short(name, 20)} = {written(value)}" for name, value in params[:n]]
    return lines + ([f"and {len(params) - n} more"] if len(params) > n else [])


def written(value: Any) -> str:
    """A hyperparameter, as markup."""
    return f"{value:.4g}" if isinstance(value, float) else style.short(str(value))

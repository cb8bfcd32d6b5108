"""How the hyperparameters of the best model changed while it trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import Scale, is_finite, log_axis, spans_decades
from optuna_hpx.population.figures._population import (
    generation_axis,
    rank_axis,
    ranks,
    read_population,
    side_by_side,
    thin,
    value_markup,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.population import Schedule
    from optuna_hpx.population._segment import Segment
    from optuna_hpx.trials.table import TrialTable

_MAX_PANELS = 20
_MAX_POINTS = 2000  # in a panel
_LOG_RATIO = 30.0  # largest to smallest value, from which on a guess is "logarithmic"
_HEIGHT, _CATEGORY = 110.0, 20.0
_TITLE, _TICKS = 14.0, 5
_PAD = 0.08


def plot_schedule(schedule: Schedule, study: Study | TrialTable | None = None) -> go.Figure:
    """A panel for each hyperparameter with its values along a schedule, then the objective.

    A gap is where the hyperparameter was not active. With ``study``, what the population tried is
    drawn behind: a pale point for each segment, of the colour of its rank in its generation, in
    which the points lie side by side from the best to the last.

    Axes are logarithmic for hyperparameters that ``study`` suggests so; if it is not known, for
    positive ones of which the largest value is over 30 times the smallest; and for an objective
    that is positive and spans over two decades. They are categories where ``study`` has these, or
    else for values that are not numbers.

    Of more than 20 hyperparameters the first 20 are drawn, and of more than 2000 segments 2000 at
    random; notes say so.

    Args:
        schedule: As :meth:`GPBTScheduler.best_schedule` gives it.
        study: The study in which it was found, or another of the same objective; None leaves the
            population out.

    Raises:
        ValueError: If the study has several objectives, another direction than the schedule,
            segments without their parents, or none that is complete or pruned.
    """
    _checks.has("schedule", schedule, "steps", "a Schedule, as best_schedule() gives")
    crowd = None if study is None else _crowd(study, schedule)
    if not schedule.steps:
        return style.empty_figure("The schedule has no steps.")
    names = list(dict.fromkeys(name for step in schedule.steps for name in step.params))
    panels = [_parameter(name, schedule, crowd) for name in names[:_MAX_PANELS]]
    objective, scale = _objective(schedule, crowd)
    panels.append(objective)
    figure = style.new_figure([panel.height for panel in panels])
    for row, panel in enumerate(panels, start=1):
        _add_panel(figure, row, panel, schedule, crowd)
    _finish_axes(figure, schedule, crowd)
    style.finish_legend(figure)
    style.add_notes(figure, [*scale.notes(), *_notes(len(names), crowd)])
    return figure


@dataclass(frozen=True)
class _Crowd:
    """The population behind a schedule.

    Attributes:
        segments: Those that are drawn, n of them.
        n_all: How many there are.
        x: (n,) where they are drawn.
        colours: (n,) of their ranks, as :func:`rank_axis` has them.
        sign: That makes a value a loss.
    """

    segments: list[Segment]
    n_all: int
    x: np.ndarray
    colours: np.ndarray
    sign: float


def _crowd(study: Study | TrialTable, schedule: Schedule) -> _Crowd:
    ledger = read_population(study)
    if ledger.direction != schedule.direction:
        raise ValueError(
            f"`study` must {schedule.direction}, as the schedule does, got {ledger.direction!r}."
        )
    everyone = ledger.segments()
    rank = ranks(everyone)
    x = side_by_side(np.array([segment.generation for segment in everyone]), rank)
    rows = thin(np.arange(len(everyone)), _MAX_POINTS)
    segments = [everyone[row] for row in rows]
    # Without a value is last, and so it stands.
    colours = ledger.sign * np.nan_to_num(rank[rows], nan=1.0)
    return _Crowd(segments, len(everyone), x[rows], colours, ledger.sign)


@dataclass(frozen=True)
class _Panel:
    """What one panel shows.

    Attributes:
        title: As markup.
        y: (T,) heights of the steps; NaN for a gap.
        text: T of them, for hovering.
        crowd_y: (n,) heights of the population; NaN where there is none. Empty without one.
        crowd_text: n of them.
        axis: Of y.
        height: In pixels.
        shape: Of the line from step to step.
    """

    title: str
    y: np.ndarray
    text: list[str]
    crowd_y: np.ndarray
    crowd_text: list[str]
    axis: dict[str, Any]
    height: float = _HEIGHT
    shape: str = "hvh"


def _parameter(name: str, schedule: Schedule, crowd: _Crowd | None) -> _Panel:
    steps = [step.params for step in schedule.steps]
    others = [] if crowd is None else [segment.trial.params for segment in crowd.segments]
    n, given = len(steps), [params[name] for params in (*steps, *others) if name in params]
    dists = _distributions(name, crowd)
    height = _HEIGHT
    if _is_categorical(given, dists):
        labels = _labels(given, dists)
        y = np.array([labels[repr(p[name])] if name in p else np.nan for p in (*steps, *others)])
        axis, height = _category_axis(labels, given), max(height, _CATEGORY * len(labels))
    else:
        y = np.array([float(p.get(name, np.nan)) for p in (*steps, *others)])
        axis = _number_axis(y[np.isfinite(y)], dists)
    text = [value_markup(p[name]) if name in p else "" for p in (*steps, *others)]
    return _Panel(style.short(name, 40), y[:n], text[:n], y[n:], text[n:], axis, height)


def _distributions(name: str, crowd: _Crowd | None) -> list[BaseDistribution]:
    """Those that the population drew the parameter from; none if it is not known."""
    segments = [] if crowd is None else crowd.segments
    return [s.trial.distributions[name] for s in segments if name in s.trial.distributions]


def _is_categorical(values: Sequence[Any], dists: Sequence[BaseDistribution]) -> bool:
    is_number = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in values]
    return not all(is_number) or any(isinstance(d, CategoricalDistribution) for d in dists)


def _labels(values: Sequence[Any], dists: Sequence[BaseDistribution]) -> dict[str, int]:
    """The height of each of ``values``, by how Python writes it: 1 and True are two categories."""
    choices = [c for d in dists[:1] if isinstance(d, CategoricalDistribution) for c in d.choices]
    used = {repr(value) for value in values}
    names = dict.fromkeys(repr(value) for value in (*choices, *values))
    return {name: k for k, name in enumerate(name for name in names if name in used)}


def _category_axis(labels: dict[str, int], values: Sequence[Any]) -> dict[str, Any]:
    texts = {repr(value): style.short(str(value), 14) for value in values}
    return {
        "tickvals": list(labels.values()),
        "ticktext": [texts[name] for name in labels],
        "range": [-0.6, len(labels) - 0.4],
    }


def _number_axis(values: np.ndarray, dists: Sequence[BaseDistribution]) -> dict[str, Any]:
    """For at least one value."""
    is_log = (
        any(getattr(dist, "log", False) for dist in dists)
        if dists
        else spans_decades(values, np.log10(_LOG_RATIO))
    )
    is_log = is_log and bool((values > 0.0).all())
    places = np.log10(values) if is_log else values
    low, high = float(places.min()), float(places.max())
    pad = _PAD * (high - low) or (0.5 if is_log else 0.1 * abs(low) or 1.0)
    if is_log:
        return log_axis(low - pad, high + pad)
    is_whole = high - low < _TICKS and bool((values == np.round(values)).all())
    ticks = {"dtick": 1} if is_whole else {"nticks": _TICKS}
    return {"type": "linear", "range": [low - pad, high + pad], **ticks}


def _objective(schedule: Schedule, crowd: _Crowd | None) -> tuple[_Panel, Scale]:
    n, sign = len(schedule.steps), -1.0 if schedule.direction == "maximize" else 1.0
    losses = [] if crowd is None else [segment.loss for segment in crowd.segments]
    y = np.array([*(step.value for step in schedule.steps), *(sign * loss for loss in losses)])
    text = [f"{value:.6g}" for value in y]
    y[~is_finite(y)] = np.nan
    scale = Scale.of(y[is_finite(y)] if is_finite(y).any() else np.zeros(1), sign)
    panel = _Panel(
        f"value ({schedule.direction})",
        y[:n],
        text[:n],
        y[n:],
        text[n:],
        scale.axis(has_strip=False),
        1.4 * _HEIGHT,
        "linear",
    )
    return panel, scale


def _add_panel(
    figure: go.Figure, row: int, panel: _Panel, schedule: Schedule, crowd: _Crowd | None
) -> None:
    if crowd is not None:
        figure.add_trace(_points(panel, crowd), row=row, col=1)
    numbers = [step.number for step in schedule.steps]
    line = style.graph_objects().Scatter(
        x=[step.generation for step in schedule.steps],
        y=panel.y,
        mode="lines+markers",
        line={"shape": panel.shape, "color": style.BEST, "width": 2.5},
        marker={"color": style.BEST, "size": 7},
        connectgaps=False,
        name="schedule",
        customdata=[f"trial {m}: {text}" for m, text in zip(numbers, panel.text, strict=True)],
        hovertemplate=f"{panel.title}<br>generation %{{x}}, %{{customdata}}<extra></extra>",
    )
    figure.add_trace(line, row=row, col=1)
    figure.update_yaxes(**panel.axis, row=row, col=1)
    n = "" if row == 1 else row
    figure.add_annotation(
        text=panel.title,
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref=f"y{n} domain",
        yanchor="bottom",
        showarrow=False,
    )


def _points(panel: _Panel, crowd: _Crowd) -> Any:
    # Worst first, so that the best are on top.
    order = np.argsort(-np.abs(crowd.colours), kind="stable")
    order = order[np.isfinite(panel.crowd_y[order])]
    return style.graph_objects().Scatter(
        x=crowd.x[order].astype(np.float32),
        y=panel.crowd_y[order],
        mode="markers",
        marker={
            "color": crowd.colours[order].astype(np.float32),
            "coloraxis": "coloraxis",
            "size": 5,
            "opacity": 0.4,
        },
        showlegend=False,  # there it would be black
        customdata=[
            f"trial {crowd.segments[k].number}, generation {crowd.segments[k].generation}: "
            f"{panel.crowd_text[k]}"
            for k in order
        ],
        hovertemplate=f"{panel.title}<br>%{{customdata}}<extra></extra>",
    )


def _finish_axes(figure: go.Figure, schedule: Schedule, crowd: _Crowd | None) -> None:
    last = 0 if crowd is None else max(segment.generation for segment in crowd.segments)
    figure.update_xaxes(**generation_axis(max(last, schedule.steps[-1].generation) + 1))
    first, *others = figure.select_xaxes()
    for axis, below in zip((first, *others), others, strict=False):
        axis.title.text = None
        below.matches = "x"
    if crowd is not None:
        figure.update_layout(coloraxis=rank_axis(crowd.sign))
        marker = {"color": style.REGION, "size": 6}
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name="population")
    # The title of the first panel is below the legend.
    layout = figure.layout
    figure.update_layout(height=layout.height + _TITLE, margin_t=layout.margin.t + _TITLE)


def _notes(n_names: int, crowd: _Crowd | None) -> list[str]:
    notes = []
    if n_names > _MAX_PANELS:
        notes.append(f"{_MAX_PANELS} of {n_names} hyperparameters are drawn.")
    if crowd is not None and len(crowd.segments) < crowd.n_all:
        notes.append(f"{len(crowd.segments):,} of {crowd.n_all:,} segments are drawn.")
    return notes

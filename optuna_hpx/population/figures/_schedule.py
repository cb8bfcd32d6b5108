"""How the hyperparameters of the best model changed while it trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.population.figures._panels import (
    Crowd,
    Panel,
    objective_panel,
    parameter_panel,
)
from optuna_hpx.population.figures._population import generation_axis, rank_axis

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.population import Schedule
    from optuna_hpx.trials.table import TrialTable

_MAX_PANELS = 20
_MAX_POINTS = 2000  # in a panel
_TITLE = 14.0  # pixels for the title of the first panel


def plot_schedule(schedule: Schedule, study: Study | TrialTable | None = None) -> go.Figure:
    """Plot a panel for each hyperparameter with its values along a schedule, then the objective.

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
        study: The study in which it was trained, or another of the same objective, or a table of
            one; None leaves the population out.

    Returns:
        A plotly figure. Cost: O(segments x hyperparameters).

    Raises:
        TypeError: If ``schedule`` is none, or ``study`` is neither a study nor a table.
        ValueError: If the study has several objectives, another direction than the schedule,
            segments without their parents, or none that is complete or pruned.
        ImportError: Without the extra ``plot``.

    Example:
        >>> import optuna
        >>> from optuna_hpx import GPBTScheduler, plot_schedule
        >>> def segment(trial, checkpoint):
        ...     rate = trial.suggest_float("rate", 0.0, 1.0)
        ...     x = checkpoint.load(x=8.0)["x"] * (1.0 - rate)
        ...     checkpoint.save(x=x)
        ...     return x
        >>> study = optuna.create_study()
        >>> run = GPBTScheduler(study, population_size=4, n_generations=3, seed=0)
        >>> run.optimize(segment)
        >>> figure = plot_schedule(run.best_schedule(), study)
        >>> [title.text for title in figure.layout.annotations]
        ['rate', 'value (minimize)']
    """
    _checks.has("schedule", schedule, "steps", "a Schedule, as best_schedule() gives")
    crowd = None if study is None else Crowd.read(study, schedule, _MAX_POINTS)
    if not schedule.steps:
        return style.empty_figure("The schedule has no steps.")
    names = list(dict.fromkeys(name for step in schedule.steps for name in step.params))
    panels = [parameter_panel(name, schedule, crowd) for name in names[:_MAX_PANELS]]
    objective, scale = objective_panel(schedule, crowd)
    panels.append(objective)
    figure = style.new_figure([panel.height for panel in panels])
    for row, panel in enumerate(panels, start=1):
        _add_panel(figure, row, panel, schedule, crowd)
    _finish_axes(figure, schedule, crowd)
    style.finish_legend(figure)
    style.add_notes(figure, [*scale.notes(), *_notes(len(names), crowd)])
    return figure


def _add_panel(
    figure: go.Figure, row: int, panel: Panel, schedule: Schedule, crowd: Crowd | None
) -> None:
    if crowd is not None:
        figure.add_trace(_points(panel, crowd), row=row, col=1)
    figure.add_trace(_line(panel, schedule), row=row, col=1)
    figure.update_yaxes(**panel.axis, row=row, col=1)
    figure.add_annotation(
        text=panel.title,
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref=f"y{'' if row == 1 else row} domain",
        yanchor="bottom",
        showarrow=False,
    )


def _line(panel: Panel, schedule: Schedule) -> Any:
    numbers = [step.number for step in schedule.steps]
    return style.graph_objects().Scatter(
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


def _points(panel: Panel, crowd: Crowd) -> Any:
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


def _finish_axes(figure: go.Figure, schedule: Schedule, crowd: Crowd | None) -> None:
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


def _notes(n_names: int, crowd: Crowd | None) -> list[str]:
    notes = []
    if n_names > _MAX_PANELS:
        notes.append(f"{_MAX_PANELS} of {n_names} hyperparameters are drawn.")
    if crowd is not None and len(crowd.segments) < crowd.n_all:
        notes.append(f"{len(crowd.segments):,} of {crowd.n_all:,} segments are drawn.")
    return notes

"""Who was dropped when, in a study over tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import Scale, is_finite
from optuna_hpx.canvas.traces import thin_evenly
from optuna_hpx.tasks._race import Race

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

_MAX_TRIALS = 2000
_MAX_ERRORS = 60  # trials, up to which each has room for its standard error
_CHOSEN_BY = {"median": "median", "worst": "worst task"}


@dataclass(frozen=True)
class _TrialLook:
    """How the trials of a group are drawn; each is in one group."""

    name: str
    colour: str
    symbol: str


_GROUPS = (
    _TrialLook("best", style.BEST, "star"),
    _TrialLook("on all tasks", style.POINT, "circle"),
    _TrialLook("dropped", style.REGION, "circle-open"),
    _TrialLook("infeasible", style.SERIES[4][0], "diamond-open"),
    _TrialLook("failed or cut short", style.SERIES[3][0], "x-thin-open"),
)
_BEST, _WHOLE, _DROPPED, _INFEASIBLE, _FAILED = range(len(_GROUPS))
_SIZES = {"star": 12, "circle": 7, "circle-open": 6, "diamond-open": 7, "x-thin-open": 7}


def plot_task_racing(study: Study | TrialTable) -> go.Figure:
    """Draw on how many tasks each trial was evaluated, and how far behind the best it was.

    The best is the configuration that :func:`certify` would choose: of those evaluated on all
    tasks, that of the best aggregate. How far behind a trial is, is the mean of its differences to
    the best over the tasks that both have; lines reach one standard error to either side, where
    there are at most 60 trials. A trial below 0 was better on the tasks that it was given, and
    dropped before the best was found or for another reason. In which order a trial went through
    its tasks is not known: the storage does not keep it.

    A note says how many evaluations of tasks were saved: those that pruned trials had to come.
    Trials so far behind that they would squash the rest, and those of an infinite difference,
    stand in a strip at the edge. Of more than 2000 trials so many are drawn, evenly spaced.

    Args:
        study: Of a :class:`MultiTaskObjective`, or one whose trials report task i as step i; or a
            table of one, which must be worth the mean of its tasks: a table does not hold what is
            written in the study. It has as many tasks as the trials came to.

    Returns:
        The figure, to be shown, written or changed.

    Raises:
        TypeError: If ``study`` is neither a study nor a table.
        ValueError: If the study has several objectives, or no values of tasks; if it is a table
            in which a trial is not worth the mean of its tasks.
        ImportError: If plotly is missing.

    Example:
        >>> import numpy as np
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, TaskRacingPruner, plot_task_racing
        >>> places = np.random.default_rng(0).uniform(0.2, 0.8, 20)
        >>> def evaluate(trial, place):
        ...     return (trial.suggest_float("x", 0, 1, step=0.1) - place) ** 2
        >>> study = optuna.create_study(
        ...     sampler=optuna.samplers.BruteForceSampler(seed=0),
        ...     pruner=TaskRacingPruner(),
        ... )
        >>> study.optimize(MultiTaskObjective(evaluate, places, seed=0))
        >>> figure = plot_task_racing(study)
        >>> sorted({trace.name for trace in figure.data})
        ['best', 'dropped', 'on all tasks']
    """
    return draw_race(Race.of(study))


def draw_race(race: Race) -> go.Figure:
    """Draw a race that was read, as :func:`plot_task_racing` does."""
    if not len(race.table):
        return style.empty_figure("No trial is finished.")
    shown = _shown(race)
    groups = _groups(race)
    figure = style.new_figure([150.0] if race.best is None else [150.0, 230.0])
    _add_bars(figure, race, groups, shown)
    notes = _notes(race, shown)
    if race.best is not None:
        notes += _add_differences(figure, race, groups, shown)
    _finish_axes(figure, race)
    style.finish_legend(figure)
    style.add_notes(figure, notes)
    return figure


def _shown(race: Race) -> np.ndarray:
    """Choose the rows of the trials to draw."""
    rows = thin_evenly(np.arange(len(race.table)), _MAX_TRIALS)
    return rows if race.best is None else np.union1d(rows, [race.best])


def _groups(race: Race) -> np.ndarray:
    """Sort the trials into groups: (n,) indices of ``_GROUPS``."""
    table = race.table
    is_whole = race.whole & (table.states == TrialState.COMPLETE)
    group = np.where(is_whole, _WHOLE, _FAILED)
    group[race.dropped] = _DROPPED
    group[~table.feasible & ~race.failed] = _INFEASIBLE
    if race.best is not None:
        group[race.best] = _BEST
    return group


def _add_bars(figure: go.Figure, race: Race, groups: np.ndarray, shown: np.ndarray) -> None:
    numbers = race.table.numbers
    width = (numbers[-1] - numbers[0] + 1) / len(shown)
    for k, look in enumerate(_GROUPS):
        rows = shown[groups[shown] == k]
        if not len(rows):
            continue
        bars = style.graph_objects().Bar(
            x=numbers[rows],
            y=race.n_seen[rows],
            # Of a crowd the best alone would be too thin to be seen.
            width=max(width, len(numbers) / 250.0) if k == _BEST else 0.85 * width,
            marker={"color": look.colour, "line": {"width": 0}},
            name=look.name,
            legendgroup=look.name,
            customdata=[_hover(race, row) for row in rows.tolist()],
            hovertemplate="%{customdata}<extra></extra>",
        )
        figure.add_trace(bars, row=1, col=1)
    figure.update_yaxes(
        range=[0, 1.04 * race.tasks.n_tasks],
        tickvals=sorted({0, race.tasks.n_tasks // 2, race.tasks.n_tasks}),
        tickformat="d",
        title_text="tasks",
        row=1,
        col=1,
    )


def _add_differences(
    figure: go.Figure, race: Race, groups: np.ndarray, shown: np.ndarray
) -> list[str]:
    """Draw them, and return notes on what has no place on the axis."""
    shown = shown[~np.isnan(race.behind[shown])]
    has_errors = len(shown) <= _MAX_ERRORS
    errors = np.nan_to_num(race.error) if has_errors else np.zeros(len(race.table))
    ends = np.concatenate([(race.behind + side * errors)[shown] for side in (-1.0, 0.0, 1.0)])
    scale = Scale.of(ends[is_finite(ends)], 1.0)
    on_axis = scale.has(race.behind)
    y = np.where(on_axis, race.behind, scale.middle)
    for k, look in reversed(list(enumerate(_GROUPS))):
        rows = shown[groups[shown] == k]
        if len(rows):
            lengths = np.where(on_axis[rows], errors[rows], 0.0)
            figure.add_trace(_points(race, look, rows, y[rows], lengths), row=2, col=1)
    # Now that there are traces: plotly leaves lines out where there are none.
    figure.add_hline(0.0, line={"color": style.BEST, "width": 1, "dash": "dot"}, row=2, col=1)
    if not on_axis[shown].all():
        style.add_strip(figure, scale.strip, row=2)
    number = race.table.numbers[race.best]
    title = f"behind trial {number}<br>{style.note('mean difference')}"
    figure.update_yaxes(
        **scale.axis(has_strip=not on_axis[shown].all()), title_text=title, row=2, col=1
    )
    return _notes_on_differences(race, shown, on_axis)


def _points(
    race: Race, look: _TrialLook, rows: np.ndarray, y: np.ndarray, errors: np.ndarray
) -> Any:
    size = _SIZES[look.symbol]
    return style.graph_objects().Scatter(
        x=race.table.numbers[rows],
        y=y,
        error_y={
            "array": errors,
            "color": style.fill(look.colour, 0.5),
            "thickness": 1,
            "width": 0,
            "visible": bool(errors.any()),
        },
        mode="markers",
        marker={
            "color": look.colour,
            "symbol": look.symbol,
            "size": size,
            "line": {"width": 1.5 if look.symbol.endswith("open") else 0},
        },
        name=look.name,
        legendgroup=look.name,
        showlegend=False,
        customdata=[_hover(race, row) for row in rows.tolist()],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(race: Race, row: int) -> str:
    table = race.table
    state = TrialState(int(table.states[row])).name.lower()
    lines = [
        f"trial {table.numbers[row]}: {state}",
        f"{race.n_seen[row]} of {race.tasks.n_tasks} tasks",
    ]
    behind, error = float(race.behind[row]), float(race.error[row])
    if race.best is not None and row != race.best and not np.isnan(behind):
        text = "no worse and no better than" if behind == 0.0 else f"{_by(behind)} than"
        lines.append(f"on these {text} trial {table.numbers[race.best]}")
        if error > 0.0:
            lines.append(f"standard error {error:.2g}")
    return "<br>".join(lines)


def _by(behind: float) -> str:
    return f"{abs(behind):.4g} {'worse' if behind > 0.0 else 'better'}"


def _finish_axes(figure: go.Figure, race: Race) -> None:
    numbers = race.table.numbers
    ends = [float(numbers[0]) - 0.75, float(numbers[-1]) + 0.75]
    figure.update_layout(barmode="overlay", bargap=0.0)
    figure.update_xaxes(range=ends, tickformat="d", title_text="trial")
    style.share_x_axis(figure)


def _notes(race: Race, shown: np.ndarray) -> list[str]:
    n_dropped = int(np.count_nonzero(race.dropped))
    if n_dropped:
        notes = [
            f"{race.n_saved:,} of {race.n_whole:,} task evaluations saved "
            f"({style.percent(race.share_saved)})."
        ]
    else:
        notes = ["No trial was dropped, no task evaluation saved."]
    if race.best is None:
        notes.append(f"No trial has all {race.tasks.n_tasks:,} tasks: none to compare with.")
    elif race.tasks.aggregate in _CHOSEN_BY:
        aggregate = _CHOSEN_BY[race.tasks.aggregate]
        notes.append(f"The best is chosen by its {aggregate}; drawn are means.")
    if race.best is not None and race.n_seen[race.best] < race.tasks.n_tasks:
        number = race.table.numbers[race.best]
        notes.append(f"Trial {number} has all tasks with what was tried again of it.")
    n_empty = int(np.count_nonzero(race.n_seen == 0))
    if n_empty:
        are = "trial has" if n_empty == 1 else "trials have"
        notes.append(f"{n_empty:,} {are} no task to show.")
    if len(shown) < len(race.table):
        notes.append(f"{len(shown):,} of {len(race.table):,} trials are drawn.")
    return notes


def _notes_on_differences(race: Race, shown: np.ndarray, on_axis: np.ndarray) -> list[str]:
    notes = ["Differences are on the tasks that both were evaluated on."]
    if len(shown) <= _MAX_ERRORS:
        notes.append("Lines: one standard error.")
    n_beyond = int(np.count_nonzero(~on_axis[shown]))
    if n_beyond:
        are = "trial lies" if n_beyond == 1 else "trials lie"
        notes.append(f"{n_beyond:,} {are} far beyond the axis: in the strip.")
    return notes

"""The history plot: how the objective went from trial to trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import range_without_extremes
from optuna_hpx.canvas.traces import (
    MAX_POINTS,
    extremes,
    note_on_thinning,
    thin_evenly,
    thin_to_points,
    trial_points,
)
from optuna_hpx.trials.in_vain import in_vain
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study


_MAX_TICKS = 1000  # of a state: no screen is wide enough for more
_STRIP = 0.1  # share of the height, for ticks


def plot_history(study: Study | TrialTable) -> go.Figure:
    """Plot the objective by trial with the best so far; of two objectives the trade-off.

    Values have the user's own sign. Infeasible trials are crosses, and never the best; pruned and
    failed ones, which have no value, are ticks at the lower edge. Two objectives are drawn against
    each other, with the trials that no other dominates; three or more get a history each.

    More than 5000 trials are thinned out evenly, which the axis says; the extremes, and those that
    were better than all before, are kept, and the best-so-far line and the non-dominated trials
    always rest on all of them. The axis also says how many trials lie beyond
    it, where a few extreme values would squash all others.

    Args:
        study: The study, or a table of its finished trials.

    Returns:
        The figure; where no trial is complete it says so. O(trials).

    Raises:
        TypeError: If ``study`` is neither a study nor a table.
        ImportError: If plotly is not installed.

    Example:
        >>> import optuna
        >>> from optuna_hpx import plot_history
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=5)
        >>> figure = plot_history(study)
        >>> [trace.name for trace in figure.data]
        ['trials', 'best so far']
    """
    table = TrialTable.of(study)
    if not table.complete.any():
        return style.empty_figure("No trial is complete.")
    n_objectives = len(table.directions)
    if n_objectives == 2:
        return _trade_off(table)
    figure = style.new_figure([280.0] if n_objectives == 1 else [170.0] * n_objectives)
    for k in range(n_objectives):
        _add_history(figure, table, k)
    style.finish_legend(figure)
    return figure


def _add_history(figure: go.Figure, table: TrialTable, k: int) -> None:
    row, values = k + 1, table.values[:, k]
    rows = np.flatnonzero(table.complete)
    shown = thin_to_points(rows, np.union1d(extremes(rows, values), _improvement_rows(table, k)))
    for trace in _points(table, shown, (table.numbers, values), "trial %{x}: %{y:.6g}"):
        figure.add_trace(trace, row=row, col=1)
    best = _best_so_far(table, k)
    if best is not None:
        figure.add_trace(best, row=row, col=1)
    if k == 0:
        _add_valueless(figure, table)
    y_range, beyond = _range(values[table.complete])
    figure.update_yaxes(**y_range, title_text=_objective(table, k), row=row, col=1)
    is_last = row == len(table.directions)
    notes = ["trial", *_not_drawn(table, len(shown)), *_ticks_not_drawn(table)] if is_last else []
    figure.update_xaxes(title_text="<br>".join(notes + beyond), row=row, col=1)


def _points(
    table: TrialTable, rows: np.ndarray, places: tuple[np.ndarray, np.ndarray], hover: str
) -> list[Any]:
    name = "trials" if table.feasible.all() else "feasible"
    return trial_points(table, rows, places, name=name, hover=hover)


def improvements(losses: np.ndarray) -> np.ndarray:
    """Return the places in ``losses`` (n,) that are lower than all before."""
    before = np.concatenate([[np.inf], np.minimum.accumulate(losses)[:-1]])
    return np.flatnonzero(losses < before)


def _improvement_rows(table: TrialTable, k: int) -> np.ndarray:
    """Return the rows of feasible trials that are better than all before in objective ``k``."""
    rows = np.flatnonzero(table.complete & table.feasible)
    return rows[improvements(table.losses[rows, k])]


def _best_so_far(table: TrialTable, k: int) -> Any | None:
    """Make the steps from each improvement to the next, and on to the last trial."""
    steps = thin_evenly(_improvement_rows(table, k), MAX_POINTS)
    if not len(steps):
        return None
    return style.graph_objects().Scatter(
        x=[*table.numbers[steps].tolist(), int(table.numbers[-1])],
        y=[*table.values[steps, k].tolist(), float(table.values[steps[-1], k])],
        mode="lines",
        line={"shape": "hv", "color": style.BEST, "width": 2},
        name="best so far",
        hovertemplate="best from trial %{x}: %{y:.6g}<extra></extra>",
    )


def _add_valueless(figure: go.Figure, table: TrialTable) -> None:
    """Add pruned and failed trials, which have no value, as ticks along the lower edge."""
    is_idle = in_vain(table)
    for height, state, symbol, colour in (
        (0.2, TrialState.PRUNED, "line-ns-open", style.REGION),
        (0.65, TrialState.FAIL, "triangle-up-open", style.TARGET),
    ):
        rows = np.flatnonzero((table.states == state) & ~is_idle)
        if not len(rows):
            continue
        rows = thin_evenly(rows, _MAX_TICKS)
        name = state.name.lower().replace("fail", "failed")
        figure.add_trace(
            style.graph_objects().Scatter(
                x=table.numbers[rows],
                y=np.full(len(rows), height),
                yaxis="y99",
                mode="markers",
                marker={"color": colour, "size": 8, "symbol": symbol},
                name=name,
                hovertemplate=f"trial %{{x}} {name}<extra></extra>",
            )
        )
    if any(trace.yaxis == "y99" for trace in figure.data):
        _make_strip(figure)


def _make_strip(figure: go.Figure) -> None:
    """Leave room for ticks below the values of the first row: they must not cover the best."""
    bottom, top = figure.layout.yaxis.domain or (0.0, 1.0)
    edge = bottom + _STRIP * (top - bottom)
    figure.update_layout(
        yaxis_domain=[edge, top],
        yaxis99={
            "anchor": "x",
            "domain": [bottom, edge],
            "range": [0, 1],
            "visible": False,
            "fixedrange": True,
        },
        xaxis={"anchor": "free", "position": bottom},
    )


def _objective(table: TrialTable, k: int) -> str:
    return f"{style.short(table.objective_names[k])} ({table.directions[k]})"


def _not_drawn(table: TrialTable, n_shown: int) -> list[str]:
    """Write the lines of an axis title on the trials that the figure leaves out."""
    notes = note_on_thinning(n_shown, int(np.count_nonzero(table.complete)))
    n_infinite = np.count_nonzero((table.states == TrialState.COMPLETE) & ~table.complete)
    if n_infinite:
        notes.append(style.note(f"{n_infinite:,} infinite or missing values are not drawn"))
    return notes


def _ticks_not_drawn(table: TrialTable) -> list[str]:
    """Write the lines on pruned and failed trials that are too many to have a tick each."""
    notes = []
    for state, name in ((TrialState.PRUNED, "pruned"), (TrialState.FAIL, "failed")):
        n = int(np.count_nonzero((table.states == state) & ~in_vain(table)))
        if n > _MAX_TICKS:
            notes.append(style.note(f"{_MAX_TICKS:,} of {n:,} {name} trials have a tick"))
    return notes


def _range(values: np.ndarray) -> tuple[dict[str, list[float]], list[str]]:
    """Describe the range of an axis for ``values`` (n,), and what lies beyond it in a line."""
    ends, n_beyond = range_without_extremes(values)
    if ends is None:
        return {}, []
    return {"range": list(ends)}, [style.note(f"{n_beyond:,} extreme values lie beyond the axis")]


def _trade_off(table: TrialTable) -> go.Figure:
    figure = style.new_figure([340.0])
    x, y = table.values.T
    rows, best = np.flatnonzero(table.complete), table.best
    front = thin_evenly(best[np.argsort(x[best], kind="stable")], MAX_POINTS)
    others = np.setdiff1d(rows, best)
    others = thin_to_points(others, extremes(others, x, y))
    hover = "trial %{customdata}: %{x:.6g}, %{y:.6g}"
    figure.add_traces(_points(table, others, (x, y), hover))
    if len(front):
        figure.add_trace(_front(table, front, hover))
    (x_range, x_beyond), (y_range, y_beyond) = (_range(v[table.complete]) for v in (x, y))
    notes = [_objective(table, 0), *_not_drawn(table, len(others) + len(front))]
    notes += [*note_on_thinning(len(front), len(best), "non-dominated trials"), *x_beyond]
    n_valueless = np.count_nonzero(table.states != TrialState.COMPLETE)
    if n_valueless:
        notes.append(style.note(f"{n_valueless:,} pruned or failed trials have no values"))
    figure.update_xaxes(**x_range, title_text="<br>".join(notes))
    figure.update_yaxes(**y_range, title_text="<br>".join([_objective(table, 1), *y_beyond]))
    style.finish_legend(figure)
    return figure


def _front(table: TrialTable, rows: np.ndarray, hover: str) -> Any:
    """Make the diamonds of the trials that no other dominates."""
    return style.graph_objects().Scatter(
        x=table.values[rows, 0],
        y=table.values[rows, 1],
        mode="markers",
        marker={"color": style.BEST, "size": 9, "symbol": "diamond"},
        name="non-dominated",
        customdata=table.numbers[rows],
        hovertemplate=hover + "<extra></extra>",
    )

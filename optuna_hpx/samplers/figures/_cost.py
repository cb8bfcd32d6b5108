"""The figure of quality against cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import FrozenTrial

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.trials.target_set import non_dominated

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.trials.table import TrialTable


def plot_cost(table: TrialTable, cost: Callable[[FrozenTrial], float] | None = None) -> go.Figure:
    """Plot the objective of each trial against its cost, with those that nothing cheaper beats.

    Infeasible trials are crosses. Trials without a positive cost are left out, and the axis says
    so.

    Args:
        table: The trials, with one objective.
        cost: Function of a completed trial that returns its cost; None for the seconds it took.

    Returns:
        The figure; where no cost is known it says so.

    Raises:
        TypeError: If ``table`` is no table.
        ValueError: If there are several objectives.
        ImportError: If plotly is not installed.

    Example:
        >>> import optuna
        >>> from optuna_hpx import TrialTable, plot_cost
        >>> def objective(trial):
        ...     return 1.0 / trial.suggest_int("width", 1, 8)
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=20)
        >>> figure = plot_cost(TrialTable.from_study(study), lambda trial: trial.params["width"])
        >>> [trace.name for trace in figure.data]
        ['trials', 'best for its cost']
    """
    _checks.has("table", table, "losses", "a TrialTable, as TrialTable.from_study(study) gives")
    if len(table.directions) > 1:
        raise ValueError(
            f"`table` must have one objective, got {len(table.directions)}: plot_history shows "
            "the trade-off of several."
        )
    costs = costs_of(table, cost)
    rows = np.flatnonzero(np.isfinite(costs) & table.complete)
    if not len(rows):
        return style.empty_figure("No complete trial has a known cost.")
    unit = "cost" if cost is not None else "seconds"
    hover = f"trial %{{customdata}}: %{{y:.6g}}<br>{unit} %{{x:.3g}}"
    places = costs, table.values[:, 0]
    figure = style.new_figure([320.0])
    figure.add_traces(traces.trial_points(table, rows, places, name="trials", hover=hover))
    figure.add_trace(_front(table, rows, costs, hover))
    notes = [f"{unit} of a trial"]
    if n_unknown := int(np.count_nonzero(table.complete)) - len(rows):
        notes.append(style.note(f"{n_unknown:,} trials have no known cost"))
    figure.update_xaxes(type="log", title_text="<br>".join(notes))
    figure.update_yaxes(title_text=f"value ({table.directions[0]})")
    style.finish_legend(figure)
    return figure


def _front(table: TrialTable, rows: np.ndarray, costs: np.ndarray, hover: str) -> Any:
    """Make the steps from each trial that nothing cheaper beats to the next."""
    feasible = rows[table.feasible[rows]]
    front = feasible[non_dominated(np.column_stack([table.losses[feasible, 0], costs[feasible]]))]
    front = front[np.argsort(costs[front], kind="stable")]
    return style.graph_objects().Scatter(
        x=costs[front],
        y=table.values[front, 0],
        mode="lines+markers",
        line={"color": style.BEST, "width": 2, "shape": "hv"},
        marker={"color": style.BEST, "size": 9, "symbol": "diamond"},
        name="best for its cost",
        customdata=table.numbers[front],
        hovertemplate=hover + "<extra></extra>",
    )


def costs_of(table: TrialTable, cost: Callable[[FrozenTrial], float] | None) -> np.ndarray:
    """Return the cost (n,) of each complete trial; NaN where it is not positive and finite."""
    costs = table.durations.copy()
    if cost is not None:
        rows = np.flatnonzero(table.complete)
        costs = np.full(len(table), np.nan)
        costs[rows] = np.array(table.map(cost, rows), dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where((costs > 0.0) & np.isfinite(costs), costs, np.nan)

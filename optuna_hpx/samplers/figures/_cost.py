"""The figure of quality against cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas import style, traces, words
from optuna_hpx.trials.cost import Cost, check_cost, cost_of_sampler, read_costs
from optuna_hpx.trials.table import TrialTable
from optuna_hpx.trials.target_set import non_dominated

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study


def plot_cost(study: Study | TrialTable, cost: Cost = None) -> go.Figure:
    """Plot the objective of each trial against its cost, with those that nothing cheaper beats.

    Infeasible trials are crosses. Trials without a positive cost are left out, and the axis says
    so.

    Args:
        study: The study, or a table of its finished trials, with one objective.
        cost: "duration": the seconds that a trial took. A function of a completed trial: a
            positive number, or None where the cost is not known. None: the cost that
            ``study.sampler`` was given, as :class:`HsicSampler` is; where it was given none, and
            for a table, which does not hold the sampler, the duration.

    Returns:
        The figure; where no cost is known it says so.

    Raises:
        TypeError: If ``study`` is neither a study nor a table, or ``cost`` none of the above.
        ValueError: If there are several objectives; if ``cost`` raises, or is a function and the
            table was made from a data frame, which has no trials.
        ImportError: If plotly is not installed.

    Example:
        >>> import optuna
        >>> from optuna_hpx import plot_cost
        >>> def objective(trial):
        ...     return 1.0 / trial.suggest_int("width", 1, 8)
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(objective, n_trials=20)
        >>> figure = plot_cost(study, lambda trial: trial.params["width"])
        >>> [trace.name for trace in figure.data]
        ['trials', 'best for its cost']
    """
    table = TrialTable.of(study)
    check_cost(cost)
    if len(table.directions) > 1:
        raise ValueError(
            f"`study` must have one objective, got {len(table.directions)}: plot_history shows "
            "the trade-off of several."
        )
    cost = cost or cost_of_sampler(getattr(study, "sampler", None)) or "duration"
    costs = read_costs(table, cost)
    rows = np.flatnonzero(np.isfinite(costs) & table.complete)
    if not len(rows):
        return style.empty_figure("No complete trial has a known cost.")
    unit = "seconds" if cost == "duration" else "cost"
    hover = f"trial %{{customdata}}: %{{y:.6g}}<br>{unit} %{{x:.3g}}"
    places = costs, table.values[:, 0]
    figure = style.new_figure([320.0])
    shown = traces.thin_to_points(rows, traces.extremes(rows, *places))
    figure.add_traces(traces.trial_points(table, shown, places, name="trials", hover=hover))
    if table.feasible[rows].any():
        figure.add_trace(_front(table, rows, costs, hover))
    notes = [f"{unit} of a trial", *traces.note_on_thinning(len(shown), len(rows))]
    if n_unknown := int(np.count_nonzero(table.complete)) - len(rows):
        verb = "has" if n_unknown == 1 else "have"
        notes.append(style.note(f"{words.count(n_unknown, 'trial')} {verb} no known cost"))
    figure.update_xaxes(type="log", title_text="<br>".join(notes))
    figure.update_yaxes(title_text=f"value ({table.directions[0]})")
    style.finish_legend(figure)
    return figure


def _front(table: TrialTable, rows: np.ndarray, costs: np.ndarray, hover: str) -> Any:
    """Make the steps from each trial that nothing cheaper beats to the next."""
    feasible = rows[table.feasible[rows]]
    front = feasible[non_dominated(np.column_stack([table.losses[feasible, 0], costs[feasible]]))]
    front = traces.thin_evenly(front[np.argsort(costs[front], kind="stable")], traces.MAX_POINTS)
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

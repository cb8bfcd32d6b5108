"""Quality against cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import FrozenTrial

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.trials.target_set import non_dominated

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.trials.table import TrialTable


def plot_cost(table: TrialTable, cost: Callable[[FrozenTrial], float] | None = None) -> go.Figure:
    """The objective of each trial against what it cost, with those that nothing cheaper beats.

    Infeasible trials are crosses. Trials without a positive cost are left out, and the axis says
    so.

    Args:
        table: The trials, with one objective.
        cost: What a trial cost; the seconds it took if None.

    Raises:
        ValueError: If there are several objectives.
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
    figure = style.new_figure([320.0])
    values = table.values[:, 0]
    what = "cost" if cost is not None else "seconds"
    hover = f"trial %{{customdata}}: %{{y:.6g}}<br>{what} %{{x:.3g}}<extra></extra>"
    for name, marker, chosen in (
        ("trials", {"color": style.POINT, "size": 6, "opacity": 0.6}, table.feasible[rows]),
        (
            "infeasible",
            {"color": style.REGION, "size": 7, "symbol": "x-thin-open"},
            ~table.feasible[rows],
        ),
    ):
        if chosen.any():
            figure.add_scatter(
                x=costs[rows[chosen]],
                y=values[rows[chosen]],
                mode="markers",
                marker=marker,
                name=name,
                customdata=table.numbers[rows[chosen]],
                hovertemplate=hover,
            )
    feasible = rows[table.feasible[rows]]
    front = feasible[non_dominated(np.column_stack([table.losses[feasible, 0], costs[feasible]]))]
    front = front[np.argsort(costs[front], kind="stable")]
    figure.add_scatter(
        x=costs[front],
        y=values[front],
        mode="lines+markers",
        line={"color": style.BEST, "width": 2, "shape": "hv"},
        marker={"color": style.BEST, "size": 9, "symbol": "diamond"},
        name="best for its cost",
        customdata=table.numbers[front],
        hovertemplate=hover,
    )
    n_unknown = int(np.count_nonzero(table.complete)) - len(rows)
    notes = [f"{what} of a trial"]
    if n_unknown:
        notes.append(style.note(f"{n_unknown:,} trials have no known cost"))
    figure.update_xaxes(type="log", title_text="<br>".join(notes))
    figure.update_yaxes(title_text=f"value ({table.directions[0]})")
    style.finish_legend(figure)
    return figure


def costs_of(table: TrialTable, cost: Callable[[FrozenTrial], float] | None) -> np.ndarray:
    """(n,) cost of each complete trial; NaN where it is not positive and finite."""
    costs = table.durations.copy()
    if cost is not None:
        rows = np.flatnonzero(table.complete)
        costs = np.full(len(table), np.nan)
        costs[rows] = np.array(table.map(cost, rows), dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where((costs > 0.0) & np.isfinite(costs), costs, np.nan)

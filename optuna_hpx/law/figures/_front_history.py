"""How the front of all trials grew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.law._front_history import FrontHistory


def plot_front_history(history: FrontHistory) -> go.Figure:
    """Plot the hypervolume of the first so many trials of a study, whatever drew them."""
    figure = style.new_figure([220.0])
    figure.add_scatter(
        x=history.n_trials,
        y=history.values,
        mode="lines",
        line={"shape": "hv", "color": style.BEST, "width": 2},
        name="all trials",
        hovertemplate="first %{x:,} trials: %{y:.6g}<extra></extra>",
    )
    figure.update_xaxes(title_text="trials")
    figure.update_yaxes(title_text="hypervolume", rangemode="tozero")
    style.finish_legend(figure)
    point = ", ".join(f"{value:.3g}" for value in history.reference_point)
    style.add_notes(figure, [f"Reference point: {point}."])
    return figure

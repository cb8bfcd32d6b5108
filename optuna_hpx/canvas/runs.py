"""The best so far of two runs in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas import style
from optuna_hpx.canvas.history import improvements
from optuna_hpx.canvas.scale import range_without_extremes
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.trials.best_so_far import BestSoFar

__all__ = ["draw_runs"]

_DASHES = ("solid", "dash")  # that two lines differ by more than their colours


def draw_runs(runs: Sequence[BestSoFar], labels: Sequence[str], direction: str) -> go.Figure:
    """Draw the best so far of each run over the trials that had finished.

    Args:
        runs: Two runs, each with a trial that counts.
        labels: What they are called.
        direction: "minimize" or "maximize".
    """
    figure = style.new_figure([280.0])
    sign, shown = loss_sign(direction), []
    for run, label, (colour, _), dash in zip(runs, labels, style.SERIES, _DASHES, strict=False):
        rows = improvements(run.best)
        values = sign * run.best[rows]
        shown.append(values)
        figure.add_trace(
            style.graph_objects().Scatter(
                x=[*(rows + 1).tolist(), len(run)],
                y=[*values.tolist(), float(values[-1])],
                mode="lines",
                line={"shape": "hv", "color": colour, "width": 2, "dash": dash},
                name=style.literal(label),
                hovertemplate=f"{style.literal(label)}, after %{{x:,}} trials: %{{y:.6g}}"
                "<extra></extra>",
            )
        )
    ends, _ = range_without_extremes(np.concatenate(shown))
    figure.update_xaxes(title_text="finished trials")
    figure.update_yaxes(
        title_text=f"best so far ({direction})", range=None if ends is None else list(ends)
    )
    style.finish_legend(figure)
    return figure

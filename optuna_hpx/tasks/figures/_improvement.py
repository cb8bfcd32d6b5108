"""How much better a tuned configuration is than a baseline: the second panel of a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas import style
from optuna_hpx.tasks.figures._rows import PAD, BoundRow, add_row, name_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.tasks import Improvement

__all__ = ["add_improvement", "improvement_title"]


def improvement_title(baseline: Improvement) -> str:
    """Say whether the configuration is better than the baseline."""
    if baseline.lower_bound > 0.0:
        return f"Better than the baseline,<br>by at least {baseline.lower_bound:.4g}"
    return "Perhaps no better than the baseline"


def add_improvement(figure: go.Figure, baseline: Improvement, end: float) -> None:
    """Draw a comparison as the second panel; ``end`` is the largest difference there may be."""
    approximate = float(np.clip(baseline.approximate_lower_bound, -end, end))
    rows = [
        BoundRow("observed", baseline.observed, None, style.INK, "observed mean difference"),
        BoundRow("approximate", approximate, end, style.REGION, "approximate bound"),
        BoundRow("certified", baseline.lower_bound, end, style.BEST, "bound"),
    ]
    drawn = [0.0, *(row.value for row in rows)]
    pad = PAD * np.ptp(drawn) or 0.01 * end
    for height, row in zip((2.0, 1.0, 0.0), rows, strict=True):
        add_row(figure, row, height, panel=2)
    figure.add_vline(0.0, line={"color": style.INK, "width": 1.5}, row=2, col=1)
    figure.update_xaxes(
        range=[min(drawn) - pad, max(drawn) + pad],
        nticks=6,
        showgrid=True,
        title_text="better than the baseline by",
        row=2,
        col=1,
    )
    name_rows(figure, [row.label for row in rows], panel=2, room=0.3)

"""What a tuned configuration is worth on the next task, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.tasks import Certificate, Improvement

_ROW = 44.0  # pixels
_PAD = 0.06
_GOLDEN = 0.6180339887498949
_BAR = 12  # pixels
_GAP = -0.42  # where the gap is marked, below the bar of the bound


def plot_certificate(certificate: Certificate) -> go.Figure:
    """The configuration's value on each task, their mean, and what the mean surely is.

    From above: a point for each task; the observed mean; where a t interval would have the mean
    over all such tasks, which ignores that the configuration was chosen for its observed mean,
    unless that is of tasks held out; and where the certificate has it. Bars reach from the bound
    to the best value there may be. The gap between the observed mean and the certified bound is
    marked: that much may be luck. Where the bound is vacuous, that is said.

    With a baseline, a second panel has how much better than it the configuration is: observed,
    at least by an approximation, and at least for sure.

    Args:
        certificate: As :func:`certify` gives it.
    """
    _checks.has("certificate", certificate, "is_vacuous", "a Certificate, as certify gives")
    baseline = certificate.baseline
    titles = [_title(certificate), *([] if baseline is None else [_on_baseline(baseline)])]
    figure = style.new_figure([4.6 * _ROW, 3 * _ROW][: len(titles)], row_titles=titles)
    _add_certificate(figure, certificate)
    if baseline is not None:
        _add_baseline(figure, certificate, baseline)
    # The first title needs no room for a legend.
    figure.update_layout(
        showlegend=False, height=figure.layout.height - 36, margin_t=figure.layout.margin.t - 36
    )
    style.add_notes(figure, _notes(certificate))
    return figure


@dataclass(frozen=True)
class _Row:
    """A line of a panel.

    Attributes:
        name: On the axis.
        value: The observed mean, or a bound on it; what is beyond the axis stands at its end.
        end: To which a bar reaches; None for a mean, which is a point.
        colour: Of both.
        hover: What the value is.
        has_value: Whether there is one: there is no t interval of one task.
    """

    name: str
    value: float
    end: float | None
    colour: str
    hover: str
    has_value: bool = True

    @property
    def label(self) -> str:
        return f"{self.name}<br>{self.value:.4g}" if self.has_value else f"{self.name}<br>none"


def _title(certificate: Certificate) -> str:
    than = "at least" if certificate.direction == "maximize" else "at most"
    sure = (
        "as all values are: vacuous"
        if certificate.is_vacuous
        else f"with probability {style.percent(1.0 - certificate.delta)}, {_kind(certificate)}"
    )
    bound = f"{than} {certificate.bound:.4g}"
    return f"Mean over tasks like these: {bound}<br>{sure} ({certificate.method})"


def _on_baseline(baseline: Improvement) -> str:
    if baseline.lower_bound > 0.0:
        return f"Better than the baseline,<br>by at least {baseline.lower_bound:.4g}"
    return "Perhaps no better than the baseline"


def _is_held_out(certificate: Certificate) -> bool:
    """Whether the observed mean is of tasks that had no part in the choice."""
    return certificate.method == "holdout"


def _name_of_naive(certificate: Certificate) -> str:
    return "Student's" if _is_held_out(certificate) else "naive"


def _kind(certificate: Certificate) -> str:
    return "certified" if certificate.is_finite_sample else "approximate"


def _add_certificate(figure: go.Figure, certificate: Certificate) -> None:
    low, high = certificate.bounds
    is_up = certificate.direction == "maximize"
    end = high if is_up else low
    naive = _Row(
        _name_of_naive(certificate),
        float(np.clip(certificate.naive, low, high)),
        end,
        style.REGION,
        "t interval" if _is_held_out(certificate) else "t interval that ignores the choice",
        math.isfinite(certificate.naive),
    )
    _add_tasks(figure, certificate, height=3.0)
    observed = _Row("observed", certificate.observed, None, style.INK, "observed mean")
    rows = [
        observed,
        naive,
        _Row(_kind(certificate), certificate.bound, end, style.BEST, "bound"),
    ]
    drawn = [*certificate.values.tolist(), *(row.value for row in rows)]
    pad = _PAD * np.ptp(drawn) or 0.01 * (high - low)
    ends = max(min(drawn) - pad, low - pad), min(max(drawn) + pad, high + pad)
    for height, row in zip((2.0, 1.0, 0.0), rows, strict=True):
        _add_row(figure, row, height, panel=1)
    _add_gap(figure, certificate)
    figure.add_shape(
        type="line",
        x0=certificate.observed,
        x1=certificate.observed,
        y0=_GAP,
        y1=len(rows) + 0.5,
        line={"color": style.INK, "width": 1, "dash": "dot"},
        row=1,
        col=1,
    )
    figure.update_xaxes(
        range=ends,
        nticks=6,
        showgrid=True,
        title_text=f"value ({certificate.direction})",
        row=1,
        col=1,
    )
    labels = [f"{len(certificate.values)} tasks", *(row.label for row in rows)]
    _name_rows(figure, labels, panel=1, room=0.65)


def _add_tasks(figure: go.Figure, certificate: Certificate, height: float) -> None:
    """Points, spread over some height so that equal values can be told apart."""
    values = certificate.values
    spread = 0.6 * ((np.arange(len(values)) * _GOLDEN) % 1.0 - 0.5)
    figure.add_scatter(
        x=values,
        y=height + spread,
        mode="markers",
        marker={"color": style.POINT, "size": 7 if len(values) <= 200 else 4, "opacity": 0.6},
        name="tasks",
        customdata=np.arange(len(values)),
        hovertemplate="task %{customdata}: %{x:.6g}<extra></extra>",
        row=1,
        col=1,
    )


def _add_row(figure: go.Figure, row: _Row, height: float, panel: int) -> None:
    has_bar = row.end is not None and row.end != row.value
    value = f"{row.value:.6g}" if row.has_value else "none"
    figure.add_scatter(
        x=[row.value, row.end] if has_bar else [row.value],
        y=[height] * (1 + has_bar),
        mode="lines+markers" if has_bar else "markers",
        line={"color": style.fill(row.colour, 0.35), "width": _BAR},
        marker={
            "color": row.colour,
            "symbol": ["line-ns", "line-ns"][: 1 + has_bar] if has_bar else "diamond",
            "size": [9, 0] if has_bar else 11,
            "line": {"color": row.colour, "width": [3, 0] if has_bar else 0},
        },
        name=row.name,
        cliponaxis=True,
        hovertemplate=f"{row.hover}: {value}<extra></extra>",
        row=panel,
        col=1,
    )


def _add_gap(figure: go.Figure, certificate: Certificate) -> None:
    """What of the observed mean may be luck: a line under the certified bar, with its length."""
    figure.add_scatter(
        x=[certificate.bound, certificate.observed],
        y=[_GAP, _GAP],
        mode="lines+markers",
        line={"color": style.TARGET, "width": 1.5},
        marker={
            "symbol": "line-ns",
            "size": 6,
            "line": {"color": style.TARGET, "width": 1.5},
        },
        name="gap",
        hoverinfo="skip",
        row=1,
        col=1,
    )
    figure.add_annotation(
        text=_gap(certificate),
        x=(certificate.bound + certificate.observed) / 2.0,
        y=_GAP - 0.08,
        yanchor="top",
        showarrow=False,
        font={"size": 12, "color": style.TARGET},
        row=1,
        col=1,
    )


def _gap(certificate: Certificate) -> str:
    # Of tasks that had no part in the choice, the mean is not too good, but not exact either.
    what = "sampling error" if _is_held_out(certificate) else "optimism"
    said = f"{what} ≤ {certificate.width:.3g}"
    return f"{said}: vacuous" if certificate.is_vacuous else said


def _add_baseline(figure: go.Figure, certificate: Certificate, baseline: Improvement) -> None:
    end = certificate.bounds[1] - certificate.bounds[0]
    approximate = float(np.clip(baseline.approximate_lower_bound, -end, end))
    rows = [
        _Row("observed", baseline.observed, None, style.INK, "observed mean difference"),
        _Row("approximate", approximate, end, style.REGION, "approximate bound"),
        _Row("certified", baseline.lower_bound, end, style.BEST, "bound"),
    ]
    drawn = [0.0, *(row.value for row in rows)]
    pad = _PAD * np.ptp(drawn) or 0.01 * end
    for height, row in zip((2.0, 1.0, 0.0), rows, strict=True):
        _add_row(figure, row, height, panel=2)
    figure.add_vline(0.0, line={"color": style.INK, "width": 1.5}, row=2, col=1)
    figure.update_xaxes(
        range=[min(drawn) - pad, max(drawn) + pad],
        nticks=6,
        showgrid=True,
        title_text="better than the baseline by",
        row=2,
        col=1,
    )
    _name_rows(figure, [row.label for row in rows], panel=2, room=0.3)


def _name_rows(figure: go.Figure, labels: list[str], panel: int, room: float) -> None:
    """From above; with ``room`` below the last one."""
    n = len(labels)
    figure.update_yaxes(
        range=[-0.35 - room, n - 0.5],
        tickvals=list(range(n - 1, -1, -1)),
        ticktext=labels,
        showgrid=False,
        row=panel,
        col=1,
    )


def _notes(certificate: Certificate) -> list[str]:
    notes = []
    if certificate.n_tasks < len(certificate.values):
        notes.append(
            f"The mean is that of {certificate.n_tasks} tasks held out; points are all tasks."
        )
    if certificate.is_vacuous:
        notes.append("Vacuous: the bounds of all values say as much.")
    elif certificate.method == "betting" and certificate.width > 0.0:
        n_tasks = certificate.tasks_needed(certificate.width / 2.0)
        notes.append(f"Half the gap would take about {n_tasks:,} tasks.")
    name = _name_of_naive(certificate).capitalize()
    if not math.isfinite(certificate.naive):
        notes.append(f"{name}: none, a t interval takes two tasks.")
    elif _is_held_out(certificate):
        notes.append(f"{name}: by a t interval, approximate.")
    else:
        notes.append(f"{name}: by a t interval that ignores the choice; it")
        notes.append("holds less often than it says.")
    baseline = certificate.baseline
    if baseline is not None and baseline.lower_bound <= 0.0 and baseline.n_tasks_needed:
        notes.append(f"About {baseline.n_tasks_needed:,} tasks would tell it from the baseline.")
    return notes

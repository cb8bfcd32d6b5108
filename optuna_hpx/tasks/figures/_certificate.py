"""What a tuned configuration is worth on the next task, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.tasks.figures._improvement import add_improvement, improvement_title
from optuna_hpx.tasks.figures._rows import PAD, BoundRow, add_row, name_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.tasks import Certificate

_ROW = 44.0  # pixels
_GOLDEN = 0.6180339887498949  # its multiples spread evenly over [0, 1), however many there are
_GAP = -0.42  # where the gap is marked, below the bar of the bound


def plot_certificate(certificate: Certificate) -> go.Figure:
    """Draw the configuration's value on each task, their mean, and what the mean surely is.

    From above: a point for each task; the observed mean; where a t interval would have the mean
    over all such tasks, which ignores that the configuration was chosen for its observed mean,
    unless that is of tasks held out; and where the certificate has it. Bars reach from the bound
    to the best value there may be. The gap between the observed mean and the certified bound is
    marked: that much may be luck. Where the bound is vacuous, that is said.

    With a baseline, a second panel has how much better than it the configuration is: observed,
    at least by an approximation, and at least for sure.

    Args:
        certificate: As :func:`certify` gives it.

    Returns:
        The figure, to be shown, written or changed.

    Raises:
        TypeError: If ``certificate`` is none.
        ImportError: If plotly is missing.

    Example:
        >>> import numpy as np
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, certify, plot_certificate
        >>> places = np.random.default_rng(0).uniform(0.2, 0.8, 20)
        >>> def evaluate(trial, place):
        ...     return (trial.suggest_float("x", 0, 1, step=0.1) - place) ** 2
        >>> study = optuna.create_study(
        ...     sampler=optuna.samplers.BruteForceSampler(seed=0),
        ...     pruner=optuna.pruners.NopPruner(),
        ... )
        >>> study.optimize(MultiTaskObjective(evaluate, places, seed=0))
        >>> figure = plot_certificate(certify(study, bounds=(0, 1)))
        >>> [trace.name for trace in figure.data]
        ['tasks', 'observed', 'naive', 'certified', 'gap']
    """
    _checks.has("certificate", certificate, "is_vacuous", "a Certificate, as certify gives")
    baseline = certificate.baseline
    titles = [_title(certificate), *([] if baseline is None else [improvement_title(baseline)])]
    figure = style.new_figure([4.6 * _ROW, 3 * _ROW][: len(titles)], row_titles=titles)
    _add_certificate(figure, certificate)
    if baseline is not None:
        low, high = certificate.bounds
        add_improvement(figure, baseline, high - low)
    # The first title needs no room for a legend.
    figure.update_layout(
        showlegend=False, height=figure.layout.height - 36, margin_t=figure.layout.margin.t - 36
    )
    style.add_notes(figure, _notes(certificate))
    return figure


def _title(certificate: Certificate) -> str:
    than = "at least" if certificate.direction == "maximize" else "at most"
    sure = (
        "as all values are: vacuous"
        if certificate.is_vacuous
        else f"with probability {style.percent(1.0 - certificate.delta)}, {_kind(certificate)}"
    )
    bound = f"{than} {certificate.bound:.4g}"
    return f"Mean over tasks like these: {bound}<br>{sure} ({certificate.method})"


def _name_of_naive(certificate: Certificate) -> str:
    return "Student's" if certificate.is_held_out else "naive"


def _kind(certificate: Certificate) -> str:
    return "certified" if certificate.is_finite_sample else "approximate"


def _add_certificate(figure: go.Figure, certificate: Certificate) -> None:
    rows = _bound_rows(certificate)
    _add_tasks(figure, certificate, height=3.0)
    for height, row in zip((2.0, 1.0, 0.0), rows, strict=True):
        add_row(figure, row, height, panel=1)
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
        range=_range(certificate, rows),
        nticks=6,
        showgrid=True,
        title_text=f"value ({certificate.direction})",
        row=1,
        col=1,
    )
    labels = [f"{len(certificate.values)} tasks", *(row.label for row in rows)]
    name_rows(figure, labels, panel=1, room=0.65)


def _bound_rows(certificate: Certificate) -> list[BoundRow]:
    """List the observed mean, and its bounds by a t interval and by the certificate."""
    low, high = certificate.bounds
    end = high if certificate.direction == "maximize" else low
    naive = BoundRow(
        _name_of_naive(certificate),
        float(np.clip(certificate.naive, low, high)),
        end,
        style.REGION,
        "t interval" if certificate.is_held_out else "t interval that ignores the choice",
        math.isfinite(certificate.naive),
    )
    return [
        BoundRow("observed", certificate.observed, None, style.INK, "observed mean"),
        naive,
        BoundRow(_kind(certificate), certificate.bound, end, style.BEST, "bound"),
    ]


def _range(certificate: Certificate, rows: list[BoundRow]) -> tuple[float, float]:
    """Return the ends of the axis: round all that is drawn, and hardly beyond the bounds."""
    low, high = certificate.bounds
    drawn = [*certificate.values.tolist(), *(row.value for row in rows)]
    pad = PAD * np.ptp(drawn) or 0.01 * (high - low)
    return max(min(drawn) - pad, low - pad), min(max(drawn) + pad, high + pad)


def _add_tasks(figure: go.Figure, certificate: Certificate, height: float) -> None:
    """Draw the tasks as points, spread over some height so that equal values can be told apart."""
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


def _add_gap(figure: go.Figure, certificate: Certificate) -> None:
    """Mark what of the observed mean may be luck, under the certified bar, with its length."""
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
    kind = "sampling error" if certificate.is_held_out else "optimism"
    text = f"{kind} ≤ {certificate.width:.3g}"
    return f"{text}: vacuous" if certificate.is_vacuous else text


def _notes(certificate: Certificate) -> list[str]:
    notes = []
    if certificate.n_tasks < len(certificate.values):
        notes.append(
            f"The mean is that of {certificate.n_tasks} tasks held out; points are all tasks."
        )
    if certificate.is_vacuous:
        notes.append("Vacuous: the bounds of all values say as much.")
    elif (n_tasks := certificate.tasks_to_halve()) is not None:
        notes.append(f"Half the gap would take about {n_tasks:,} tasks.")
    name = _name_of_naive(certificate).capitalize()
    if not math.isfinite(certificate.naive):
        notes.append(f"{name}: none, a t interval takes two tasks.")
    elif certificate.is_held_out:
        notes.append(f"{name}: by a t interval, approximate.")
    else:
        notes.append(f"{name}: by a t interval that ignores the choice; it")
        notes.append("holds less often than it says.")
    baseline = certificate.baseline
    if baseline is not None and baseline.lower_bound <= 0.0 and baseline.n_tasks_needed:
        notes.append(f"About {baseline.n_tasks_needed:,} tasks would tell it from the baseline.")
    return notes

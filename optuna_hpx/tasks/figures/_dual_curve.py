"""The utility of tasks as a function of one hyperparameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.scale import spans_decades

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.tasks.maths.dual_curve import DualCurve
    from optuna_hpx.tasks.maths.jumps import Jump

_MAX_POINTS = 50_000  # of all curves
_MAX_MARKERS = 60  # values of a curve, up to which each is marked


def plot_dual_curve(
    dual: DualCurve, *, tol: float | None = None, min_jump: float | None = None
) -> go.Figure:
    """Draw the utility of each task along a hyperparameter, pale, their mean and its best.

    The axis of the hyperparameter is logarithmic if its values are positive and span more than
    two decades. A note says how often the sampled curves oscillate, which is a lower bound only.
    Of tasks with more than 50,000 values in all some are left out at random, and a note says so;
    the mean, maxima and jumps that are counted are those of all.

    Args:
        dual: The curves of one task or of several.
        tol: Local maxima of each task's curve are marked that stand out by more, as
            :func:`noise_tolerance` finds it; None marks none.
        min_jump: Jumps between neighbouring values are marked that are larger; None marks none.

    Returns:
        The figure, to be shown, written or changed.

    Raises:
        TypeError: If ``dual`` is no curve.
        ValueError: If ``tol`` or ``min_jump`` is negative.
        ImportError: If plotly is missing.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import DualCurve, plot_dual_curve
        >>> alphas = np.linspace(0, 1, 21)
        >>> utilities = [np.sin(6 * alphas), np.cos(9 * alphas)]
        >>> figure = plot_dual_curve(DualCurve(alphas, utilities), tol=0.1)
        >>> [trace.name for trace in figure.data]
        ['a task', 'mean', 'local maximum', 'best: 0.05']
    """
    _checks.has("dual", dual, "local_maxima", "a DualCurve, as DualCurve(alphas, utilities)")
    utilities = np.atleast_2d(dual.utilities)
    maxima = None if tol is None else np.atleast_2d(dual.local_maxima(tol))
    jumps = None if min_jump is None else dual.jumps(min_jump)
    shown = _shown(utilities)
    figure = style.new_figure([340.0])
    if len(utilities) > 1:
        figure.add_trace(_tasks(dual.alphas, utilities, shown))
    if jumps:
        are_shown = set(shown.tolist())
        drawn = [jump for jump in jumps if jump.task in are_shown]
        figure.add_trace(_jumps(dual.alphas, utilities, drawn))
    figure.add_trace(_mean(dual.alphas, utilities))
    if maxima is not None:
        figure.add_trace(_maxima(dual.alphas, utilities, maxima, shown))
    _add_best(figure, dual, utilities)
    is_log = len(dual.alphas) > 1 and spans_decades(dual.alphas)
    figure.update_xaxes(type="log" if is_log else "linear", title_text="hyperparameter")
    if is_log:
        figure.update_xaxes(exponentformat="power", dtick=1)
    figure.update_yaxes(title_text="utility")
    style.finish_legend(figure)
    style.add_notes(figure, _notes(dual, shown, maxima, jumps))
    return figure


def _shown(utilities: np.ndarray) -> np.ndarray:
    """Choose the tasks to draw, ascending."""
    n_tasks, n_values = utilities.shape
    return traces.thin_at_random(np.arange(n_tasks), max(1, _MAX_POINTS // n_values))


def _tasks(alphas: np.ndarray, utilities: np.ndarray, shown: np.ndarray) -> Any:
    """Draw the curves as one broken line."""
    colour = style.fill(style.POINT, _opacity(len(shown)))
    return traces.broken_line(
        alphas,
        utilities[shown].T,
        shown,
        line={"color": colour, "width": 1},
        name="a task",
        hovertemplate="task %{customdata} at %{x:.4g}: %{y:.4g}<extra></extra>",
    )


def _opacity(n: int) -> float:
    """Return the opacity of each of ``n`` curves: of many, less."""
    return float(np.clip(8.0 / n, 0.12, 0.5))


def _mean(alphas: np.ndarray, utilities: np.ndarray) -> Any:
    is_marked = len(alphas) <= _MAX_MARKERS
    name = "mean" if len(utilities) > 1 else "utility"
    return style.graph_objects().Scatter(
        x=alphas,
        y=utilities.mean(axis=0),
        mode="lines+markers" if is_marked else "lines",
        line={"color": style.POINT, "width": 2.5},
        marker={"color": style.POINT, "size": 5},
        name=name,
        hovertemplate=f"{name} at %{{x:.4g}}: %{{y:.4g}}<extra></extra>",
    )


def _maxima(
    alphas: np.ndarray, utilities: np.ndarray, maxima: np.ndarray, shown: np.ndarray
) -> Any:
    task, place = np.nonzero(maxima[shown])
    return style.graph_objects().Scatter(
        x=alphas[place],
        y=utilities[shown[task], place],
        mode="markers",
        marker={"color": style.SERIES[2][0], "symbol": "triangle-down", "size": 8},
        opacity=0.8,
        name="local maximum",
        customdata=shown[task],
        hovertemplate="maximum of task %{customdata}<br>at %{x:.4g}: %{y:.4g}<extra></extra>",
    )


def _jumps(alphas: np.ndarray, utilities: np.ndarray, jumps: list[Jump]) -> Any:
    """Draw each jump as a thick piece of its curve, all as one broken line."""
    left = np.searchsorted(alphas, [jump.left for jump in jumps])
    task = np.array([jump.task for jump in jumps], dtype=int)
    gap = np.full(len(jumps), np.nan)
    text = [
        f"task {j.task} jumps by {j.size:+.4g}<br>{j.left:.4g} to {j.right:.4g}" for j in jumps
    ]
    return style.graph_objects().Scatter(
        x=np.column_stack([alphas[left], alphas[left + 1], gap]).ravel(),
        y=np.column_stack([utilities[task, left], utilities[task, left + 1], gap]).ravel(),
        mode="lines",
        line={"color": style.SERIES[3][0], "width": 2},
        connectgaps=False,
        name="jump",
        customdata=np.repeat(text, 3),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_best(figure: go.Figure, dual: DualCurve, utilities: np.ndarray) -> None:
    alpha = dual.best()
    value = float(utilities.mean(axis=0)[np.searchsorted(dual.alphas, alpha)])
    figure.add_vline(alpha, line={"color": style.BEST, "width": 1, "dash": "dot"})
    figure.add_scatter(
        x=[alpha],
        y=[value],
        mode="markers",
        marker={"color": style.BEST, "symbol": "star", "size": 13},
        name=f"best: {alpha:.4g}",
        hovertemplate=f"best at {alpha:.6g}: {value:.6g}<extra></extra>",
    )


def _notes(
    dual: DualCurve,
    shown: np.ndarray,
    maxima: np.ndarray | None,
    jumps: tuple[Jump, ...] | None,
) -> list[str]:
    n_tasks = len(np.atleast_2d(dual.utilities))
    per = "" if n_tasks == 1 else " per task"
    span = _range(np.atleast_1d(dual.oscillations()))
    notes = [f"Oscillations{per}: {span}; a finer grid may find more."]
    if maxima is not None:
        notes.append(f"Local maxima{per}: {_range(maxima.sum(axis=1))}.")
    if jumps is not None:
        by_task = np.bincount([jump.task for jump in jumps], minlength=n_tasks)
        notes.append(f"Jumps{per}: {_range(by_task)}.")
    if len(shown) < n_tasks:
        notes.append(f"{len(shown):,} of {n_tasks:,} tasks are drawn.")
    return notes


def _range(counts: np.ndarray) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

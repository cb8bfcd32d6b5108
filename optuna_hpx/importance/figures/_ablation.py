"""The changes from one configuration to another as a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.words import count
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import AblationPath

_MAX_STEPS = 40
_LABEL_LENGTH = 24
_BAR_WIDTH = 0.6


def plot_ablation_path(path: AblationPath) -> go.Figure:
    """Plot the predicted objective from the start, on top, change by change to the end.

    A bar is a change: from the value before it to the value after it, pale where its interval
    holds no change at all. A whisker spans the values after the change that the interval allows,
    if the one before was right; a diamond is what trials there really had. Hovering tells the
    numbers, and what the change is worth on average over all orders. Of more than 40 changes the
    first 40 are drawn, and a note says so.

    Args:
        path: What :func:`optuna_hpx.ablation_path` returns.

    Example:
        >>> import optuna
        >>> from optuna_hpx import ablation_path, plot_ablation_path
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return x + 0.1 * y
        >>> study.optimize(objective, n_trials=40)
        >>> figure = plot_ablation_path(ablation_path(study, {"x": 0.9, "y": 0.9}, seed=0))
        >>> figure.layout.yaxis.ticktext[0]
        'the given baseline'
    """
    _checks.has("path", path, "improvements", "an AblationPath, as ablation_path(study) gives")
    n = min(len(path.changes), _MAX_STEPS)
    figure = style.new_figure([26 * (n + 2) + 10])
    figure.add_traces([*_bars(path, n), _whiskers(path, n), _ends(path, n), *_observed(path, n)])
    rows = [path.labels[0], *map(str, path.changes[:n]), path.labels[1]]
    figure.update_yaxes(
        range=[n + 1.6, -0.6],
        tickvals=list(range(n + 2)),
        ticktext=[style.short(row, _LABEL_LENGTH) for row in rows],
        showgrid=False,
    )
    figure.update_xaxes(title_text="predicted objective", showgrid=True, nticks=6)
    figure.update_layout(barmode="overlay", legend_itemclick=False)
    style.finish_legend(figure)
    style.add_notes(figure, _notes(path, n))
    return figure


def _is_sure(path: AblationPath, n: int) -> np.ndarray:
    return np.asarray((path.ci_low[:n] > 0.0) | (path.ci_high[:n] < 0.0))


def _bars(path: AblationPath, n: int) -> list[Any]:
    is_sure, is_better = _is_sure(path, n), path.improvements[:n] > 0.0
    kinds = (
        (is_sure & is_better, style.POINT, "better"),
        (is_sure & ~is_better, style.TARGET, "worse"),
        (~is_sure, style.PALE, "not told from no change"),
    )
    hover = np.array([_hover(path, k) for k in range(n)], dtype=object)
    return [
        style.graph_objects().Bar(
            orientation="h",
            base=path.values[:n][chosen],
            x=np.diff(path.values[: n + 1])[chosen],
            y=np.flatnonzero(chosen) + 1,
            width=_BAR_WIDTH,
            marker={"color": colour, "line": {"width": 0}},
            customdata=hover[chosen],
            hovertemplate="%{customdata}<extra></extra>",
            name=name,
        )
        for chosen, colour, name in kinds
        if chosen.any()
    ]


def _whiskers(path: AblationPath, n: int) -> Any:
    """Draw from where to where the value after each change may lie."""
    changes = -loss_sign(path.direction) * np.stack([path.ci_low[:n], path.ci_high[:n]])
    name = f"{style.percent(path.confidence)} interval"
    return traces.whiskers(path.values[:n] + changes, np.arange(1, n + 1), name)


def _ends(path: AblationPath, n: int) -> Any:
    return style.graph_objects().Scatter(
        x=path.values[[0, -1]],
        y=[0, n + 1],
        mode="markers",
        marker={"color": style.INK, "symbol": "circle", "size": 10},
        name="start and end",
        hovertemplate="predicted: %{x:.4g}<extra></extra>",
    )


def _observed(path: AblationPath, n: int) -> list[Any]:
    """Mark what trials at the configurations of the path had."""
    places = np.append(np.arange(n + 1), len(path.changes))  # the end has a row of its own
    rows = np.append(np.arange(n + 1), n + 1)
    chosen = path.n_observed[places] > 0
    if not chosen.any():
        return []
    counts = [count(int(k), "trial") for k in path.n_observed[places][chosen]]
    return [
        style.graph_objects().Scatter(
            x=path.observed[places][chosen],
            y=rows[chosen],
            mode="markers",
            marker={"color": style.SERIES[3][0], "symbol": "diamond", "size": 9},
            name="trials there",
            customdata=counts,
            hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
        )
    ]


def _hover(path: AblationPath, k: int) -> str:
    lines = [
        style.literal(str(path.changes[k])),
        f"improves by {path.improvements[k]:.3g}{_interval(path.ci_low[k], path.ci_high[k])}",
        f"on average over all orders {path.shapley[k]:.3g}"
        f"{_interval(path.shapley_low[k], path.shapley_high[k])}",
    ]
    if np.isfinite(real := path.observed_improvements[k]):
        lines.append(f"trials on both sides of it: {real:.3g}")
    return "<br>".join(lines)


def _interval(low: float, high: float) -> str:
    return "" if np.isnan(low) else f" ({low:.3g} to {high:.3g})"


def _notes(path: AblationPath, n: int) -> list[str]:
    notes = [
        f"the objective is to {path.direction}",
        f"by a surrogate of {path.n_trials:,} trials, skill {path.skill:.2f} (1 is perfect)",
    ]
    if n < len(path.changes):
        notes.append(f"the first {n} of {len(path.changes)} changes")
    return notes

"""The importance of each parameter on two sides, and whether they differ beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.importance._report import has_valid_tests
from optuna_hpx.importance.figures import _certainty

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceComparison

_MAX_ROWS = 40


def plot_importance_comparison(comparison: ImportanceComparison) -> go.Figure:
    """Plot S of each parameter on both sides, the largest difference on top.

    The line between the two is dark where they differ beyond chance (family-wise p below
    1 - confidence), else pale. Hovering shows the difference, its interval and p-values. Of more
    than 40 parameters the 40 with the largest differences are drawn, and the axis says so.

    Args:
        comparison: What :func:`optuna_hpx.compare_importances` returns.

    Example:
        >>> import optuna
        >>> from optuna_hpx import compare_importances, plot_importance_comparison
        >>> study = optuna.create_study(
        ...     directions=["minimize", "minimize"],
        ...     sampler=optuna.samplers.RandomSampler(seed=0),
        ... )
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return x, y
        >>> study.optimize(objective, n_trials=100)
        >>> comparison = compare_importances(study, targets=(0, 1), seed=0)
        >>> figure = plot_importance_comparison(comparison)
        >>> [trace.name for trace in figure.data]
        ['differs, p < 0.05', 'objective 0', 'objective 1']
    """
    _checks.has(
        "comparison",
        comparison,
        "is_paired",
        "an ImportanceComparison, as compare_importances(a, b) gives",
    )
    n = min(len(comparison.names), _MAX_ROWS)
    figure = style.new_figure([26 * n + 10])
    figure.add_traces([*_lines(comparison, n), *(_points(comparison, n, side) for side in (0, 1))])
    reach = max(float(comparison.importances[:, :n].max()), 0.2)
    figure.update_xaxes(
        range=[-0.03 * reach, 1.08 * reach],  # a mark at 0 is clear of its name
        nticks=6,
        title_text="importance S",
        showgrid=True,
    )
    style.name_rows(figure, comparison.names[:n])
    style.finish_legend(figure)
    style.add_notes(figure, _notes(comparison, n))
    return figure


def _is_sure(comparison: ImportanceComparison, n: int) -> np.ndarray:
    return np.isin(comparison.names[:n], comparison.differing)


def _lines(comparison: ImportanceComparison, n: int) -> list[Any]:
    """Join the two sides of each parameter: one trace of those that differ, one of the others."""
    level = f"{1.0 - comparison.confidence:.2g}"
    is_sure = _is_sure(comparison, n)
    others = "not told from chance" if comparison.has_p_values else "difference, not tested"
    return [
        style.graph_objects().Scatter(
            **traces.segments(comparison.importances[:, :n][:, chosen], np.flatnonzero(chosen)),
            mode="lines",
            line={"color": colour, "width": 4},
            name=name,
        )
        for chosen, colour, name in (
            (is_sure, style.INK, f"differs, p < {level}"),
            (~is_sure, style.GRID, others),
        )
        if chosen.any()
    ]


def _points(comparison: ImportanceComparison, n: int, side: int) -> Any:
    colour, symbol = style.SERIES[side]
    return style.graph_objects().Scatter(
        x=comparison.importances[side, :n],
        y=np.arange(n),
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 10},
        name=style.short(comparison.labels[side]),
        customdata=[_hover(comparison, k) for k in range(n)],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _hover(comparison: ImportanceComparison, k: int) -> str:
    s_a, s_b = comparison.importances[:, k]
    lines = [
        style.literal(comparison.names[k]),
        f"S = {s_a:.3f} against {s_b:.3f}, difference {comparison.difference[k]:+.3f}",
    ]
    if np.isfinite(comparison.ci_low[k]):
        level = style.percent(comparison.confidence)
        ends = f"{comparison.ci_low[k]:+.2f} to {comparison.ci_high[k]:+.2f}"
        lines.append(f"{level} interval {ends}")
    if comparison.has_p_values:
        familywise = comparison.p_values_familywise[k]
        lines.append(
            f"p = {comparison.p_values[k]:.2g}, among all {len(comparison.names)} parameters "
            f"{familywise:.2g}"
        )
    return "<br>".join(lines)


def _notes(comparison: ImportanceComparison, n: int) -> list[str]:
    notes = []
    if n < len(comparison.names):
        notes.append(f"the first {n} of {len(comparison.names)} parameters")
    if not all(map(has_valid_tests, comparison.sampling)):
        notes.append(_certainty.no_tests(comparison))
    return notes

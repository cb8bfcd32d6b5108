"""Where one parameter's target trials lie, against all trials of the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.scale import log_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport, Regime

_MAX_REGIMES = 6
_MAX_CHOICES = 30
_MAX_UPRIGHT_CHARS = 56  # labels longer than this in sum get bars that lie, and a line each


def plot_densities(report: ImportanceReport, name: str) -> go.Figure:
    """Plot the densities of one parameter among the target trials and among all trials.

    A continuous parameter is drawn over its own units, relative to a uniform draw from its bounds;
    a discrete one as the share of the trials that have each value. Several regimes are drawn one
    below the other: the 6 with the most target trials, and of more than 30 choices the 30 most
    frequent among these. What is left out is said in the figure.

    Args:
        report: What an importance evaluator of this package reports.
        name: The parameter.

    Raises:
        ValueError: If the report has no such parameter.

    Example:
        >>> import optuna
        >>> from optuna_hpx import PedAnovaImportanceEvaluator, plot_densities
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return (x - 0.3) ** 2 + 0.01 * y
        >>> study.optimize(objective, n_trials=100)
        >>> report = PedAnovaImportanceEvaluator(seed=0).report(study)
        >>> figure = plot_densities(report, "x")
        >>> report.regimes["x"][0].label, len(figure.data) > 0
        ('0 to 1', True)
    """
    _checks.has(
        "report", report, "regimes", "an ImportanceReport, as evaluator.report(study) gives"
    )
    if not isinstance(name, str) or name not in report.regimes:
        raise ValueError(f"`name` must be one of {sorted(report.regimes)}, got {name!r}.")
    all_regimes = report.regimes[name]
    if not all_regimes:
        return style.empty_figure("Too few trials to draw a density.")
    regimes = sorted(all_regimes, key=lambda regime: -regime.n_target)[:_MAX_REGIMES]
    figure = style.new_figure(
        [_row_height(regime) for regime in regimes],
        row_titles=[_row_title(regime, report.unit) for regime in regimes]
        if len(all_regimes) > 1
        else (),
    )
    for row, regime in enumerate(regimes, start=1):
        draw = _add_discrete if regime.kind == "discrete" else _add_continuous
        draw(figure, row, regime, report.unit)
    style.finish_legend(figure)
    title = style.short(name, 32)
    if len(all_regimes) > len(regimes):
        n_more = len(all_regimes) - len(regimes)
        title += f"<br>{style.note(f'{n_more} more regimes are not shown')}"
    _append_title(figure, len(regimes), title)
    return figure


def _append_title(figure: go.Figure, row: int, title: str) -> None:
    """Name the parameter under the last row, before what its own axis has to say."""
    (axis,) = figure.select_xaxes(row=row, col=1)
    axis.title.text = f"{title}<br>{axis.title.text}" if axis.title.text else title


def _row_title(regime: Regime, unit: str) -> str:
    counts = f"{regime.n_target:,} of {regime.n_region:,} {unit}s are target {unit}s"
    return f"{style.literal(regime.label)}<br>{style.note(counts)}"


def _row_height(regime: Regime) -> float:
    return 30.0 * len(_choices(regime)) + 10.0 if _is_lying(regime) else 190.0


def _add_continuous(figure: go.Figure, row: int, regime: Regime, unit: str) -> None:
    low, high = _edges(np.asarray(regime.x, dtype=float), regime.log)
    _add_curves(figure, row, regime, unit)
    _add_uniform(figure, row, low, high)
    figure.update_xaxes(
        **(_log_axis(low, high) if regime.log else {"range": [low, high], "nticks": 8}),
        title_text="position between own bounds" if regime.is_relative else None,
        row=row,
        col=1,
    )
    figure.update_yaxes(title_text="density", rangemode="tozero", row=row, col=1)


def _add_curves(figure: go.Figure, row: int, regime: Regime, unit: str) -> None:
    """Draw the densities, flat from the middles of the outermost cells to the bounds."""
    x = np.asarray(regime.x, dtype=float)
    low, high = _edges(x, regime.log)
    curves: list[tuple[str, str, Sequence[float], str]] = [
        (f"all {unit}s", style.REGION, regime.p_region.tolist(), "rgba(138, 144, 153, 0.18)"),
        (f"target {unit}s", style.TARGET, regime.p_target.tolist(), "rgba(217, 98, 43, 0.25)"),
    ]
    for name, colour, density, fill in curves if regime.n_target else curves[:1]:
        figure.add_trace(
            style.graph_objects().Scatter(
                x=[low, *x.tolist(), high],
                y=[density[0], *density, density[-1]],
                mode="lines",
                line={"color": colour, "width": 2},
                fill="tozeroy",
                fillcolor=fill,
                hovertemplate="%{x:.4g}: %{y:.2f} times as often as uniformly",
                name=name,
            ),
            row=row,
            col=1,
        )


def _add_uniform(figure: go.Figure, row: int, low: float, high: float) -> None:
    """Draw the line at 1, "as often as a uniform draw would"."""
    figure.add_trace(
        style.graph_objects().Scatter(
            x=[low, high],
            y=[1, 1],
            mode="lines+text",
            line={"color": style.INK, "width": 1, "dash": "dash"},
            text=["", "uniform"],
            textposition="top left",
            textfont={"size": 11},
            hoverinfo="skip",
            name="uniform",
            showlegend=False,
        ),
        row=row,
        col=1,
    )


def _log_axis(low: float, high: float) -> dict[str, object]:
    """Describe an axis from ``low`` to ``high`` with few ticks: panels are narrow on a phone."""
    return log_axis(float(np.log10(low)), float(np.log10(high)), n_powers=5, min_ticks=3)


def _edges(x: np.ndarray, is_log: bool) -> tuple[float, float]:
    """Compute the bounds, of which ``x`` holds the middles of equal cells."""
    u = np.log(x) if is_log else x
    half = (u[-1] - u[0]) / (2 * (len(u) - 1)) if len(u) > 1 else 0.5
    edges = np.array([u[0] - half, u[-1] + half])
    low, high = np.exp(edges) if is_log else edges
    return float(low), float(high)


def _choices(regime: Regime) -> np.ndarray:
    """Select the indices of the choices to draw, in their own order."""
    by_frequency = np.argsort(-(regime.p_target + regime.p_region * 1e-6), kind="stable")
    return np.sort(by_frequency[:_MAX_CHOICES])


def _is_lying(regime: Regime) -> bool:
    is_long = sum(len(str(label)) + 1 for label in regime.x) > _MAX_UPRIGHT_CHARS
    return regime.kind == "discrete" and is_long


def _add_discrete(figure: go.Figure, row: int, regime: Regime, unit: str) -> None:
    shown = _choices(regime)
    labels = [str(regime.x[k]) for k in shown]
    positions = list(range(len(shown)))
    lying = _is_lying(regime)
    for name, colour, shares in (
        (f"all {unit}s", style.REGION, regime.p_region[shown]),
        (f"target {unit}s", style.TARGET, regime.p_target[shown]),
    ):
        figure.add_trace(
            style.graph_objects().Bar(
                orientation="h" if lying else "v",
                x=shares if lying else positions,
                y=positions if lying else shares,
                marker={"color": colour},
                customdata=[style.literal(label) for label in labels],
                hovertemplate="%{customdata}: " + f"%{{{'x' if lying else 'y'}:.1%}}",
                name=name,
            ),
            row=row,
            col=1,
        )
    ticks = {"tickvals": positions, "ticktext": [style.short(label) for label in labels]}
    share = {"tickformat": ".0%", "rangemode": "tozero"}
    if lying:
        left_out = (
            f" ({len(regime.x) - len(shown)} more choices)" if len(regime.x) > len(shown) else ""
        )
        figure.update_xaxes(
            **share, title_text=f"share of {unit}s{left_out}", showgrid=True, row=row, col=1
        )
        figure.update_yaxes(
            **ticks, range=[len(shown) - 0.4, -0.6], showgrid=False, row=row, col=1
        )
    else:
        figure.update_xaxes(**ticks, row=row, col=1)
        figure.update_yaxes(**share, title_text=f"share of {unit}s", row=row, col=1)

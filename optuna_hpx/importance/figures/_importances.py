"""The importance of each parameter as bars, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.words import count
from optuna_hpx.importance.figures import _certainty

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport

_MAX_BARS = 40
_BAR_WIDTH = 0.72  # of a row
_LABEL_ROOM = 1.19  # the axis is so many times what it must show, for the label at the end


def plot_importances(report: ImportanceReport) -> go.Figure:
    """Plot the importances as bars with their intervals, the most important parameter on top.

    A tick in each row marks what chance alone exceeds with probability 1 - confidence. The bar of
    a parameter that cannot be told from chance (p >= 1 - confidence) is pale. Of trials that a
    sampler chose nothing is tested: no tick, and all bars are pale. They have intervals only where
    a surrogate speaks for the space.

    Hovering shows S, its interval and p-values, its share of the sum of all S, and how many
    regimes and trials it rests on. Of more than 40 parameters the 40 most important are drawn, and
    the axis says so.

    Args:
        report: What an importance evaluator of this package reports.

    Example:
        >>> import optuna
        >>> from optuna_hpx import PedAnovaImportanceEvaluator, plot_importances
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return (x - 0.3) ** 2 + 0.01 * y
        >>> study.optimize(objective, n_trials=100)
        >>> report = PedAnovaImportanceEvaluator(seed=0).report(study)
        >>> figure = plot_importances(report)
        >>> report.names[0], len(figure.data) > 0
        ('x', True)
    """
    _checks.has(
        "report", report, "regimes", "an ImportanceReport, as evaluator.report(study) gives"
    )
    if not report.names:
        return style.empty_figure("No parameter to assess.")
    n = min(len(report.names), _MAX_BARS)
    figure = style.new_figure([26 * n + 10])
    figure.add_traces(_bars(report, n))
    if report.has_intervals:
        figure.add_traces([_casing(report, n), _whiskers(report, n)])
        if report.has_p_values:
            figure.add_trace(_null_ticks(report, n))
    figure.add_trace(_labels(report, n))
    figure.update_xaxes(
        range=[0, _LABEL_ROOM * max(float(_reach(report, n).max()), 0.2)],
        nticks=6,
        title_text=f"importance {_certainty.symbol(report)}",
        showgrid=True,
    )
    style.name_rows(figure, report.names[:n])
    figure.update_layout(barmode="overlay", hovermode="y", legend_itemclick=False)
    style.finish_legend(figure)
    style.add_notes(figure, _notes(report, n))
    return figure


def _bars(report: ImportanceReport, n: int) -> list[Any]:
    level, symbol = 1.0 - report.confidence, _certainty.symbol(report)
    pale = (
        f"{symbol}, p ≥ {level:.2g}"
        if report.has_p_values or report.is_tested_by_model
        else symbol
    )
    is_sure = report.p_values[:n] < level
    if np.isnan(report.p_values[:n]).any() and pale != symbol:
        pale += " or not tested"
    return [
        style.graph_objects().Bar(
            orientation="h",
            x=report.importances[:n][chosen],
            y=np.flatnonzero(chosen),
            width=_BAR_WIDTH,
            marker={"color": colour, "line": {"width": 0}},
            hoverinfo="skip",
            name=name,
        )
        for chosen, colour, name in (
            (is_sure, style.POINT, f"{symbol}, p < {level:.2g}"),
            (~is_sure, style.PALE, pale),
        )
        if chosen.any()
    ]


def _casing(report: ImportanceReport, n: int) -> Any:
    """Draw something bright around an interval, which makes it visible on its own bar."""
    low, s = report.ci_low[:n], report.importances[:n]
    return style.graph_objects().Scatter(
        **traces.segments(np.stack([np.where(low < s, low, np.nan), s]), np.arange(n)),
        mode="lines",
        line={"color": "rgba(255, 255, 255, 0.7)", "width": 5},
        showlegend=False,
    )


def _whiskers(report: ImportanceReport, n: int) -> Any:
    ends = np.stack([report.ci_low[:n], report.ci_high[:n]])
    return traces.whiskers(ends, np.arange(n), _certainty.kind_of_interval(report))


def _null_ticks(report: ImportanceReport, n: int) -> Any:
    return style.graph_objects().Scatter(
        x=report.null_level[:n],
        y=np.arange(n),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": 15,
            "line": {"width": 2.5, "color": style.TARGET},
        },
        hoverinfo="skip",
        name="chance level",
    )


def _reach(report: ImportanceReport, n: int) -> np.ndarray:
    """Return the right end (n,) of all that is drawn in each row."""
    s = report.importances[:n]
    if not report.has_intervals:
        return s
    # fmax: of a parameter that nothing is known of the ends are NaN
    return np.fmax(s, np.fmax(report.ci_high[:n], report.null_level[:n]))


def _labels(report: ImportanceReport, n: int) -> Any:
    """Write S behind all marks of its row; what it tells when hovered stands for the row."""
    return style.graph_objects().Scatter(
        x=_reach(report, n),
        y=np.arange(n),
        mode="text",
        text=[
            f"  {importance:.2f}" if report.regimes[name] else "  –"
            for name, importance in zip(report.names[:n], report.importances[:n], strict=True)
        ],
        textposition="middle right",
        cliponaxis=False,
        customdata=_hover_rows(report, n),
        hovertemplate=(
            "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}"
            "<br>%{customdata[3]}<br>%{customdata[4]}<extra></extra>"
        ),
        showlegend=False,
    )


def _hover_rows(report: ImportanceReport, n: int) -> list[list[str]]:
    symbol = _certainty.symbol(report)
    rows = []
    for k, name in enumerate(report.names[:n]):
        regimes = report.regimes[name]
        n_trials = sum(regime.n_region for regime in regimes)
        size = f"{count(len(regimes), 'regime')}, {count(n_trials, report.unit)}"
        measured = f"{symbol} = {report.importances[k]:.3f}"
        measured += _certainty.interval(report, report.ci_low[k], report.ci_high[k])
        share = f"{100 * report.normalized[k]:.1f} % of the sum of all {symbol}, "
        if not regimes:
            measured, share = f"{symbol} is not known", ""
        rows.append([style.literal(name), measured, *_tested(report, k), f"{share}{size}"])
    return rows


def _tested(report: ImportanceReport, k: int) -> tuple[str, str]:
    """Tell what tests say of a parameter, or that there are none."""
    is_known = bool(np.isfinite(report.p_values[k]) and report.regimes[report.names[k]])
    if report.is_tested_by_model and is_known:
        return (
            _p_of_model(report, k),
            "by a model of the trials, which a sampler or a person chose",
        )
    if not is_known:
        reason = "a sampler or a person chose these trials:" * (not report.has_p_values)
        return reason or "too few trials:", "nothing is tested"
    level = style.percent(1.0 - report.confidence)
    return (
        f"p = {report.p_values[k]:.2g}, among all {len(report.names)} parameters "
        f"{report.p_values_familywise[k]:.2g}",
        f"among these trials chance alone exceeds {report.null_level[k]:.3f} in {level}",
    )


def _p_of_model(report: ImportanceReport, k: int) -> str:
    """Write the p-values of a model; a large one is no sign that a parameter is idle."""
    level, among = 1.0 - report.confidence, report.p_values_familywise[k]
    if report.p_values[k] >= level:
        return "not shown to matter"
    among_all = f"{among:.2g}" if among < level else "not shown"
    return f"p = {report.p_values[k]:.2g}, among all {len(report.names)} parameters {among_all}"


def _notes(report: ImportanceReport, n: int) -> list[str]:
    """Say what the bars do not show."""
    symbol, notes = _certainty.symbol(report), []
    if report.space == "uniform":
        tested = "; p and chance level by the trials" if report.has_p_values else ""
        size = f" of {count(report.n_taught, 'trial')}" if report.n_taught else ""
        notes.append(f"{symbol} and ranges by a surrogate{size}{tested}")
    if report.has_p_values and report.has_intervals:
        level = style.percent(1.0 - report.confidence)
        notes.append(f"chance level: what chance alone exceeds in {level}")
    if n < len(report.names):
        notes.append(f"the first {n} of {len(report.names)} parameters")
    if not report.importances.any():
        notes.append("no parameter by itself sets the target set apart")
    if report.is_tested_by_model:
        notes.append(_certainty.by_model(report))
    elif not report.has_p_values:
        notes.append(_certainty.no_tests(report))
    return notes

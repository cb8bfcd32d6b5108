"""The effect of one parameter on the objective, averaged over the search space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.scale import log_axis
from optuna_hpx.canvas.words import distinct

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import MarginalEffect


def plot_marginal_effect(effect: MarginalEffect) -> go.Figure:
    """Plot the predicted objective along one parameter, against its average over the values.

    The band holds the whole curve at once. Filled points are values that may be the best; hollow
    ones are surely worse than some other.

    Args:
        effect: What :func:`optuna_hpx.marginal_effect` returns.

    Example:
        >>> import optuna
        >>> from optuna_hpx import marginal_effect, plot_marginal_effect
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=30)
        >>> figure = plot_marginal_effect(marginal_effect(study, "x", seed=0))
        >>> figure.layout.xaxis.title.text
        'x'
    """
    _checks.has(
        "effect", effect, "may_be_best", "a MarginalEffect, as marginal_effect(study, name) gives"
    )
    figure = style.new_figure([240.0])
    places = np.array(effect.values, float) if effect.is_numeric else np.arange(len(effect.values))
    figure.add_traces(_curve(effect, places) if effect.is_numeric else _whiskers(effect, places))
    figure.add_traces(_points(effect, places))
    _finish_x_axis(figure, effect, places)
    figure.update_yaxes(title_text=f"effect on the objective ({effect.direction})", zeroline=True)
    style.finish_legend(figure)
    style.add_notes(figure, _notes(effect))
    return figure


def _band_name(effect: MarginalEffect) -> str:
    return f"{style.percent(effect.confidence)} band of the whole curve"


def _curve(effect: MarginalEffect, places: np.ndarray) -> list[Any]:
    line = style.graph_objects().Scatter(
        x=places,
        y=effect.effect,
        mode="lines",
        line={"color": style.POINT, "width": 2},
        hoverinfo="skip",
        name="mean effect",
        legendgroup="mean effect",
    )
    band = traces.band(
        places,
        effect.ci_low,
        effect.ci_high,
        colour=style.POINT,
        opacity=0.18,
        group="mean effect",
    )
    return [band, line]


def _whiskers(effect: MarginalEffect, places: np.ndarray) -> list[Any]:
    ends = np.stack([effect.ci_low, effect.ci_high])
    return [
        style.graph_objects().Scatter(
            **traces.segments(ends, places, upright=True),
            mode="lines",
            line={"color": style.INK, "width": 2},
            name=_band_name(effect),
        )
    ]


def _points(effect: MarginalEffect, places: np.ndarray) -> list[Any]:
    return [
        style.graph_objects().Scatter(
            x=places[chosen],
            y=effect.effect[chosen],
            mode="markers",
            marker={"color": style.POINT, "symbol": symbol, "size": 9},
            name=name,
            customdata=[_hover(effect, int(k)) for k in np.flatnonzero(chosen)],
            hovertemplate="%{customdata}<extra></extra>",
        )
        for chosen, symbol, name in (
            (effect.may_be_best, "circle", "may be the best"),
            (~effect.may_be_best, "circle-open", "surely worse than another"),
        )
        if chosen.any()
    ]


def _hover(effect: MarginalEffect, k: int) -> str:
    text = distinct(effect.values, _write)[k]
    return (
        f"{style.literal(effect.name)} = {style.literal(text)}<br>"
        f"effect {effect.effect[k]:+.3g} ({effect.ci_low[k]:+.3g} to {effect.ci_high[k]:+.3g})"
    )


def _write(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _finish_x_axis(figure: go.Figure, effect: MarginalEffect, places: np.ndarray) -> None:
    axis: dict[str, Any] = {}
    if not effect.is_numeric:
        labels = [style.short(text) for text in distinct(effect.values)]
        axis = {"tickvals": places.tolist(), "ticktext": labels}
    elif effect.is_log:
        axis = log_axis(*np.log10(places[[0, -1]]).tolist())
    figure.update_xaxes(**axis, title_text=style.short(effect.name, 60))


def _notes(effect: MarginalEffect) -> list[str]:
    band = [f"band: {style.percent(effect.confidence)}, the whole curve at once"]
    return [
        *(band if effect.is_numeric else []),
        "averaged over the search space of the other parameters",
        f"by a surrogate of {effect.n_trials:,} trials, skill {effect.skill:.2f} (1 is perfect)",
    ]

"""How importances move as the target set shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.words import count
from optuna_hpx.importance._report import has_valid_tests
from optuna_hpx.importance.figures import _certainty

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceProfile

_NAME_LENGTH = 20
_MAX_BANDS = 4
_LARGE = 20  # target trials, below which the correction for chance takes a part of S
_TICKS = np.outer([0.001, 0.01, 0.1, 1.0], [1.0, 2.0, 5.0]).ravel()
_PAD = 0.03  # decades beyond the outermost quantiles


def plot_importance_profile(profile: ImportanceProfile) -> go.Figure:
    """Plot S against the target quantile, from nearly all trials to the best few on the right.

    The 8 parameters with the largest S are coloured, the others grey. A band is an interval for S;
    up to 4 parameters whose interval excludes 0 at some quantile have one, and hovering tells that
    of any other. A click in the legend hides a parameter.

    Args:
        profile: What :func:`optuna_hpx.importance_profile` returns.

    Example:
        >>> import optuna
        >>> from optuna_hpx import importance_profile, plot_importance_profile
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return (x - 0.3) ** 2 + 0.01 * y
        >>> study.optimize(objective, n_trials=100)
        >>> figure = plot_importance_profile(importance_profile(study))
        >>> len(figure.data) > 0
        True
    """
    _checks.has(
        "profile", profile, "quantiles", "an ImportanceProfile, as importance_profile(study) gives"
    )
    if not profile.names or not len(profile.quantiles):
        return style.empty_figure("Too few trials for a profile.")
    figure = style.new_figure([300.0])
    n_coloured = min(len(profile.names), len(style.SERIES))
    banded = _banded(profile, n_coloured)
    if n_coloured < len(profile.names):
        others = traces.other_parameters(
            profile.quantiles,
            profile.importances[:, n_coloured:],
            profile.names[n_coloured:],
            "S = %{y:.3f}",
        )
        figure.add_trace(others)
    figure.add_traces([_band(profile, k) for k in banded])
    figure.add_traces([_line(profile, k) for k in range(n_coloured)])
    _finish_axes(figure, profile, banded)
    style.finish_legend(figure)
    style.add_notes(figure, _notes(profile, banded))
    return figure


def _banded(profile: ImportanceProfile, n: int) -> list[int]:
    """Select those of the first n parameters whose intervals are drawn: such as exclude 0."""
    return [k for k in range(n) if (profile.ci_low[:, k] > 0.0).any()][:_MAX_BANDS]


def _line(profile: ImportanceProfile, k: int) -> Any:
    colour, symbol = style.SERIES[k]
    return style.graph_objects().Scatter(
        x=profile.quantiles,
        y=profile.importances[:, k],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"symbol": symbol, "size": 8},
        name=style.short(profile.names[k], _NAME_LENGTH),
        legendgroup=profile.names[k],
        customdata=[_hover(profile, row, k) for row in range(len(profile.quantiles))],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(profile: ImportanceProfile, row: int, k: int) -> str:
    return (
        f"{style.literal(profile.names[k])}<br>S = {profile.importances[row, k]:.3f}"
        + _certainty.interval(profile, profile.ci_low[row, k], profile.ci_high[row, k])
        + f"<br>for the best {style.percent(profile.quantiles[row])}, "
        f"{count(int(profile.n_target[row]), profile.unit)}"
    )


def _band(profile: ImportanceProfile, k: int) -> Any:
    """Make the band of the intervals of parameter ``k``."""
    return traces.band(
        profile.quantiles,
        profile.ci_low[:, k],
        profile.ci_high[:, k],
        colour=style.SERIES[k][0],
        opacity=0.13,
        group=profile.names[k],
    )


def _finish_axes(figure: go.Figure, profile: ImportanceProfile, banded: list[int]) -> None:
    ends = np.log10(profile.quantiles[[-1, 0]]) + np.array([_PAD, -_PAD])
    inside = _TICKS[(np.log10(_TICKS) <= ends[0]) & (np.log10(_TICKS) >= ends[1])]
    ticks = np.union1d(inside, profile.quantiles[-1:]) if len(inside) else profile.quantiles
    figure.update_xaxes(
        type="log",
        range=ends.tolist(),
        tickvals=ticks.tolist(),
        ticktext=[style.percent(tick) for tick in ticks],
        title_text=f"target: the best … of the {profile.unit}s",
    )
    reach = np.fmax.reduce(profile.ci_high[:, banded], axis=None, initial=0.0)
    top = max(0.1, profile.importances.max(), reach)
    figure.update_yaxes(range=[0.0, min(1.05 * top, 1.02)], title_text="importance S")


def _notes(profile: ImportanceProfile, banded: list[int]) -> list[str]:
    notes = []
    if banded:
        level = style.percent(profile.confidence)
        notes.append(f"bands: {level} intervals of the parameters that stand out most")
    if not has_valid_tests(profile.sampling):
        notes.append(_certainty.no_tests(profile))
    if (profile.n_target < _LARGE).any():
        least = profile.quantiles[profile.n_target < _LARGE].max()
        notes.append(
            f"from {style.percent(least)} on under {_LARGE} target {profile.unit}s: S leans to 0"
        )
    return notes

"""How good random search gets, and how good it can get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.history import improvements
from optuna_hpx.law._progress import lead, next_percent
from optuna_hpx.law.figures._bands import Band, add_band
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.law import AsymptoticLaw

_BAND = 0.8  # confidence of the bands of the tuning curve and of the forecast
_AHEAD = 3  # times as many trials as random ones so far: a forecast should reach no further
_N_POINTS = 60  # of a curve: enough to look smooth on a logarithmic axis
_POSSIBLE = style.SERIES[2][0]  # a colour of its own: it is neither a trial nor a best one


def plot_tuning_curve(law: AsymptoticLaw, study: Study | TrialTable | None = None) -> go.Figure:
    """Plot how good the best of so many random trials is, will be and can be.

    Drawn are the law's tuning curve, which is the median of the best of k random trials, with the
    middle 80 %; the forecast for up to three times as many more random trials as there were; the
    best possible score with its 95 % interval; and of ``study`` the best so far. Where the law
    does not describe the trials, the curve and its 95 % band are those of the trials alone
    (:func:`tuning_curve_band`), and no best possible score is drawn.

    A note says how many random trials the next 1 % costs, a hundredth of the way from the median
    trial to the best. Where the first trials are so bad that they would squash all else, the axis
    is cut, and a note says so.

    Args:
        law: Of random search, as :meth:`AsymptoticLaw.fit_study` finds it.
        study: The study of which it is the law, or its table; None leaves the best so far out.

    Returns:
        The figure.

    Raises:
        ImportError: If plotly is not installed.
        TypeError: If an argument has the wrong type.
        ValueError: If the study has several objectives, or another direction than the law.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import AsymptoticLaw, plot_tuning_curve
        >>> scores = np.random.default_rng(0).random(60) ** 2
        >>> figure = plot_tuning_curve(AsymptoticLaw.fit(scores))
        >>> [trace.name for trace in figure.data if trace.name]
        ['best possible', 'tuning curve', 'forecast']
    """
    _checks.has("law", law, "tuning_curve", "an AsymptoticLaw, as AsymptoticLaw.fit gives")
    so_far = None if study is None else _best_so_far(_table_of(study, law))
    possible = _possible(law) if law.describes else None
    curve, ahead = _curve(law) if law.describes else _curve_of_trials(law), _forecast(law)
    y_range, is_cut = _range(law, possible, curve, ahead, so_far)
    figure = style.new_figure([340.0])
    if possible is not None:
        add_band(figure, possible, y_range)
    add_band(figure, curve, y_range)
    if so_far is not None:
        _add_best_so_far(figure, *so_far)
    add_band(figure, ahead, y_range)
    figure.update_xaxes(type="log", dtick=1, title_text="trials")
    figure.update_yaxes(range=list(y_range), title_text=f"best value ({law.direction})")
    style.finish_legend(figure)
    style.add_notes(figure, _notes(law, ahead, is_cut))
    return figure


def _table_of(study: Study | TrialTable, law: AsymptoticLaw) -> TrialTable:
    table = TrialTable.of(study)
    if len(table.directions) > 1:
        raise ValueError(
            f"`study` must have one objective, got {len(table.directions)}: leave it out to see "
            "the law of one of them."
        )
    if table.directions[0] != law.direction:
        raise ValueError(
            f"`study` must {law.direction}, as the law does, got {table.directions[0]!r}."
        )
    return table


def _best_so_far(table: TrialTable) -> tuple[np.ndarray, np.ndarray] | None:
    """Follow the best value.

    Returns:
        Numbers of trials, and the best value of so many: at each improvement and at the end. None
        if no trial is complete and feasible.
    """
    rows = np.flatnonzero(table.complete & table.feasible)
    if not len(rows):
        return None
    losses = table.losses[rows, 0]
    steps = rows[improvements(losses)]
    return np.append(steps + 1, len(table)), table.values[np.append(steps, steps[-1]), 0]


def _last_number(law: AsymptoticLaw) -> int:
    """Return the number of trials at which the figure ends."""
    return law.n_left_out + (1 + _AHEAD) * law.n_trials


def _numbers(start: int, end: int) -> np.ndarray:
    """Choose numbers of trials that lie evenly on a logarithmic axis."""
    return np.unique(np.geomspace(start, end, _N_POINTS).round().astype(int))


def _possible(law: AsymptoticLaw) -> Band:
    low, high = law.interval("best_possible")
    y = np.array([[low] * 2, [law.best_possible] * 2, [high] * 2])
    x = np.array([1, _last_number(law)])
    return Band("best possible", _POSSIBLE, "dot", "best possible", x, y)


def _curve(law: AsymptoticLaw) -> Band:
    x = _numbers(1, _last_number(law))
    tail = (1.0 - _BAND) / 2.0
    y = law.tuning_curve(x[None, :], quantile=np.array([[tail], [0.5], [1.0 - tail]]))
    return Band("tuning curve", style.POINT, "solid", "best of %{x:,} random trials", x, y)


def _curve_of_trials(law: AsymptoticLaw) -> Band:
    """Bound the tuning curve by the trials alone, which holds without a law."""
    x = _numbers(1, _last_number(law))
    low, high = law.band.interval(x)
    y = np.array([low, law.band.curve(x), high])
    return Band("tuning curve", style.POINT, "solid", "best of %{x:,} random trials", x, y)


def _forecast(law: AsymptoticLaw) -> Band:
    """Forecast from the best of all trials on.

    What the random ones alone will reach may be worse: then the best of all stays the best.
    """
    n = law.n_trials + law.n_left_out
    x = _numbers(n, _last_number(law))
    after = [law.best_after(int(k), confidence=_BAND) for k in x[1:] - n]
    y = np.array([[law.best] * 3, *([f.low, f.median, f.high] for f in after)]).T
    better = np.minimum if law.direction == "minimize" else np.maximum
    y = better(y, law.best_of_all)
    return Band("forecast", style.BEST, "dash", "best after %{x:,} trials", x, y)


def _range(
    law: AsymptoticLaw,
    possible: Band | None,
    curve: Band,
    ahead: Band,
    so_far: tuple[np.ndarray, np.ndarray] | None,
) -> tuple[tuple[float, float], bool]:
    """Choose the axis: the curve after the first few trials, and what is not far off.

    Returns:
        Its ends, and whether something lies beyond them.
    """
    steps = np.zeros(0) if so_far is None else so_far[1]
    later = curve.y[:, curve.x >= np.sqrt(law.n_trials)]
    main = np.concatenate([later.ravel(), ahead.y.ravel(), steps[-1:]])
    main = main[np.isfinite(main)]
    room = np.ptp(main) / 2.0
    limits = np.zeros(0) if possible is None else possible.y.ravel()
    drawn = np.concatenate([main, curve.y.ravel(), limits, steps])
    shown = drawn[(drawn >= main.min() - room) & (drawn <= main.max() + room)]
    pad = 0.05 * np.ptp(shown)
    return (float(shown.min() - pad), float(shown.max() + pad)), len(shown) < len(drawn)


def _add_best_so_far(figure: go.Figure, x: np.ndarray, y: np.ndarray) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"shape": "hv", "color": style.BEST, "width": 2},
        name="best so far",
        hovertemplate="best of the first %{x:,} trials: %{y:.6g}<extra></extra>",
    )


def _notes(law: AsymptoticLaw, ahead: Band, is_cut: bool) -> list[str]:
    """Write what must be known to read the figure, in lines that fit a phone."""
    notes = ["Bands hold 80 %, that of the best possible score 95 %."]
    if not law.describes:
        notes = [
            "The law does not describe these trials: the curve and",
            "its 95 % band do without.",
        ]
    sign = 1.0 if law.direction == "maximize" else -1.0
    if law.describes and (sign * ahead.y).max() > sign * law.best_possible:
        notes.append("That is an expected score: with noise, trials can beat it.")
    if (step := next_percent(law)) is not None:
        notes += [
            f"The next 1 % ({step:.1g}) {_cost(law.n_more_for(lead(law) + step))}.",
            "1 % is of the way from the median trial to the best.",
        ]
    if law.n_left_out:
        notes.append(f"The curve is that of the {law.n_trials:,} random trials among all.")
    if is_cut:
        notes.append("The axis leaves out what lies far off.")
    return notes


def _cost(n_more: float) -> str:
    """Say what a gain costs in random trials, to two digits: no forecast has more."""
    if not np.isfinite(n_more):
        return "is out of reach of random trials"
    return f"takes about {int(float(f'{n_more:.2g}')):,} more random trials"

"""How good random search gets, and how good it can get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas import style
from optuna_hpx.canvas.history import improvements
from optuna_hpx.law._progress import band_alone, described, lead, next_percent
from optuna_hpx.law.figures._bands import Band, add_band
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.law import AsymptoticLaw, TuningCurveBand

_BAND = 0.8  # confidence of the bands of the tuning curve and of the forecast
_AHEAD = 3  # times as many trials as random ones so far: a forecast should reach no further
_N_POINTS = 60  # of a curve: enough to look smooth on a logarithmic axis
_POSSIBLE = style.SERIES[2][0]  # a colour of its own: it is neither a trial nor a best one


def plot_tuning_curve(
    law: AsymptoticLaw | TuningCurveBand, study: Study | TrialTable | None = None
) -> go.Figure:
    """Plot how good the best of so many random trials is, will be and can be.

    Drawn are the law's tuning curve, which is the median of the best of k random trials, with the
    middle 80 %; the forecast for up to three times as many more random trials as there were; the
    best possible score with its 95 % interval; and of ``study`` the best so far. Where the law
    does not describe the trials, the curve and its 95 % band are those of the trials alone
    (:func:`tuning_curve_band`), and no best possible score is drawn: as of such a band itself.

    Of a law a note says how many random trials the next 1 % costs, a hundredth of the way from
    the median trial to the best. Where the first trials are so bad that they would squash all
    else, the axis is cut, and a note says so.

    Args:
        law: Of random search, as :meth:`AsymptoticLaw.fit_study` finds it, or the bounds of
            :func:`tuning_curve_band`.
        study: The study of which it is, or its table; None leaves the best so far out.

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
    _checks.has("law", law, "best_after", "an AsymptoticLaw or a TuningCurveBand")
    so_far = None if study is None else _best_so_far(_table_of(study, law))
    fitted = described(law)
    possible = None if fitted is None else _possible(fitted)
    curve = _curve_of_trials(law) if fitted is None else _curve(fitted)
    ahead = _forecast(law)
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


def _table_of(study: Study | TrialTable, law: AsymptoticLaw | TuningCurveBand) -> TrialTable:
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


def _last_number(law: AsymptoticLaw | TuningCurveBand) -> int:
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


def _curve_of_trials(law: AsymptoticLaw | TuningCurveBand) -> Band:
    """Bound the tuning curve by the trials alone, which holds without a law."""
    x = _numbers(1, _last_number(law))
    band = band_alone(law)
    low, high = band.interval(x)
    y = np.array([low, band.curve(x), high])
    return Band("tuning curve", style.POINT, "solid", "best of %{x:,} random trials", x, y)


def _forecast(law: AsymptoticLaw | TuningCurveBand) -> Band:
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
    law: AsymptoticLaw | TuningCurveBand,
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
    pad = 0.05 * np.ptp(shown) or 0.05 * abs(shown[0]) or 1.0  # of scores that are all alike
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


def _notes(law: AsymptoticLaw | TuningCurveBand, ahead: Band, is_cut: bool) -> list[str]:
    """Write what must be known to read the figure, in lines that fit a phone."""
    fitted = described(law)
    notes = _notes_without(law) if fitted is None else _notes_of(fitted, ahead)
    if hasattr(law, "describes") and (step := next_percent(law)) is not None:
        notes += [
            f"The next 1 % ({step:.1g}) {_cost(law.n_more_for(lead(law) + step))}.",
            "1 % is of the way from the median trial to the best.",
        ]
    if law.n_left_out:
        notes.append(f"The curve is that of the {law.n_trials:,} random trials among all.")
    if is_cut:
        notes.append("The axis leaves out what lies far off.")
    return notes


def _notes_of(law: AsymptoticLaw, ahead: Band) -> list[str]:
    notes = ["Bands hold 80 %, that of the best possible score 95 %."]
    sign = 1.0 if law.direction == "maximize" else -1.0
    if (sign * ahead.y).max() > sign * law.best_possible:
        notes.append("That is an expected score: with noise, trials can beat it.")
    return notes


def _notes_without(law: AsymptoticLaw | TuningCurveBand) -> list[str]:
    level = f"{100 * band_alone(law).confidence:g} %"
    if hasattr(law, "describes"):
        return [
            "The law does not describe these trials: the curve and",
            f"its {level} band do without.",
        ]
    return [
        f"The curve has a {level} band that rests on no law;",
        "the forecast, of 80 %, rests on the gaps of the best four.",
    ]


def _cost(n_more: float) -> str:
    """Say what a gain costs in random trials, to two digits: no forecast has more."""
    if not np.isfinite(n_more):
        return "is out of reach of random trials"
    return f"takes about {int(float(f'{n_more:.2g}')):,} more random trials"

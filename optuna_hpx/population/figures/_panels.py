"""The panels of a schedule: what each shows of the steps, and of the population behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from optuna_hpx.canvas import style, traces
from optuna_hpx.canvas.scale import Scale, is_finite, log_axis, spans_decades
from optuna_hpx.population.figures._population import (
    ranks,
    read_population,
    side_by_side,
    value_markup,
)
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.population import Schedule
    from optuna_hpx.population._segment import Segment
    from optuna_hpx.trials.table import TrialTable

__all__ = ["Crowd", "Panel", "objective_panel", "parameter_panel"]

_LOG_RATIO = 30.0  # largest to smallest value, from which on a guess is "logarithmic"
_HEIGHT, _CATEGORY = 110.0, 20.0  # of a panel, and of a category in it
_TICKS = 5
_PAD = 0.08


@dataclass(frozen=True)
class Crowd:
    """The population behind a schedule.

    Attributes:
        segments: Those that are drawn, n of them.
        n_all: How many there are.
        x: (n,) where they are drawn.
        colours: (n,) of their ranks, as :func:`rank_axis` has them.
        sign: That makes a value a loss.
    """

    segments: list[Segment]
    n_all: int
    x: np.ndarray
    colours: np.ndarray
    sign: float

    @classmethod
    def read(cls, study: Study | TrialTable, schedule: Schedule, n_max: int) -> Crowd:
        """Read at most ``n_max`` segments of a population that has the schedule's direction."""
        ledger = read_population(study)
        if ledger.direction != schedule.direction:
            raise ValueError(
                f"`study` must {schedule.direction}, as the schedule does, got "
                f"{ledger.direction!r}."
            )
        everyone = ledger.segments()
        rank = ranks(everyone)
        x = side_by_side(np.array([segment.generation for segment in everyone]), rank)
        rows = traces.thin_at_random(np.arange(len(everyone)), n_max)
        segments = [everyone[row] for row in rows]
        # Without a value is last, and so it stands.
        colours = ledger.sign * np.nan_to_num(rank[rows], nan=1.0)
        return cls(segments, len(everyone), x[rows], colours, ledger.sign)


@dataclass(frozen=True)
class Panel:
    """What one panel shows.

    Attributes:
        title: As markup.
        y: (T,) heights of the steps; NaN for a gap.
        text: T of them, for hovering.
        crowd_y: (n,) heights of the population; NaN where there is none. Empty without one.
        crowd_text: n of them.
        axis: Of y.
        height: In pixels.
        shape: Of the line from step to step.
    """

    title: str
    y: np.ndarray
    text: list[str]
    crowd_y: np.ndarray
    crowd_text: list[str]
    axis: dict[str, Any]
    height: float = _HEIGHT
    shape: str = "hvh"


def parameter_panel(name: str, schedule: Schedule, crowd: Crowd | None) -> Panel:
    """Return the panel of a hyperparameter that at least one step has."""
    n = len(schedule.steps)
    params = [step.params for step in schedule.steps]
    if crowd is not None:
        params += [segment.trial.params for segment in crowd.segments]
    values = [p[name] for p in params if name in p]
    dists, height = _distributions(name, crowd), _HEIGHT
    if _is_categorical(values, dists):
        labels = _labels(values, dists)
        y = np.array([labels[repr(p[name])] if name in p else np.nan for p in params])
        axis, height = _category_axis(labels, values), max(height, _CATEGORY * len(labels))
    else:
        y = np.array([float(p.get(name, np.nan)) for p in params])
        axis = _number_axis(y[np.isfinite(y)], dists)
    text = [value_markup(p[name]) if name in p else "" for p in params]
    return Panel(style.short(name, 40), y[:n], text[:n], y[n:], text[n:], axis, height)


def _distributions(name: str, crowd: Crowd | None) -> list[BaseDistribution]:
    """Return those that the population drew the parameter from; none without a population."""
    segments = [] if crowd is None else crowd.segments
    return [s.trial.distributions[name] for s in segments if name in s.trial.distributions]


def _is_categorical(values: Sequence[Any], dists: Sequence[BaseDistribution]) -> bool:
    is_number = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in values]
    return not all(is_number) or any(isinstance(d, CategoricalDistribution) for d in dists)


def _labels(values: Sequence[Any], dists: Sequence[BaseDistribution]) -> dict[str, int]:
    """Return the height of each of ``values``, by how Python writes it.

    So 1 and True are two categories.
    """
    choices = [c for d in dists[:1] if isinstance(d, CategoricalDistribution) for c in d.choices]
    used = {repr(value) for value in values}
    names = dict.fromkeys(repr(value) for value in (*choices, *values))
    return {name: k for k, name in enumerate(name for name in names if name in used)}


def _category_axis(labels: dict[str, int], values: Sequence[Any]) -> dict[str, Any]:
    texts = {repr(value): style.short(str(value), 14) for value in values}
    return {
        "tickvals": list(labels.values()),
        "ticktext": [texts[name] for name in labels],
        "range": [-0.6, len(labels) - 0.4],
    }


def _number_axis(values: np.ndarray, dists: Sequence[BaseDistribution]) -> dict[str, Any]:
    """Describe an axis for at least one value."""
    is_log = _is_log(values, dists)
    places = np.log10(values) if is_log else values
    low, high = float(places.min()), float(places.max())
    pad = _PAD * (high - low) or (0.5 if is_log else 0.1 * abs(low) or 1.0)
    if is_log:
        return log_axis(low - pad, high + pad)
    is_whole = high - low < _TICKS and bool((values == np.round(values)).all())
    ticks = {"dtick": 1} if is_whole else {"nticks": _TICKS}
    return {"type": "linear", "range": [low - pad, high + pad], **ticks}


def _is_log(values: np.ndarray, dists: Sequence[BaseDistribution]) -> bool:
    is_log = any(getattr(dist, "log", False) for dist in dists)
    if not dists:
        is_log = spans_decades(values, np.log10(_LOG_RATIO))
    return is_log and bool((values > 0.0).all())


def objective_panel(schedule: Schedule, crowd: Crowd | None) -> tuple[Panel, Scale]:
    """Return the panel of the objective, and the scale of its axis."""
    n, sign = len(schedule.steps), loss_sign(schedule.direction)
    losses = [] if crowd is None else [segment.loss for segment in crowd.segments]
    y = np.array([*(step.value for step in schedule.steps), *(sign * loss for loss in losses)])
    text = [f"{value:.6g}" for value in y]
    y[~is_finite(y)] = np.nan
    scale = Scale.of(y[is_finite(y)] if is_finite(y).any() else np.zeros(1), sign)
    panel = Panel(
        f"value ({schedule.direction})",
        y[:n],
        text[:n],
        y[n:],
        text[n:],
        scale.axis(has_strip=False),
        1.4 * _HEIGHT,
        "linear",
    )
    return panel, scale

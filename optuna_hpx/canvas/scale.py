"""Where values of an objective are on an axis: linear or in decades, and what lies beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_HUGE = 1e200  # from here on a value counts as infinite: no axis could reach much further
_DECADES = 2.0  # positive values that span more are drawn on a logarithmic axis
_SQUASHED = 10.0  # of the length of the middle 90 %: worse values by more are beyond the axis
_PAD = 0.06


def spans_decades(values: np.ndarray, decades: float = _DECADES) -> bool:
    """Whether a logarithmic axis suits them."""
    return bool((values > 0.0).all() and np.log10(values.max() / values.min()) > decades)


def log_axis(low: float, high: float) -> dict[str, Any]:
    """From 10^low to 10^high, with ticks that each have a whole number or a power of ten."""
    axis = {"type": "log", "range": [low, high], "exponentformat": "power"}
    if high - low > _DECADES:
        return {**axis, "dtick": float(np.ceil((high - low) / 6.0))}
    powers = 10.0 ** np.arange(np.floor(low), np.ceil(high))
    ticks = np.outer(powers, [1.0, 2.0, 5.0]).ravel()
    ticks = ticks[(np.log10(ticks) >= low) & (np.log10(ticks) <= high)]
    return {**axis, "tickvals": ticks.tolist()} if len(ticks) > 1 else axis


def is_finite(values: np.ndarray) -> np.ndarray:
    """(n,) whether an axis can have them."""
    return np.abs(values) < _HUGE


@dataclass(frozen=True)
class Scale:
    """Where values of the objective are on their axis.

    Attributes:
        is_log: Whether the axis is logarithmic.
        sign: That makes a value a loss.
        best, worst: Losses on the scale of the axis, its ends but for some room.
        limit: The loss at its worst end.
        n_beyond: How many values are worse.
    """

    is_log: bool
    sign: float
    best: float
    worst: float
    limit: float
    n_beyond: int

    @classmethod
    def of(cls, values: np.ndarray, sign: float) -> Scale:
        """For finite ``values``, at least one."""
        is_log = spans_decades(values)
        losses = sign * (np.log10(values) if is_log else values)
        low, high = np.quantile(losses, [0.05, 0.95])
        near = np.ones(len(losses), dtype=bool)
        if losses.max() > high + _SQUASHED * (high - low) > high:
            near = losses <= high + 1.5 * (high - low)
        best, worst = float(losses.min()), float(losses[near].max())
        limit = float((sign * values[near]).max())
        return cls(is_log, sign, best, worst, limit, int(np.count_nonzero(~near)))

    @property
    def _pad(self) -> float:
        return _PAD * (self.worst - self.best) or 0.1 * abs(self.best) or 1.0

    def _value(self, loss: float) -> float:
        """That ``loss``, on the scale of the axis, stands for."""
        place = self.sign * loss
        return 10.0**place if self.is_log else place

    def has(self, values: np.ndarray) -> np.ndarray:
        """(n,) which of ``values``, not all of them finite, have a place on the axis."""
        return is_finite(values) & (self.sign * values <= self.limit)

    @property
    def strip(self) -> tuple[float, float]:
        """The ends of the room at the edge for segments that have none."""
        return self._value(self.worst + self._pad), self._value(self.worst + 3.0 * self._pad)

    @property
    def middle(self) -> float:
        """Of the strip."""
        return self._value(self.worst + 2.0 * self._pad)

    def axis(self, *, has_strip: bool) -> dict[str, Any]:
        room = (3.0 if has_strip else 1.0) * self._pad
        low, high = sorted((self.sign * (self.best - self._pad), self.sign * (self.worst + room)))
        return log_axis(low, high) if self.is_log else {"type": "linear", "range": [low, high]}

    def notes(self) -> list[str]:
        what = "values lie" if self.n_beyond > 1 else "value lies"
        return [f"{self.n_beyond:,} bad {what} beyond the axis."] if self.n_beyond else []

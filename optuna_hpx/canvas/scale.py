"""Axes of values: linear or in decades, with ticks at round numbers, and without the extremes.

A few extreme values would squash all others. Where they would, an axis ends before them: the
middle 90 % of the values has a length, and values are extreme that are further off than 1.5 of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_HUGE = 1e200  # from here on a value counts as infinite: no axis could reach much further
_DECADES = 2.0  # positive values that span more are drawn on a logarithmic axis
_MIDDLE = (0.05, 0.95)  # quantiles
_SQUASHED = 10.0  # lengths of the middle, from which on an axis would squash it
_NEAR = 1.5  # lengths of the middle to either side that the axis then has
_PAD = 0.06  # of the length of an axis, at each end


def spans_decades(values: np.ndarray, decades: float = _DECADES) -> bool:
    """Tell whether values (n,) span so many decades that a logarithmic axis suits them."""
    return bool((values > 0.0).all() and np.log10(values.max() / values.min()) > decades)


def log_axis(low: float, high: float, *, n_powers: int = 6, min_ticks: int = 2) -> dict[str, Any]:
    """Describe an axis from 10^low to 10^high, with ticks at round numbers.

    Args:
        low: Its lower end.
        high: Its upper end.
        n_powers: How many powers of ten have a tick at most, where it spans over two decades.
        min_ticks: Where it spans less, ticks are at 1, 2 and 5 times a power of ten if there are
            so many; else plotly chooses them.
    """
    axis = {"type": "log", "range": [low, high], "exponentformat": "power"}
    if high - low > _DECADES:
        return {**axis, "dtick": float(np.ceil((high - low) / n_powers))}
    powers = 10.0 ** np.arange(np.floor(low), np.ceil(high))
    ticks = np.outer(powers, [1.0, 2.0, 5.0]).ravel()
    places = np.log10(ticks)
    ticks = ticks[(places >= low - 1e-9) & (places <= high + 1e-9)]  # rounding of the ends
    return {**axis, "tickvals": ticks.tolist()} if len(ticks) >= min_ticks else axis


def range_without_extremes(values: np.ndarray) -> tuple[tuple[float, float] | None, int]:
    """Choose the ends of an axis for finite ``values`` (n,), and count those beyond it.

    Returns:
        The ends, None where no value is extreme: plotly chooses them. And the number of values
        that lie beyond them.
    """
    with np.errstate(over="ignore"):  # of the largest floats: what is infinite ends nothing
        low, high = np.quantile(values, _MIDDLE)
        length = high - low
        if length == 0.0 or np.ptp(values) <= _SQUASHED * length:
            return None, 0
        near = values[(values >= low - _NEAR * length) & (values <= high + _NEAR * length)]
        pad = _PAD * np.ptp(near)
    return (float(near.min() - pad), float(near.max() + pad)), len(values) - len(near)


def is_finite(values: np.ndarray) -> np.ndarray:
    """Tell (n,) which values an axis can have: finite ones, and not too large to be drawn."""
    return np.abs(values) < _HUGE


@dataclass(frozen=True)
class Scale:
    """An axis for values of the objective that ends before extremely bad ones.

    Attributes:
        is_log: Whether the axis is logarithmic.
        sign: The factor that makes a value a loss.
        best: Smallest loss, on the scale of the axis (a logarithm if it is log).
        worst: Largest loss that is not extreme, on that scale.
        limit: The same, not on that scale.
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
        """Choose the axis for finite ``values`` (n,), n >= 1, of which ``sign`` makes losses."""
        is_log = spans_decades(values)
        losses = sign * (np.log10(values) if is_log else values)
        low, high = np.quantile(losses, _MIDDLE)
        length = high - low
        near = np.ones(len(losses), dtype=bool)
        if losses.max() > high + _SQUASHED * length > high:
            near = losses <= high + _NEAR * length
        best, worst = float(losses.min()), float(losses[near].max())
        limit = float((sign * values[near]).max())
        return cls(is_log, sign, best, worst, limit, int(np.count_nonzero(~near)))

    @property
    def _pad(self) -> float:
        return _PAD * (self.worst - self.best) or 0.1 * abs(self.best) or 1.0

    def _value(self, loss: float) -> float:
        """Return the value that a loss on the scale of the axis stands for."""
        place = self.sign * loss
        return 10.0**place if self.is_log else place

    def has(self, values: np.ndarray) -> np.ndarray:
        """Tell (n,) which of ``values`` (n,), finite or not, have a place on the axis."""
        return is_finite(values) & (self.sign * values <= self.limit)

    @property
    def strip(self) -> tuple[float, float]:
        """Ends, in values, of the strip at the bad end: room for what has no place on the axis."""
        return self._value(self.worst + self._pad), self._value(self.worst + 3.0 * self._pad)

    @property
    def middle(self) -> float:
        """Value in the middle of the strip, where what has no place on the axis is drawn."""
        return self._value(self.worst + 2.0 * self._pad)

    def axis(self, *, has_strip: bool) -> dict[str, Any]:
        """Describe the axis, with room for the strip if it is drawn."""
        room = (3.0 if has_strip else 1.0) * self._pad
        low, high = sorted((self.sign * (self.best - self._pad), self.sign * (self.worst + room)))
        return log_axis(low, high) if self.is_log else {"type": "linear", "range": [low, high]}

    def notes(self) -> list[str]:
        """Write a line on the values beyond the axis, if there are any."""
        values_lie = "values lie" if self.n_beyond > 1 else "value lies"
        return [f"{self.n_beyond:,} bad {values_lie} beyond the axis."] if self.n_beyond else []

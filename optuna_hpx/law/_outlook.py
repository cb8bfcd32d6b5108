"""What more random trials bring: the questions that any forecast of their gains answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law.maths.gains import Gains
from optuna_hpx.trials.table import loss_sign

__all__ = ["Forecast", "Outlook"]

_MOST_TRIALS = 10**7  # beyond which a gain is out of reach
# Of the nominal tail of an interval. Forecasts are made to be near what comes; of intervals with
# all of it a nominal 90 % held in 84 % of forecasts (benchmarks/law/law_forecasts.py --design).
_TAIL = 0.5
_GROWTH = 1.1  # between two numbers of trials that are tried: no forecast is more exact


@dataclass(frozen=True)
class Forecast:
    """Where the best score will be.

    Attributes:
        low: End of the interval with the smaller scores.
        median: As likely to be exceeded as not.
        high: The other end.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import AsymptoticLaw
        >>> scores = np.random.default_rng(0).random(60) ** 2
        >>> forecast = AsymptoticLaw.fit(scores).best_after(1000)
        >>> forecast.low <= forecast.median <= forecast.high
        True
    """

    low: float
    median: float
    high: float


class Outlook:
    """Forecasts for further random trials, to be mixed into what knows how they gain."""

    direction: str
    best: float

    def _gains(self, n_more: int) -> Gains:
        """Forecast what ``n_more`` random trials gain on the best, in units of the score."""
        raise NotImplementedError

    def _views(self, n_more: int) -> tuple[Gains, ...]:
        """Forecast it in each of the ways that :meth:`_gains` mixes."""
        return (self._gains(n_more),)

    def probability_of_improvement(self, n_more: int, *, by: float = 0.0) -> float:
        """Compute how probably more random trials beat the best draw by more than ``by``.

        For ``by`` 0 it is n_more / (n + n_more), which holds exactly for independent draws
        without ties. Where the best score is shared by several trials, as rounded scores are, it
        is an upper bound. It is 0 if the best possible score, as ``bounds`` has it, is reached.

        Args:
            n_more: Further random trials, at least 1.
            by: In units of the score, not negative.

        Returns:
            A probability.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.count("n_more", n_more)
        _checks.finite("by", by)
        if by < 0.0:
            raise ValueError(f"`by` must not be negative, got {by!r}.")
        return float(self._gains(n_more).exceed(by))

    def best_after(self, n_more: int, *, confidence: float = 0.8) -> Forecast:
        """Forecast the best score of all random draws when ``n_more`` have been added.

        Args:
            n_more: Further random trials, at least 1.
            confidence: Of the interval, in (0, 1).

        Returns:
            The forecast. Its interval reaches to the present best where that may well stay the
            best, and is wider than the forecast has it, by what was measured.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.count("n_more", n_more)
        _checks.quantile("confidence", confidence)
        gains = self._gains(n_more)
        outside = _TAIL * (1.0 - confidence)
        is_open = 1.0 - gains.exceed(0.0) > outside / 2.0  # the present best may well stay it
        ends = (0.0, 1.0 - outside) if is_open else (outside / 2.0, 1.0 - outside / 2.0)
        levels = np.array([ends[0], 0.5, ends[1]])
        gain = np.where(levels > 0.0, gains.quantile(levels), 0.0)
        scores = self.best - loss_sign(self.direction) * gain
        return Forecast(*np.sort(scores).tolist())

    def best_after_quantile(
        self, n_more: int, *, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Compute quantiles of what :meth:`best_after` forecasts.

        Args:
            n_more: Further random trials, at least 1.
            quantile: In (0, 1), of any shape.

        Returns:
            Scores, of the shape of ``quantile``.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.count("n_more", n_more)
        q = _checks.levels("quantile", quantile)
        sign = loss_sign(self.direction)
        gain = self._gains(n_more).quantile(1.0 - q if sign > 0 else q)
        return np.asarray(self.best - sign * gain)

    def gain_bound(self, n_more: int, *, confidence: float = 0.9) -> float:
        """Bound by how much more random trials improve the best draw.

        Args:
            n_more: Further random trials, at least 1.
            confidence: One-sided, in (0, 1).

        Returns:
            What the gain exceeds with probability 1 - ``confidence`` at most, in units of the
            score: by a law and by the gaps between the best scores alone, whichever is larger. It
            is wider than these have it, by what was measured.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.count("n_more", n_more)
        _checks.quantile("confidence", confidence)
        level = 1.0 - _TAIL * (1.0 - confidence)
        return max(float(view.quantile(level)) for view in self._views(n_more))

    def n_more_for(self, gain: float) -> float:
        """Find the number of random trials after which the median best is better by ``gain``.

        Args:
            gain: In units of the score, positive.

        Returns:
            The number, to 10 %; infinity if ten million are not enough.

        Raises:
            ValueError: If ``gain`` is not positive.
        """
        _checks.finite("gain", gain)
        if gain <= 0.0:
            raise ValueError(f"`gain` must be positive, got {gain!r}.")
        n_more = 1
        while n_more < _MOST_TRIALS:
            if self._gains(n_more).quantile(0.5) >= gain:
                return float(n_more)
            n_more = math.ceil(n_more * _GROWTH)
        return math.inf

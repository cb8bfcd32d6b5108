"""TuningCurveBand: how good the best of so many random trials is, whatever the scores follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count
from optuna_hpx.law._draws import Draws
from optuna_hpx.law._outlook import Outlook
from optuna_hpx.law.maths.curve_band import CurveBand
from optuna_hpx.law.maths.gains import Gains
from optuna_hpx.law.maths.mean_cost import MeanCost, mean_cost
from optuna_hpx.law.maths.order_statistics import order_levels
from optuna_hpx.law.maths.pivot import gains_of_more
from optuna_hpx.law.maths.reach import least_trials
from optuna_hpx.trials.table import loss_sign

__all__ = ["TuningCurveBand", "band_of"]

_N_ROWS = 40  # of a frame: numbers of trials that lie evenly on a logarithmic axis
_AHEAD = 3  # times as many trials as there are: beyond, nothing bounds the curve from below


@dataclass(frozen=True, eq=False, repr=False)
class TuningCurveBand(Outlook, Result):
    """Bounds of the best score of a random search, for every number of trials at once.

    They rest on nothing but that the trials are independent random draws: no law is assumed. Made
    by :func:`tuning_curve_band`; all scores are in the user's own sign. From few draws on it also
    forecasts what more random trials bring, as a law does (:meth:`best_after`), and bounds how
    many it takes to be as good as a score, e.g. the best one of another sampler
    (:meth:`trials_to_reach`).

    Attributes:
        direction: "minimize" or "maximize".
        confidence: That all bounds hold at once, for all numbers of trials and all quantiles.
        kind: How the bounds were made: "order", "ks" or "dkw".
        n_trials: Draws, the failed among them.
        n_left_out: Trials of the study that are no independent draws.
        best: The best score among the draws.
        best_of_all: The best score of the study, the trials left out among them.
        cost: What a draw costs, and by ``cost.draws_for(budget)`` how many trials a budget pays
            for; None if that was not asked for.
        warnings: What must be known before the numbers are used.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import TuningCurveBand, tuning_curve_band
        >>> scores = np.random.default_rng(0).random(100)
        >>> band = tuning_curve_band(scores, bounds=(0.0, 1.0))
        >>> low, high = band.interval(np.array([1, 10, 1000]))
        >>> bool(np.all(low <= band.curve(np.array([1, 10, 1000]))))
        True
        >>> low[2].item()  # of 1000 trials 100 tell nothing but what is known beforehand
        0.0
        >>> low, high = band.cdf_interval(0.5)
        >>> bool(low < 0.5 < high)
        True
    """

    direction: str
    confidence: float
    kind: str
    n_trials: int
    n_left_out: int
    best: float
    best_of_all: float
    cost: MeanCost | None
    warnings: tuple[str, ...]
    _losses: np.ndarray = field(repr=False)
    _ends: tuple[float, float] = field(repr=False)

    @cached_property
    def _band(self) -> CurveBand:
        """The bounds: they take up to a second, and forecasts need none."""
        levels = order_levels(self.n_trials, self.confidence, self.kind, self.n_scored)
        return CurveBand(self._losses, levels, *self._ends)

    @property
    def n_scored(self) -> int:
        """Draws that have a score: the others failed, were pruned or are infeasible."""
        return int(np.count_nonzero(np.isfinite(self._losses)))

    @property
    def n_best(self) -> int:
        """Draws that share the best score: more than one if scores have ties, as rounded ones."""
        return int(np.count_nonzero(self._losses == self._losses[0]))

    @property
    def has_ties(self) -> bool:
        """Whether some scores are equal, as rounded ones and counts are."""
        finite = self._losses[np.isfinite(self._losses)]
        return len(np.unique(finite)) < len(finite)

    def curve(
        self, n_trials: np.ndarray | float, *, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Estimate quantiles of the best score of ``n_trials`` random trials.

        It is that of the trials there are: at most the best of them, however large ``n_trials``.

        Args:
            n_trials: At least 1, of any shape.
            quantile: In (0, 1), of a shape that broadcasts with it.

        Returns:
            Scores, of the common shape; infinitely bad where most trials fail.

        Raises:
            ValueError: If an argument is out of its range.
        """
        return self._scores(n_trials, quantile)[1]

    def interval(
        self, n_trials: np.ndarray | float, *, quantile: np.ndarray | float = 0.5
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bound quantiles of the best score of ``n_trials`` random trials.

        Args:
            n_trials: As for :meth:`curve`.
            quantile: As for :meth:`curve`.

        Returns:
            The smaller and the larger bounds, of the common shape; infinite, or those that
            ``bounds`` gave, where these trials tell nothing.

        Raises:
            ValueError: If an argument is out of its range.
        """
        low, _, high = self._scores(n_trials, quantile)
        return low, high

    def cdf_interval(self, y: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Bound the probability that a trial's score is at most ``y``.

        The bounds hold for all ``y`` at once, and with those of :meth:`interval`, of which they
        are another form.

        Args:
            y: Scores, of any shape, not NaN. A draw that failed counts as infinitely bad.

        Returns:
            Lower and upper bounds of the probability, each of the shape of ``y``.

        Raises:
            ValueError: If a score is NaN.
        """
        scores = np.asarray(y, dtype=float)
        if np.isnan(scores).any():
            raise ValueError(f"`y` must not be NaN, got {y!r}.")
        if self.direction == "minimize":
            low, _, high = self._band.cdf(scores)
            return low, high
        low, _, high = self._band.cdf(-scores, is_strict=True)
        return 1.0 - high, 1.0 - low

    def trials_to_reach(self, score: float, *, confidence: float = 0.95) -> float:
        """Bound from below how many random trials it takes to be as good as ``score``.

        It holds whatever the scores follow, for a score that was chosen without a look at the
        draws; and for any score that is better than all of them, as the best one of a sampler
        that learns from them. Of that it tells what the sampler's choice was worth at least.

        Args:
            score: In the user's sign.
            confidence: One-sided, in (0, 1).

        Returns:
            With fewer random trials it is more likely than not that all are worse, with this
            confidence: a whole number, about 0.23 times that of the draws if ``score`` is better
            than all of them and the confidence is 0.95.

        Raises:
            TypeError: If ``score`` is no number.
            ValueError: If an argument is out of its range.
        """
        _checks.finite("score", score)
        _checks.quantile("confidence", confidence)
        loss = loss_sign(self.direction) * float(score)
        n_as_good = int(np.count_nonzero(self._losses <= loss))
        return least_trials(self.n_trials, n_as_good, confidence)

    def _scores(self, n_trials: Any, quantile: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k, q = np.asarray(n_trials, dtype=float), _checks.levels("quantile", quantile)
        if not np.all(k >= 1.0):
            raise ValueError(f"`n_trials` must be at least 1, got {n_trials!r}.")
        if self.direction == "minimize":
            return self._band.best_of(k, q)
        low, middle, high = self._band.best_of(k, 1.0 - q)
        return -high, -middle, -low

    def _gains(self, n_more: int) -> Gains:
        losses, least = self._losses, self._ends[0]
        gains = gains_of_more(losses[np.isfinite(losses)], self.n_trials, n_more)
        return Gains(np.minimum(gains.size, losses[0] - least), gains.chance)

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        """Return the median best and its bounds for numbers of trials on a logarithmic axis."""
        k = np.unique(np.geomspace(1, _AHEAD * self.n_trials, _N_ROWS).round().astype(int))
        low, median, high = self._scores(k, 0.5)
        return {"n_trials": k, "low": low, "median": median, "high": high}

    def __repr__(self) -> str:
        k = np.unique(np.geomspace(1, self.n_trials, _N_ROWS).round())
        low, high = self.interval(k)
        rows = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        level = f"{100 * self.confidence:g} %"
        text = f"of no number of trials is the median best bounded on both sides ({level})"
        if len(rows):
            row = rows[-1]
            trials = count(int(k[row]), "random trial")
            text = f"median best of {trials} {low[row]:.6g} to {high[row]:.6g} ({level} band)"
        return (
            f"<TuningCurveBand of {count(self.n_trials, 'trial')} to {self.direction}: {text}, "
            f"best of these {self.best:.6g}>"
        )


def band_of(
    sample: Draws,
    *,
    confidence: float = 0.95,
    kind: str = "order",
    ends: tuple[float, float] = (-np.inf, np.inf),
    costs: np.ndarray | None = None,
) -> TuningCurveBand:
    """Bound the tuning curve of draws, at least one of them with a score.

    Args:
        sample: The draws.
        confidence: As for :func:`tuning_curve_band`.
        kind: As for :func:`tuning_curve_band`.
        ends: The least and the largest possible score.
        costs: Of draws, where they are known.
    """
    least, most = ends if sample.direction == "minimize" else (-ends[1], -ends[0])
    return TuningCurveBand(
        direction=sample.direction,
        confidence=confidence,
        kind=kind,
        n_trials=len(sample),
        n_left_out=sum(sample.left_out.values()),
        best=loss_sign(sample.direction) * float(sample.losses.min()),
        best_of_all=loss_sign(sample.direction) * sample.best_of_all,
        cost=None if costs is None else mean_cost(costs, confidence),
        warnings=(*sample.warnings, *([sample.in_words] if sample.left_out else [])),
        _losses=np.concatenate([np.sort(sample.losses), np.full(sample.n_censored, np.inf)]),
        _ends=(least, np.inf if sample.n_censored else most),
    )

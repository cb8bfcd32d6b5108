"""TuningCurveBand: how good the best of so many random trials is, whatever the scores follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count
from optuna_hpx.law._draws import Draws, draws, draws_of_scores
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._outlook import Outlook
from optuna_hpx.law._settings import check_within
from optuna_hpx.law.maths.curve_band import CurveBand
from optuna_hpx.law.maths.gains import Gains
from optuna_hpx.law.maths.mean_cost import MeanCost, mean_cost
from optuna_hpx.law.maths.order_statistics import KINDS, order_levels
from optuna_hpx.law.maths.pivot import gains_of_more
from optuna_hpx.trials.cost import Cost, check_cost, read_costs
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["TuningCurveBand", "band_of", "tuning_curve_band"]

_N_ROWS = 40  # of a frame: numbers of trials that lie evenly on a logarithmic axis
_AHEAD = 3  # times as many trials as there are: beyond, nothing bounds the curve from below


@dataclass(frozen=True, eq=False, repr=False)
class TuningCurveBand(Outlook, Result):
    """Bounds of the best score of a random search, for every number of trials at once.

    They rest on nothing but that the trials are independent random draws: no law is assumed. Made
    by :func:`tuning_curve_band`; all scores are in the user's own sign.

    Attributes:
        direction: "minimize" or "maximize".
        confidence: That all bounds hold at once, for all numbers of trials and all quantiles.
        kind: How the bounds were made: "order", "ks" or "dkw".
        n_trials: Draws, the failed among them.
        best: The best score among them.
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
    """

    direction: str
    confidence: float
    kind: str
    n_trials: int
    best: float
    cost: MeanCost | None
    warnings: tuple[str, ...]
    _band: CurveBand = field(repr=False)

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

    def _scores(self, n_trials: Any, quantile: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k, q = np.asarray(n_trials, dtype=float), _checks.levels("quantile", quantile)
        if not np.all(k >= 1.0):
            raise ValueError(f"`n_trials` must be at least 1, got {n_trials!r}.")
        if self.direction == "minimize":
            return self._band.best_of(k, q)
        low, middle, high = self._band.best_of(k, 1.0 - q)
        return -high, -middle, -low

    def _gains(self, n_more: int) -> Gains:
        losses, least = self._band.losses, self._band.least
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


def tuning_curve_band(
    values: Sequence[float] | np.ndarray | Study | TrialTable,
    *,
    confidence: float = 0.95,
    kind: str = "order",
    bounds: tuple[float | None, float | None] | None = None,
    direction: str | None = None,
    n_censored: int = 0,
    cost: Cost | Sequence[float] = None,
    sampler: BaseSampler | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
) -> TuningCurveBand:
    """Bound how good the best of so many random trials is, whatever the scores follow.

    Args:
        values: (n,) scores of independent random draws, an infinitely bad one where only that is
            known; or a study or its table, of which the draws are taken as
            :meth:`AsymptoticLaw.fit_study` does.
        confidence: That all bounds hold at once, in (0, 1).
        kind: "order": the levels of each order statistic are equally sure, which is the narrowest
            near the best scores; "ks": those of Kolmogorov and Smirnov; "dkw": those of
            Dvoretzky, Kiefer and Wolfowitz with Massart's constant, a little wider. Ties only make
            them wider than need be.
        bounds: The least and the largest possible score, as (0, 1) of an accuracy; None in it, or
            instead of it: not known.
        direction: "minimize" or "maximize", of scores and of ``target``; None: minimize. A study
            has its own.
        n_censored: Of scores: further draws that failed.
        cost: What a draw costs: "duration" in seconds, or a function of a trial, of a study; (n,)
            costs, of scores.
        sampler: Of a study: what drew the trials without a mark, if that is certain.
        target: Of a study: what to assess instead of the objective.

    Returns:
        The bounds. Cost: .5 s for 1000 draws and 1.5 s for 100,000, once for each number of
        draws.

    Raises:
        NoLawError: If there is no draw with a score. It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range, or a score is NaN or beyond ``bounds``.

    Example:
        >>> import optuna
        >>> from optuna_hpx import tuning_curve_band
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=50)
        >>> low, high = tuning_curve_band(study, bounds=(0, None)).interval(10)
        >>> bool(0.0 <= low < high < 0.2)
        True

    References:
        Lourie et al. (2023), https://arxiv.org/abs/2311.09480, for bands of tuning curves.
    """
    _checks.quantile("confidence", confidence)
    _checks.one_of("kind", kind, KINDS)
    _checks.one_of("direction", direction or "minimize", ("minimize", "maximize"))
    _checks.count("n_censored", n_censored, at_least=0)
    ends = _checks.bounds("bounds", bounds)
    if isinstance(values, TrialTable) or hasattr(values, "get_trials"):
        table = TrialTable.of(cast("Study | TrialTable", values))
        if target is None and direction not in (None, *table.directions):
            raise ValueError(
                f"`direction` must be left out of a study, which has its own: got {direction!r} "
                f"of one to {table.directions[0]}."
            )
        sample = draws(table, sampler, target, direction or "minimize")
        costs = _costs_of_trials(table, sample.rows, cost)
    else:
        sample = draws_of_scores(values, direction or "minimize", n_censored)
        costs = _costs_of_scores(cost)
    if not len(sample.losses):
        raise NoLawError("There is no independent random draw with a score.", sample.in_words)
    check_within(loss_sign(sample.direction) * sample.losses, ends, bounds)
    return band_of(sample, confidence=confidence, kind=kind, ends=ends, costs=costs)


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
        best=loss_sign(sample.direction) * float(sample.losses.min()),
        cost=None if costs is None else mean_cost(costs, confidence),
        warnings=(*sample.warnings, *([sample.in_words] if sample.left_out else [])),
        _band=CurveBand(
            losses=np.concatenate([np.sort(sample.losses), np.full(sample.n_censored, np.inf)]),
            levels=order_levels(len(sample), confidence, kind),
            least=least,
            most=np.inf if sample.n_censored else most,
        ),
    )


def _costs_of_trials(table: TrialTable, rows: np.ndarray, cost: Any) -> np.ndarray | None:
    """Read what draws cost; of the seconds also what failed ones took."""
    check_cost(cost)
    if cost is None:
        return None
    costs = (table.durations if cost == "duration" else read_costs(table, cost))[rows]
    return _known(costs)


def _costs_of_scores(cost: Any) -> np.ndarray | None:
    if cost is None:
        return None
    if isinstance(cost, str) or callable(cost):
        raise TypeError(f"`cost` of scores must be a sequence of numbers, got {cost!r}.")
    return _known(np.asarray(cost, dtype=float).ravel())


def _known(costs: np.ndarray) -> np.ndarray:
    finite = costs[(costs > 0.0) & (costs < np.inf)]
    if not len(finite):
        raise ValueError("`cost` must be positive and finite for some draw, got none that is.")
    return finite

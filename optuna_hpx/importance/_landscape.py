"""What the trials say of the objective anywhere in the search space, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count, number
from optuna_hpx.importance._basis import basis_of
from optuna_hpx.importance._error import NoSurrogateError
from optuna_hpx.importance._surrogate import Surrogate
from optuna_hpx.importance._threads import one_thread
from optuna_hpx.importance._virtual_trials import MIN_SKILL
from optuna_hpx.importance.maths.plausible import (
    difference_pairs,
    intervals,
    misses,
    widening,
)
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["MIN_ACTIVE", "Landscape", "objective_table", "one_objective", "taught_trials"]

N_DRAWS = 200
"""Plausible surfaces; their outermost 2.5 % are 5."""

MIN_ACTIVE = 10
"""Complete trials with a parameter that not all have, below which nothing is said of it: with 2 to
6 of 60 trials 5 of 15 bands and intervals missed the truth, with 7 to 19 none of 20."""

_MIN_TRIALS = 20
_MAX_SPREAD = 1.0  # ranges of the objective; of most studies predictions may be off by under .3
_N_FOLDS = 5
_MAX_PAIRS = 400  # in each fold
_MAX_RANGE = 1e300  # of the objective: intervals are wider than it, and stay finite
_MAX_TAUGHT = 1000  # trials for the folds: more change the factor little, and take long


def objective_table(study: Study | TrialTable, objective: int | None) -> TrialTable:
    """Return the trials with one objective.

    Raises:
        TypeError: If the study is none, or ``objective`` is no int.
        ValueError: If there are several objectives and none is chosen, or there is no such one.
    """
    table = TrialTable.of(study)
    m = len(table.directions)
    if objective is None:
        if m > 1:
            raise ValueError(
                f"`objective` must say which of the {m} objectives is meant: 0 to {m - 1}."
            )
        return table
    if isinstance(objective, bool) or not isinstance(objective, Integral):
        raise TypeError(f"`objective` must be an int or None, got {objective!r}.")
    if not 0 <= objective < m:
        raise ValueError(f"`objective` must be from 0 to {m - 1}, got {objective}.")
    return one_objective(table, int(objective))


def one_objective(table: TrialTable, k: int) -> TrialTable:
    """Restrict a table to its objective k; the result is kept with it."""
    if len(table.directions) == 1:
        return table
    key = "objective", k
    if key not in table.memo:
        table.memo[key] = replace(
            table,
            losses=table.losses[:, [k]],
            directions=(table.directions[k],),
            metric_names=table.metric_names[k : k + 1],
        )
    restricted: TrialTable = table.memo[key]
    return restricted


def taught_trials(table: TrialTable) -> TrialTable:
    """Return the trials that teach a surrogate: complete, and evidence of their own."""
    key = "taught trials"
    if key not in table.memo:
        fresh = basis_of(table, "auto").fresh
        table.memo[key] = fresh.take(np.flatnonzero(fresh.complete))
    taught: TrialTable = table.memo[key]
    return taught


@dataclass(frozen=True, eq=False)
class Landscape:
    """A surrogate of the objective that is good enough to be asked, and how far to trust it.

    Attributes:
        table: The complete trials that it was taught.
        surrogate: Of their losses minus ``centre``, in units of ``scale``.
        centre: Their median.
        scale: Their range: whatever it is, nothing overflows, and nothing vanishes.
        factor: By how much intervals from plausible surfaces must be widened to hold.
        confidence: Their level.
    """

    table: TrialTable
    surrogate: Surrogate
    centre: float
    scale: float
    factor: float
    confidence: float

    @classmethod
    def of(cls, table: TrialTable, confidence: float, seed: int | None) -> Landscape:
        """Fit the surrogate, and again without a fifth of the trials at a time.

        Args:
            table: The trials, with one objective.
            confidence: Level of intervals.
            seed: Of all that is random.

        Returns:
            The landscape; if there is a seed it is kept with the table, and so is a refusal.

        Raises:
            NoSurrogateError: If the objective cannot be predicted from the trials.
        """
        key = "landscape", confidence, seed
        result: Landscape | NoSurrogateError | None = table.memo.get(key)
        if seed is None or result is None:
            try:
                result = cls._fit(taught_trials(table), confidence, seed)
            except NoSurrogateError as error:
                result = error
            table.memo[key] = result
        if isinstance(result, NoSurrogateError):
            raise NoSurrogateError(result.reason, result.advice)
        return result

    @classmethod
    def _fit(cls, table: TrialTable, confidence: float, seed: int | None) -> Landscape:
        centre, scale = _units(table)
        losses = (table.losses[:, 0] - centre) / scale
        rng = np.random.default_rng(seed)
        with one_thread():
            surrogate = Surrogate.of(table, np.arange(len(table)), losses, rng)
            if surrogate.skill < MIN_SKILL:
                raise NoSurrogateError(
                    f"From these {len(table)} complete trials the objective cannot be predicted "
                    "well enough to say anything of points between them: the cross-validated "
                    f"skill is {surrogate.skill:.2f}, and {MIN_SKILL} is needed (1 is perfect)."
                )
            factor = widening(_misses_of_unseen(table, losses, confidence, rng), confidence)
            spread = surrogate.draws(table.columns, N_DRAWS).std(axis=0)
        if factor * spread.mean() > _MAX_SPREAD:
            raise NoSurrogateError(
                f"How far a prediction from these {len(table)} complete trials may be off cannot "
                f"be told: of trials that it was not taught it missed some by {factor:,.0f} times "
                "what it allows for, as where many scores are equal."
            )
        return cls(table, surrogate, centre, scale, factor, confidence)

    @property
    def sign(self) -> float:
        """The factor that makes a loss a value of the objective."""
        return loss_sign(self.table.directions[0])

    @property
    def skill(self) -> float:
        """The surrogate's cross-validated skill: 1 is perfect, 0 no better than a constant."""
        return self.surrogate.skill

    def values(self, losses: np.ndarray) -> np.ndarray:
        """Turn losses in units of the surrogate into values of the objective."""
        return np.asarray(self.sign * (self.centre + self.scale * losses))

    def predict(self, points: dict[str, Column]) -> np.ndarray:
        """Predict losses (n,) at points, in units of the surrogate."""
        return self.surrogate.predict(points)

    def draws(self, points: dict[str, Column]) -> np.ndarray:
        """Draw the losses (B, n) of plausible surfaces at points, in units of the surrogate."""
        return self.surrogate.draws(points, N_DRAWS)

    def n_active(self, names: Iterable[str]) -> int:
        """Count the trials with the one of the parameters that fewest have."""
        columns = self.table.columns
        counts = [int((columns[name].regime != INACTIVE).sum()) for name in names]
        return min(counts, default=len(self.table))

    def intervals(self, estimate: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Return (2, q) ends of widened intervals, which also hold the estimates (q,)."""
        low, high = intervals(draws, self.confidence, self.factor)
        return np.stack([np.minimum(low, estimate), np.maximum(high, estimate)])


def _units(table: TrialTable) -> tuple[float, float]:
    """Return the median and the range of the losses.

    Raises:
        NoSurrogateError: If nothing can be learnt of them.
    """
    n, losses = len(table), table.losses[:, 0]
    if n < _MIN_TRIALS:
        verb = "is" if n == 1 else "are"
        raise NoSurrogateError(
            f"{count(n, 'complete trial')} {verb} too few to predict the objective: at least "
            f"{_MIN_TRIALS} are needed."
        )
    low, high = float(losses.min()), float(losses.max())
    if low == high:
        value = number(loss_sign(table.directions[0]) * low)
        raise NoSurrogateError(
            f"The objective is {value} in all {n:,} complete trials: they show no difference "
            "that any parameter makes."
        )
    if high / 2.0 - low / 2.0 > _MAX_RANGE / 2.0:
        raise NoSurrogateError(
            f"The objective ranges over more than {_MAX_RANGE:g}, with which nothing can be "
            "computed.",
            "Rescale it, as by its logarithm.",
        )
    return float(np.median(losses)), high - low


def _misses_of_unseen(
    table: TrialTable, losses: np.ndarray, confidence: float, rng: np.random.Generator
) -> np.ndarray:
    """Compare drawn and true differences of trials that the surrogate was not taught."""
    order = rng.permutation(len(table))[:_MAX_TAUGHT]
    missed = []
    for fold in range(_N_FOLDS):
        held = np.sort(order[fold::_N_FOLDS])
        taught = np.setdiff1d(order, held)
        surrogate = Surrogate.of(table, taught, losses[taught], rng)
        points = {name: column.part(held) for name, column in table.columns.items()}
        draws = surrogate.draws(points, N_DRAWS)
        pairs = difference_pairs(len(held), _MAX_PAIRS, rng)
        missed.append(misses(draws, losses[held], pairs, confidence))
    return np.concatenate(missed)

"""What a trial cost: given in the same ways, and read in the same way, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials.options import wrapped_sampler

if TYPE_CHECKING:
    from optuna_hpx.trials.table import TrialTable

__all__ = ["Cost", "CostError", "check_cost", "cost_of_sampler", "read_costs", "remember_costs"]

Cost: TypeAlias = Literal["duration"] | Callable[[FrozenTrial], float | None] | None
"""The seconds that a trial took; a function of a completed trial; or nothing."""


class CostError(ValueError):
    """A function that tells the cost of a trial raised, or returned no number.

    Attributes:
        reason: What went wrong, in one sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_cost(cost: Any) -> None:
    """Refuse what is no :data:`Cost`.

    Raises:
        TypeError: If ``cost`` is neither None, "duration" nor a callable.
    """
    if not (cost is None or (isinstance(cost, str) and cost == "duration") or callable(cost)):
        raise TypeError(f'`cost` must be None, "duration" or a callable, got {cost!r}.')


def read_costs(table: TrialTable, cost: Cost) -> np.ndarray:
    """Return the cost (n,) of each COMPLETE trial; NaN where it is not positive and finite.

    Raises:
        CostError: If ``cost`` is a function and raises, or returns what is no number and not
            None. It is a ValueError.
        ValueError: If ``cost`` is a function and the table was made from a data frame, which has
            no trials to call it with.
    """
    complete = table.states == TrialState.COMPLETE
    if cost is None:
        return np.full(len(table), np.nan)
    costs = np.where(complete, table.durations, np.nan)
    if callable(cost):
        rows = np.flatnonzero(complete)
        costs[rows] = table.map(lambda trial: _call(cost, trial), rows)
    return np.where((costs > 0.0) & (costs < np.inf), costs, np.nan)


def remember_costs(table: TrialTable, cost: Cost) -> Cost:
    """Return ``cost`` with a function's answers of the table's trials, so that it is called once.

    Raises:
        CostError: As :func:`read_costs`.
        ValueError: As :func:`read_costs`.
    """
    if not callable(cost):
        return cost
    costs = dict(zip(table.numbers.tolist(), read_costs(table, cost).tolist(), strict=True))
    return lambda trial: costs[trial.number]


def cost_of_sampler(sampler: Any) -> Cost:
    """Return the cost that a sampler was given, by its attribute ``cost``; None if it has none.

    A sampler around another one, in its attribute ``sampler`` or as Optuna's PartialFixedSampler,
    has that of the inner one.
    """
    while sampler is not None:
        cost: Cost = getattr(sampler, "cost", None)
        if cost == "duration" or callable(cost):
            return cost
        sampler = wrapped_sampler(sampler)
    return None


def _call(cost: Callable[[FrozenTrial], float | None], trial: FrozenTrial) -> float:
    """Call the user's function; NaN for None, as of a missing attribute."""
    try:
        value = cost(trial)
        return float("nan") if value is None else float(value)
    except Exception as error:
        raise CostError(
            f"`cost` must return a number, or None where it is unknown; for trial {trial.number} "
            f"it raised {type(error).__name__}: {error}"
        ) from error

"""What the finished trials of a study say to a sampler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.importance.maths.hsic import Kernel, kernel_of
from optuna_hpx.samplers.maths import cost_model
from optuna_hpx.samplers.maths.screening import activities
from optuna_hpx.trials import target_set
from optuna_hpx.trials.table import TrialTable, n_possible_values

if TYPE_CHECKING:
    from optuna.study import Study

_STATES = (TrialState.COMPLETE, TrialState.PRUNED)
_MIN_TRIALS = 10


@dataclass(frozen=True)
class Evidence:
    """The first finished trials of a study, in the order in which they finished.

    Attributes:
        table: Those that have all parameters of the space.
        space: The parameters that are chosen.
    """

    table: TrialTable
    space: dict[str, BaseDistribution]

    @staticmethod
    def count(study: Study) -> int:
        """How many trials are finished, failed ones apart."""
        return len(study.get_trials(deepcopy=False, states=_STATES))

    @classmethod
    def of(cls, study: Study, space: dict[str, BaseDistribution], n: int) -> Evidence:
        """Of the first ``n`` that finished: what any worker finds who looks as late or later."""
        table = TrialTable.from_study(study)
        rows = np.flatnonzero(np.isin(table.states, _STATES))
        rows = rows[np.lexsort((rows, table.ended[rows]))[:n]]
        for name in space:
            if name not in table.columns:
                rows = rows[:0]
                break
            rows = rows[np.isfinite(table.columns[name].values[rows])]
        return cls(table.take(rows), space)

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """(n,) values of each parameter, as Optuna holds them internally."""
        return {
            name: self.table.columns[name].values if len(self.table) else np.zeros(0)
            for name in self.space
        }

    @property
    def can_screen(self) -> bool:
        """Whether there are trials enough, one objective, and something to choose between."""
        is_single = len(self.table.directions) == 1
        return is_single and len(self.table) >= _MIN_TRIALS and len(self.space) > 1

    def activity(self) -> np.ndarray:
        """(d,) of each parameter in [0, 1], in the order of the space."""
        if not self.can_screen:
            return np.ones(len(self.space))
        kernels = [_kernel(self.values[name], dist) for name, dist in self.space.items()]
        return activities(kernels, self._keys())

    def _keys(self) -> np.ndarray:
        """(n,) smaller is better: complete trials, then pruned ones, then the infeasible."""
        losses = self.table.losses[:, 0]
        pruned = self.table.states == TrialState.PRUNED
        keys = np.where(pruned, np.inf, losses)
        return target_set.feasible_first(keys, self.table.violation)

    def costs(self, cost: str | Callable[[FrozenTrial], float] | None) -> np.ndarray:
        """(n,) what each complete trial cost; NaN where that is not known, positive and finite."""
        complete = self.table.states == TrialState.COMPLETE
        costs = np.where(complete, self.table.durations, np.nan)
        if callable(cost):
            rows = np.flatnonzero(complete)
            costs[rows] = self.table.map(lambda trial: _cost_of(cost, trial), rows)
        is_known = (costs > 0.0) & (costs < np.inf) & (cost is not None)
        return np.where(is_known, costs, np.nan)


def _cost_of(cost: Callable[[FrozenTrial], float], trial: FrozenTrial) -> float:
    """What the user's function says; NaN for None, as of a missing attribute."""
    try:
        value = cost(trial)
        return float("nan") if value is None else float(value)
    except Exception as error:
        raise ValueError(
            f"`cost` must return a number, or None where it is unknown; for trial {trial.number} "
            f"it raised {type(error).__name__}: {error}"
        ) from error


def cost_features(values: np.ndarray, distribution: BaseDistribution) -> np.ndarray:
    """(n, r) features of values (n,) for :mod:`optuna_hpx.samplers.maths.cost_model`."""
    if isinstance(distribution, CategoricalDistribution):
        return cost_model.indicators(values, len(distribution.choices))
    return cost_model.powers(_position(values, distribution))


def _kernel(values: np.ndarray, distribution: BaseDistribution) -> Kernel:
    if isinstance(distribution, CategoricalDistribution):
        return kernel_of(values, "kronecker")
    return kernel_of(_position(values, distribution), "sobolev")


def _position(values: np.ndarray, distribution: BaseDistribution) -> np.ndarray:
    """(n,) place within the bounds, in [0, 1]; of K possible values the middles of K cells."""
    low, high = distribution.low, distribution.high  # type: ignore[attr-defined]
    if distribution.log:  # type: ignore[attr-defined]
        low, high, values = np.log(low), np.log(high), np.log(values)
    u = (
        np.clip((values - low) / (high - low), 0.0, 1.0)
        if high > low
        else np.full(len(values), 0.5)
    )
    k = n_possible_values(distribution)
    return u if not np.isfinite(k) else (u * (k - 1.0) + 0.5) / k

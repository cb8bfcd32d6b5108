"""What the finished trials of a study say to a sampler."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import TrialState

from optuna_hpx.importance.maths.kernels import Kernel, kernel_of
from optuna_hpx.samplers._tpe import LEARNED_STATES
from optuna_hpx.samplers.maths import cost_model
from optuna_hpx.samplers.maths.refits import FIRST_FIT
from optuna_hpx.samplers.maths.screening import activities
from optuna_hpx.trials import domain, target_set
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.samplers._fallbacks import Reason


@dataclass(frozen=True)
class Evidence:
    """The first finished trials of a study, in the order in which they finished.

    Attributes:
        table: Those that have all parameters of the space; or, if the space is that of all
            parameters, the conditional ones among them, all.
        space: The parameters that are chosen.
    """

    table: TrialTable
    space: dict[str, BaseDistribution]

    @classmethod
    def of(
        cls, study: Study, space: dict[str, BaseDistribution], n: int, *, is_whole: bool = False
    ) -> Evidence:
        """Take the first ``n`` trials that finished: what any worker sees, as late or later.

        Args:
            study: The study.
            space: The parameters that are chosen.
            n: How many.
            is_whole: Whether trials count that do not have all of these.
        """
        table = TrialTable.from_study(study)
        rows = np.flatnonzero(np.isin(table.states, LEARNED_STATES))
        rows = rows[np.lexsort((rows, table.ended[rows]))[:n]]
        for name in space:
            if name not in table.columns:
                rows = rows[:0]
                break
            if not is_whole:
                rows = rows[np.isfinite(table.columns[name].values[rows])]
        return cls(table.take(rows), space)

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """(n,) values of each parameter, as Optuna holds them internally; NaN where absent."""
        absent = np.full(len(self.table), np.nan)
        columns = self.table.columns
        return {
            name: columns[name].values if name in columns and len(self.table) else absent
            for name in self.space
        }

    @property
    def is_enough(self) -> bool:
        """Whether there are trials enough to tell an effect from chance."""
        return len(self.table) >= FIRST_FIT

    @property
    def obstacle(self) -> Reason | None:
        """What forbids screening, however many trials there are."""
        if len(self.table.directions) > 1:
            return "objectives"
        return "alone" if len(self.space) == 1 else None

    @property
    def can_screen(self) -> bool:
        """Whether there are trials enough, one objective, and something to choose between."""
        return self.is_enough and self.obstacle is None

    def activity(self) -> np.ndarray:
        """Compute the activity (d,) of each parameter, in the order of the space."""
        if not self.can_screen:
            return np.ones(len(self.space))
        kernels = [_kernel(self.values[name], dist) for name, dist in self.space.items()]
        return activities(kernels, self._keys())

    def _keys(self) -> np.ndarray:
        """Make keys (n,), smaller for better: complete trials, then pruned, then infeasible."""
        losses = self.table.losses[:, 0]
        pruned = self.table.states == TrialState.PRUNED
        keys = np.where(pruned, np.inf, losses)
        return target_set.feasible_first(keys, self.table.violation)


def cost_features(values: np.ndarray, distribution: BaseDistribution) -> np.ndarray:
    """Make the features (n, r) of :mod:`~optuna_hpx.samplers.maths.cost_model` of values (n,)."""
    if isinstance(distribution, CategoricalDistribution):
        return cost_model.indicators(values, len(distribution.choices))
    return cost_model.powers(domain.position(distribution, values))


def _kernel(values: np.ndarray, distribution: BaseDistribution) -> Kernel:
    if isinstance(distribution, CategoricalDistribution):
        return kernel_of(np.nan_to_num(values, nan=-1.0), "kronecker")
    return kernel_of(np.nan_to_num(domain.position(distribution, values), nan=0.5), "sobolev")

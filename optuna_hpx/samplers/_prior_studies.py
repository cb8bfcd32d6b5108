"""Studies of similar tasks: what their trials say to the sampler of another study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from optuna_hpx.samplers import _curves
from optuna_hpx.samplers._points import PointSpace
from optuna_hpx.samplers.maths import encoding
from optuna_hpx.samplers.maths.prior_loss import PriorLoss, spread_out
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.trials.columns import Column

__all__ = ["NO_PRIOR", "PriorStudies", "PriorStudy", "can_take", "value_for"]

PriorStudy: TypeAlias = "Study | TrialTable | Sequence[Study | TrialTable] | None"
"""What a sampler takes as ``prior_study``."""

_LEAST = 5  # complete trials, fewer of which say nothing of a landscape
_APART = 0.1  # of two points that are both worth trying; the ends of a range are 1 apart


@dataclass(frozen=True, eq=False)
class _Task:
    """One prior study.

    Attributes:
        table: Its trials, without what only a storage needs.
        losses: (N,) their losses; NaN where there is none, or a constraint is violated.
    """

    table: TrialTable
    losses: np.ndarray

    @classmethod
    def read(cls, study: Study | TrialTable) -> _Task:
        table = TrialTable.of(study)
        if len(table.directions) > 1:
            raise ValueError(
                f"`prior_study` must have one objective, got {len(table.directions)}: of a data "
                "frame, TrialTable.from_frame(..., value=...) takes one of them."
            )
        n = int((table.complete & table.feasible).sum())
        if n < _LEAST or not table.columns:
            raise ValueError(
                f"`prior_study` must have at least {_LEAST} complete, feasible trials with finite "
                f"values and parameters, got {n} of {len(table.columns)} parameters: leave it out."
            )
        losses = np.where(table.feasible, _curves.losses_of(table), np.nan)
        return cls(replace(table, trials=(), attributes=(), drawer=None, kept={}), losses)

    def best_params(self, n: int) -> list[dict[str, Any]]:
        """Return the parameters of the ``n`` best trials that are not alike."""
        columns = self.table.columns
        space = PointSpace({name: column.distributions[-1] for name, column in columns.items()})
        X = encoding.features(space.points_of(self.table), space.axes)
        values = {name: column.external() for name, column in columns.items()}
        return [
            {
                name: values[name][row]
                for name, column in columns.items()
                if np.isfinite(column.values[row])
            }
            for row in spread_out(X, self.losses, n, _APART)
        ]


@dataclass(frozen=True, eq=False)
class _Opinion:
    """What one prior study says of the points of a search space.

    Attributes:
        shared: The parameters that both have, by their places in the search space.
        axes: The same, as the mathematics knows them.
        loss: The study's loss in these.
    """

    shared: np.ndarray
    axes: Sequence[encoding.Axis]
    loss: PriorLoss

    @classmethod
    def of(cls, task: _Task, distributions: Mapping[str, BaseDistribution]) -> _Opinion | None:
        """Fit the loss of a prior study; None if too little of it can be compared."""
        columns = task.table.columns
        is_shared = [
            name in columns and _is_of_kind(columns[name], distribution)
            for name, distribution in distributions.items()
        ]
        shared = np.flatnonzero(is_shared)
        if not len(shared):
            return None
        items = list(distributions.items())
        space = PointSpace(dict(items[k] for k in shared.tolist()))
        points = space.points_of(task.table)
        rows = ~np.isnan(points).all(axis=1)  # in the domain of today
        if np.isfinite(task.losses[rows]).sum() < _LEAST:
            return None
        X = encoding.features(points[rows], space.axes)
        loss = PriorLoss.fit(X, task.losses[rows], encoding.groups(space.axes))
        return cls(shared, space.axes, loss)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return what the study says (m,) of points (m, d) of the search space."""
        return self.loss.at(encoding.features(points[:, self.shared], self.axes))


@dataclass(frozen=True, eq=False)
class PriorStudies:
    """Studies of similar tasks, as they were when the sampler was made.

    Attributes:
        tasks: One for each study.
    """

    tasks: tuple[_Task, ...] = ()
    _opinions: dict[str, list[_Opinion]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, prior_study: PriorStudy) -> PriorStudies:
        """Read the argument ``prior_study`` of a sampler.

        Raises:
            TypeError: If it is no study, table, or list of these.
            ValueError: If one has several objectives, or too few complete trials.
        """
        if prior_study is None:
            return cls()
        studies: list[Any] = [prior_study]
        if isinstance(prior_study, (list, tuple)):
            studies = list(prior_study)
        for study in studies:
            if not isinstance(study, TrialTable) and not hasattr(study, "get_trials"):
                raise TypeError(
                    "`prior_study` must be a Study, a TrialTable or a list of these, "
                    f"got a {type(study).__name__}."
                )
        return cls(tuple(_Task.read(study) for study in studies))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is worked out again."""
        return {"tasks": self.tasks, "_opinions": {}}

    def start_params(self, n: int) -> list[dict[str, Any]]:
        """Return the parameters of up to ``n`` good trials, of all studies in turn."""
        by_task = [task.best_params(n) for task in self.tasks]
        in_turn = [params[k] for k in range(n) for params in by_task if k < len(params)]
        return in_turn[:n]

    def features(
        self, points: np.ndarray, distributions: Mapping[str, BaseDistribution]
    ) -> np.ndarray:
        """Compute a feature (m, k) of points (m, d) for each study that has something to say."""
        key = repr(dict(distributions))  # choices may be lists, which have no hash
        if key not in self._opinions:
            opinions = [_Opinion.of(task, distributions) for task in self.tasks]
            self._opinions.clear()
            self._opinions[key] = [opinion for opinion in opinions if opinion is not None]
        columns = [opinion.at(points) for opinion in self._opinions[key]]
        return np.array(columns).reshape(len(columns), len(points)).T


NO_PRIOR = PriorStudies()


def can_take(params: Mapping[str, Any], name: str, distribution: BaseDistribution) -> bool:
    """Return whether a prior trial's parameter is one that can be tried today."""
    return name in params and domain.contains(distribution, params[name])


def value_for(params: Mapping[str, Any], name: str, distribution: BaseDistribution) -> Any:
    """Return a prior trial's parameter, which can be tried today, as today's type has it."""
    x = domain.internal_value(distribution, params[name])
    assert x is not None, "as can_take has made sure"
    return distribution.to_external_repr(x)


def _is_of_kind(column: Column, distribution: BaseDistribution) -> bool:
    return column.is_categorical == isinstance(distribution, CategoricalDistribution)

"""Trials as points of the whole search space, and points as parameters of a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from optuna_hpx.samplers.maths.encoding import Axis
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

_MAX_CELLS = 1000  # more values are as good as a continuum


def whole_space(table: TrialTable) -> dict[str, BaseDistribution]:
    """Return all parameters that trials had, conditional ones too, as each was last suggested.

    By name, as storages keep them in different orders. Those with a single value are left out:
    nothing is to be chosen.
    """
    space = {}
    for name, column in sorted(table.columns.items()):
        rows = np.flatnonzero(column.regime != INACTIVE)
        distribution = column.distributions[column.regime[rows[-1]]]
        if not distribution.single():
            space[name] = distribution
    return space


@dataclass(frozen=True, eq=False)
class PointSpace:
    """The parameters that are chosen, and their values as coordinates.

    Attributes:
        distributions: By name.
    """

    distributions: Mapping[str, BaseDistribution]

    @cached_property
    def axes(self) -> list[Axis]:
        """The parameters as the mathematics knows them."""
        return [_axis(distribution) for distribution in self.distributions.values()]

    def points_of(self, table: TrialTable) -> np.ndarray:
        """Return the coordinates (n, d) of trials, NaN where absent.

        All are NaN in a trial with a value outside of today's domain.
        """
        points = np.full((len(table), len(self.distributions)), np.nan)
        is_outside = np.zeros(len(table), dtype=bool)
        for j, (name, distribution) in enumerate(self.distributions.items()):
            if name not in table.columns:
                continue
            column = table.columns[name]
            values = _values_today(column, distribution)
            is_outside |= (column.regime != INACTIVE) & np.isnan(values)
            points[:, j] = _coordinates(distribution, values)
        points[is_outside] = np.nan
        return points

    def point_of(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return the coordinates (d,) of parameters, NaN where there is none in the domain."""
        point = np.full(len(self.distributions), np.nan)
        for j, (name, distribution) in enumerate(self.distributions.items()):
            if name in params and domain.contains(distribution, params[name]):
                x = domain.internal_value(distribution, params[name])
                point[j] = _coordinates(distribution, np.array([x], dtype=float))[0]
        return point

    def points_of_running(self, params: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return the coordinates (r, d) of those of whom any is known."""
        points = np.array([self.point_of(each_trial) for each_trial in params])
        points = points.reshape(len(params), len(self.distributions))
        return points[~np.isnan(points).all(axis=1)]

    def params_at(self, point: np.ndarray) -> dict[str, Any]:
        """Return the parameters at a point (d,), those that it does not have left out."""
        params = {}
        for (name, distribution), u in zip(self.distributions.items(), point, strict=True):
            if np.isnan(u):
                continue
            is_choice = isinstance(distribution, CategoricalDistribution)
            x = u if is_choice else domain.value_at(distribution, np.array(u))
            params[name] = distribution.to_external_repr(float(x))
        return params


def constraint_values(table: TrialTable) -> dict[str, np.ndarray]:
    """Return the constraints (n,) of trials by their names, NaN where a trial has none.

    What was read of a trial is kept with the table.
    """
    by_number = table.kept.setdefault("constraints", {})
    for trial in table.trials:
        if trial.number not in by_number:
            by_number[trial.number] = dict(trial.constraints) if trial.system_attrs else {}
    by_trial = [by_number[trial.number] for trial in table.trials]
    names = sorted({name for constraints in by_trial for name in constraints})
    return {name: np.array([c.get(name, np.nan) for c in by_trial], dtype=float) for name in names}


def _axis(distribution: BaseDistribution) -> Axis:
    if isinstance(distribution, CategoricalDistribution):
        return Axis(n_choices=len(distribution.choices))
    if domain.n_possible_values(distribution) > _MAX_CELLS:
        return Axis()
    return Axis(cells=domain.position(distribution, domain.possible_values(distribution)))


def _coordinates(distribution: BaseDistribution, values: np.ndarray) -> np.ndarray:
    if isinstance(distribution, CategoricalDistribution):
        return values
    return domain.position(distribution, values)


def _values_today(column: Column, distribution: BaseDistribution) -> np.ndarray:
    """Return the values (n,) of a column in a domain of today, NaN where it has them not."""
    if column.distributions == (distribution,):
        return column.values
    if not column.is_categorical:
        return np.where(domain.is_within(distribution, column.values), column.values, np.nan)
    values = np.full(len(column.values), np.nan)
    for code, other in enumerate(column.distributions):
        choices = [domain.internal_value(distribution, x) for x in domain.choices_of(other)]
        rows = np.flatnonzero(column.regime == code)
        values[rows] = np.array(choices, dtype=float)[column.values[rows].astype(int)]
    return values

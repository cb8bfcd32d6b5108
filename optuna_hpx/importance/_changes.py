"""The changes between two configurations, and the configurations in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from optuna_hpx.importance._space import in_turn, regimes_by_rule
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["Change", "Changes", "Configuration", "configuration_of", "trials_at", "values_of"]

Configuration: TypeAlias = dict[str, tuple[int, float]]
"""For each active parameter its regime, and its value as Optuna holds it internally."""

_NEAR = 0.01  # of a continuous domain: a value so near to another is taken for it


@dataclass(frozen=True)
class Change:
    """One change on the way from one configuration to another.

    Attributes:
        name: The parameter.
        before, after: Its values, as the objective sees them; None where it is not active.
        brought: Parameters that become active with it, and their values.
        dropped: Parameters that are no longer active, and the values they had.
    """

    name: str
    before: Any
    after: Any
    brought: dict[str, Any] = field(default_factory=dict)
    dropped: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        moved = [f"with {n} = {_write(x)}" for n, x in self.brought.items()]
        moved += [f"without {n}" for n in self.dropped]
        brackets = f" ({', '.join(moved)})" if moved else ""
        return f"{self.name} {_write(self.before)} → {_write(self.after)}{brackets}"


def _write(value: Any) -> str:
    if value is None:
        return "not there"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def values_of(table: TrialTable, row: int) -> dict[str, Any]:
    """Return the parameters of a trial, as the objective saw them."""
    columns = [column.take(np.array([row])) for column in table.columns.values()]
    return {column.name: column.external()[0] for column in columns if column.distributions}


def configuration_of(argument: str, values: Mapping[str, Any], table: TrialTable) -> Configuration:
    """Read a configuration.

    Args:
        argument: Its name, for errors.
        values: The parameters, as the objective sees them.
        table: The trials, which decide what domains there are.

    Raises:
        ValueError: If a parameter is unknown, lies in no domain that any trial had, or is missing
            though all trials have it.
    """
    if unknown := sorted(values.keys() - table.columns.keys()):
        raise ValueError(
            f"`{argument}` names {unknown}, but the parameters are {sorted(table.columns)}."
        )
    always = {n for n, c in table.columns.items() if not (c.regime == INACTIVE).any()}
    if missing := sorted(always - values.keys()):
        raise ValueError(f"`{argument}` must give a value of {missing}, which all trials have.")
    return {name: _locate(argument, table.columns[name], value) for name, value in values.items()}


def _locate(argument: str, column: Column, value: Any) -> tuple[int, float]:
    """Find the latest domain that has the value."""
    for code in reversed(range(len(column.distributions))):
        dist = column.distributions[code]
        if domain.contains(dist, value):
            internal = domain.internal_value(dist, value)
            assert internal is not None
            return code, internal
    raise ValueError(
        f"`{argument}` has {column.name!r} = {value!r}, which lies in no domain that a trial had: "
        f"{', '.join(map(str, column.distributions[-3:]))}. What was never searched is not known."
    )


@dataclass(frozen=True, eq=False)
class Changes:
    """Two configurations, and what must be changed to get from the one to the other.

    A parameter that is active in one of them only comes or goes with the change that decides it,
    as the trials tell; where they do not tell, it is a change of its own.

    Attributes:
        trials: The parameters in the trials.
        before: The configuration to start from.
        after: The one to end with.
        names: (k,) parameters to be changed.
        seed: Of the rules by which parameters are active.
    """

    trials: dict[str, Column]
    before: Configuration
    after: Configuration
    names: tuple[str, ...]
    seed: int

    @classmethod
    def of(
        cls, trials: dict[str, Column], before: Configuration, after: Configuration, seed: int
    ) -> Changes:
        """Find the changes."""
        both = [
            name
            for name in trials
            if name in before
            and name in after
            and not _is_same(trials[name], before[name], after[name])
        ]
        switched = {name for name in trials if (name in before) != (name in after)}
        draft = cls(trials, before, after, tuple(both), seed)
        ends = draft.points(np.array([[False] * len(both), [True] * len(both)]))
        own = [
            name
            for name in trials
            if name in switched
            and (ends[name].regime != INACTIVE).tolist() != [name in before, name in after]
        ]
        names = tuple(name for name in trials if name in both or name in own)
        return cls(trials, before, after, names, seed)

    def points(self, sets: np.ndarray) -> dict[str, Column]:
        """Return the configurations in which the changes of each of ``sets`` (s, k) are made."""
        points: dict[str, Column] = {}
        for name in in_turn(self.trials):
            points[name] = self._column(name, sets, points)
        return {name: points[name] for name in self.trials}

    def _column(self, name: str, sets: np.ndarray, points: dict[str, Column]) -> Column:
        column = self.trials[name]
        before = self.before.get(name, (INACTIVE, np.nan))
        after = self.after.get(name, (INACTIVE, np.nan))
        if name in self.names:
            made = sets[:, self.names.index(name)]
        elif (name in self.before) == (name in self.after):
            made = np.zeros(len(sets), dtype=bool)
        else:
            others = {other: self.trials[other] for other in points}
            rng = np.random.default_rng(self.seed)
            regimes = regimes_by_rule(column, others, points, rng)
            # Without a rule it stays as it was: then its end shows that it is a change of its own.
            is_active = np.full(len(sets), name in self.before)
            if regimes is not None:
                is_active = regimes != INACTIVE
            made = is_active == (name in self.after)
        return Column(
            name,
            column.distributions,
            np.where(made, after[0], before[0]),
            np.where(made, after[1], before[1]),
        )

    def describe(self, points: dict[str, Column], order: np.ndarray) -> tuple[Change, ...]:
        """Describe the changes, given the ``points`` after none, one, two, ... of ``order``."""
        values = {name: column.external() for name, column in points.items()}
        return tuple(
            self._describe(self.names[change], values, step) for step, change in enumerate(order)
        )

    def _describe(self, name: str, values: dict[str, list[Any]], step: int) -> Change:
        others = {other: pair for other, pair in values.items() if other != name}
        moved = {other: (x[step], x[step + 1]) for other, x in others.items()}
        return Change(
            name,
            values[name][step],
            values[name][step + 1],
            {other: new for other, (old, new) in moved.items() if old is None and new is not None},
            {other: old for other, (old, new) in moved.items() if old is not None and new is None},
        )


def _is_same(column: Column, a: tuple[int, float], b: tuple[int, float]) -> bool:
    if not column.is_categorical:
        return a[1] == b[1]
    first, second = (column.distributions[code].to_external_repr(x) for code, x in (a, b))
    return repr(first) == repr(second)


def trials_at(table: TrialTable, points: dict[str, Column]) -> list[np.ndarray]:
    """Find for each point the trials that have its values, or values very near to them."""
    n = len(next(iter(points.values())).values)
    matches = np.ones((n, len(table)), dtype=bool)
    for name, point in points.items():
        matches &= _matches(point, table.columns[name])
    return [np.flatnonzero(row) for row in matches]


def _matches(point: Column, column: Column) -> np.ndarray:
    """Tell (n, N) which trials have about the value of each point, or like it none."""
    neither = (point.regime == INACTIVE)[:, None] & (column.regime == INACTIVE)
    if column.is_categorical:
        at_points, at_trials = (np.array([repr(x) for x in c.external()]) for c in (point, column))
        return np.asarray(neither | (at_points[:, None] == at_trials))
    slack = max(domain.slack(dist) for dist in column.distributions)
    at_points, at_trials = point.values, column.values
    if all(domain.step_of(dist) is None for dist in column.distributions):
        spans = np.array([domain.span(dist) for dist in column.distributions])
        slack = _NEAR * float(spans.max() - spans.min())
        at_points, at_trials = point.scaled, column.scaled
    with np.errstate(invalid="ignore"):
        return np.asarray(neither | (np.abs(at_points[:, None] - at_trials) <= slack))

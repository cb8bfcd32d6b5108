"""The changes between two configurations, and the configurations in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optuna_hpx.canvas.words import distinct, listing
from optuna_hpx.importance._branches import MAX_REGIMES, Located, deciders
from optuna_hpx.importance._configurations import Configuration
from optuna_hpx.importance._error import NoSurrogateError
from optuna_hpx.importance._space import in_turn, regimes_by_rule
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column

__all__ = ["Change", "Changes"]


@dataclass(frozen=True)
class Change:
    """One change on the way from one configuration to another.

    Attributes:
        name: The parameter.
        before, after: Its values, as the objective sees them; None where it is not active, as
            ``active`` tells from a choice that is None.
        brought: Parameters that become active with it, or that must move into other bounds, and
            their values.
        dropped: Parameters that are no longer active, and the values they had.
        active: Whether it is active before, and after.
    """

    name: str
    before: Any
    after: Any
    brought: dict[str, Any] = field(default_factory=dict)
    dropped: dict[str, Any] = field(default_factory=dict)
    active: tuple[bool, bool] = (True, True)

    def __str__(self) -> str:
        moved = [f"with {n} = {_write(x)}" for n, x in self.brought.items()]
        moved += [f"without {n}" for n in self.dropped]
        brackets = f" ({', '.join(moved)})" if moved else ""
        written = distinct((self.before, self.after), _write)
        ends = [
            text if is_active else "not there"
            for text, is_active in zip(written, self.active, strict=True)
        ]
        return f"{self.name} {ends[0]} → {ends[1]}{brackets}"


def _write(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, eq=False)
class Changes:
    """Two configurations, and what must be changed to get from the one to the other.

    A parameter that is active in one of them only comes or goes with the change that decides it,
    as the trials tell; where nothing that changes may decide it, it is a change of its own. So
    all configurations in between may exist, as far as the trials tell.

    Attributes:
        trials: The parameters in the trials.
        before: The configuration to start from.
        after: The one to end with.
        names: (k,) parameters to be changed.
        companions: Parameters that come or go with a change, but by no rule that was found.
        seed: Of the rules by which parameters are active.
    """

    trials: dict[str, Column]
    before: Configuration
    after: Configuration
    names: tuple[str, ...]
    companions: dict[str, str]
    seed: int

    @classmethod
    def of(
        cls, trials: dict[str, Column], before: Configuration, after: Configuration, seed: int
    ) -> Changes:
        """Find the changes.

        Raises:
            NoSurrogateError: If the trials do not tell with which of several changes a parameter
                comes or goes.
        """
        both = [
            name
            for name in trials
            if name in before
            and name in after
            and not _is_same(trials[name], before[name], after[name])
        ]
        draft = cls(trials, before, after, tuple(both), {}, seed)
        companions, own = {}, []
        for name in draft._without_rule():
            causes = deciders(trials[name], trials, (before, after), both)
            if len(causes) > 1:
                raise NoSurrogateError(
                    f"The trials do not tell with which of the changes of {listing(causes)} the "
                    f"parameter {name} comes or goes."
                )
            if causes:
                companions[name] = causes[0]
            else:
                own.append(name)
        names = tuple(name for name in trials if name in both or name in own)
        return cls(trials, before, after, names, companions, seed)

    def _without_rule(self) -> list[str]:
        """List the parameters active at one end only that no rule switches between the ends."""
        switched = [n for n in self.trials if (n in self.before) != (n in self.after)]
        k = len(self.names)
        ends = self._points(np.array([[False] * k, [True] * k]), are_ends_given=False)
        return [
            name
            for name in switched
            if (ends[name].regime != INACTIVE).tolist()
            != [name in self.before, name in self.after]
        ]

    def points(self, sets: np.ndarray) -> dict[str, Column]:
        """Return the configurations in which the changes of each of ``sets`` (s, k) are made."""
        return self._points(sets, are_ends_given=True)

    def _points(self, sets: np.ndarray, *, are_ends_given: bool) -> dict[str, Column]:
        points: dict[str, Column] = {}
        for name in in_turn(self.trials):
            column = self._column(name, sets, points)
            points[name] = self._with_ends(column, sets) if are_ends_given else column
        return {name: points[name] for name in self.trials}

    def _column(self, name: str, sets: np.ndarray, points: dict[str, Column]) -> Column:
        """Put a parameter at its values where it is active, as rules or its own change decide."""
        column, switch = self.trials[name], self.companions.get(name, name)
        made = np.zeros(len(sets), dtype=bool)
        if switch in self.names:
            made = sets[:, self.names.index(switch)]
        regimes = None
        is_switched = (name in self.before) != (name in self.after)
        if not (column.has_one_domain or (is_switched and switch in self.names)):
            others = {other: self.trials[other] for other in points}
            regimes = regimes_by_rule(column, others, points, np.random.default_rng(self.seed))
        absent = INACTIVE, np.nan
        first, second = self.before.get(name, absent), self.after.get(name, absent)
        if regimes is not None:
            first, second = _fill(first, second, column)
        code = np.where(made, second[0], first[0])
        values = np.where(made, second[1], first[1])
        if regimes is not None:
            code, values = _follow(column, regimes, code, values)
        return Column(name, column.distributions, code, values)

    def _with_ends(self, column: Column, sets: np.ndarray) -> Column:
        """Put the two ends as they are given: no rule knows better."""
        regime, values = column.regime.copy(), column.values.copy()
        for rows, end in ((~sets.any(axis=1), self.before), (sets.all(axis=1), self.after)):
            regime[rows], values[rows] = end.get(column.name, (INACTIVE, np.nan))
        return Column(column.name, column.distributions, regime, values)

    def describe(self, points: dict[str, Column], order: np.ndarray) -> tuple[Change, ...]:
        """Describe the changes, given the ``points`` after none, one, two, ... of ``order``."""
        values = {
            name: [
                (code != INACTIVE, value)
                for code, value in zip(column.regime.tolist(), column.external(), strict=True)
            ]
            for name, column in points.items()
        }
        return tuple(
            self._describe(self.names[change], values, step) for step, change in enumerate(order)
        )

    def _describe(self, name: str, values: dict[str, list[tuple[bool, Any]]], step: int) -> Change:
        others = {other: pair for other, pair in values.items() if other != name}
        moved = {n: (x[step], x[step + 1]) for n, x in others.items() if x[step] != x[step + 1]}
        return Change(
            name,
            self._value(name, self.before),
            self._value(name, self.after),
            {n: new[1] for n, (_, new) in moved.items() if new[0]},
            {n: old[1] for n, (old, new) in moved.items() if old[0] and not new[0]},
            (name in self.before, name in self.after),
        )

    def _value(self, name: str, end: Configuration) -> Any:
        """Return the value at one end as the objective sees it, None where it has none."""
        if name not in end:
            return None
        code, value = end[name]
        return self.trials[name].distributions[code].to_external_repr(value)


def _fill(first: Located, second: Located, column: Column) -> tuple[Located, Located]:
    """Give the end that lacks a parameter the value of the other, or both the trials' median.

    A rule may have it active in between where it is not at an end.
    """
    if first[0] == INACTIVE and second[0] == INACTIVE:
        rows = np.flatnonzero(column.regime != INACTIVE)
        middle = rows[np.argsort(column.values[rows], kind="stable")[len(rows) // 2]]
        first = second = int(column.regime[middle]), float(column.values[middle])
    return (second if first[0] == INACTIVE else first), (
        first if second[0] == INACTIVE else second
    )


def _follow(
    column: Column, regimes: np.ndarray, code: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Leave out values where a rule has a parameter inactive, and move others into its domain."""
    values = np.where(regimes == INACTIVE, np.nan, values)
    if len(column.distributions) > MAX_REGIMES:  # bounds that move smoothly: no rule knows them
        return np.where(regimes == INACTIVE, INACTIVE, code), values
    if not column.is_categorical:
        for regime in np.unique(regimes[regimes != INACTIVE]):
            rows = regimes == regime
            values[rows] = np.clip(values[rows], *domain.ends(column.distributions[regime]))
        return regimes, values
    return np.where(regimes == INACTIVE, INACTIVE, code), values


def _is_same(column: Column, a: tuple[int, float], b: tuple[int, float]) -> bool:
    if not column.is_categorical:
        return a[1] == b[1]
    first, second = (column.distributions[code].to_external_repr(x) for code, x in (a, b))
    return repr(first) == repr(second)

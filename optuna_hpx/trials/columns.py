"""Columns: one parameter over all trials, and how it is read from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial

from optuna_hpx.trials import domain
from optuna_hpx.trials.domain import Distribution

INACTIVE = -1
"""Regime code of a trial in which the parameter was not suggested."""


_MANY_NUMBERS = 200  # numbers, of which digits are looked at


@dataclass(frozen=True, eq=False)
class Column:
    """One parameter over all trials.

    Attributes:
        name: The parameter's name.
        distributions: One per regime, in the order in which the trials first had them.
        regime: (n,) index into ``distributions``, or -1 where the parameter was inactive.
        values: (n,) values; for a categorical the index into ``choices``; NaN where inactive.
    """

    name: str
    distributions: tuple[Distribution, ...]
    regime: np.ndarray
    values: np.ndarray

    def __post_init__(self) -> None:
        self.regime.setflags(write=False)
        self.values.setflags(write=False)

    @property
    def is_categorical(self) -> bool:
        """Whether the values are choices."""
        return isinstance(self.distributions[0], CategoricalDistribution)

    @property
    def n_choices(self) -> int:
        """How many choices a categorical parameter has where it has most; 0 for a number."""
        return max(len(domain.choices_of(dist)) for dist in self.distributions)

    @cached_property
    def is_continuum(self) -> bool:
        """Whether two random draws would never be equal; a table's numbers may be rounded."""
        if not all(np.isinf(domain.n_possible_values(dist)) for dist in self.distributions):
            return False
        values = self.values[self.regime != INACTIVE]
        rounded = np.array([float(f"{value:.4g}") for value in values[:_MANY_NUMBERS].tolist()])
        return bool((rounded != values[:_MANY_NUMBERS]).mean() > 0.5)

    @cached_property
    def has_one_domain(self) -> bool:
        """Whether every trial has the parameter, and always with the same distribution."""
        return len(self.distributions) == 1 and not (self.regime == INACTIVE).any()

    @cached_property
    def order(self) -> np.ndarray:
        """(n,) trials sorted by value, inactive ones last; ties keep the order of the trials."""
        return np.argsort(self.values, kind="stable")

    @cached_property
    def bounds(self) -> np.ndarray:
        """(2, n) ends of the interval that each trial's value was drawn from, NaN where inactive.

        On the log scale if the distribution is log, and half a step beyond the extreme values if
        it is discrete; see :mod:`optuna_hpx.trials.domain`.
        """
        spans = np.array([domain.span(dist) for dist in self.distributions] + [(np.nan, np.nan)])
        return np.ascontiguousarray(spans[self.regime].T)

    @cached_property
    def scaled(self) -> np.ndarray:
        """(n,) values on the scale of ``bounds``, NaN where inactive."""
        return domain.scaled(self.distributions[0], self.values)

    @cached_property
    def position(self) -> np.ndarray:
        """(n,) position of each value in its own trial's domain, in [0, 1]; NaN where inactive."""
        return domain.place_between(self.scaled, *self.bounds)

    def external(self) -> list[Any]:
        """Return the values as the objective saw them, None where inactive."""
        return [
            None if code == INACTIVE else self.distributions[code].to_external_repr(value)
            for code, value in zip(self.regime.tolist(), self.values.tolist(), strict=True)
        ]

    def part(self, rows: np.ndarray | slice) -> Column:
        """Restrict the column to ``rows``, its regimes as they are."""
        return Column(self.name, self.distributions, self.regime[rows], self.values[rows])

    def take(self, rows: np.ndarray) -> Column:
        """Restrict the column to ``rows``, its regimes renumbered by first appearance."""
        regime = self.regime[rows]
        codes, first = np.unique(regime, return_index=True)
        active = codes != INACTIVE
        kept = codes[active][np.argsort(first[active])]
        renumber = np.full(len(self.distributions) + 1, INACTIVE)  # its last entry: inactive
        renumber[kept] = np.arange(len(kept))
        distributions = tuple(self.distributions[code] for code in kept)
        return Column(self.name, distributions, renumber[regime], self.values[rows])


@dataclass
class _AlikeTrials:
    """Trials that suggested the same parameters, in the same order, of the same kinds.

    Rows of trials that follow each other mostly have equal domains: these are kept once, in
    ``domains``, and ``domain_of`` says which of them each trial had.
    """

    names: tuple[str, ...]
    getters: Sequence[Callable[[BaseDistribution], Any]]
    rows: list[int] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)
    domains: list[list[Any]] = field(default_factory=list)
    distributions: list[list[BaseDistribution]] = field(default_factory=list)
    domain_of: list[int] = field(default_factory=list)

    def append(self, row: int, trial: FrozenTrial) -> None:
        distributions = trial.distributions.values()
        domain = [get(dist) for get, dist in zip(self.getters, distributions, strict=True)]
        if not self.domains or domain != self.domains[-1]:
            self.domains.append(domain)
            self.distributions.append(list(distributions))
        params = trial.params
        self.rows.append(row)
        self.values.append(tuple([params[name] for name in self.names]))
        self.domain_of.append(len(self.domains) - 1)


_DOMAIN_OF_NUMBER = attrgetter("low", "high", "step", "log")


def _domain_of_choices(dist: BaseDistribution) -> tuple[Any, ...]:
    assert isinstance(dist, CategoricalDistribution)
    return dist.choices, tuple(map(type, dist.choices))  # the types, because 1 == 1.0 == True


def read_columns(trials: Sequence[FrozenTrial]) -> dict[str, Column]:
    """Read one column per parameter, in the order of first appearance.

    Trial by trial, because the objects of one trial lie close together in memory: parameter by
    parameter takes three times as long.
    """
    groups: dict[Any, _AlikeTrials] = {}
    for row, trial in enumerate(trials):
        distributions = trial.distributions
        kinds = tuple(map(type, distributions.values()))
        key = tuple(distributions), kinds
        group = groups.get(key)
        if group is None:
            getters = [
                _domain_of_choices
                if issubclass(kind, CategoricalDistribution)
                else _DOMAIN_OF_NUMBER
                for kind in kinds
            ]
            group = groups[key] = _AlikeTrials(tuple(distributions), getters)
        group.append(row, trial)
    names = dict.fromkeys(name for group in groups.values() for name in group.names)
    columns = {name: _ColumnBuilder(len(trials)) for name in names}
    for group in groups.values():
        values = zip(*group.values, strict=True)
        distributions_by_name = zip(*group.distributions, strict=True)
        rows, domain_of = np.array(group.rows), np.array(group.domain_of)
        for name, x, dists in zip(group.names, values, distributions_by_name, strict=True):
            columns[name].add(rows, x, dists, domain_of)
    return {name: builder.column(name) for name, builder in columns.items()}


class _ColumnBuilder:
    """A column that is being read, group by group."""

    def __init__(self, n: int) -> None:
        self._regime = np.full(n, INACTIVE)
        self._values = np.full(n, np.nan)
        self._regimes = _RegimeCodes()

    def add(
        self,
        rows: np.ndarray,
        values: Sequence[Any],
        distributions: Sequence[BaseDistribution],
        domain_of: np.ndarray,
    ) -> None:
        codes = np.array([self._regimes.code(dist) for dist in distributions])[domain_of]
        self._regime[rows] = codes
        if not isinstance(distributions[0], CategoricalDistribution):
            self._values[rows] = values
            return
        for code in np.unique(codes).tolist():
            places = np.flatnonzero(codes == code).tolist()
            choices = [values[k] for k in places]
            dist = self._regimes.distributions[code]
            self._values[rows[places]] = _choice_indices(choices, dist)

    def column(self, name: str) -> Column:
        column = Column(name, tuple(self._regimes.distributions), self._regime, self._values)
        return column.take(np.arange(len(self._values)))  # regimes by first appearance


class _RegimeCodes:
    """Numbers distinct distributions in the order in which they come."""

    def __init__(self) -> None:
        self.distributions: list[Distribution] = []
        self._code_of: dict[BaseDistribution, int] = {}

    def code(self, dist: BaseDistribution) -> int:
        if isinstance(dist, CategoricalDistribution):
            # Equal choices need not hash alike (NaN) nor at all (a list, as JSON gives back a
            # tuple); and a parameter hardly ever has more than one set of choices.
            for code, other in enumerate(self.distributions):
                if other == dist:
                    return code
        elif dist in self._code_of:
            return self._code_of[dist]
        else:
            self._code_of[dist] = len(self.distributions)
        self.distributions.append(domain.narrow(dist))
        return len(self.distributions) - 1


def _choice_indices(values: Sequence[Any], dist: CategoricalDistribution) -> list[float]:
    index_of: dict[Any, float] = {}
    indices = []
    for value in values:
        key = (type(value), value)
        try:
            index = index_of.get(key)
        except TypeError:  # a list does not hash
            indices.append(float(domain.index_of_choice(dist, value)))
            continue
        if index is None:
            index = index_of[key] = float(domain.index_of_choice(dist, value))
        indices.append(index)
    return indices


def join(a: Column | None, n_a: int, b: Column | None, n_b: int) -> Column:
    """Join the n_a trials of ``a`` and the n_b of ``b``; None: none of them has the parameter."""
    either = a or b
    assert either is not None
    regimes = _RegimeCodes()
    parts = []
    for column, n in ((a, n_a), (b, n_b)):
        if column is None:
            parts.append((np.full(n, INACTIVE), np.full(n, np.nan)))
        else:
            codes = [regimes.code(dist) for dist in column.distributions]
            parts.append((np.array([*codes, INACTIVE])[column.regime], column.values))
    return Column(
        either.name,
        tuple(regimes.distributions),
        np.concatenate([regime for regime, _ in parts]),
        np.concatenate([values for _, values in parts]),
    )

"""Configurations: read from what the objective sees, and found among the trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from optuna_hpx.importance._branches import Located, check_branches
from optuna_hpx.importance._space import unseen_choices
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["Configuration", "configuration_of", "trials_at", "values_of"]

Configuration: TypeAlias = dict[str, Located]
"""The active parameters."""

_NEAR = 0.01  # of a continuous domain: a value so near to another is taken for it


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
        ValueError: If a parameter is unknown, lies in no domain that any trial had, is a choice
            that none had, is missing though all trials have it, or is there or missing where the
            trials tell that it cannot.
    """
    if unknown := sorted(values.keys() - table.columns.keys()):
        raise ValueError(
            f"`{argument}` names {unknown}, but the parameters are {sorted(table.columns)}."
        )
    always = {n for n, c in table.columns.items() if not (c.regime == INACTIVE).any()}
    if missing := sorted(always - values.keys()):
        raise ValueError(f"`{argument}` must give a value of {missing}, which all trials have.")
    configuration = {
        name: _locate(argument, table.columns[name], value) for name, value in values.items()
    }
    if not _is_trial(configuration, table):
        check_branches(argument, configuration, table.columns)
    return configuration


def _is_trial(configuration: Configuration, table: TrialTable) -> bool:
    """Tell whether a trial has these parameters, with these values: it did exist."""
    matches = np.full(len(table), fill_value=True)
    for name, column in table.columns.items():
        regime, value = configuration.get(name, (INACTIVE, np.nan))
        matches &= (column.regime == INACTIVE) if regime == INACTIVE else column.values == value
    return bool(matches.any())


def _locate(argument: str, column: Column, value: Any) -> tuple[int, float]:
    """Find the latest domain that has the value."""
    for code in reversed(range(len(column.distributions))):
        dist = column.distributions[code]
        if domain.contains(dist, value):
            internal = domain.internal_value(dist, value)
            assert internal is not None
            _check_seen(argument, column, code, internal)
            return code, internal
    raise ValueError(
        f"`{argument}` has {column.name!r} = {value!r}, which lies in no domain that a trial had: "
        f"{', '.join(map(str, column.distributions[-3:]))}. What was never searched is not known."
    )


def _check_seen(argument: str, column: Column, code: int, internal: float) -> None:
    """Refuse a choice that no trial had."""
    if internal in unseen_choices(column, code):
        value = column.distributions[code].to_external_repr(internal)
        raise ValueError(
            f"`{argument}` has {column.name!r} = {value!r}, which no complete trial had: nothing "
            "is known of it."
        )


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

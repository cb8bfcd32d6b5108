"""Trials that have all values of an earlier one, though chance would never draw them twice."""

from __future__ import annotations

import numpy as np

from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["repeated_rows"]

_SURPRISING = 1000.0
"""How many times as many combinations as pairs of trials there must be for a repeat to count: the
chance that any two of the trials are equal is then less than one in a thousand."""


def repeated_rows(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    """Return those of ``rows`` that repeat an earlier one, ascending.

    The same draws come again where workers, or a study that goes on, start from one seed. They
    are no new evidence. In a space of few combinations equal trials prove nothing, and none is
    returned. O(N d log N).
    """
    columns = list(table.columns.values())
    if any(_all_differ(column, rows) for column in columns) or not columns:
        return rows[:0]
    keys = np.column_stack(
        [
            part[rows]
            for column in columns
            for part in (column.regime.astype(float), np.nan_to_num(column.values))
        ]
    )
    _, first, code = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    repeats = np.flatnonzero(first[code.ravel()] < np.arange(len(rows)))
    if not len(repeats):
        return rows[:0]
    counts = np.array([_n_combinations(column, table) for column in columns])
    active = np.array([column.regime != INACTIVE for column in columns])[:, rows[repeats]]
    n_combinations = np.where(active, np.log(counts)[:, None], 0.0).sum(axis=0)
    is_surprising = n_combinations > np.log(_SURPRISING) + 2.0 * np.log(len(rows))
    return rows[repeats[is_surprising]]


def _all_differ(column: Column, rows: np.ndarray) -> bool:
    return len(np.unique(column.values[rows])) == len(rows) and bool(
        (column.regime[rows] != INACTIVE).all()
    )


def _n_combinations(column: Column, table: TrialTable) -> float:
    """Count the values that the parameter could have had; of a table's column, guess it."""
    n = min(map(domain.n_possible_values, column.distributions))
    if table.trials or not np.isinf(n) or column.is_continuum:
        return n
    return len(np.unique(column.values[column.regime != INACTIVE])) ** 2

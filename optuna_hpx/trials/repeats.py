"""Trials that have all values of an earlier one, though chance would never draw them twice.

How many values a column of a table can have is Chao's estimate, bias-corrected, from those that
were seen once and twice (Scandinavian Journal of Statistics 11, 1984).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import poisson

from optuna_hpx.trials import domain
from optuna_hpx.trials.domain import Distribution
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["repeated_rows"]

_SURELY = 1e-3
"""Chance of so many repeats among random draws, below which they are none."""
_MAX_LISTED = 1e6  # values of a log integer, whose probabilities are summed one by one
_MANY = 10.0
"""Combinations for each trial, from which on a repeat counts: among fewer a sampler that learns
comes back to its favourites, and these are trials of their own."""


def repeated_rows(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    """Return those of ``rows`` that repeat an earlier one, ascending.

    The same draws come again where workers, or a study that goes on, start from one seed. They
    are no new evidence. In a space of few combinations equal trials prove nothing, and none is
    returned. O(N d log N).
    """
    columns = list(table.columns.values())
    repeats = _repeats(columns, rows)
    if not len(repeats):
        return rows[:0]
    counts = np.array([_n_values(column, table) for column in columns])
    active = np.array([column.regime != INACTIVE for column in columns])[:, rows]
    n_combinations = np.exp(np.where(active, np.log(counts)[:, None], 0.0).sum(axis=0))
    is_sure = np.zeros(len(rows), dtype=bool)
    for n_equal in np.unique(n_combinations[repeats]):
        alike = n_combinations == n_equal
        n_pairs = alike.sum() * (alike.sum() - 1) / 2.0
        n_repeats = np.count_nonzero(alike[repeats])
        chance = poisson.sf(n_repeats - 1, n_pairs / n_equal)
        is_sure |= alike & (chance < _SURELY) & (n_equal >= _MANY * alike.sum())
    return rows[repeats[is_sure[repeats]]]


def _repeats(columns: Sequence[Column], rows: np.ndarray) -> np.ndarray:
    """Return the indices into ``rows`` of those that are equal to an earlier one, ascending."""
    alike = np.arange(len(rows) if columns else 0)
    for column in columns:  # most rows differ from all others in one column already
        values = column.values[rows[alike]]
        ordered = np.sort(values)  # much faster than to count, and mostly enough
        if not np.isnan(values).any() and not (ordered[1:] == ordered[:-1]).any():
            return alike[:0]
        _, code, counts = np.unique(values, return_inverse=True, return_counts=True)
        alike = alike[counts[code] > 1]
    if not len(alike):
        return alike
    parts = [(column.regime, np.nan_to_num(column.values)) for column in columns]
    keys = np.column_stack([part[rows[alike]] for pair in parts for part in pair])
    _, first, code = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return alike[first[code.ravel()] < np.arange(len(alike))]


def _n_values(column: Column, table: TrialTable) -> float:
    """Count the values that the parameter can have, those that are likelier for more than one.

    Two draws are equal with probability 1 over that. Of the domain of a table's column no more is
    known than its ends: what counts is how many values were seen, and how many of them once.
    """
    n = min(map(_n_equally_likely, column.distributions))
    if table.trials or column.is_continuum:
        return n
    _, counts = np.unique(column.values[column.regime != INACTIVE], return_counts=True)
    n_once, n_twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return float(min(n, len(counts) + n_once * (n_once - 1) / (2.0 * (n_twice + 1.0))))


def _n_equally_likely(dist: Distribution) -> float:
    n = domain.n_possible_values(dist)
    if np.isinf(n) or not domain.is_log(dist) or n > _MAX_LISTED:
        return n
    return float(1.0 / np.square(domain.probabilities(dist)).sum())

"""The regimes of a parameter: which trials are compared with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.marginal import Marginal, few_values, group_size, similar_groups
from optuna_hpx.trials.domain import n_possible_values
from optuna_hpx.trials.table import Column

_ENOUGH = 50
"""A regime of so many trials is looked at by itself, ..."""
_MIN_SIZE, _MIN_SHARE = 20, 0.1
"""... as is one of so many that are this share of the trials that have the parameter."""


@dataclass(frozen=True)
class ParameterRegime:
    """Trials in which a parameter had the same domain, or similar ones.

    Attributes:
        column: The parameter.
        codes: The regime codes that are in it.
        is_pooled: Whether the trials are compared by the position between their own bounds.
        marginal: The trials, sorted; indices into the table.
    """

    column: Column
    codes: np.ndarray
    is_pooled: bool
    marginal: Marginal


def regimes_of(column: Column, region: np.ndarray) -> tuple[list[ParameterRegime], int]:
    """Partition the trials of ``region`` (N,) that have the parameter.

    Returns:
        The regimes, and how many trials are in none: those alone in theirs, which say nothing.
    """
    rows = column.order if region.all() else column.order[region[column.order]]
    if column.has_one_domain:
        return [_own_regime(column, rows, 0)] if len(rows) > 1 else [], 0
    codes = column.regime[rows]
    sizes = np.bincount(codes + 1, minlength=len(column.distributions) + 1)[1:]
    regimes = list(_partition(column, rows, codes, sizes))
    n_in_regimes = sum(len(regime.marginal.rows) for regime in regimes)
    return regimes, int(sizes.sum()) - n_in_regimes


def _partition(
    column: Column, rows: np.ndarray, codes: np.ndarray, sizes: np.ndarray
) -> Iterator[ParameterRegime]:
    is_large = (sizes >= _MIN_SIZE) & (sizes >= _MIN_SHARE * sizes.sum())
    is_only_one = column.is_categorical or np.count_nonzero(sizes) == 1
    stands_alone = (is_large | (sizes >= _ENOUGH) | is_only_one) & (sizes > 1)
    for code in np.flatnonzero(stands_alone):
        yield _own_regime(column, rows[codes == code], int(code))
    is_small = np.append(~stands_alone, False)  # the last entry: inactive
    small = rows[is_small[codes]]
    if len(small) > 1 and not column.is_categorical:
        for group in similar_groups(column.bounds[:, small], group_size(len(small))):
            yield _pooled_regime(column, small[group])


def _own_regime(column: Column, rows: np.ndarray, code: int) -> ParameterRegime:
    ordered = not (
        column.is_categorical or few_values(n_possible_values(column.distributions[code]))
    )
    starts = _starts(column.values[rows])
    if starts is None and not ordered:
        starts = np.arange(len(rows) + 1)
    return ParameterRegime(column, np.array([code]), False, Marginal(rows, starts, ordered))


def _pooled_regime(column: Column, rows: np.ndarray) -> ParameterRegime:
    position = column.position[rows]
    order = np.argsort(position, kind="stable")
    marginal = Marginal(rows[order], _starts(position[order]), ordered=True)
    return ParameterRegime(column, np.unique(column.regime[rows]), True, marginal)


def _starts(values: np.ndarray) -> np.ndarray | None:
    """Find the boundaries of the runs of equal ``values``; None if all differ."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    if len(changes) == len(values) - 1:
        return None
    return np.concatenate([[0], changes, [len(values)]])

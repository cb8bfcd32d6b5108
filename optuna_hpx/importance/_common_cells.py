"""The common cells of two sides of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.importance.maths.cell_shares import ParameterCells
from optuna_hpx.trials import domain
from optuna_hpx.trials.columns import join
from optuna_hpx.trials.domain import Distribution
from optuna_hpx.trials.spaces import choices_of_column
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["cells_of"]

_FEW_CELLS, _MANY_CELLS = 2, 16
_MAX_REGIMES = 4  # of one parameter, each with its own cells; more are moving bounds


def cells_of(tables: Sequence[TrialTable], names: Sequence[str], n: int) -> list[ParameterCells]:
    """Make the cells of parameters over the trials of all tables.

    Args:
        tables: One, or two that follow each other.
        names: The parameters, which all tables have.
        n: Trials of the smaller side, which decide how many cells there are: half the root.

    Returns:
        The cells of each.
    """
    n_cells = int(np.clip(round(np.sqrt(n) / 2.0), _FEW_CELLS, _MANY_CELLS))
    return [_cells([table.columns[name] for table in tables], n_cells) for name in names]


def _cells(columns: Sequence[Column], n_cells: int) -> ParameterCells:
    """Make the cells of one parameter, each regime with its own where both sides have the same.

    Moving bounds, and those guessed from values, differ: there positions within them count.
    """
    column = columns[0]
    for other in columns[1:]:
        column = join(column, len(column.values), other, len(other.values))
    if column.is_categorical:
        return _cells_of_choices(column)
    is_same = all(set(column.distributions) == set(side.distributions) for side in columns)
    if is_same and len(column.distributions) <= _MAX_REGIMES:
        return _cells_by_regime(column, n_cells)
    parts = _equal_parts(column.position, n_cells)
    return _with_inactive(column, parts, [0] * n_cells)


def _with_inactive(column: Column, codes: np.ndarray, regimes: list[int]) -> ParameterCells:
    """Put the trials without the parameter into a regime of their own."""
    codes = np.where(column.regime == INACTIVE, len(regimes), codes)
    return ParameterCells(codes, np.array([*regimes, -1], dtype=int))


def _cells_of_choices(column: Column) -> ParameterCells:
    labels = sorted(choices_of_column(column))
    codes = np.full(len(column.values), -1)
    for code, dist in enumerate(column.distributions):
        rows = column.regime == code
        places = np.array([labels.index(repr(choice)) for choice in domain.choices_of(dist)])
        codes[rows] = places[column.values[rows].astype(int)]
    return _with_inactive(column, codes, [0] * len(labels))


def _cells_by_regime(column: Column, n_cells: int) -> ParameterCells:
    codes = np.full(len(column.values), -1)
    regimes: list[int] = []
    for code, dist in enumerate(column.distributions):
        rows = column.regime == code
        own, size = _within(dist, column, rows, n_cells)
        codes[rows] = len(regimes) + own
        regimes += [code] * size
    return _with_inactive(column, codes, regimes)


def _within(
    dist: Distribution, column: Column, rows: np.ndarray, n_cells: int
) -> tuple[np.ndarray, int]:
    """Return the cells of the trials of one domain, and how many there are."""
    n_values = domain.n_possible_values(dist)
    if n_values <= n_cells:
        possible = domain.possible_values(dist)
        nearest = np.abs(column.values[rows][:, None] - possible).argmin(axis=1)
        return nearest, int(n_values)
    return _equal_parts(column.position[rows], n_cells), n_cells


def _equal_parts(position: np.ndarray, n_cells: int) -> np.ndarray:
    return np.minimum(np.nan_to_num(position) * n_cells, n_cells - 1).astype(int)

"""What was drawn of a parameter: its numbers, or the codes of its choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from optuna_hpx.trials.domain import ends, index_of_choice
from optuna_hpx.trials.frames import empties
from optuna_hpx.trials.frames.guess import column_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["numeric", "read_column"]


def numeric(df: pd.DataFrame, name: str) -> np.ndarray:
    """Return (n,) the numbers of a column.

    Raises:
        ValueError: If it holds something else.
    """
    column = column_of(df, name)
    try:
        # A copy: the frame may change later, and the table may not.
        return np.array(column.to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise ValueError(f"Column {name!r} must hold numbers: {error}.") from error


def read_column(
    df: pd.DataFrame, name: str, dist: BaseDistribution
) -> tuple[BaseDistribution, np.ndarray, np.ndarray]:
    """Return a distribution, (n,) which trials have the parameter, and (n,) its values or codes.

    Raises:
        ValueError: If a cell is none of the distribution.
    """
    column = column_of(df, name)
    if isinstance(dist, CategoricalDistribution):
        active = _is_active(column, dist)
        values = _choice_codes(column, active, dist)
        return dist, np.where(active, 0, -1), values
    active = column.notna().to_numpy()
    values = numeric(df, name)
    low, high = (f"{end:.15g}" for end in ends(dist))
    within = (values >= ends(dist)[0]) & (values <= ends(dist)[1])
    outside = active & ~within
    if outside.any():
        raise ValueError(
            f"Column {name!r} must lie in [{low}, {high}], but holds {values[outside][0]:g}."
        )
    return dist, np.where(active, 0, -1), values


def _is_active(column: pd.Series[Any], dist: CategoricalDistribution) -> np.ndarray:
    """Return (n,) which trials have the parameter.

    Where None is a choice, and no cell holds it as such, it was lost in writing: empty cells are
    it.
    """
    is_filled = column.notna().to_numpy()
    if None not in dist.choices:
        return is_filled
    none = empties.is_none(column.tolist()) if column.dtype == object else ~is_filled & False
    return is_filled | (none if none.any() else ~is_filled)


def _choice_codes(
    column: pd.Series[Any], active: np.ndarray, dist: CategoricalDistribution
) -> np.ndarray:
    codes = np.full(len(column), np.nan)
    code_of: dict[tuple[bool, Any], int] = {}  # True and 1 are one key of a dict
    is_empty = column.isna().to_numpy()
    for row, cell in zip(np.flatnonzero(active).tolist(), column[active].tolist(), strict=True):
        choice = None if is_empty[row] else cell
        key = isinstance(choice, bool), choice
        if key not in code_of:
            code_of[key] = _choice_code(column.name, choice, dist)
        codes[row] = code_of[key]
    return codes


def _choice_code(name: Any, choice: Any, dist: CategoricalDistribution) -> int:
    try:
        return index_of_choice(dist, choice)
    except ValueError as error:
        raise ValueError(
            f"Column {name!r} must hold one of {dist.choices}, but holds {choice!r}."
        ) from error

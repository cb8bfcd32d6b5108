"""Columns of a table with types: in a data frame only those that need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.trials.frames.cells import NUMERALS, Typed, read_cells
from optuna_hpx.trials.frames.guess import is_number
from optuna_hpx.trials.frames.special import NOTED

if TYPE_CHECKING:
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["with_types"]


def with_types(
    df: pd.DataFrame,
    layout: Layout,
    values: Sequence[str],
    decimals: str,
) -> tuple[pd.DataFrame, dict[str, Typed]]:
    """Give the cells types, column by column, and tell how those were read that were text.

    Args:
        df: The table.
        layout: Who wrote it.
        values: The objectives.
        decimals: Decimal signs of a table that is all text; "" for a data frame.
    """
    typed: dict[str, Typed] = {}
    columns: dict[str, Any] = {}
    for name in df.columns:
        column = df[name]
        columns[name] = column
        if name.startswith(NOTED) or column.dtype.kind in "iubmM":
            continue
        read = _read_column(column, name, layout, name in values, decimals)
        if read is not None:
            columns[name], typed[name] = read.values, read
    import pandas as pd

    return pd.DataFrame(columns, index=df.index), typed


def _read_column(
    column: pd.Series[Any], name: str, layout: Layout, is_value: bool, decimals: str
) -> Typed | None:
    if is_value and column.dtype.kind == "f":
        return None  # an infinite objective is one
    if column.dtype.kind != "f" and not decimals and not _may_hold_text(column):
        return None
    read = read_cells(column, decimals or ".,")
    if is_value:
        return replace(read, values=_with_infinite(column, read.values))
    if decimals or column.dtype.kind == "f" or layout.tool == "MLflow":
        return read
    if not is_number(read.values):
        return None
    is_text = all(isinstance(cell, str) for cell in column.dropna().tolist())
    return read if not is_text or read.values.nunique() > NUMERALS else None


def _may_hold_text(column: pd.Series[Any]) -> bool:
    """Tell whether cells are text and numbers only: a tuple or a truth is meant as it is."""
    cells = column.dropna().unique().tolist() if _hash(column) else [()]
    is_plain = all(isinstance(cell, (str, int, float)) for cell in cells)
    return is_plain and not any(isinstance(cell, bool) for cell in cells)


def _hash(column: pd.Series[Any]) -> bool:
    try:
        column.nunique()
    except TypeError:
        return False
    return True


def _with_infinite(column: pd.Series[Any], values: pd.Series[Any]) -> pd.Series[Any]:
    if not is_number(values):
        return values
    words = [str(cell).strip().lower().lstrip("+") for cell in column.tolist()]
    x = values.to_numpy(dtype=float, copy=True)
    x[[word in ("inf", "infinity") for word in words]] = np.inf
    x[[word in ("-inf", "-infinity") for word in words]] = -np.inf
    return type(values)(x, index=values.index, name=values.name)

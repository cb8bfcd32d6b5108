"""Choices that were written as columns of 0 and 1, as ``pandas.get_dummies`` writes them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fold_one_hot"]

_ENDS = re.compile(r"[_./ =:\-]")
_MIN_ROWS = 10


def fold_one_hot(
    df: pd.DataFrame, kept: Collection[str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Put columns of one prefix, of which exactly one is 1 in each row, into one of choices.

    Args:
        df: The table, its cells typed.
        kept: Columns that stay as they are.

    Returns:
        The table, and by each new column those that it was put together from.
    """
    groups: dict[str, list[str]] = {}
    for name in df.columns:
        if name not in kept and _is_zero_one(df[name]):
            for end in _ENDS.finditer(name):
                groups.setdefault(name[: end.end()], []).append(name)
    folded: dict[str, tuple[str, ...]] = {}
    done: set[str] = set()
    for prefix, names in sorted(groups.items(), key=lambda item: -len(item[0])):
        new = prefix[:-1]
        is_taken = new in df.columns or new in folded
        if len(names) < 2 or not new or is_taken or not done.isdisjoint(names):
            continue
        x = df[names].astype(float).to_numpy()
        if len(x) >= _MIN_ROWS and (x.sum(axis=1) == 1.0).all():
            folded[new] = tuple(names)
            done.update(names)
    return _with_folded(df, folded), folded


def _is_zero_one(column: pd.Series[Any]) -> bool:
    if column.isna().any():
        return False
    cells = set(column.unique().tolist()) if column.dtype.kind in "biuf" else set()
    if column.dtype == object and all(isinstance(cell, bool) for cell in column.tolist()):
        cells = set(column.tolist())
    return cells == {0, 1}


def _with_folded(df: pd.DataFrame, folded: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the table with each new column in place of the first of its own."""
    first = {names[0]: new for new, names in folded.items()}
    gone = {name for names in folded.values() for name in names}
    columns: dict[str, Any] = {}
    for name in df.columns:
        if name in first:
            new, names = first[name], folded[first[name]]
            choices = np.array([other[len(new) + 1 :] for other in names], dtype=object)
            place = df[list(names)].astype(float).to_numpy().argmax(axis=1)
            columns[new] = type(df[name])(choices[place], index=df.index, name=new)
        elif name not in gone:
            columns[name] = df[name]
    return type(df)(columns, index=df.index) if folded else df

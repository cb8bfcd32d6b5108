"""What stands around the rows of a sheet: titles above, units below the names, means last."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["n_above", "names_of", "without_frills"]

_NUMBER = re.compile(r"[-+]?[\d.,'\u00a0\u202f ]*\d([eE][-+]?\d+)?\s*%?")
_UNDER = frozenset(["params", "param", "parameters", "config", "hyperparameters"])
"""Names that may stand above those of parameters, as in Optuna's frame of two levels."""
_TOTALS = frozenset(
    ["mean", "average", "avg", "min", "max", "std", "sd", "sum", "total", "count", "median",
     "best", "mittelwert", "summe", "moyenne", "media", "promedio"]
)  # fmt: skip
_MAX_TOTALS = 6
_MOSTLY = 0.8


def n_above(rows: Sequence[Sequence[str]]) -> int:
    """Count the first rows that are titles or comments: with at most half of the usual cells."""
    if not rows:
        return 0
    usual = Counter(len(row) for row in rows).most_common(1)[0][0]
    for k, row in enumerate(rows):
        n_filled = sum(bool(cell.strip()) for cell in row)
        if not _is_comment(row, usual) and 2 * n_filled > usual and len(row) > 1:
            return k
    return 0


def _is_comment(row: Sequence[str], usual: int) -> bool:
    """Tell a line as ``# made by tune.py`` from names of which the first begins with a ``#``.

    Args:
        row: Its cells.
        usual: How many most rows have.
    """
    n_filled = len([cell for cell in row if cell])
    return bool(row) and re.match(r"#\s", row[0]) is not None and n_filled < min(usual, 3)


def names_of(frame: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Take the names from the first row, or from two where the first has names of groups."""
    first, rows = [cell.strip() for cell in frame.iloc[0].tolist()], frame.iloc[1:]
    if len(rows) > 1:
        second = [cell.strip() for cell in rows.iloc[0].tolist()]
        if _are_under(first, second):
            pairs = zip(first, second, strict=True)
            return ["_".join(filter(None, pair)) for pair in pairs], rows.iloc[1:]
    return first, rows


def _are_under(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether cells are names below those of groups, and nothing else."""
    if any(_NUMBER.fullmatch(cell) for cell in second if cell):
        return False
    counts = Counter(name for name in first if name)
    groups = {name for name, n in counts.items() if n > 1 or name.lower() in _UNDER}
    below = [cell for name, cell in zip(first, second, strict=True) if name in groups]
    others = [cell for name, cell in zip(first, second, strict=True) if name not in groups]
    return bool(below) and all(below) and len(set(below)) == len(below) and not any(others)


def without_frills(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out empty rows, one of units and those of means; say of the last two that they were.

    Args:
        rows: Text, one trial in each row.
    """
    cells = rows.apply(lambda column: column.str.strip())
    rows, cells = rows[(cells != "").any(axis=1)], cells[(cells != "").any(axis=1)]
    notes = []
    if len(cells) > 2 and _are_units(cells):
        units = ", ".join(filter(None, cells.iloc[0].tolist()))
        notes.append(f"The first row holds units and no trial: {units}")
        rows, cells = rows.iloc[1:], cells.iloc[1:]
    totals: list[str] = []
    while len(totals) < _MAX_TOTALS and len(cells) > 2 and (word := _total(cells)):
        totals.insert(0, word)
        rows, cells = rows.iloc[:-1], cells.iloc[:-1]
    if totals:
        are = "The last row is" if len(totals) == 1 else "The last rows are"
        notes.append(f"{are} no trial: {', '.join(totals)}")
    return rows, notes


def _are_units(cells: pd.DataFrame) -> bool:
    """Tell whether the first row has no number, where all others have mostly numbers."""
    numbers = cells.apply(lambda column: column.str.fullmatch(_NUMBER))
    is_numeric = numbers.iloc[1:].mean() > _MOSTLY
    units = cells.iloc[0][is_numeric]
    return not numbers.iloc[0].any() and int((units != "").sum()) >= 2


def _total(cells: pd.DataFrame) -> str:
    """Return the word for a mean or a sum that the last row alone begins with, or ""."""
    last = cells.iloc[-1]
    place = next((k for k, cell in enumerate(last.tolist()) if cell), 0)
    word = str(last.iloc[place])
    is_total = word.lower().rstrip(":") in _TOTALS and not (cells.iloc[:-1, place] == word).any()
    return word if is_total else ""

"""Columns whose cells hold all parameters of a row at once, as ``{"lr": 0.1, "batch": 32}``."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optuna_hpx.trials.frames.names import words_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["spread_nested"]

_NAMES = ("config", "params", "parameters", "hyperparameters", "hparams", "args")
_MAX_LENGTH = 100_000


def spread_nested(df: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Give each entry of a nested column of parameters a column of its own, ``config.lr``.

    Other nested columns, as W&B's ``summary``, are spread as well where one of parameters is.

    Args:
        df: The table.

    Returns:
        The table, and the name of the column of parameters; "" if there is none, and the table as
        it was.
    """
    lower = {str(name).lower(): name for name in reversed(list(df.columns))}
    nested = [lower[name] for name in _NAMES if name in lower]
    name = next((name for name in nested if _records(df[name]) is not None), None)
    if name is None or any(_has_prefix(str(other), str(name)) for other in df.columns):
        return df, ""
    import pandas as pd

    parts = []
    for column in df.columns:
        records = _records(df[column])
        if records is None:
            parts.append(df[[column]])
            continue
        flat = [{f"{column}.{key}": x for key, x in _flat(record)} for record in records]
        parts.append(pd.DataFrame(flat, index=df.index, dtype=object))
    return pd.concat(parts, axis=1), str(name)


def _has_prefix(name: str, prefix: str) -> bool:
    """Tell whether parameters have columns already, as scikit-learn's ``param_`` has them."""
    if name == prefix or not name.lower().startswith(prefix.lower().rstrip("s")):
        return False
    return words_of(name)[-1] not in ("id", "idx", "index", "hash", "origin")  # `config_id`


def _records(column: pd.Series[Any]) -> list[Mapping[str, Any]] | None:
    """Return a mapping for each cell, an empty one for an empty cell; None if others are there."""
    if getattr(column, "ndim", 0) != 1 or column.dtype.kind in "iufbmM":
        return None
    cells = [{} if _is_empty(cell) else _record(cell) for cell in column.tolist()]
    if not any(cells):
        return None
    records = [cell for cell in cells if cell is not None]
    return records if len(records) == len(cells) else None


def _is_empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and cell != cell)


def _record(cell: Any) -> Mapping[str, Any] | None:
    if isinstance(cell, Mapping):
        return cell
    if not isinstance(cell, str) or not cell.lstrip().startswith("{") or len(cell) > _MAX_LENGTH:
        return None
    for read in (json.loads, _literal):
        try:
            record = read(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return record if isinstance(record, dict) else None
    return None


def _literal(cell: str) -> Any:
    """Read what ``str`` writes of a dict, numbers of NumPy among it."""
    plain = re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", cell)
    plain = re.sub(r"(?<=[:,\[( ])nan(?=[,}\])])", "None", plain)
    return ast.literal_eval(re.sub(r"(?<=[:,\[( -])inf(?=[,}\])])", "1e999", plain))


def _flat(record: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """List the entries, those of inner mappings as ``outer.inner``; lists are choices, as text."""
    entries: list[tuple[str, Any]] = []
    for key, value in record.items():
        if isinstance(value, Mapping) and set(value) <= {"value", "desc"} and "value" in value:
            value = value["value"]  # as W&B's config.yaml writes each entry
        if isinstance(value, Mapping):
            entries += _flat(value, f"{before}{key}.")
        else:
            entries.append((f"{before}{key}", _cell(value)))
    return entries


def _cell(value: Any) -> Any:
    if value is None:
        return "None"
    return str(value) if isinstance(value, (list, tuple, set)) else value

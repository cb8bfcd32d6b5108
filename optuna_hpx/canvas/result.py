"""A result as other programs take it: plain values for JSON, a data frame, HTML for a notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas.words import count, number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Result", "plain", "shortened"]

_MAX_LINES = 12  # of things in a text
_MAX_ROWS = 50  # of things in HTML


def plain(value: Any) -> Any:
    """Turn a value into what JSON has, whatever it is made of.

    Numbers of NumPy become those of Python, arrays, tuples and sets lists, and dataclasses dicts
    of their public fields. What is not finite is None, for JSON has no word for it; what JSON
    does not have at all is written out.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if not field.name.startswith("_")]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [plain(item) for item in value]
    return str(value)


def shortened(lines: Sequence[str], singular: str) -> list[str]:
    """Keep the first of the lines, one for each thing, and count the others."""
    if len(lines) <= _MAX_LINES:
        return list(lines)
    return [*lines[:_MAX_LINES], f"  and {count(len(lines) - _MAX_LINES, f'more {singular}')}"]


class Result:
    """What all results have, to be mixed into a frozen dataclass with a short ``repr``."""

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        """Return the table of the result by columns, the names of its rows first."""
        raise NotImplementedError

    def _heading(self) -> str:
        """Say in a line what the result is: the first one of its ``repr``."""
        return repr(self).splitlines()[0]

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values, which JSON takes; None where a number is unknown."""
        fields_of_result: dict[str, Any] = plain(self)
        return fields_of_result

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame of one row for each thing that the result tells apart."""
        from optuna_hpx._imports import require

        columns = self._columns()
        frame: pd.DataFrame = require("pandas", extra="report").DataFrame(columns)
        return frame.set_index(next(iter(columns)))

    def _repr_html_(self) -> str:
        """Return the heading and the table, as a notebook shows them."""
        columns = self._columns()
        rows = list(zip(*columns.values(), strict=True))
        body = "".join(_row("td", [_cell(x) for x in row]) for row in rows[:_MAX_ROWS])
        rest = len(rows) - _MAX_ROWS
        more = f"<p>and {count(rest, 'more row')}</p>" if rest > 0 else ""
        table = f"<table><thead>{_row('th', list(columns))}</thead><tbody>{body}</tbody></table>"
        warnings = "".join(
            f"<p>Warning: {escape(warning)}</p>" for warning in getattr(self, "warnings", ())
        )
        return f"<p>{escape(self._heading())}</p>{table}{more}{warnings}"


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(value: Any) -> str:
    value = plain(value)
    return "–" if value is None else number(value)

"""Text files of rows and columns as frames of text: encodings, separators, names of columns."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optuna_hpx._imports import require
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._frills import n_above, names_of, without_frills

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STANDARD_INPUT", "TextFile", "read_text_file"]

STANDARD_INPUT = "-"
_SEPARATORS = ",;\t|"
_SAMPLE = 50
_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or another zip file: save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"PAR1", "a Parquet file: read it in Python, and write it by to_csv"),
    (b"SQLite format 3", "an SQLite database: name it by --storage sqlite:///..."),
)
_COMMA = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
_POINT = re.compile(r"[-+]?\d*\.\d+([eE][-+]?\d+)?")


@dataclass(frozen=True)
class TextFile:
    """What a file holds.

    Attributes:
        frame: Its cells as text, each column under a name of its own.
        decimals: Decimal signs, the likely one first.
        notes: What is odd about the file.
    """

    frame: pd.DataFrame
    decimals: str
    notes: tuple[str, ...] = ()


def read_text_file(
    path: str, *, separator: str | None = None, decimal: str | None = None
) -> TextFile:
    """Read a file whose first line names its columns.

    Args:
        path: The file; "-" for standard input.
        separator: Between cells; None to see it from the first lines.
        decimal: The decimal sign; None to see it from the cells.

    Raises:
        SourceError: If there is no such file, or it is no table of text, or has no rows.
    """
    content, notes = _decode(path, _bytes(path))
    first_line, content = _take_separator(content)
    separator = separator or first_line or _guess_separator(content)
    content, above = _without_titles(content, separator)
    frame, more = _with_own_names(_parse(path, content, separator))
    if not len(frame.columns) or frame.empty:
        raise SourceError(f"{path} has no rows: it needs one for each trial")
    decimals = decimal or (",." if _has_decimal_comma(frame, separator) else ".,")
    return TextFile(frame, decimals, (*notes, *above, *more))


def _bytes(path: str) -> bytes:
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    if not os.path.exists(path):
        raise SourceError(f"there is no file {path}")
    try:
        with open(path, "rb") as file:
            content = file.read()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"cannot read {path}: {reason}; it must be a table as text") from error


def _decode(path: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    for start, kind in _KINDS:
        if content.startswith(start):
            raise SourceError(f"cannot read {path}: it is {kind}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # as Excel writes "Unicode text"
        return content.decode("utf-16", errors="replace"), ()
    if b"\0" in content:
        raise SourceError(f"cannot read {path}: it is no text")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), (
            "The file is not in UTF-8: its letters were read as those of Windows-1252",
        )


def _take_separator(content: str) -> tuple[str | None, str]:
    """Take off a first line as ``sep=;``, which is for Excel."""
    match = re.match(r"sep=(.)\r?\n", content, re.IGNORECASE)
    return (match[1], content[match.end() :]) if match else (None, content)


def _guess_separator(content: str) -> str:
    """Choose the sign that cuts most of the first lines into as many cells as there are names."""
    lines = [line for line in content.splitlines()[:_SAMPLE] if line.strip()]

    def fit(separator: str, *, has_titles: bool = False) -> tuple[float, int]:
        rows = _rows(lines, separator)
        sizes = [len(row) for row in rows[n_above(rows) if has_titles else 0 :]]
        if not sizes or sizes[0] < 2:
            return 0.0, 0
        return sum(size == sizes[0] for size in sizes) / len(sizes), sizes[0]

    best = max(_SEPARATORS, key=fit)
    if fit(best)[0] > 0.5:  # a title may have a sign that the table has not
        return best
    return max(_SEPARATORS, key=lambda separator: fit(separator, has_titles=True))


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:  # a cell of more than 131,072 letters, or what this sign makes one
        return []


def _without_titles(content: str, separator: str) -> tuple[str, list[str]]:
    """Leave out lines above the names of columns, and say which."""
    lines = content.splitlines(keepends=True)[:_SAMPLE]
    filled = [k for k, line in enumerate(lines) if line.strip()]
    n = n_above(_rows([lines[k] for k in filled], separator))
    if not n or n >= len(filled):
        return content, []
    start = sum(len(line) for line in lines[: filled[n]])
    titles = ", ".join(repr(lines[k].strip(f" \r\n{separator}")) for k in filled[:n][:3])
    return content[start:], [f"Above the names of columns stands no trial: {titles}"]


def _parse(path: str, content: str, separator: str) -> pd.DataFrame:
    pandas = require("pandas", extra="report")
    try:
        frame = pandas.read_csv(
            io.StringIO(content),
            sep=separator,
            header=None,
            dtype=str,
            na_filter=False,
            index_col=False,
        )
    except ValueError as error:  # pandas' own errors are ValueErrors
        line = str(error).strip().partition("\n")[0]
        raise SourceError(f"cannot read {path}: {line}; it must be a table as text") from error
    table: pd.DataFrame = frame.fillna("")
    return table


def _with_own_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give each column a name of its own; of those of one name drop copies, and number others."""
    names, rows = names_of(frame)
    rows, notes = without_frills(rows)
    rows = rows.reset_index(drop=True)
    kept: dict[str, Any] = {}
    for k, name in enumerate(names):
        column = rows.iloc[:, k]
        if not name:
            if (column == "").all():
                continue
            name = f"Unnamed: {k}"
        own = name
        while own in kept:
            if column.equals(kept[own].rename(column.name)):
                notes.append(f"Column {name!r} is there twice with the same cells")
                break
            own = _next_name(own, name)
        else:
            if own != name:
                notes.append(f"Column {name!r} is there again with other cells: {own!r}")
            kept[own] = column
    pandas = require("pandas", extra="report")
    return pandas.DataFrame(kept), notes


def _next_name(last: str, name: str) -> str:
    match = re.fullmatch(re.escape(name) + r" \((\d+)\)", last)
    return f"{name} ({int(match[1]) + 1 if match else 2})"


def _has_decimal_comma(frame: pd.DataFrame, separator: str) -> bool:
    """Tell whether numbers of the file have a comma, and no groups of thousands, in most cells."""
    cells: Sequence[str] = [
        cell for name in frame.columns for cell in frame[name].head(_SAMPLE).tolist()
    ]
    commas = [cell for cell in cells if _COMMA.fullmatch(cell.strip())]
    clear = [cell for cell in commas if not _THOUSANDS.fullmatch(cell.strip())]
    points = sum(1 for cell in cells if _POINT.fullmatch(cell.strip()))
    return bool(clear) and (separator != "," or len(clear) > points)

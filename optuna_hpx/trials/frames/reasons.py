"""Why a column, by its name and its cells alone, is no parameter; and what is doubtful of that."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.trials.frames.guess import is_number
from optuna_hpx.trials.frames.names import hint_of, is_setting, is_sure_setting, words_of
from optuna_hpx.trials.frames.outcomes import MIN_ROWS_OF_SPREAD, correlation_with, is_uneven

if TYPE_CHECKING:
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["FEW", "RESULT", "doubt_of_leaving", "doubt_of_taking", "n_different", "reason_against"]

_ALONG = 0.7
_MANY_CHOICES = 30
FEW = 10
_SECONDS = (1e9, 2.5e9)
"""Seconds since 1970 from 2001 to 2049."""
RESULT = "a result, by its name"
_REASONS = {
    "seed": "a seed",
    "repeat": "which repetition it is",
    "result": RESULT,
    "date": "a date",
    "duration": "a duration",
    "progress": "how far a run came",
    "machine": "a measure of the machine",
    "text": "a note",
    "id": "an id or a name, of the run or its machine",
    "size": "a size that follows from parameters",
    "internal": "written by a tool for itself",
}
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|\d{8}[T_ -]\d{4,6}.*"
    r"|\w{3,9},? \w{3,9} \d{1,2}.*\d{4}.*|[A-Z][a-z]{2,8} \d{1,2},? \d{4}.*"
)
_SPAN = re.compile(
    r"-?\d+ days?\b.*|\d+:\d{2}(:\d{2})?(\.\d+)?|(\d+(\.\d+)?\s*(d|h|hr|m|min|s|sec|ms)\s*){1,4}"
)
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{7,64}")


def reason_against(column: pd.Series[Any], name: str, layout: Layout) -> str:
    """Say why a column is no parameter; "" if nothing speaks against it.

    Args:
        column: Its cells.
        name: Its name in the table.
        layout: Who wrote the table.
    """
    if layout.prefix:
        if not name.startswith(layout.prefix) or name == layout.prefix:
            return f"not named {layout.prefix}*"
        if column.notna().sum() == 0:
            return "empty"
        if layout.is_search:
            return ""
    if name in layout.own:
        return f"written by {layout.tool}"
    checks: Sequence[Callable[[], str]] = (
        lambda: _by_emptiness(column),
        lambda: _by_name(column, layout.short(name), bool(layout.prefix)),
        lambda: _by_cells(column, layout.short(name)),
    )
    return next((reason for check in checks if (reason := check())), "")


def _by_emptiness(column: pd.Series[Any]) -> str:
    filled = column.dropna()
    if filled.empty:
        return "empty"
    if n_different(filled) == 1 and not _has_none(column):
        return "one value in all rows" if len(filled) == len(column) else "one value, or empty"
    return ""


def _has_none(column: pd.Series[Any]) -> bool:
    """Tell whether cells hold the choice None beside choices: text tables have NaN for nothing."""
    return column.dtype == object and any(cell is None for cell in column.tolist())


def n_different(column: pd.Series[Any]) -> int:
    """Count the different cells that hold something."""
    try:
        return int(column.nunique())
    except TypeError:  # lists do not hash
        return len({str(cell) for cell in column.tolist()})


def _by_name(column: pd.Series[Any], name: str, has_prefix: bool) -> str:
    hint = hint_of(name)
    filled = column.dropna()
    counts = is_number(column)
    words = words_of(name)
    if words[-1:] in (["state"], ["status"]) and counts and hint == "" and not has_prefix:
        return "a state, by its name"
    if hint == "machine" and not counts and not has_prefix and {"gpu", "cpu"} & set(words):
        return _REASONS["id"]
    if hint == "repeat" and (has_prefix or not counts):
        return ""
    if hint in ("result", "machine", "progress", "size", "duration"):
        is_outcome = counts or column.dtype.kind == "b" or _are_truths(filled)
        return _REASONS[hint] if is_outcome and not has_prefix else ""
    if hint == "date":
        return _REASONS[hint] if not counts or not has_prefix else ""
    if hint == "id" and words_of(name)[-1:] == ["id"] and has_prefix and counts:
        return ""
    if hint == "id" and n_different(filled) <= min(FEW, len(filled) // 4) and counts:
        return ""  # `run` 1 to 3 of each configuration, or the number of a data set
    if (
        hint == ""
        and "rank" in words_of(name)
        and counts
        and n_different(filled) > len(filled) / 2
    ):
        return "a rank"
    return _REASONS.get(hint, "")


def _are_truths(column: pd.Series[Any]) -> bool:
    """Tell whether cells are truths, or words for them."""
    words = {"yes", "no", "true", "false"}
    return all(isinstance(cell, bool) or str(cell).lower() in words for cell in column.tolist())


def _by_cells(column: pd.Series[Any], name: str) -> str:
    filled = column.dropna()
    if column.dtype.kind in "mM":
        return "a date" if column.dtype.kind == "M" else "a duration"
    if is_number(column):
        return _by_numbers(filled.to_numpy(dtype=float), name)
    words = [str(cell) for cell in filled.head(200).tolist()]
    for pattern, reason in ((_DATE, "a date"), (_SPAN, "a duration"), (_HASH, "ids or hashes")):
        if sum(map(bool, map(pattern.fullmatch, words))) > 0.9 * len(words):
            return reason
    n = n_different(filled)
    if n == len(filled) and n > 1:
        return "text of its own in each row"
    return "text that hardly repeats" if n > max(20, len(filled) / 2) else ""


def _by_numbers(x: np.ndarray, name: str) -> str:
    if len(x) >= 3 and (np.diff(x) == 1).all():
        return "goes up by 1 from row to row"
    if any((low <= x).all() and (x <= high).all() for low, high in _moments()):
        return "a date, as a number" if not is_setting(name) else ""
    if is_setting(name) or len(x) < 20:
        return ""
    is_id = (x == np.round(x)).all() and len(np.unique(x)) == len(x) and x.max() >= 1e5
    return "whole numbers that never repeat, as ids do" if is_id else ""


def _moments() -> list[tuple[float, float]]:
    low, high = _SECONDS
    return [(low * scale, high * scale) for scale in (1.0, 1e3, 1e6, 1e9)]


def doubt_of_leaving(column: pd.Series[Any], name: str, reason: str) -> str:
    """Say what speaks against leaving a column out for a reason; "" if nothing does."""
    if reason == "one value, or empty":
        return "if an empty cell means something else, write that into the cells"
    if reason == "goes up by 1 from row to row" and hint_of(name) != "id":
        return "it may be a parameter that was swept"
    is_weak = reason.startswith(("whole numbers", _REASONS["size"], _REASONS["progress"]))
    return "its name reads like a parameter's" if is_weak and is_setting(name) else ""


def doubt_of_taking(column: pd.Series[Any], name: str, layout: Layout, losses: np.ndarray) -> str:
    """Say what speaks against taking a column for a parameter; "" if nothing does.

    Results seldom have few values, and seldom cover their range evenly, as draws do.
    """
    filled = column.dropna()
    if not is_number(column):
        n = n_different(filled)
        return f"it has {n} choices" if n > _MANY_CHOICES else ""
    if layout.prefix or is_sure_setting(name) or filled.nunique() <= FEW:
        return ""
    x = filled.to_numpy(dtype=float)
    rho = correlation_with(column, losses)
    if abs(rho) >= _ALONG and (is_uneven(x) or len(x) < MIN_ROWS_OF_SPREAD):
        return f"it may be a result: its rank correlation with the objective is {rho:.2f}"
    return ""

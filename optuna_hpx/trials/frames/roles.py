"""Roles: which columns of a table are parameters, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.trials.frames.guess import is_number
from optuna_hpx.trials.frames.names import hint_of, is_setting, words_of
from optuna_hpx.trials.frames.outcomes import correlation_with, results_among

if TYPE_CHECKING:
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["Role", "roles_of"]

_ALONG = 0.7
_MANY_CHOICES = 30
_FEW = 10
_SECONDS = (1e9, 2.5e9)
"""Seconds since 1970 from 2001 to 2049."""
_REASONS = {
    "seed": "a seed",
    "result": "a result, by its name",
    "date": "a date",
    "duration": "a duration",
    "progress": "how far a run came",
    "machine": "a measure of the machine",
    "text": "a note",
    "id": "names or numbers the rows",
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


@dataclass(frozen=True)
class Role:
    """What one column is taken as.

    Attributes:
        column: Its name in the table.
        kind: "parameter", "left out", or what else is read of it, as "objective" or "state".
        reason: Why it is left out.
        doubt: What speaks against that; empty where nothing does.
    """

    column: str
    kind: str
    reason: str = ""
    doubt: str = ""

    @property
    def is_parameter(self) -> bool:
        """Whether the column is a parameter."""
        return self.kind == "parameter"


def roles_of(
    df: pd.DataFrame, layout: Layout, special: Mapping[str, str], losses: np.ndarray
) -> list[Role]:
    """Find the role of each column.

    Args:
        df: The table, its cells typed.
        layout: Who wrote it.
        special: Columns with a role that is known, as "objective".
        losses: (n, m) the objectives, NaN where a row does not count.
    """
    roles = [
        Role(name, special[name]) if name in special else _role(df[name], name, layout, losses)
        for name in df.columns
    ]
    roles = _without_copies(df, roles, layout)
    if not layout.prefix:
        roles = _without_results(df, roles, losses)
        roles = _noted_one_hot(df, roles)
    return roles


def _role(column: pd.Series[Any], name: str, layout: Layout, losses: np.ndarray) -> Role:
    if layout.prefix:
        if not name.startswith(layout.prefix) or name == layout.prefix:
            return Role(name, "left out", f"not named {layout.prefix}*")
        if column.notna().sum() == 0:
            return Role(name, "left out", "empty")
        if layout.is_search:
            return Role(name, "parameter")
    if name in layout.own:
        return Role(name, "left out", f"written by {layout.tool}")
    checks: Sequence[Callable[[], str]] = (
        lambda: _by_emptiness(column),
        lambda: _by_name(column, layout.short(name), bool(layout.prefix)),
        lambda: _by_cells(column, layout.short(name)),
    )
    reason = next((reason for check in checks if (reason := check())), "")
    if reason:
        return Role(name, "left out", reason, _doubt_of_leaving(column, name, reason))
    return Role(name, "parameter", doubt=_doubt_of_taking(column, name, layout, losses))


def _by_emptiness(column: pd.Series[Any]) -> str:
    filled = column.dropna()
    if filled.empty:
        return "empty"
    if _n_different(filled) == 1 and not _has_none(column):
        return "one value in all rows" if len(filled) == len(column) else "one value, or empty"
    return ""


def _has_none(column: pd.Series[Any]) -> bool:
    """Tell whether cells hold the choice None beside choices: text tables have NaN for nothing."""
    return column.dtype == object and any(cell is None for cell in column.tolist())


def _n_different(column: pd.Series[Any]) -> int:
    try:
        return int(column.nunique())
    except TypeError:  # lists do not hash
        return len({str(cell) for cell in column.tolist()})


def _by_name(column: pd.Series[Any], name: str, has_prefix: bool) -> str:
    hint = hint_of(name)
    filled = column.dropna()
    counts = is_number(column)
    if hint in ("result", "machine", "progress", "size", "duration"):
        is_outcome = counts or column.dtype.kind == "b" or _are_truths(filled)
        return _REASONS[hint] if is_outcome and not has_prefix else ""
    if hint == "date":
        return _REASONS[hint] if not counts or not has_prefix else ""
    if hint == "id" and words_of(name)[-1:] == ["id"] and has_prefix and counts:
        return ""
    if hint == "id" and _n_different(filled) <= min(_FEW, len(filled) // 4) and counts:
        return ""  # `run` 1 to 3 of each configuration, or the number of a data set
    if (
        hint == ""
        and "rank" in words_of(name)
        and counts
        and _n_different(filled) > len(filled) / 2
    ):
        return "a rank"
    return _REASONS.get(hint, "")


def _are_truths(column: pd.Series[Any]) -> bool:
    return all(isinstance(cell, bool) for cell in column.tolist())


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
    n = _n_different(filled)
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


def _doubt_of_leaving(column: pd.Series[Any], name: str, reason: str) -> str:
    if reason == "one value, or empty":
        return "if an empty cell means something else, write that into the cells"
    if reason == "goes up by 1 from row to row" and hint_of(name) != "id":
        return "it may be a parameter that was swept"
    is_weak = reason.startswith(("whole numbers", _REASONS["size"], _REASONS["progress"]))
    return "its name reads like a parameter's" if is_weak and is_setting(name) else ""


def _doubt_of_taking(column: pd.Series[Any], name: str, layout: Layout, losses: np.ndarray) -> str:
    if is_number(column) and not layout.prefix and not is_setting(name):
        rho = correlation_with(column, losses)
        if abs(rho) >= _ALONG:
            return f"it may be a result: its rank correlation with the objective is {rho:.2f}"
    n = _n_different(column.dropna())
    if not is_number(column) and n > _MANY_CHOICES:
        return f"it has {n} choices"
    return ""


def _without_copies(df: pd.DataFrame, roles: list[Role], layout: Layout) -> list[Role]:
    """Leave out what says the same as a parameter before it, or as an objective."""
    if layout.is_search or len(df) < 3:
        return roles
    done: list[Role] = []
    originals = [role for role in roles if role.kind == "objective"]
    for role in roles:
        if role.is_parameter:
            twin = next((o for o in originals if _is_same(df[o.column], df[role.column])), None)
            if twin is None:
                originals.append(role)
            else:
                role = Role(role.column, "left out", f"the same as {twin.column}")
        done.append(role)
    return done


def _is_same(a: pd.Series[Any], b: pd.Series[Any]) -> bool:
    if is_number(a) != is_number(b):
        return False
    if is_number(a):
        return bool(np.array_equal(a.to_numpy(float), b.to_numpy(float), equal_nan=True))
    return a.tolist() == b.tolist()


def _without_results(df: pd.DataFrame, roles: list[Role], losses: np.ndarray) -> list[Role]:
    """Leave out what goes along with an objective, or follows from the parameters.

    Not what is named like a hyperparameter or has few values, and not all that there is.
    """
    names = [role.column for role in roles if role.is_parameter]
    candidates = [
        name
        for name in names
        if is_number(df[name]) and not is_setting(name) and df[name].nunique() > _FEW
    ]
    sure = [name for name in names if name not in candidates]
    reasons = results_among(df, candidates, sure, losses)
    if len(reasons) == len(names):
        doubts = {name: f"it may be {reason}" for name, reason in reasons.items()}
        return [replace(role, doubt=doubts.get(role.column, role.doubt)) for role in roles]
    doubt = "if it is a parameter, it is to be named"
    return [
        Role(role.column, "left out", reasons[role.column], doubt)
        if role.column in reasons
        else role
        for role in roles
    ]


def _noted_one_hot(df: pd.DataFrame, roles: list[Role]) -> list[Role]:
    """Say of columns of 0 and 1, one of which is 1 in each row, that they are one choice."""
    groups: dict[str, list[str]] = {}
    for role in roles:
        if role.is_parameter and _is_zero_one(df[role.column]):
            groups.setdefault(re.split(r"[_./ =:]", role.column)[0], []).append(role.column)
    one_hot = {
        name: names
        for names in groups.values()
        if len(names) > 1 and (df[names].astype(float).sum(axis=1) == 1.0).all()
        for name in names
    }
    return [
        replace(role, doubt=f"{len(one_hot[role.column])} such columns are one choice")
        if role.column in one_hot
        else role
        for role in roles
    ]


def _is_zero_one(column: pd.Series[Any]) -> bool:
    if column.isna().any():
        return False
    return column.dtype.kind == "b" or set(column.unique().tolist()) == {0, 1}

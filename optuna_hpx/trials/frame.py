"""Reading a data frame: which columns are parameters, and what they were drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_PREFIX = "params_"
_NEVER_PARAMETERS = ("number", "state", "duration", "feasible")
_MAX_NUMERALS = 10
"""Text of so many distinct numerals may be choices; more are numbers that were read as text."""
_LOG_MIN_RATIO = 20.0
"""A column that spans less than this factor is never guessed to be on a log scale."""


@dataclass(frozen=True)
class FrameParts:
    """What :meth:`TrialTable.from_frame` needs; columns are (name, dist, regime, values)."""

    states: np.ndarray
    violation: np.ndarray
    losses: np.ndarray
    directions: tuple[str, ...]
    columns: list[tuple[str, BaseDistribution, np.ndarray, np.ndarray]]


def read_frame(
    df: pd.DataFrame,
    params: Sequence[str] | None,
    value: str | Sequence[str],
    direction: str | Sequence[str],
    distributions: Mapping[str, BaseDistribution] | None,
) -> FrameParts:
    values = [value] if isinstance(value, str) else list(value)
    directions = [direction] if isinstance(direction, str) else list(direction)
    if len(directions) != len(values):
        raise ValueError(
            f"`direction` must name one direction per objective: expected {len(values)}, "
            f"got {directions}."
        )
    for name in directions:
        if name not in ("minimize", "maximize"):
            raise ValueError(f"`direction` must be 'minimize' or 'maximize', got {name!r}.")
    objectives = [_numeric(df, name) for name in values]
    signs = [-1.0 if d == "maximize" else 1.0 for d in directions]
    losses = np.column_stack(objectives) * signs
    given = dict(distributions or {})
    _check_named(params, given)
    if params is not None and (both := [name for name in params if name in values]):
        raise ValueError(f"Column {both[0]!r} is named as a parameter and as an objective.")
    prefixed = [name for name in df.columns if str(name).startswith(_PREFIX)]
    if params is None and prefixed:  # as Optuna and this package write them
        df = df.rename(columns={name: name.removeprefix(_PREFIX) for name in prefixed})
        params = [name.removeprefix(_PREFIX) for name in prefixed]
    if params is None:
        params = [
            name for name in df.columns if name in given or _may_be_parameter(df, name, values)
        ]
    if unknown := [name for name in given if name not in params]:
        raise ValueError(
            f"`distributions` names {unknown[0]!r}, but the parameters are {list(params)}."
        )
    states = _states(df, has_value=~np.isnan(losses).any(axis=1))
    losses[states != TrialState.COMPLETE] = np.nan
    return FrameParts(
        states=states,
        violation=_violation(df),
        losses=losses,
        directions=tuple(directions),
        columns=[_read_column(df, name, given.get(name) or guess(df, name)) for name in params],
    )


def _check_named(params: Any, distributions: Mapping[str, Any]) -> None:
    if isinstance(params, str):
        raise TypeError(f"`params` must be a list of column names, got {params!r}.")
    for name, dist in distributions.items():
        if not isinstance(dist, BaseDistribution):
            raise TypeError(
                f"`distributions[{name!r}]` must be one of optuna.distributions, got {dist!r}."
            )


def _violation(df: pd.DataFrame) -> np.ndarray:
    """(n,) 1 where a column ``feasible`` of booleans says False, else 0."""
    if "feasible" not in df.columns or df["feasible"].dtype.kind != "b":
        return np.zeros(len(df))
    return 1.0 - df["feasible"].to_numpy(dtype=float)


def _states(df: pd.DataFrame, has_value: Any) -> np.ndarray:
    """(n,) COMPLETE with a value and FAIL without, unless a column ``state`` says otherwise."""
    states = np.where(has_value, int(TrialState.COMPLETE), int(TrialState.FAIL))
    known = TrialState.__members__
    if "state" in df.columns and set(df["state"]) <= set(known):
        named = np.array([int(known[name]) for name in df["state"]], dtype=int)
        states = np.where(named == TrialState.COMPLETE, states, named)
    return states


def _column(df: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in df.columns:
        raise ValueError(f"There is no column {name!r}; the columns are {list(df.columns)}.")
    column = df[name]
    if column.ndim != 1:
        raise ValueError(f"The column name {name!r} occurs more than once.")
    return column


def _numeric(df: pd.DataFrame, name: str) -> np.ndarray:
    column = _column(df, name)
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Column {name!r} must hold numbers: {error}.") from error


def _may_be_parameter(df: pd.DataFrame, name: str, values: Sequence[str]) -> bool:
    """Neither an objective, nor empty, nor something that merely numbers or names the rows."""
    column = _column(df, name).dropna()
    is_time = column.dtype.kind in "Mm"
    if name in values or name in _NEVER_PARAMETERS or column.empty or is_time:
        return False
    if _is_number(column):
        is_count = len(column) > 2 and bool((np.diff(column.to_numpy(dtype=float)) == 1).all())
        return not is_count
    return column.nunique() < max(len(column), 2)


def _is_number(column: pd.Series[Any]) -> bool:
    return column.dtype.kind in "iuf"


def guess(
    df: pd.DataFrame, name: str, *, log: bool | None = None, categorical: bool = False
) -> BaseDistribution:
    """Guess what a column was drawn from; ``log=None`` decides by the spread."""
    column = _column(df, name).dropna()
    if column.empty:
        raise ValueError(f"Column {name!r} is empty.")
    if log and not _is_number(column):
        raise ValueError(f"Column {name!r} cannot be on a log scale: it does not hold numbers.")
    if not categorical and not _is_number(column):
        _check_text(column)
    if categorical or not _is_number(column):
        return CategoricalDistribution(_sorted_if_possible(column.unique().tolist()))
    x = column.to_numpy(dtype=float)
    if not np.isfinite(x).all():
        raise ValueError(f"Column {name!r} must hold finite numbers or nothing.")
    if log and x.min() <= 0.0:
        raise ValueError(f"Column {name!r} cannot be on a log scale: it holds {x.min():g}.")
    is_log = _is_log(x) if log is None else log
    if bool((x == np.round(x)).all()) and np.abs(x).max() < 2**53:
        low, high = int(x.min()), int(x.max())
        return IntDistribution(low, high, log=is_log)
    return FloatDistribution(float(x.min()), float(x.max()), log=is_log)


def _check_text(column: pd.Series[Any]) -> None:
    """Numbers as text would be taken for as many choices, of which nothing can be learnt."""
    import pandas as pd

    if column.dtype.kind == "b" or column.nunique() <= _MAX_NUMERALS:
        return
    numbers = pd.to_numeric(column, errors="coerce")
    odd = numbers.isna().to_numpy()
    if odd.mean() >= 0.5:
        return
    what = "numbers as text"
    if odd.any():
        where = int(np.argmax(odd))
        what = f"numbers, and {column.iloc[where]!r} in row {column.index[where]!r}"
    raise ValueError(
        f"Column {column.name!r} holds {what}: convert it, e.g. by "
        'pandas.to_numeric(..., errors="coerce"), or say what it was drawn from by '
        "`distributions`."
    )


def _sorted_if_possible(choices: list[Any]) -> list[Any]:
    try:
        return sorted(choices)
    except TypeError:
        return choices


def _is_log(x: np.ndarray) -> bool:
    if x.min() <= 0.0 or x.max() < _LOG_MIN_RATIO * x.min():
        return False
    return _unevenness(np.log(x)) < _unevenness(x)


def _unevenness(x: np.ndarray) -> float:
    """Kolmogorov distance between the distinct values and a uniform grid over their range."""
    x = np.unique(x)
    u = (x - x[0]) / (x[-1] - x[0])
    return float(np.abs(u - np.linspace(0.0, 1.0, len(u))).max())


def _read_column(
    df: pd.DataFrame, name: str, dist: BaseDistribution
) -> tuple[str, BaseDistribution, np.ndarray, np.ndarray]:
    column = _column(df, name)
    active = column.notna().to_numpy()
    if isinstance(dist, CategoricalDistribution):
        values = _choice_codes(column, active, dist)
    else:
        values = _numeric(df, name)
        low, high = dist.low, dist.high  # type: ignore[attr-defined]
        outside = active & ~((values >= low) & (values <= high))
        if outside.any():
            raise ValueError(
                f"Column {name!r} must lie in [{low}, {high}], but holds {values[outside][0]:g}."
            )
    return name, dist, np.where(active, 0, -1), values


def _choice_codes(
    column: pd.Series[Any], active: np.ndarray, dist: CategoricalDistribution
) -> np.ndarray:
    import pandas as pd

    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    indices = np.full(len(uniques) + 1, np.nan)  # the last one for an empty cell, code -1
    for code, choice in enumerate(uniques.tolist()):
        try:
            indices[code] = dist.to_internal_repr(choice)
        except ValueError as error:
            raise ValueError(
                f"Column {column.name!r} must hold one of {dist.choices}, but holds {choice!r}."
            ) from error
    return np.where(active, indices[codes], np.nan)

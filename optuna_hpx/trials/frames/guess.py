"""What the columns of a data frame were plausibly drawn from, by their types and spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx.trials.frames.cells import EXACT, NUMERALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["column_of", "guess", "guess_distributions", "is_number"]

_LOG_MIN_RATIO = 20.0
"""A column that spans less than this factor is never guessed to be on a log scale."""


def column_of(df: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column by its name.

    Raises:
        ValueError: If there is none of that name, or more than one.
    """
    if name not in df.columns:
        raise ValueError(f"There is no column {name!r}; the columns are {list(df.columns)}.")
    column = df[name]
    if column.ndim != 1:
        raise ValueError(f"The column name {name!r} occurs more than once.")
    return column


def is_number(column: pd.Series[Any]) -> bool:
    """Return whether a column is of a numeric type."""
    return column.dtype.kind in "iuf"


def guess_distributions(
    df: pd.DataFrame,
    params: Sequence[str],
    *,
    log: Sequence[str] = (),
    linear: Sequence[str] = (),
    categorical: Sequence[str] = (),
) -> dict[str, BaseDistribution]:
    """Guess what each column was drawn from, by its type and spread.

    Text and booleans are categorical, whole numbers integers, other numbers floats; the bounds
    are the smallest and the largest value. A positive column whose logarithms are spread more
    evenly over their range than its values, over at least a factor of 20, is taken as log.

    Args:
        df: The trials.
        params: The columns to look at.
        log: Columns that are on a log scale, whatever their spread.
        linear: Columns that are not.
        categorical: Columns to be taken as categorical, whatever their type.

    Raises:
        ValueError: If a column is missing or empty, or log and has values that are not positive.
    """
    return {
        name: guess(df, name, log=_choose(name, log, linear), categorical=name in categorical)
        for name in params
    }


def _choose(name: str, log: Sequence[str], linear: Sequence[str]) -> bool | None:
    if name in log and name in linear:
        raise ValueError(f"Column {name!r} is named in both `log` and `linear`.")
    return True if name in log else False if name in linear else None


def guess(
    df: pd.DataFrame,
    name: str,
    *,
    log: bool | None = None,
    categorical: bool = False,
    has_none: bool = False,
) -> BaseDistribution:
    """Guess what a column was drawn from.

    Args:
        df: The trials.
        name: The column.
        log: Whether it is on a log scale; None decides by the spread.
        categorical: Take it as categorical, whatever its type.
        has_none: Whether None is one of the choices, if it is categorical.

    Raises:
        ValueError: If the column is missing or empty, holds times, numbers as text or infinite
            ones, or is to be log and holds what is not positive.
    """
    column = column_of(df, name).dropna()
    if column.empty and not has_none:
        raise ValueError(f"Column {name!r} is empty.")
    if column.dtype.kind in "mM":
        raise ValueError(f"Column {name!r} holds times: make numbers of them, or leave it out.")
    if log and not is_number(column):
        raise ValueError(f"Column {name!r} cannot be on a log scale: it does not hold numbers.")
    if not categorical and is_number(column):
        return _guess_numeric(name, column.to_numpy(dtype=float), log)
    if not categorical:
        _check_text(column)
    # True and 1 are one key of a dict.
    distinct = dict.fromkeys((isinstance(choice, bool), choice) for choice in column.tolist())
    choices = _sorted_if_possible([choice for _, choice in distinct])
    return CategoricalDistribution([None, *choices] if has_none else choices)


def _guess_numeric(name: str, x: np.ndarray, log: bool | None) -> BaseDistribution:
    if not np.isfinite(x).all():
        raise ValueError(f"Column {name!r} must hold finite numbers or nothing.")
    if log and x.min() <= 0.0:
        raise ValueError(f"Column {name!r} cannot be on a log scale: it holds {x.min():g}.")
    is_log = _is_log(x) if log is None else log
    if bool((x == np.round(x)).all()) and np.abs(x).max() < EXACT:
        return IntDistribution(int(x.min()), int(x.max()), log=is_log)
    return FloatDistribution(float(x.min()), float(x.max()), log=is_log)


def _check_text(column: pd.Series[Any]) -> None:
    """Refuse numbers as text, which would be as many choices, of which nothing can be learnt."""
    import pandas as pd

    if column.dtype.kind == "b" or column.nunique() <= NUMERALS:
        return
    numbers = pd.to_numeric(column, errors="coerce")
    odd = numbers.isna().to_numpy()
    if odd.mean() >= 0.5:
        return
    content = "numbers as text"
    if odd.any():
        row = int(np.argmax(odd))
        content = f"numbers, and {column.iloc[row]!r} in row {column.index[row]!r}"
    raise ValueError(
        f"Column {column.name!r} holds {content}: convert it, e.g. by "
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
    """Compute the Kolmogorov distance of the distinct values from a grid over their range."""
    x = np.unique(x)
    u = (x - x[0]) / (x[-1] - x[0])
    return float(np.abs(u - np.linspace(0.0, 1.0, len(u))).max())

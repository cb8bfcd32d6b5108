"""Tables of other libraries as pandas' data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optuna_hpx._imports import require

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_pandas"]


def to_pandas(df: Any) -> pd.DataFrame:
    """Return the data frame, or one of pandas with the same columns.

    A frame of polars, modin, DuckDB, Spark or Ray and a table of Arrow have a method for that. A
    polars frame needs pyarrow for it; without, its columns are taken one by one.

    Args:
        df: A data frame of pandas, or of another library.

    Raises:
        TypeError: If it is no table.
    """
    pandas = require("pandas", extra="report")
    if isinstance(df, pandas.DataFrame):
        frame: pd.DataFrame = df
        return frame
    if not any(hasattr(df, name) for name in ("columns", "column_names", "schema")):
        raise TypeError(f"`df` must be a data frame, got a {type(df).__name__}.")
    for way in ("to_pandas", "toPandas", "df", "_to_pandas"):
        convert = getattr(df, way, None)
        if not callable(convert):
            continue
        try:
            frame = convert()
        except ImportError:  # polars without pyarrow
            break
        if isinstance(frame, pandas.DataFrame):
            return frame
    if callable(columns := getattr(df, "to_dict", None)):
        return _from_columns(columns, pandas)
    raise TypeError(
        f"`df` must be a data frame of pandas, got a {type(df).__module__}.{type(df).__name__}: "
        "convert it, mostly by `.to_pandas()`."
    )


def _from_columns(columns: Any, pandas: Any) -> pd.DataFrame:
    """Build a frame of a mapping of lists, as polars' ``to_dict(as_series=False)`` gives one."""
    try:
        frame: pd.DataFrame = pandas.DataFrame(columns(as_series=False))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`df` must be a data frame of pandas: convert it by `.to_pandas()`."
        ) from error
    return frame

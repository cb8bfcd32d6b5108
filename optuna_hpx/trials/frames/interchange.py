"""Tables of other libraries as pandas' data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx._imports import require

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_pandas"]


def to_pandas(df: Any) -> pd.DataFrame:
    """Return the data frame, or one of pandas with the same columns.

    A frame of polars, modin, DuckDB, Spark or Ray and a table of Arrow have a method for that. A
    polars frame needs pyarrow for it; without, its columns are taken one by one. Cells of pandas'
    own extensions become NumPy's, with NaN for nothing, and lists in cells text.

    Args:
        df: A data frame of pandas, or of another library.

    Raises:
        TypeError: If it is no table.
    """
    pandas = require("pandas", extra="report")
    if isinstance(df, pandas.DataFrame):
        return _with_plain_cells(df)
    # Of the type: to ask a lazy frame for its columns is work.
    if not any(hasattr(type(df), name) for name in ("columns", "column_names", "schema")):
        raise TypeError(f"`df` must be a data frame, got a {type(df).__name__}.")
    if callable(getattr(df, "collect", None)) and not hasattr(df, "to_pandas"):
        raise TypeError(
            f"`df` must be a data frame, got a {type(df).__name__}, which is not worked out yet: "
            "call its `.collect()`."
        )
    for way in ("to_pandas", "toPandas", "df", "_to_pandas"):
        convert = getattr(df, way, None)
        if not callable(convert):
            continue
        try:
            frame = convert()
        except ImportError:  # polars without pyarrow
            break
        if isinstance(frame, pandas.DataFrame):
            return _with_plain_cells(frame)
    if callable(columns := getattr(df, "to_dict", None)):
        return _with_plain_cells(_from_columns(columns, pandas))
    raise TypeError(
        f"`df` must be a data frame of pandas, got a {type(df).__module__}.{type(df).__name__}: "
        "convert it, mostly by `.to_pandas()`."
    )


def _with_plain_cells(df: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with cells of NumPy and Python, and NaN for nothing."""
    pandas = require("pandas", extra="report")
    columns = {}
    for k in range(df.shape[1]):
        column = df.iloc[:, k]
        if getattr(column.dtype, "na_value", None) is pandas.NA:
            columns[k] = _of_numpy(column)
        elif column.dtype == object and any(map(_is_list, column.tolist())):
            cells = [
                str(np.asarray(x, dtype=object).tolist()) if _is_list(x) else x
                for x in column.tolist()
            ]
            columns[k] = _object(column, cells)
    if not columns:
        return df
    plain = [columns.get(k, df.iloc[:, k]) for k in range(df.shape[1])]
    frame: pd.DataFrame = pandas.concat(plain, axis=1)
    return frame.set_axis(df.columns, axis=1)


def _is_list(cell: Any) -> bool:
    return isinstance(cell, (list, np.ndarray))


def _of_numpy(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of an extension as one of NumPy: numbers, times, truths or objects."""
    import pandas as pd

    is_empty = column.isna()
    if column.dtype.kind in "iuf":
        if column.dtype.kind in "iu" and not is_empty.any():
            return column.astype(np.int64 if column.dtype.kind == "i" else np.uint64)
        return pd.Series(
            column.to_numpy(dtype=float, na_value=np.nan), index=column.index, name=column.name
        )
    if column.dtype.kind in "mM":
        return column.astype("datetime64[ns]" if column.dtype.kind == "M" else "timedelta64[ns]")
    if column.dtype.kind == "b" and not is_empty.any():
        return column.astype(bool)
    cells = [np.nan if empty else x for x, empty in zip(column.tolist(), is_empty, strict=True)]
    return _object(column, cells)


def _object(column: pd.Series[Any], cells: list[Any]) -> pd.Series[Any]:
    """Return cells as they are: without a type a constructor would turn None into NaN."""
    filled = np.empty(len(cells), dtype=object)
    filled[:] = cells
    return type(column)(filled, index=column.index, name=column.name, dtype=object)


def _from_columns(columns: Any, pandas: Any) -> pd.DataFrame:
    """Build a frame of a mapping of lists, as polars' ``to_dict(as_series=False)`` gives one."""
    try:
        frame: pd.DataFrame = pandas.DataFrame(columns(as_series=False))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`df` must be a data frame of pandas: convert it by `.to_pandas()`."
        ) from error
    return frame

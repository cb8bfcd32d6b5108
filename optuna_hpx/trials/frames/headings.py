"""Names of columns: made plain, and resolved from what a caller writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["resolve", "with_plain_names"]


def with_plain_names(df: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with names that are text, each once.

    Names of several levels, as ``trials_dataframe(multi_index=True)`` gives them, are joined as
    Optuna itself joins them: ``params_x``.

    Raises:
        ValueError: If a name occurs more than once.
    """
    names = [_plain(name) for name in df.columns.tolist()]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(
            f"`df` must have a name of its own for each column, got {twice!r} "
            f"{names.count(twice)} times: rename or drop all but one."
        )
    return df.set_axis(names, axis=1)


def _plain(name: Any) -> str:
    if not isinstance(name, tuple):
        return str(name)
    return "_".join(filter(None, map(str, name)))


def resolve(name: str, names: Sequence[str], layout: Layout, argument: str = "") -> str:
    """Return the column that is meant, with or without a prefix, and in any case.

    Raises:
        ValueError: If there is none, or if several may be meant.
    """
    if name in names:
        return name
    with_prefix = f"{layout.prefix}{name}"
    if layout.prefix and with_prefix in names:
        return with_prefix
    ways = (
        lambda other: other.lower() in (name.lower(), with_prefix.lower()),
        lambda other: other.endswith((f".{name}", f"/{name}")),
        lambda other: name.endswith((f".{other}", f"/{other}", f"_{other}", f" {other}")),
    )
    for is_meant in ways:
        matches = [other for other in names if is_meant(other)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise ValueError(f"{name!r} may be any of the columns {matches}: write it as there.")
    columns = ", ".join(map(repr, names))
    advice = f" Change `{argument}`." if argument else ""
    raise ValueError(f"There is no column {name!r}; the columns are {columns or 'none'}.{advice}")

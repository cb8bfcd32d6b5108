"""How a table is read: which columns are what, and what of their cells is a number or a choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.trials.frames.cells import Typed, short
from optuna_hpx.trials.frames.guess import is_number
from optuna_hpx.trials.frames.headings import resolve, with_plain_names
from optuna_hpx.trials.frames.layouts import Layout, layout_of
from optuna_hpx.trials.frames.nested import spread_nested
from optuna_hpx.trials.frames.one_hot import fold_one_hot
from optuna_hpx.trials.frames.role import Role
from optuna_hpx.trials.frames.roles import roles_of
from optuna_hpx.trials.frames.special import (
    FEASIBLE,
    ORIGIN,
    in_order,
    is_open,
    special_columns,
)
from optuna_hpx.trials.frames.states import named_states
from optuna_hpx.trials.frames.typed import with_types

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FramePlan", "plan_frame"]


@dataclass(frozen=True)
class FramePlan:
    """A table whose columns have roles, and whose cells have types.

    Attributes:
        df: The rows that are finished trials, in the order of their numbers.
        numbers: (n,) theirs.
        layout: Who wrote the table.
        values: The columns of the objectives.
        params: The column of each parameter, by the parameter's name.
        roles: One for each column, in their order.
        typed: How the cells of a column were read, where they were text.
        n_unfinished: How many rows wait or run.
        folded: By each column of choices, the columns of 0 and 1 that it was put together from.
    """

    df: pd.DataFrame
    numbers: np.ndarray
    layout: Layout
    values: tuple[str, ...]
    params: Mapping[str, str]
    roles: tuple[Role, ...]
    typed: Mapping[str, Typed]
    n_unfinished: int = 0
    folded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """The column of "state", "duration" and the like, where there is one."""
        kinds = ("state", "number", "duration", FEASIBLE, ORIGIN)
        return {role.kind: role.column for role in self.roles if role.kind in kinds}

    def name_of(self, column: str) -> str:
        """Return the name of the parameter of a column; what is none is returned as it is."""
        names = {other: name for name, other in self.params.items()}
        return names.get(column, column)

    def find(self, name: str) -> str:
        """Return the name of the parameter that is meant, in any spelling of its column.

        Raises:
            ValueError: If it is none.
        """
        if name in self.params:
            return name
        column = resolve(name, [role.column for role in self.roles], self.layout)
        if (parameter := self.name_of(column)) not in self.params:
            raise ValueError(f"Column {column!r} is no parameter; these are {list(self.params)}.")
        return parameter

    def with_none(self, names: Collection[str]) -> FramePlan:
        """Return the plan with empty cells of these parameters taken as the choice None."""
        df, typed = self.df.copy(deep=False), dict(self.typed)
        for name in names:
            column = df[self.params[name]]
            choices = [short(x) if is_number(column) else x for x in column.dropna().tolist()]
            cells = np.full(len(column), None, dtype=object)
            cells[column.notna().to_numpy()] = choices
            df[column.name] = type(column)(cells, index=column.index, dtype=object)
            typed[str(column.name)] = Typed(df[column.name], has_none=True)
        return replace(self, df=df, typed=typed)

    def lost_cells(self, name: str) -> str:
        """Say which words of a column were taken as empty; "" if there were none."""
        typed = self.typed.get(name)
        if typed is None or not typed.odd:
            return ""
        words = ", ".join(f"{word!r} ({n})" for word, n in list(typed.odd.items())[:5])
        more = ", ..." if len(typed.odd) > 5 else ""
        n = sum(typed.odd.values())
        if n == 1:
            return f"1 cell holds no number and counts as empty: {words}"
        return f"{n} cells hold no number and count as empty: {words}{more}"


def plan_frame(
    df: pd.DataFrame,
    values: Sequence[str],
    *,
    params: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    named: Collection[str] = (),
    decimals: str = "",
) -> FramePlan:
    """Find out what each column is.

    Args:
        df: The table.
        values: The objectives.
        params: The parameters; None to find them.
        ignore: Columns that are no parameters.
        named: Further columns that the caller takes for parameters.
        decimals: Decimal signs, the likely one first, of a table that is all text; "" for a data
            frame, in which text is mostly meant as such.

    Raises:
        ValueError: If a column is missing, named twice or in two roles, or holds what it should
            not.
    """
    df, nested = spread_nested(with_plain_names(df))
    names = df.columns.tolist()
    layout = layout_of(names)
    if nested and not layout.prefix:
        layout = replace(layout, prefix=f"{nested}.")
    values = [resolve(name, names, layout, "value") for name in values]
    chosen = (
        None if params is None else [resolve(name, names, layout, "params") for name in params]
    )
    ignored = [resolve(name, names, layout, "ignore") for name in ignore]
    named = [resolve(name, names, layout) for name in named]
    _check_roles(values, chosen, ignored, named)
    df, typed = with_types(df, layout, values, decimals)
    folded: dict[str, tuple[str, ...]] = {}
    if chosen is None and not layout.is_search:
        df, folded = fold_one_hot(df, kept={*values, *ignored, *named})
    special = special_columns(df, layout, values, parameters={*(chosen or ()), *named})
    df, numbers = in_order(df, special)
    unfinished = is_open(df, special)
    df, numbers = df[~unfinished], numbers[~unfinished]
    losses = _losses(df, values, special)
    if chosen is None:
        roles = roles_of(df, layout, special, losses)
        roles = [_overridden(role, ignored, named) for role in roles]
        chosen = [role.column for role in roles if role.is_parameter]
    else:
        roles = _chosen_roles(df, special, chosen, named)
    return FramePlan(
        df=df,
        numbers=numbers,
        layout=layout,
        values=tuple(values),
        params=_short_names(chosen, layout),
        roles=tuple(roles),
        typed=typed,
        n_unfinished=int(unfinished.sum()),
        folded=folded,
    )


def _check_roles(
    values: Sequence[str],
    chosen: Sequence[str] | None,
    ignored: Sequence[str],
    named: Collection[str],
) -> None:
    if both := [name for name in (*(chosen or ()), *named) if name in values]:
        raise ValueError(f"Column {both[0]!r} is named as a parameter and as an objective.")
    if both := [name for name in (*(chosen or ()), *named) if name in ignored]:
        raise ValueError(f"Column {both[0]!r} is named as a parameter and in `ignore`.")


def _losses(df: pd.DataFrame, values: Sequence[str], special: Mapping[str, str]) -> np.ndarray:
    """Return (n, m) objectives where they are numbers and the trial is complete, else NaN."""
    columns = [
        df[name].to_numpy(dtype=float, na_value=np.nan)
        if is_number(df[name])
        else np.full(len(df), np.nan)
        for name in values
    ]
    losses = np.column_stack(columns) if columns else np.empty((len(df), 0))
    name = next((name for name, kind in special.items() if kind == "state"), None)
    if name is not None:
        losses[named_states(df[name]) != int(TrialState.COMPLETE)] = np.nan
    return losses


def _chosen_roles(
    df: pd.DataFrame,
    special: Mapping[str, str],
    chosen: Sequence[str],
    named: Collection[str],
) -> list[Role]:
    if unknown := [name for name in named if name not in chosen]:
        raise ValueError(f"{unknown[0]!r} is named, but the parameters are {list(chosen)}.")
    return [
        Role(name, "parameter")
        if name in chosen
        else Role(name, special[name])
        if name in special
        else Role(name, "left out", "not asked for")
        for name in df.columns
    ]


def _overridden(role: Role, ignored: Collection[str], named: Collection[str]) -> Role:
    if role.column in ignored:
        return Role(role.column, "left out", "as asked") if role.is_parameter else role
    if role.column in named and role.kind == "left out":
        return Role(role.column, "parameter")
    return role


def _short_names(columns: Sequence[str], layout: Layout) -> dict[str, str]:
    """Return the column of each parameter by its name, the prefix left out."""
    short = [layout.short(name) for name in columns]
    return {
        name if short.count(name) == 1 else column: column
        for name, column in zip(short, columns, strict=True)
    }

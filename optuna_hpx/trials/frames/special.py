"""Columns that say something of each trial, and none of its parameters: state, number ..."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.trials.frames.layouts import STATE_NAMES
from optuna_hpx.trials.frames.names import words_of
from optuna_hpx.trials.frames.states import are_states, named_states

if TYPE_CHECKING:
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["FEASIBLE", "NOTED", "ORIGIN", "ORIGINS", "in_order", "is_open", "special_columns"]

NOTED = "system_attrs_"
ORIGIN, ORIGINS = "origin", ("independent", "even", "chosen", "unknown", "repeated", "retried")
"""The column in which :meth:`TrialTable.to_frame` says how each trial was drawn, and its words."""
FEASIBLE = "feasible"


def special_columns(
    df: pd.DataFrame, layout: Layout, values: Sequence[str], parameters: Collection[str]
) -> dict[str, str]:
    """Find the columns whose role is certain, and these roles.

    Args:
        df: The table.
        layout: Who wrote it.
        values: The objectives.
        parameters: Columns that the caller takes for parameters.

    Raises:
        ValueError: If a column of states holds what is none.
    """
    feasible = {name.lower(): name for name in df.columns}.get(FEASIBLE, "")
    columns = {
        "state": layout.state if _has_states(df, layout, {*values, *parameters}) else "",
        "number": layout.number if _has_numbers(df, layout.number) else "",
        "duration": layout.duration,
        FEASIBLE: feasible,
        ORIGIN: ORIGIN if ORIGIN in df.columns and df[ORIGIN].isin(ORIGINS).all() else "",
    }
    kinds = {name: "note" for name in df.columns if name.startswith(NOTED)}
    kinds |= {name: kind for kind, name in columns.items() if name in df.columns}
    kinds = {name: kind for name, kind in kinds.items() if name not in parameters}
    return kinds | dict.fromkeys(values, "objective")


def _has_states(df: pd.DataFrame, layout: Layout, parameters: Collection[str]) -> bool:
    name = layout.state
    if name not in df.columns or name in parameters:
        return False
    if are_states(df[name]):
        return True
    filled = df[name].dropna()
    if filled.dtype.kind in "iuf":
        return False  # codes, of which nothing is known
    if layout.tool and len(filled) and "_".join(words_of(name)) in STATE_NAMES:
        raise ValueError(
            f"Column {name!r} must hold states of trials, as {', '.join(TrialState.__members__)}, "
            f"but holds {filled.iloc[0]!r}: replace it, or rename the column."
        )
    return False


def _has_numbers(df: pd.DataFrame, name: str) -> bool:
    if name not in df.columns or df[name].dtype.kind not in "iu":
        return False
    numbers = df[name].to_numpy(dtype=np.int64)
    return len(np.unique(numbers)) == len(numbers) and not (numbers < 0).any()


def in_order(df: pd.DataFrame, special: Mapping[str, str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Sort rows by their numbers and return these, (n,); else return 0, 1, ..."""
    name = next((name for name, kind in special.items() if kind == "number"), None)
    if name is None:
        return df, np.arange(len(df))
    numbers = df[name].to_numpy(dtype=np.int64)
    order = np.argsort(numbers)
    return df.iloc[order], numbers[order]


def is_open(df: pd.DataFrame, special: Mapping[str, str]) -> np.ndarray:
    """Return (n,) whether a row waits or runs: these are no trials yet."""
    name = next((name for name, kind in special.items() if kind == "state"), None)
    if name is None:
        return np.zeros(len(df), dtype=bool)
    return np.isin(named_states(df[name]), (int(TrialState.RUNNING), int(TrialState.WAITING)))

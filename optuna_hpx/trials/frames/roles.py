"""Roles: which columns of a table are parameters, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optuna_hpx.trials.frames.reasons import doubt_of_leaving, doubt_of_taking, reason_against
from optuna_hpx.trials.frames.relations import (
    with_doubts_of_spread,
    without_copies,
    without_results,
)
from optuna_hpx.trials.frames.role import Role

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from optuna_hpx.trials.frames.layouts import Layout

__all__ = ["roles_of"]


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
    if not layout.is_search and len(df) >= 3:
        roles = without_copies(df, roles)
    if layout.prefix:
        return roles
    return with_doubts_of_spread(df, without_results(df, roles, losses))


def _role(column: pd.Series[Any], name: str, layout: Layout, losses: np.ndarray) -> Role:
    if reason := reason_against(column, name, layout):
        return Role(name, "left out", reason, doubt_of_leaving(column, name, reason))
    return Role(name, "parameter", doubt=doubt_of_taking(column, name, layout, losses))

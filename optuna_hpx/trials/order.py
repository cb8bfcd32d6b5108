"""Whether trials are in the order of time: rows of a table may have been sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.statistics.sortedness import is_sorted

if TYPE_CHECKING:
    from optuna_hpx.trials.table import TrialTable

__all__ = ["may_be_in_time"]


def may_be_in_time(table: TrialTable) -> bool:
    """Tell whether the order of the trials may be that of time.

    That of a study is; rows of a table that were sorted by an objective, or by a parameter, are
    in none.

    Args:
        table: The trials.

    Cost: O(n log n) for each objective and parameter.
    """
    if table.trials:
        return True
    numbers = (column.position for column in table.columns.values() if not column.is_categorical)
    return not any(is_sorted(values) for values in (*table.losses.T, *numbers))

"""Whether trials were drawn evenly from the search space, as independent draws are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.statistics.evenness import has_repeats, is_uneven_choice, is_uneven_position
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

_SOME, _MANY = 20, 100  # possible values


def uneven(table: TrialTable, names: Sequence[str]) -> list[str]:
    """Return those of the parameters that were not drawn evenly from their domains."""
    if not table.trials:
        return []  # of a data frame only the smallest and the largest value are known
    complete = table.states == TrialState.COMPLETE  # a region is uneven by its nature
    return [name for name in names if _is_uneven(table.columns[name], complete)]


def _is_uneven(column: Column, rows: np.ndarray) -> bool:
    active = rows & (column.regime != INACTIVE)
    n_values = min(map(domain.n_possible_values, column.distributions))
    is_log = domain.is_log(column.distributions[0])
    if np.isinf(n_values) and has_repeats(column.values[active]):
        return True
    if n_values > (_MANY if is_log else _SOME):
        return is_uneven_position(column.position[active])
    if is_log or len(column.distributions) > 1 or n_values < 2:
        return False  # the values are not equally likely, or not the same in all trials
    cells = (column.position[active] * n_values).astype(int)
    counts = np.bincount(cells, minlength=int(n_values))
    return is_uneven_choice(counts)

"""Values with which every trial was pruned or failed, so that no COMPLETE trial speaks of them.

Such a value is a finding of its own: importances and laws of the COMPLETE trials are silent on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from optuna.trial import TrialState
from scipy.stats import hypergeom

from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["LeftOut", "left_out"]

_SURE = 0.01  # chance that trials left out at random would all have any value, or end of a range
_MAX_VALUES = 20  # of a parameter, that are looked at one by one
_FATES = (
    (TrialState.FAIL, "failed"),
    (TrialState.PRUNED, "was pruned"),
)


@dataclass(frozen=True)
class LeftOut:
    """Trials with certain values of a parameter, of which every one failed or was pruned.

    Attributes:
        name: The parameter.
        values: Which values, for a person: ``"= 512"``, ``"above 0.3"`` or ``"below 0.001"``.
        fate: ``"failed"`` or ``"was pruned"``.
        n_trials: How many trials.
    """

    name: str
    values: str
    fate: str
    n_trials: int

    def __str__(self) -> str:
        return f"each of the {self.n_trials} trials with {self.name} {self.values} {self.fate}"


def left_out(table: TrialTable) -> list[LeftOut]:
    """Find the values with which every trial failed, or was pruned, beyond chance.

    Args:
        table: The finished trials.

    Returns:
        For each parameter and fate at most one: the most frequent value, or end of the range. By
        chance there is any in at most 1 % of studies in which fate has nothing to do with values.
        O(N d log N).
    """
    if (table.states == TrialState.COMPLETE).all():
        return []
    lost_values = []
    n_looks = 2 * max(len(table.columns), 1)
    values_of = {
        name: np.unique(column.values[column.regime != INACTIVE])
        for name, column in table.columns.items()
    }
    for state, fate in _FATES:
        lost = table.states == state
        if not lost.any() or lost.all():
            continue
        for column in table.columns.values():
            values = values_of[column.name]
            is_listed = len(values) <= _MAX_VALUES
            candidates = _values(column, values, lost) if is_listed else _ends(column, lost)
            sure = [(n, text) for n, text, p in candidates if p * n_looks < _SURE]
            if sure:
                n, text = max(sure)
                lost_values.append(LeftOut(column.name, text, fate, n))
    return lost_values


def _chance(n: int, lost: np.ndarray) -> float:
    """Return the chance that n trials, chosen at random, are all among the lost ones."""
    return float(hypergeom.pmf(n, len(lost), int(lost.sum()), n))


def _values(column: Column, values: np.ndarray, lost: np.ndarray) -> list[tuple[int, str, float]]:
    """Return those of few values of which all trials are lost: how many, which, and the chance."""
    if len(values) < 2:
        return []
    active = column.regime != INACTIVE
    dist = column.distributions[int(column.regime[active][0])]
    lost_values = []
    for value in values.tolist():
        rows = active & (column.values == value)
        if lost[rows].all():
            n = int(rows.sum())
            text = f"= {dist.to_external_repr(value)!r}".replace("'", "")
            lost_values.append((n, text, _chance(n, lost) * len(values)))
    return lost_values


def _ends(column: Column, lost: np.ndarray) -> list[tuple[int, str, float]]:
    """Return an end of a range of which all trials are lost, of a parameter of many values."""
    if column.is_categorical:
        return []
    rows = column.order[: np.count_nonzero(column.regime != INACTIVE)]
    lost_values = []
    for ordered, word in ((rows, "below"), (rows[::-1], "above")):
        survives = ~lost[ordered]
        n = int(np.argmax(survives)) if survives.any() else 0
        if n:
            edge = float(column.values[ordered[n]])
            chance = _chance(n, lost) * min(len(ordered), 100)
            lost_values.append((n, f"{word} {_rounded(column, edge)}", chance))
    return lost_values


def _rounded(column: Column, value: float) -> str:
    is_whole = all(domain.step_of(dist) == 1.0 for dist in column.distributions)
    return f"{value:.0f}" if is_whole else f"{value:.3g}"

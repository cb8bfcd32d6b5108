"""Values with which every trial was pruned or failed, so that no COMPLETE trial speaks of them.

Such a value is a finding of its own: importances and laws of the COMPLETE trials are silent on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from optuna.trial import TrialState
from scipy.stats import hypergeom

from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["LeftOut", "left_out"]

_SURE = 0.01  # chance that trials left out at random would all have any value, or end of a range
_MAX_VALUES = 20  # of a parameter, that are looked at one by one
_FATES = (
    ((TrialState.FAIL,), "failed"),
    ((TrialState.PRUNED,), "was pruned"),
    ((TrialState.FAIL, TrialState.PRUNED), "failed or was pruned"),
)


@dataclass(frozen=True)
class LeftOut:
    """Trials with certain values of a parameter, of which every one failed or was pruned.

    Attributes:
        name: The parameter.
        values: Which values, for a person: ``"= 512"``, ``"above 0.3"`` or ``"below 0.001"``.
        fate: ``"failed"``, ``"was pruned"`` or ``"failed or was pruned"``.
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
    lost_values: list[LeftOut] = []
    n_looks = len(_FATES) * max(len(table.columns), 1)
    values_of = {
        name: np.unique(column.values[column.regime != INACTIVE])
        for name, column in table.columns.items()
    }
    for states, fate in _FATES:
        lost = np.isin(table.states, states)
        if not lost.any() or lost.all() or (len(states) > 1 and _is_one_fate(table, lost)):
            continue
        for column in table.columns.values():
            if len(states) > 1 and any(column.name == one.name for one in lost_values):
                continue
            values = values_of[column.name]
            is_listed = column.is_categorical or len(values) <= _MAX_VALUES
            candidates = _values(column, values, lost) if is_listed else _ends(column, lost)
            sure = [(n, text) for n, text, p in candidates if p * n_looks < _SURE]
            if sure:
                n, text = max(sure)
                lost_values.append(LeftOut(column.name, text, fate, n))
    return lost_values


def _is_one_fate(table: TrialTable, lost: np.ndarray) -> bool:
    return len(np.unique(table.states[lost])) == 1


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
    survivors = column.values[(column.regime != INACTIVE) & ~lost]
    if not len(survivors):
        return []
    n_places = min(int(np.count_nonzero(column.regime != INACTIVE)), 100)
    lost_values = []
    for word, last in (("below", survivors.min()), ("above", survivors.max())):
        edge = _rounded_outward(column, float(last), word)
        is_beyond = column.values < edge if word == "below" else column.values > edge
        n = int(np.count_nonzero(is_beyond))
        if n:
            chance = _chance(n, lost) * n_places
            lost_values.append((n, f"{word} {edge:.15g}", chance))
    return lost_values


def _rounded_outward(column: Column, value: float, word: str) -> float:
    """Round to three digits, but not so that a trial that completed lies beyond."""
    if value == 0.0 or all(domain.step_of(dist) is not None for dist in column.distributions):
        return value
    unit = Decimal(1).scaleb(Decimal(value).adjusted() - 2)
    rounding = ROUND_FLOOR if word == "below" else ROUND_CEILING
    return float(Decimal(value).quantize(unit, rounding=rounding))

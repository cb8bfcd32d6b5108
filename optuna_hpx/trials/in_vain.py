"""Trials that were begun in vain: no failure, but the price of workers that ask no leader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_hpx.trials.table import TrialTable

__all__ = ["DUPLICATE", "failure_message", "in_vain"]

DUPLICATE = "duplicate"
"""Why a segment of a population ended at once: another worker had begun it."""


def in_vain(table: TrialTable) -> np.ndarray:
    """Return (N,) which trials ended at once because another worker had begun the same.

    It is kept with the table.
    """
    key = "in vain"
    if key not in table.memo:
        is_one = np.zeros(len(table), dtype=bool)
        if table.trials:
            rows = np.flatnonzero(table.states == TrialState.FAIL)
            is_one[rows] = table.map(lambda trial: _record(trial).get("why") == DUPLICATE, rows)
        is_one.setflags(write=False)
        table.memo[key] = is_one
    kept: np.ndarray = table.memo[key]
    return kept


def failure_message(trial: FrozenTrial) -> str:
    """Read why a segment of a population failed; "" of all other trials."""
    record = _record(trial)
    return str(record.get("message") or record.get("why") or "")


def _record(trial: FrozenTrial) -> dict[str, str]:
    record = storage.read(trial.system_attrs, storage.FAILURE)
    return record if isinstance(record, dict) else {}

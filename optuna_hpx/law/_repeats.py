"""What trials of the same configuration say about the noise."""

from __future__ import annotations

import numpy as np

from optuna_hpx.law.maths.noise import pooled_noise
from optuna_hpx.trials.table import TrialTable

__all__ = ["noise_of_repeats"]


def noise_of_repeats(table: TrialTable, rows: np.ndarray, losses: np.ndarray) -> tuple[float, int]:
    """Estimate the noise from those of ``rows`` that have all parameters in common.

    Rows that ended at the same moment are copies of one trial, and count once; so do equal losses
    where nothing says when they were found.

    Args:
        table: The trials.
        rows: (n,) of any sampler.
        losses: (n,) theirs; infinite ones do not count.

    Returns:
        The standard deviation and its degrees of freedom; 0 and 0 if no configuration came twice.
    """
    is_finite = np.isfinite(losses)
    rows, losses = rows[is_finite], losses[is_finite]
    code = _configurations(table, rows)
    ended = table.ended[rows]
    moment = np.where(ended > 0.0, ended, losses)
    _, first = np.unique(np.column_stack([code, moment]), axis=0, return_index=True)
    return pooled_noise(losses[first], code[first])


def _configurations(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    """Find a number for each configuration of ``rows``, (n,): the same for equal ones."""
    code = np.arange(len(rows)) if not table.columns else np.zeros(len(rows), dtype=int)
    for column in table.columns.values():
        parts = [code, column.regime[rows], np.nan_to_num(column.values[rows])]
        order = np.lexsort(parts)
        ordered = np.column_stack(parts)[order]
        is_new = np.append(False, (ordered[1:] != ordered[:-1]).any(axis=1))
        code = np.empty(len(rows), dtype=int)
        code[order] = np.cumsum(is_new)
        if len(rows) and code.max() == len(rows) - 1:
            break
    return code

"""Losses of trials, of pruned ones as far as their learning curves tell."""

from __future__ import annotations

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.samplers.maths.pruned import imputed
from optuna_hpx.statistics.thinning import evenly
from optuna_hpx.trials.table import TrialTable, loss_sign

__all__ = ["losses_of"]

_MAX_ASKED = 200


def losses_of(table: TrialTable) -> np.ndarray:
    """Return the losses (n,) of a table of one objective.

    That of a pruned trial is what it would have come to; NaN if that cannot be said, and of a
    failed trial. What trials gain from a step on is read of 200 at most. O(n + s) for s different
    steps at which trials were pruned.
    """
    losses = np.where(table.states == TrialState.COMPLETE, table.losses[:, 0], np.nan)
    complete = np.flatnonzero(np.isfinite(losses))
    if not len(complete):
        return losses
    median, sign = float(np.median(losses[complete])), loss_sign(table.directions[0])
    asked = complete[evenly(len(complete), _MAX_ASKED)]
    by_step = _pruned_by_step(table)
    for step, rows in by_step.items():
        values = np.array([table.trials[row].intermediate_values[step] for row in rows])
        reported = [table.trials[row].intermediate_values.get(step, np.nan) for row in asked]
        losses[rows] = imputed(sign * values, sign * np.array(reported), losses[asked], median)
    return losses


def _pruned_by_step(table: TrialTable) -> dict[int, list[int]]:
    """Return the rows of pruned trials by the last step that each reported."""
    by_step: dict[int, list[int]] = {}
    last_steps = table.kept.setdefault("last steps", {})
    for row in np.flatnonzero(table.states == TrialState.PRUNED).tolist() if table.trials else ():
        number = table.numbers[row]
        if number not in last_steps:
            last_steps[number] = table.trials[row].last_step
        step = last_steps[number]
        if step is not None:
            by_step.setdefault(step, []).append(row)
    return by_step

"""How the front of all trials grew, whatever drew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._front_draws import losses_of_trials
from optuna_hpx.law._settings import N_FIRST
from optuna_hpx.law.maths.reference_point import default_reference_point
from optuna_hpx.trials.hypervolume import hypervolume
from optuna_hpx.trials.table import TrialTable, loss_sign
from optuna_hpx.trials.target_set import non_dominated

__all__ = ["FrontHistory", "front_history"]

_N_PLACES = 100  # at which the hypervolume is computed
_MOST_ON_FRONT = 100  # of four objectives and more: of larger fronts it takes too long


@dataclass(frozen=True, eq=False)
class FrontHistory:
    """The hypervolume of the first so many trials of a study.

    Attributes:
        n_trials: (k,) numbers of trials, ascending, the last one all of them.
        values: (k,) hypervolumes of the front of the first so many.
        reference_point: (m,) from which it is measured, in the user's own sign.
    """

    n_trials: np.ndarray
    values: np.ndarray
    reference_point: tuple[float, ...]

    @property
    def late_gain(self) -> tuple[int, float]:
        """The last half of the trials, and what share of the hypervolume they added."""
        n = int(self.n_trials[-1])
        half = int(np.searchsorted(self.n_trials, n / 2.0))
        return n - int(self.n_trials[half]), float(1.0 - self.values[half] / self.values[-1])


def front_history(
    table: TrialTable, reference_point: Sequence[float] | None = None
) -> FrontHistory | None:
    """Follow the hypervolume of all trials at up to a hundred places; None if there is none.

    Args:
        table: The trials, with several objectives.
        reference_point: (m,) in the user's own sign; if None, as the first 30 trials with scores
            set it.
    """
    try:
        losses = losses_of_trials(table)
    except NoLawError:  # a score is infinitely good: no volume has an end
        return None
    scored = losses[np.isfinite(losses).all(axis=1)]
    if len(scored) < 2:
        return None
    signs = np.array([loss_sign(direction) for direction in table.directions])
    reference = (
        default_reference_point(scored[:N_FIRST])
        if reference_point is None
        else signs * np.asarray(reference_point)
    )
    inside = scored[(scored < reference).all(axis=1)]
    if not len(inside):
        return None
    if losses.shape[1] > 3 and np.count_nonzero(non_dominated(inside)) > _MOST_ON_FRONT:
        return None
    places = np.unique(np.linspace(1, len(losses), _N_PLACES).round().astype(int))
    values = np.array([hypervolume(losses[:n], reference) for n in places.tolist()])
    if not (np.isfinite(values[-1]) and values[-1] > 0.0):
        return None
    return FrontHistory(places, values, tuple((signs * reference).tolist()))

"""Virtual trials: points drawn evenly from the space, and what a surrogate predicts there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.importance._surrogate import Lessons
from optuna_hpx.trials.table import Column, TrialTable

__all__ = ["MIN_SKILL", "Virtual", "virtual_trials"]

MIN_SKILL = 0.6
"""Below it virtual trials are not to be trusted: benchmarks/importance/ped_anova_adaptive.py."""

_N_POINTS = 4096


@dataclass(frozen=True)
class Virtual:
    """Uniform points with predicted losses.

    Attributes:
        table: n COMPLETE trials with the parameters of the real ones. ``directions`` are the real
            table's, if it has as many objectives as there are losses, else "minimize".
        losses: (n, m) predicted, to be minimised; also in ``table``.
        skill: That of the surrogate; of several objectives, and of feasibility, the worst.
        without_rule: Parameters of which the trials do not tell when they are active, or with
            which bounds.
    """

    table: TrialTable
    losses: np.ndarray
    skill: float
    without_rule: tuple[str, ...]


def virtual_trials(
    table: TrialTable,
    rows: np.ndarray,
    losses: np.ndarray,
    rng: np.random.Generator,
    n: int = _N_POINTS,
) -> Virtual:
    """Predict the losses at ``n`` points drawn evenly from the space of the trials ``rows``.

    Args:
        table: The trials.
        rows: (N,) indices of COMPLETE trials, ascending. Up to ten teach nothing: skill 0.
        losses: (N, m) finite values to be minimised.
        rng: Makes the draws; the same state gives the same points.
        n: How many points.

    Returns:
        The virtual trials. Infeasible where the model says so, if any of ``rows`` is. One to two
        seconds for each objective of up to 2000 trials, three to eight of 20,000; O(N) beyond.
    """
    lessons = Lessons.of(table, rows, rng, n)
    surrogates = [lessons.learn(column) for column in losses.T]
    predicted, violation = np.empty((n, losses.shape[1])), np.zeros(n)
    for k, surrogate in enumerate(surrogates):
        predicted[:, k] = surrogate.predict(lessons.points)
    if not table.feasible[rows].all():
        surrogates.append(lessons.learn(np.where(table.feasible[rows], -1.0, 1.0)))
        violation = np.maximum(surrogates[-1].predict(lessons.points), 0.0)
    return Virtual(
        table=_table(table, lessons.points, predicted, violation),
        losses=predicted,
        skill=min(surrogate.skill for surrogate in surrogates),
        without_rule=lessons.without_rule,
    )


def _table(
    table: TrialTable, points: dict[str, Column], losses: np.ndarray, violation: np.ndarray
) -> TrialTable:
    n, m = losses.shape
    return TrialTable(
        numbers=np.arange(n),
        states=np.full(n, int(TrialState.COMPLETE)),
        losses=losses,
        violation=violation,
        durations=np.full(n, np.nan),
        directions=table.directions if len(table.directions) == m else ("minimize",) * m,
        columns=points,
        trials=(),
    )

"""Virtual trials: points drawn evenly from the space, and what a surrogate predicts there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.importance._surrogate import Lessons, Surrogate
from optuna_hpx.trials.table import Column, TrialTable

__all__ = ["MIN_SKILL", "Virtual", "virtual_trials"]

MIN_SKILL = 0.6
"""Below it virtual trials are not to be trusted: benchmarks/importance/ped_anova_adaptive.py."""

_N_POINTS = 4096
_N_SURFACES = 40
_N_SURFACE_POINTS = 2048  # the first ones, which fill the space as evenly


@dataclass(frozen=True, eq=False)
class Virtual:
    """Uniform points with predicted losses.

    Attributes:
        table: n COMPLETE trials with the parameters of the real ones. ``directions`` are the real
            table's, if it has as many objectives as there are losses, else "minimize".
        skill: That of the surrogate; of several objectives, and of feasibility, the worst.
        without_rule: Parameters of which the trials do not tell when they are active, or with
            which bounds.
        surfaces: Some of the points, with other losses that the trials leave plausible.
    """

    table: TrialTable
    skill: float
    without_rule: tuple[str, ...]
    surfaces: tuple[TrialTable, ...] = ()

    @property
    def losses(self) -> np.ndarray:
        """(n, m) predicted losses, to be minimised."""
        return self.table.losses


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
        rows: (N,) indices of trials, ascending. Up to ten teach nothing: skill 0.
        losses: (N, m) finite values to be minimised.
        rng: Makes the draws; the same state gives the same points.
        n: How many points.

    Returns:
        The virtual trials. Infeasible where the model says so, if any of ``rows`` is. About a
        second for each objective of up to 2000 trials and ten parameters; O(N) beyond.
    """
    lessons = Lessons.of(table, rows, rng, n)
    surrogates = [lessons.learn(column) for column in losses.T]
    if not table.feasible[rows].all():
        surrogates.append(lessons.learn(np.where(table.feasible[rows], -1.0, 1.0)))
    m = losses.shape[1]
    directions = table.directions if len(table.directions) == m else ("minimize",) * m
    predicted = np.empty((n, len(surrogates)))
    for k, surrogate in enumerate(surrogates):
        predicted[:, k] = surrogate.predict(lessons.points)
    points = _table(lessons.points, predicted, directions)
    skill = min(surrogate.skill for surrogate in surrogates)
    surfaces = () if skill < MIN_SKILL else _surfaces(points, surrogates)
    return Virtual(points, skill, lessons.without_rule, surfaces)


def _surfaces(points: TrialTable, surrogates: list[Surrogate]) -> tuple[TrialTable, ...]:
    first = slice(_N_SURFACE_POINTS)
    columns = {name: column.part(first) for name, column in points.columns.items()}
    drawn = [surrogate.draws(columns, _N_SURFACES) for surrogate in surrogates]
    return tuple(
        _table(columns, surface, points.directions) for surface in np.stack(drawn, axis=2)
    )


def _table(
    points: dict[str, Column], predicted: np.ndarray, directions: tuple[str, ...]
) -> TrialTable:
    """Make a table of the points, which are infeasible where a last column is above 0."""
    n, m = len(predicted), len(directions)
    is_constrained = predicted.shape[1] > m
    return TrialTable(
        numbers=np.arange(n),
        states=np.full(n, int(TrialState.COMPLETE)),
        losses=predicted[:, :m],
        violation=np.maximum(predicted[:, m], 0.0) if is_constrained else np.zeros(n),
        durations=np.full(n, np.nan),
        directions=directions,
        columns=points,
        trials=(),
    )

r"""Candidates for the next trial, and a random local search for the best of them.

Notation
    m, d        candidates, parameters
    u           (m, d) points as in :mod:`~optuna_hpx.samplers.maths.encoding`; NaN where absent
    s           step of a move, as a share of the range

Candidates are drawn evenly, by moving some coordinates of good trials, and by crossing good
trials; the best of them are then moved by ever smaller steps. A move changes few coordinates, as
in the search of SMAC (Hutter, Hoos, Leyton-Brown: Sequential model-based optimization for general
algorithm configuration, LION 2011): 1 and more with a geometric tail, or at times all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.samplers.maths.branches import Branches
from optuna_hpx.samplers.maths.encoding import Axis, snap

__all__ = ["Neighbourhood", "maximise"]

_N_EVEN, _N_MOVED, _N_CROSSED = 100, 200, 50
_N_PARENTS, _N_PARTNERS = 5, 20
_STEPS = 0.2, 0.1, 0.05  # of the rounds of the local search
_N_STARTS, _N_NEIGHBOURS = 5, 24  # of a round
_SMALLEST, _LARGEST = 0.01, 0.5  # steps of moved trials
_MORE = 0.35  # probability that no further coordinate moves
_ALL = 0.1  # probability that all move


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The points that can be proposed.

    Attributes:
        axes: The parameters.
        branches: When they are present.
        fixed: (d,) coordinates that are not to be chosen; NaN where they are.
    """

    axes: Sequence[Axis]
    branches: Branches
    fixed: np.ndarray

    def possible(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return points (m, d) like ``points`` that are possible."""
        points = np.where(np.isnan(self.fixed), snap(points, self.axes), self.fixed)
        return self.branches.repair(points, rng)

    def even(self, m: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``m`` points evenly."""
        u = rng.random((m, len(self.axes)))
        for j, axis in enumerate(self.axes):
            if axis.n_choices:
                u[:, j] = np.floor(axis.n_choices * u[:, j])
        return u

    def moved(self, points: np.ndarray, steps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Move some coordinates of points (m, d), numbers by about ``steps`` (m,)."""
        u = points.copy()
        chosen = _some(~np.isnan(points) & np.isnan(self.fixed), rng)
        shift = steps[:, None] * rng.standard_normal(points.shape)
        other = rng.random(points.shape)
        for j, axis in enumerate(self.axes):
            rows = np.flatnonzero(chosen[:, j])
            u[rows, j] = _move(u[rows, j], shift[rows, j], other[rows, j], axis)
        return u


def _some(is_free: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose which of the free coordinates (m, d) move: a few of each row, or all."""
    m, d = is_free.shape
    n = np.where(rng.random(m) < _ALL, d, rng.geometric(_MORE, m))
    order = np.argsort(np.where(is_free, rng.random((m, d)), 2.0), axis=1)
    rank = np.empty((m, d), dtype=int)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(d), (m, d)), axis=1)
    return is_free & (rank < n[:, None])


def _move(u: np.ndarray, shift: np.ndarray, other: np.ndarray, axis: Axis) -> np.ndarray:
    """Move values ``u`` (k,) of one parameter; a discrete one by a cell at least.

    Args:
        u: Values.
        shift: (k,) by how much a number moves, reflected at the ends.
        other: (k,) in [0, 1): which other choice is taken.
        axis: The parameter.
    """
    if axis.n_choices:
        return np.mod(u + 1.0 + np.floor(other * (axis.n_choices - 1)), axis.n_choices)
    new = np.abs(u + shift)
    new = np.clip(1.0 - np.abs(1.0 - new), 0.0, 1.0)
    if not len(axis.cells):
        return np.asarray(new)
    old_cell, new_cell = axis.cell_of(u), axis.cell_of(new)
    last = len(axis.cells) - 1
    beside = old_cell + np.where(shift < 0.0, -1, 1)
    beside = np.clip(
        np.where((beside < 0) | (beside > last), 2 * old_cell - beside, beside), 0, last
    )
    return np.asarray(axis.cells[np.where(new_cell == old_cell, beside, new_cell)])


def maximise(
    score: Callable[[np.ndarray, int], np.ndarray],
    space: Neighbourhood,
    trials: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the point (d,) with the largest score among candidates and their neighbours.

    Args:
        score: Computes the scores (m,) of points (m, d). As many of the largest as it is told to
            must be exact; the others may be larger than they are, if they stay behind.
        space: The points that can be proposed.
        trials: (n, d) points of the trials, the best first, at least one.
        rng: Draws the candidates.
    """
    points = space.possible(_first_candidates(space, trials, rng), rng)
    scores = score(points, _N_STARTS)
    for step in _STEPS:
        best = np.argsort(-scores, kind="stable")[:_N_STARTS]
        starts = np.repeat(points[best], _N_NEIGHBOURS, axis=0)
        new = space.possible(space.moved(starts, np.full(len(starts), step), rng), rng)
        points = np.concatenate([points, new])
        scores = np.concatenate([scores, score(new, _N_STARTS)])
    return np.asarray(points[np.argmax(scores)])


def _first_candidates(
    space: Neighbourhood, trials: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    parents, partners = trials[:_N_PARENTS], trials[:_N_PARTNERS]
    steps = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST), _N_MOVED))
    moved = space.moved(parents[rng.integers(len(parents), size=_N_MOVED)], steps, rng)
    one = parents[rng.integers(len(parents), size=_N_CROSSED)]
    two = partners[rng.integers(len(partners), size=_N_CROSSED)]
    crossed = np.where(rng.random(one.shape) < 0.5, one, two)
    return np.concatenate([space.even(_N_EVEN, rng), moved, crossed])

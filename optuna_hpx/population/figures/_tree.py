"""The tree that a population is: who descends from whom, and to which kind of branch each belongs.

A segment is in one group; the groups are numbered from the most to the least important.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas import traces
from optuna_hpx.canvas.scale import Scale, is_finite
from optuna_hpx.population.figures._population import ranks, side_by_side
from optuna_hpx.population.maths import genealogy

if TYPE_CHECKING:
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._segment import Segment

__all__ = ["BEYOND", "ENDED", "INFINITE", "LINEAGE", "LIVING", "PRUNED", "Tree"]

LINEAGE, LIVING, ENDED, PRUNED, INFINITE, BEYOND = range(6)
"""The groups: of the best model, with a descendant in the last generation, without one, pruned,
of an infinite value, and of a value so bad that the axis ends before it."""

_FIRST_TO_DRAW = ((LINEAGE,), (LIVING,), (ENDED, PRUNED, INFINITE, BEYOND))


@dataclass(frozen=True)
class Tree:
    """How segments descend from each other.

    Attributes:
        segments: n of them, in the order of their slots.
        generations: (n,) ascending.
        parents: (n,) row of each one's parent; -1 in generation 0.
        colours: (n,) of :func:`ranks`, as :func:`rank_axis` has them.
        values: (n,) in the user's own sign; infinite if pruned.
        on_axis: (n,) whether they have a place on the axis.
        group: (n,) number of the group.
    """

    segments: list[Segment]
    generations: np.ndarray
    parents: np.ndarray
    colours: np.ndarray
    values: np.ndarray
    on_axis: np.ndarray
    group: np.ndarray

    @classmethod
    def from_ledger(cls, ledger: Ledger, values: np.ndarray, scale: Scale) -> Tree:
        """Read the tree from the segments of ``ledger``, whose values are drawn on ``scale``."""
        segments = ledger.segments()
        generations = np.array([segment.generation for segment in segments])
        row_of = {segment.number: row for row, segment in enumerate(segments)}
        parents = np.array([-1 if s.parent is None else row_of[s.parent] for s in segments])
        colours = ledger.sign * ranks(segments)
        on_axis = scale.has(values)
        lives = genealogy.living(parents, generations >= ledger.last_generation())
        # Each line takes segments from the groups above it.
        group = np.where(lives, LIVING, ENDED)
        group[~on_axis] = BEYOND
        group[~is_finite(values)] = INFINITE
        group[[segment.is_pruned for segment in segments]] = PRUNED
        if (best := ledger.best()) is not None:
            group[[row_of[segment.number] for segment in ledger.lineage(best)]] = LINEAGE
        return cls(segments, generations, parents, colours, values, on_axis, group)

    def pick(self, n: int) -> np.ndarray:
        """Pick the rows of at most ``n`` segments, the best lineage and living branches first."""
        rows = np.zeros(0, dtype=int)
        for groups in _FIRST_TO_DRAW:
            members = np.flatnonzero(np.isin(self.group, groups))
            rows = np.concatenate([rows, traces.thin_at_random(members, max(0, n - len(rows)))])
        return np.sort(rows)

    def places(self, scale: Scale) -> np.ndarray:
        """Return (2, n) x and y of all segments; those off the axis stand in its strip."""
        x, y = self.generations.astype(float), np.full(len(self.values), scale.middle)
        y[self.on_axis] = self.values[self.on_axis]
        rows = np.flatnonzero(~self.on_axis)
        x[rows] = side_by_side(self.generations[rows], rows)
        return np.array([x, y])

"""Which trials two sides of a comparison share: the same trials, or the same points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from optuna_hpx.trials.table import TrialTable

__all__ = ["Overlap"]

_SURELY = 1e-3  # chance that independent sides share so many, below which they are not


@dataclass(frozen=True)
class Overlap:
    """What two tables share.

    Attributes:
        n_points: Trials of the first that have all values of a trial of the second; 0 where
            independent sides may share as many by chance.
        is_paired: Whether all trials have the values of the one in the same place of the other.
        are_objectives_equal: Whether those that share a point have the same objectives, too.
    """

    n_points: int
    is_paired: bool
    are_objectives_equal: bool

    @classmethod
    def of(cls, a: TrialTable, b: TrialTable) -> Overlap:
        """Compare two tables. O((n_a + n_b) d)."""
        if a is b:
            return cls(len(a), is_paired=True, are_objectives_equal=True)
        if a.columns.keys() != b.columns.keys() or not a.columns:
            return cls(0, is_paired=False, are_objectives_equal=False)
        names = sorted(a.columns)
        first, second = _points(a, names), _points(b, names)
        if not any(column.is_continuum for column in a.columns.values()):
            return cls._in_place(a, b, (first, second))
        place = {point: row for row, point in enumerate(second)}
        rows = [(row, place[point]) for row, point in enumerate(first) if point in place]
        return cls._make(a, b, rows, is_paired=first == second)

    @classmethod
    def _in_place(
        cls, a: TrialTable, b: TrialTable, points: tuple[list[Hashable], list[Hashable]]
    ) -> Overlap:
        """Compare trials of the same number, where few values recur by chance."""
        place = {number: row for row, number in enumerate(b.numbers.tolist())}
        rows = [
            (k, place[number]) for k, number in enumerate(a.numbers.tolist()) if number in place
        ]
        alike = [(k, other) for k, other in rows if points[0][k] == points[1][other]]
        counts = [Counter(side) for side in points]
        chance = sum(n * counts[1][point] for point, n in counts[0].items()) / (len(a) * len(b))
        if binom.sf(len(alike) - 1, len(rows), min(chance, 1.0)) >= _SURELY:
            alike = []
        return cls._make(a, b, alike, is_paired=bool(alike) and points[0] == points[1])

    @classmethod
    def _make(
        cls, a: TrialTable, b: TrialTable, rows: Sequence[tuple[int, int]], *, is_paired: bool
    ) -> Overlap:
        if not rows:
            return cls(0, is_paired=False, are_objectives_equal=False)
        first, second = (list(side) for side in zip(*rows, strict=True))
        is_equal = a.directions == b.directions and np.array_equal(
            a.losses[first], b.losses[second], equal_nan=True
        )
        return cls(len(rows), is_paired, is_equal)


def _points(table: TrialTable, names: Sequence[str]) -> list[Hashable]:
    """Return what identifies the values of each trial."""
    columns = [
        [repr(value) for value in column.external()]
        if column.is_categorical
        else (column.values + 0.0).tolist()  # no negative zeros
        for column in (table.columns[name] for name in names)
    ]
    return [tuple(x if x == x else None for x in point) for point in zip(*columns, strict=True)]

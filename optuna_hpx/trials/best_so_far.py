"""How a run went: the best so far, after so many trials and so much time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.trials.table import TrialTable

__all__ = ["BestSoFar"]


@dataclass(frozen=True, eq=False)
class BestSoFar:
    """The n finished trials of one objective in the order in which they ended.

    Attributes:
        numbers: (n,) their numbers.
        best: (n,) the lowest loss up to each; infinite before the first that counts: one that is
            complete and feasible.
        seconds: (n,) what the trials up to each took, one after the other; NaN from the first on
            that is not known.
    """

    numbers: np.ndarray
    best: np.ndarray
    seconds: np.ndarray

    @classmethod
    def of(cls, table: TrialTable) -> BestSoFar:
        """Read the run of a table."""
        rows = np.lexsort((table.numbers, table.ended))
        counts = (table.complete & table.feasible)[rows]
        losses = np.where(counts, table.losses[rows, 0], np.inf)
        return cls(
            numbers=table.numbers[rows],
            best=np.minimum.accumulate(losses),
            seconds=np.cumsum(table.durations[rows]),
        )

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def has_best(self) -> bool:
        """Whether any trial counts."""
        return bool(len(self) and np.isfinite(self.best[-1]))

    def row_reaching(self, loss: float) -> int | None:
        """Return the row of the first trial that is at least as good as ``loss``, if one is."""
        row = int(np.searchsorted(-self.best, -loss, side="left"))
        return row if row < len(self) and np.isfinite(loss) else None

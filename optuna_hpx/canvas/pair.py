"""What the sections of a page on two studies are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_hpx.canvas.material import Material
from optuna_hpx.trials.sampling import sampling_of

if TYPE_CHECKING:
    from optuna_hpx.trials.sampling import Kind
    from optuna_hpx.trials.table import TrialTable

__all__ = ["Pair"]


@dataclass(frozen=True)
class Pair:
    """Two studies that are compared, as every wing is given them.

    Attributes:
        labels: What they are called, two different names.
        sides: Their trials, and what the reader calls good.

    Raises:
        ValueError: If the labels are the same, or the sides do not optimise the same.
    """

    labels: tuple[str, str]
    sides: tuple[Material, Material]

    def __post_init__(self) -> None:
        if self.labels[0] == self.labels[1]:
            raise ValueError(f"`labels` must differ, got {self.labels!r}.")
        first, second = (table.directions for table in self.tables)
        if first != second:
            raise ValueError(
                "Both sides must optimise the same: got "
                f"{', '.join(first)} and {', '.join(second)}."
            )

    @property
    def tables(self) -> tuple[TrialTable, TrialTable]:
        """The trials of each side."""
        return self.sides[0].table, self.sides[1].table

    @property
    def has_one_objective(self) -> bool:
        """Whether values of trials can be put in one order."""
        return len(self.tables[0].directions) == 1

    @property
    def kinds(self) -> tuple[Kind, Kind]:
        """Who the trials of each side are: of draws something holds beyond these runs."""
        first, second = (sampling_of(side.table, side.sampler).kind for side in self.sides)
        return first, second

"""A population that trained, from the trials of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna_hpx.population import Schedule
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.trials.table import TrialTable

__all__ = ["Population", "population_of"]


@dataclass(frozen=True)
class Population:
    """What is known of it.

    Attributes:
        table: The trials of the study.
        ledger: Its segments.
        schedule: That of the best model; None if none came to a finite value.
    """

    table: TrialTable
    ledger: Ledger
    schedule: Schedule | None


def population_of(table: TrialTable) -> Population | None:
    """Read the population of a table; None if no finished trial is a published segment."""
    is_segment = any(storage.read(t.system_attrs, storage.SEGMENT) for t in table.trials)
    if not is_segment or len(table.directions) > 1:
        return None
    # slow: brings in sklearn
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._schedule import schedule_to

    ledger = Ledger.read(table)
    if not ledger.published:
        return None
    best = ledger.best()
    return Population(table, ledger, None if best is None else schedule_to(best, ledger))

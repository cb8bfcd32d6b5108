"""A population that trained, from the trials of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from optuna.study import StudyDirection

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population import Schedule
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.trials.table import TrialTable

__all__ = ["Population", "population_of"]


@dataclass(frozen=True)
class _Trials:
    """What figures of a population read of a study."""

    table: TrialTable

    @property
    def directions(self) -> list[StudyDirection]:
        return [StudyDirection[direction.upper()] for direction in self.table.directions]

    @property
    def direction(self) -> StudyDirection:
        return self.directions[0]

    def get_trials(self, deepcopy: bool = True) -> list[FrozenTrial]:
        return list(self.table.trials)


@dataclass(frozen=True)
class Population:
    """What is known of it.

    Attributes:
        study: Stands for the study.
        ledger: Its segments.
        schedule: That of the best model; None if none came to a finite value.
    """

    study: Study
    ledger: Ledger
    schedule: Schedule | None


def population_of(table: TrialTable) -> Population | None:
    """None if no finished trial is a published segment."""
    is_segment = any(storage.read(t.system_attrs, storage.SEGMENT) for t in table.trials)
    if not is_segment or len(table.directions) > 1:
        return None
    # slow: brings in sklearn
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._schedule import schedule_to

    study = cast("Study", _Trials(table))  # all that is asked of it
    ledger = Ledger(study)
    ledger.update()
    if not ledger.published:
        return None
    best = ledger.best()
    return Population(study, ledger, None if best is None else schedule_to(best, ledger))

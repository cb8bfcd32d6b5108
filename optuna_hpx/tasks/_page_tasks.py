"""The tasks of a study for the page: the race over them, and what the best is worth on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_hpx.tasks import NoCertificateError, certify
from optuna_hpx.tasks._race import Race
from optuna_hpx.tasks._rows import TaskStudy
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.tasks import Certificate

__all__ = ["Tasks", "tasks_of"]

BOUNDS = (0.0, 1.0)
"""What values may be taken to lie between, if they all do, under a condition that is told."""


@dataclass(frozen=True)
class Tasks:
    """What is known of them.

    Attributes:
        race: Who was evaluated on which.
        certificate: With :data:`BOUNDS`; None if a value lies outside, or none can be had.
        why_not: Why none can be had, though all values lie inside.
    """

    race: Race
    certificate: Certificate | None = None
    why_not: str = ""


def tasks_of(study: Study | None) -> Tasks | None:
    """None unless a :class:`MultiTaskObjective` wrote into the study what its tasks are."""
    if study is None or len(study.directions) > 1:
        return None
    found = TaskStudy.find(study, TrialTable.from_study(study))
    if found is None or not found.is_declared:
        return None
    race = Race.of(study)
    if race.best is None or not race.in_unit_interval:
        return Tasks(race)
    try:
        return Tasks(race, certify(study, bounds=BOUNDS))
    except NoCertificateError as error:
        return Tasks(race, why_not=error.reason)

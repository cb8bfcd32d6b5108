"""A study of its own for some trials of another."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import optuna
from optuna.storages import InMemoryStorage

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study, StudyDirection
    from optuna.trial import FrozenTrial

__all__ = ["private_study"]

_NAME = "hpx-private"
# A study in memory for every child is nobody's news.
logging.getLogger("optuna.storages._in_memory").addFilter(
    lambda record: _NAME not in record.getMessage()
)


def private_study(
    direction: StudyDirection, trials: Iterable[FrozenTrial], sampler: BaseSampler | None = None
) -> Study:
    """Return a study in memory with copies of ``trials``, in the order of their numbers.

    What this package wrote into them is about the other study, and is left out.

    Args:
        direction: Of its objective.
        trials: Finished or running.
        sampler: Of the new study; None for Optuna's default.
    """
    storage = InMemoryStorage()
    storage.create_new_study([direction], _NAME)
    study = optuna.load_study(study_name=_NAME, storage=storage, sampler=sampler)
    for trial in sorted(trials, key=lambda trial: trial.number):
        twin = copy.copy(trial)
        twin.system_attrs = {
            key: value for key, value in trial.system_attrs.items() if not key.startswith("hpx:")
        }
        study.add_trial(twin)
    return study

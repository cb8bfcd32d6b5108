"""A study of its own for some trials of another."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study, StudyDirection
    from optuna.trial import FrozenTrial

__all__ = ["private_study"]


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
    study = storage.study_in_memory(direction, sampler)
    for trial in sorted(trials, key=lambda trial: trial.number):
        twin = copy.copy(trial)
        twin.system_attrs = storage.without_own(trial.system_attrs)
        study.add_trial(twin)
    return study

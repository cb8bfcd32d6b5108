"""What one worker of a demonstration is to do."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

    import optuna

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """A worker's part of a study.

    Attributes:
        url: Of the storage.
        study_name: Of the study.
        folder: For checkpoints, beside the storage.
        n_trials: The worker's share of the trials.
        n_total: How many the study is to have.
        n_before: How many it had.
        seed: Of all workers.
        stop: Set when no further trial is to begin.
    """

    url: str
    study_name: str
    folder: str
    n_trials: int
    n_total: int
    n_before: int
    seed: int
    stop: Event

    def load(self, **options: Any) -> optuna.Study:
        """Open the study, with a sampler or a pruner."""
        # slow: brings in all of Optuna
        import optuna

        return optuna.load_study(study_name=self.study_name, storage=self.url, **options)

    @property
    def is_over(self) -> bool:
        """Whether to begin no further trial: as told, or as nobody is there to tell."""
        parent = multiprocessing.parent_process()
        return self.stop.is_set() or (parent is not None and not parent.is_alive())

    def end_early(self, study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        """End ``study.optimize``, as a callback, if the worker's time is over."""
        if self.is_over:
            study.stop()

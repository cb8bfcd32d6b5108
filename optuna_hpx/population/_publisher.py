"""How the trial of a segment ends: published, failed, or dropped.

A trial becomes complete only after its checkpoint is in the store, and only if no one has declared
it dead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_hpx.population._patience import patiently
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, Trial

    from optuna_hpx.population._checkpoint import Checkpoint
    from optuna_hpx.population._run import Run

__all__ = ["Outcome", "Publisher"]

_logger = get_logger("optuna.hpx")
_MAX_MESSAGE = 1000  # characters of a failure that are kept


@dataclass(frozen=True)
class Outcome:
    """What a segment came to.

    Attributes:
        state: Complete or pruned.
        value: What it returned; None if it was pruned.
    """

    state: TrialState
    value: float | None


class Publisher:
    """Gives the trials of one worker their final states."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def publish(self, trial: Trial, checkpoint: Checkpoint, outcome: Outcome) -> bool:
        """Store the checkpoint of a segment, then end its trial.

        Returns:
            False if another worker declared this trial dead in the meantime.
        """
        trial_id, value = storage.trial_id(trial), outcome.value
        if value is not None and math.isfinite(value) and not self._keep(trial, checkpoint):
            return False
        if outcome.state == TrialState.PRUNED:
            value = _last_report(self._read(trial_id))
        return self._finish(trial_id, outcome.state, None if value is None else [value])

    def _keep(self, trial: Trial, checkpoint: Checkpoint) -> bool:
        """Store what the segment saved, if it did; False if its trial has ended already."""
        if checkpoint.saved is None:
            return True
        file, sha256 = checkpoint.saved
        self._run.store.write(self._run.artifact(trial.number), file)
        record = {"sha256": sha256, "parent": checkpoint.loaded}
        try:
            patiently(lambda: storage.write(self._run.study, trial, storage.CHECKPOINT, record))
        except UpdateFinishedTrialError:
            return False
        return True

    def fail(self, trial_id: int, reason: str, message: str = "") -> bool:
        """Mark a trial as failed; False, and nothing done, if it has ended already.

        Args:
            trial_id: Of the trial.
            reason: :data:`ERROR`, one of :data:`ACCIDENTS`, or another word.
            message: What went wrong.
        """
        record = {"why": reason, "message": message[:_MAX_MESSAGE]}
        try:
            patiently(
                lambda: storage.write_by_id(self._run.study, trial_id, storage.FAILURE, record)
            )
        except UpdateFinishedTrialError:
            return False
        return self._finish(trial_id, TrialState.FAIL)

    def drop(self, trial_id: int, error: Exception | None = None) -> None:
        """Drop what another worker trains again: it is not this one's to publish.

        Args:
            trial_id: Of the trial.
            error: That made this worker see it.
        """
        _logger.warning(
            "A segment lost its lease, as this worker did not run for a while, or its trial was "
            "ended by someone else; what it trained is dropped.",
            exc_info=error,
        )
        self.remove_checkpoint(trial_id)

    def remove_checkpoint(self, trial_id: int) -> None:
        """Remove the checkpoint of a trial that failed, and of no other."""
        trial = self._read(trial_id)
        if trial.state == TrialState.FAIL:
            self._run.store.remove({self._run.artifact(trial.number)})

    def _read(self, trial_id: int) -> FrozenTrial:
        return patiently(lambda: storage.get_trial(self._run.study, trial_id))

    def _finish(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        return patiently(lambda: storage.finish(self._run.study, trial_id, state, values))


def _last_report(trial: FrozenTrial) -> float | None:
    """Return what Optuna holds to be the value of a pruned trial."""
    if trial.last_step is None:
        return None
    value = trial.intermediate_values[trial.last_step]
    return value if math.isfinite(value) else None

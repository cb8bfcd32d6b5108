"""A segment: one trial that trains one slot of a population, and what it is to train."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna_hpx.population.maths.plan import Kind

__all__ = ["Segment", "Slot", "Task"]

Slot = tuple[int, int]
"""Generation, and place in it."""


@dataclass(frozen=True)
class Segment:
    """One trial that trains, or trained, a slot.

    Attributes:
        trial: As the storage holds it; do not modify.
        slot: Generation and place.
        parent: Number of the trial whose checkpoint it starts from; None in generation 0.
        kind: Where its hyperparameters come from.
        seed: Of its training.
        loss: To be minimised; infinite if the value is, or it was pruned, NaN if not published.
    """

    trial: FrozenTrial
    slot: Slot
    parent: int | None
    kind: str
    seed: int
    loss: float

    @classmethod
    def from_trial(cls, trial: FrozenTrial, sign: float) -> Segment | None:
        """Read the segment that a trial trains; None if it trains none.

        Args:
            trial: A trial of the study.
            sign: That makes a value a loss.
        """
        record: dict[str, Any] | None = storage.read(trial.system_attrs, storage.SEGMENT)
        if record is None:
            return None
        slot = record["generation"], record["slot"]
        loss = _loss(trial, sign)
        return cls(trial, slot, record["parent"], record["kind"], record["seed"], loss)

    @property
    def number(self) -> int:
        """Of the trial."""
        return self.trial.number

    @property
    def trial_id(self) -> int:
        """What the storage calls the trial; ids ascend in the order in which others see them."""
        return storage.trial_id(self.trial)

    @property
    def generation(self) -> int:
        """From 0 on."""
        return self.slot[0]

    @property
    def sha256(self) -> str | None:
        """Of the contents of its checkpoint; None if it left none."""
        saved = storage.read(self.trial.system_attrs, storage.CHECKPOINT)
        return None if saved is None else saved["sha256"]

    @property
    def lease(self) -> tuple[int, float]:
        """The number that its worker changes, and the seconds after which it is dead if not."""
        count, seconds = storage.read(self.trial.system_attrs, storage.LEASE)
        return int(count), float(seconds)

    @property
    def is_pruned(self) -> bool:
        """Whether training was given up before its end."""
        return self.trial.state == TrialState.PRUNED


def _loss(trial: FrozenTrial, sign: float) -> float:
    if trial.state == TrialState.COMPLETE:
        assert trial.value is not None
        return sign * trial.value if math.isfinite(trial.value) else np.inf
    return np.inf if trial.state == TrialState.PRUNED else np.nan


@dataclass(frozen=True)
class Task:
    """A slot to train, and how.

    Attributes:
        slot: Generation and place.
        parent: The segment whose checkpoint it starts from; None in generation 0.
        kind: Where its hyperparameters come from.
        seed: Of its training.
    """

    slot: Slot
    parent: Segment | None
    kind: Kind
    seed: int

    @property
    def record(self) -> dict[str, Any]:
        """What :meth:`Segment.from_trial` reads; "generation", "parent" and "kind" are public."""
        generation, place = self.slot
        return {
            "generation": generation,
            "slot": place,
            "parent": None if self.parent is None else self.parent.number,
            "kind": self.kind.value,
            "seed": self.seed,
        }

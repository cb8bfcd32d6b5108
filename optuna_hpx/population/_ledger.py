"""The segments of a run, as the trials of a study tell them."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.population.maths import genealogy
from optuna_hpx.trials import storage as _storage
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["ACCIDENTS", "ERROR", "Ledger", "Segment", "Slot"]

Slot = tuple[int, int]
"""Generation, and place in it."""

ERROR = "error"
"""Reason of a failure: the segment raised."""

ACCIDENTS = ("lost", "storage")
"""Reasons that need not be the segment's: its worker died, or the storage failed.

That its parent's checkpoint cannot be read is none: it may be put back, however late.
"""

_PUBLISHED = (TrialState.COMPLETE, TrialState.PRUNED)


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

    @property
    def number(self) -> int:
        return self.trial.number

    @property
    def generation(self) -> int:
        return self.slot[0]

    @property
    def sha256(self) -> str | None:
        """Of the contents of its checkpoint; None if it left none."""
        saved = _storage.read(self.trial.system_attrs, _storage.CHECKPOINT)
        return None if saved is None else saved["sha256"]

    @property
    def lease(self) -> tuple[int, float]:
        """The number that its worker changes, and the seconds after which it is dead if not."""
        count, seconds = _storage.read(self.trial.system_attrs, _storage.LEASE)
        return int(count), float(seconds)

    @property
    def is_pruned(self) -> bool:
        return self.trial.state == TrialState.PRUNED

    @classmethod
    def of(cls, trial: FrozenTrial, sign: float) -> Segment | None:
        """None if the trial trains no segment."""
        told: dict[str, Any] | None = _storage.read(trial.system_attrs, _storage.SEGMENT)
        if told is None:
            return None
        loss = np.nan
        if trial.state == TrialState.COMPLETE:
            assert trial.value is not None
            loss = sign * trial.value if math.isfinite(trial.value) else np.inf
        elif trial.state == TrialState.PRUNED:
            loss = np.inf
        slot = told["generation"], told["slot"]
        return cls(trial, slot, told["parent"], told["kind"], told["seed"], loss)


class Ledger:
    """What is known of the run of ``study``. :meth:`update` reads what is new.

    Cost of an update: that of the trials since the first one that was still running.

    Attributes:
        run: What the first worker wrote of the run; None before any did.
        published: The segment of each slot that has one: complete, or pruned.
        claimed: Running trials of each slot, in the order of their ids.
        failures: How often a segment raised, by slot.
        accidents: How often it ended by one of :data:`ACCIDENTS`, by slot.
        by_number: Published segments by trial number.
        dead: Trials that failed and may have left a checkpoint.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self.sign = loss_sign(
            "maximize" if study.direction == StudyDirection.MAXIMIZE else "minimize"
        )
        self.run: dict[str, Any] | None = None
        self.published: dict[Slot, Segment] = {}
        self.by_number: dict[int, Segment] = {}
        self.claimed: dict[Slot, list[Segment]] = {}
        self.failures: Counter[Slot] = Counter()
        self.accidents: Counter[Slot] = Counter()
        self.dead: list[int] = []
        self._children: Counter[tuple[int, int]] = Counter()  # of a trial, in a generation
        self._best: Segment | None = None
        self._generations: dict[int, list[Segment]] = {}
        self._n_finished = 0  # all of the first so many trials are
        self._known: set[int] = set()  # finished ones beyond that
        self.lock = threading.RLock()

    def update(self) -> None:
        with self.lock:
            trials = self._study.get_trials(deepcopy=False)
            claimed: dict[Slot, list[Segment]] = {}
            for trial in trials[self._n_finished :]:
                if trial.number not in self._known:
                    self._add(trial, claimed)
            while self._n_finished in self._known:
                self._known.discard(self._n_finished)
                self._n_finished += 1
            for segments in claimed.values():
                segments.sort(key=lambda segment: segment.trial._trial_id)
            self.claimed = claimed  # at once: other threads read it

    def _add(self, trial: FrozenTrial, claimed: dict[Slot, list[Segment]]) -> None:
        if self.run is None:
            self.run = _storage.read(trial.system_attrs, _storage.RUN)
        if trial.state.is_finished():
            self._known.add(trial.number)
        segment = Segment.of(trial, self.sign)
        if segment is None:
            return
        if trial.state in _PUBLISHED:
            self._publish(segment)
        elif trial.state == TrialState.RUNNING:
            claimed.setdefault(segment.slot, []).append(segment)
        elif trial.state == TrialState.FAIL:
            self.dead.append(trial.number)
            why = (_storage.read(trial.system_attrs, _storage.FAILURE) or {}).get("why")
            self.failures[segment.slot] += why == ERROR
            self.accidents[segment.slot] += why in ACCIDENTS

    def _publish(self, segment: Segment) -> None:
        if segment.slot in self.published:
            return  # cannot be, see Worker._claim; the first one holds
        self.published[segment.slot] = segment
        best = self._best
        if math.isfinite(segment.loss) and (
            best is None or (segment.loss, segment.slot) < (best.loss, best.slot)
        ):
            self._best = segment
        self.by_number[segment.number] = segment
        self._generations.setdefault(segment.generation, []).append(segment)
        if segment.parent is not None:
            self._children[segment.parent, segment.generation] += 1

    def n_children(self, number: int, generation: int) -> int:
        """How many children a trial has in ``generation``, published or claimed."""
        with self.lock:
            claims = [claims[0] for claims in self.claimed.values()]
            running = sum((c.parent, c.generation) == (number, generation) for c in claims)
            return self._children[number, generation] + running

    def generation(self, generation: int) -> list[Segment]:
        """Its published segments, in the order of their slots."""
        with self.lock:
            return sorted(self._generations.get(generation, []), key=lambda s: s.slot)

    def ranked(self, generation: int) -> list[Segment]:
        """Those of them that can be parents, the best first."""
        segments = self.generation(generation)
        losses = np.array([segment.loss for segment in segments])
        return [segments[row] for row in genealogy.ranking(losses)]

    def best(self) -> Segment | None:
        """The published segment of the smallest finite loss, of these the first."""
        return self._best

    def lineage(self, segment: Segment) -> list[Segment]:
        """From the root to ``segment``."""
        line = [segment]
        while line[-1].parent is not None:
            line.append(self.by_number[line[-1].parent])
        return line[::-1]

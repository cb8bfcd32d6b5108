"""The segments of a run, read from the trials of a study or of a table."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.population._segment import Segment, Slot
from optuna_hpx.population.maths import genealogy
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["ACCIDENTS", "ERROR", "Ledger"]

ERROR = "error"
"""Reason of a failure: the segment raised."""

ACCIDENTS = ("lost", "storage")
"""Reasons that need not be the segment's: its worker died, or the storage failed.

That its parent's checkpoint cannot be read is none: it may be put back, however late.
"""

_PUBLISHED = (TrialState.COMPLETE, TrialState.PRUNED)


class Ledger:
    """The run that the trials of a study bear; :meth:`update` reads what is new.

    Cost of an update: that of the trials since the first one that was still running.

    Args:
        source: A study of one objective; or a table of it, which has its finished trials only, so
            that nothing is claimed.

    Attributes:
        direction: "minimize" or "maximize".
        sign: That makes a value a loss.
        run: What the first worker wrote of the run; None before any did.
        published: The segment of each slot that has one: complete, or pruned.
        claimed: Running trials of each slot, in the order of their ids.
        failures: How often a segment raised, by slot.
        accidents: How often it ended by one of :data:`ACCIDENTS`, by slot.
        by_number: Published segments by trial number.
        dead: Trials that failed and may have left a checkpoint.
        lock: Held while these change; the same thread may take it again.
    """

    def __init__(self, source: Study | TrialTable) -> None:
        self._source = source
        self.direction = _direction(source)
        self.sign = loss_sign(self.direction)
        self.run: dict[str, Any] | None = None
        self.published: dict[Slot, Segment] = {}
        self.by_number: dict[int, Segment] = {}
        self.claimed: dict[Slot, list[Segment]] = {}
        self.failures: Counter[Slot] = Counter()
        self.accidents: Counter[Slot] = Counter()
        self.dead: list[int] = []
        self.lock = threading.RLock()
        self._n_children: Counter[tuple[int, int]] = Counter()  # of a trial, in a generation
        self._best: Segment | None = None
        self._generations: dict[int, list[Segment]] = {}
        self._n_finished = 0  # all of the first so many trials are
        self._finished_beyond: set[int] = set()  # numbers of others

    @classmethod
    def read(cls, source: Study | TrialTable) -> Ledger:
        """Return a ledger that has been updated once."""
        ledger = cls(source)
        ledger.update()
        return ledger

    def update(self) -> None:
        """Read the trials that are new, or have finished since the last call."""
        with self.lock:
            claimed: dict[Slot, list[Segment]] = {}
            for trial in self._trials()[self._n_finished :]:
                if trial.number not in self._finished_beyond:
                    self._add(trial, claimed)
            while self._n_finished in self._finished_beyond:
                self._finished_beyond.discard(self._n_finished)
                self._n_finished += 1
            for segments in claimed.values():
                segments.sort(key=lambda segment: segment.trial_id)
            self.claimed = claimed  # in one step: other threads read it

    def _trials(self) -> Sequence[FrozenTrial]:
        if isinstance(self._source, TrialTable):
            return self._source.trials
        return self._source.get_trials(deepcopy=False)

    def _add(self, trial: FrozenTrial, claimed: dict[Slot, list[Segment]]) -> None:
        if self.run is None:
            self.run = storage.read(trial.system_attrs, storage.RUN)
        if trial.state.is_finished():
            self._finished_beyond.add(trial.number)
        segment = Segment.from_trial(trial, self.sign)
        if segment is None:
            return
        if trial.state in _PUBLISHED:
            self._publish(segment)
        elif trial.state == TrialState.RUNNING:
            claimed.setdefault(segment.slot, []).append(segment)
        elif trial.state == TrialState.FAIL:
            self._count_failure(segment)

    def _publish(self, segment: Segment) -> None:
        if segment.slot in self.published:
            return  # cannot be, see Claims.take; the first one holds
        self.published[segment.slot] = segment
        best = self._best
        if math.isfinite(segment.loss) and (
            best is None or (segment.loss, segment.slot) < (best.loss, best.slot)
        ):
            self._best = segment
        self.by_number[segment.number] = segment
        self._generations.setdefault(segment.generation, []).append(segment)
        if segment.parent is not None:
            self._n_children[segment.parent, segment.generation] += 1

    def _count_failure(self, segment: Segment) -> None:
        self.dead.append(segment.number)
        reason = (storage.read(segment.trial.system_attrs, storage.FAILURE) or {}).get("why")
        self.failures[segment.slot] += reason == ERROR
        self.accidents[segment.slot] += reason in ACCIDENTS

    def n_children(self, number: int, generation: int) -> int:
        """Return how many children a trial has in ``generation``, published or claimed."""
        with self.lock:
            claims = [claims[0] for claims in self.claimed.values()]
            running = sum((c.parent, c.generation) == (number, generation) for c in claims)
            return self._n_children[number, generation] + running

    def generation(self, generation: int) -> list[Segment]:
        """Return its published segments, in the order of their slots."""
        with self.lock:
            return sorted(self._generations.get(generation, []), key=lambda s: s.slot)

    def segments(self) -> list[Segment]:
        """Return all published segments, by generation and place."""
        with self.lock:
            return [self.published[slot] for slot in sorted(self.published)]

    def ranked(self, generation: int) -> list[Segment]:
        """Return those of a generation that can be parents, the best first."""
        segments = self.generation(generation)
        losses = np.array([segment.loss for segment in segments])
        return [segments[row] for row in genealogy.ranking(losses)]

    def best(self) -> Segment | None:
        """Return the published segment of the smallest finite loss, of these the first."""
        return self._best

    def lineage(self, segment: Segment) -> list[Segment]:
        """Return the models from the root to ``segment``."""
        line = [segment]
        while line[-1].parent is not None:
            line.append(self.by_number[line[-1].parent])
        return line[::-1]

    def last_generation(self) -> int:
        """Return the last generation that is complete, as far as its trials show.

        At least the last but one of those that have a published segment. A slot in which segments
        failed counts as given up.
        """
        last = max(generation for generation, _ in self.published)
        n = 0 if self.run is None else int(self.run["population_size"])
        slots = {(last, place) for place in range(n)}
        is_complete = slots <= {*self.published, *(+self.failures)}
        return last if is_complete else max(last - 1, 0)


def _direction(source: Study | TrialTable) -> str:
    if isinstance(source, TrialTable):
        (direction,) = source.directions
        return direction
    return "maximize" if source.direction == StudyDirection.MAXIMIZE else "minimize"

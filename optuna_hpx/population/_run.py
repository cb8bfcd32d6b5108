"""A run of a study: what the workers of one process share of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.logging import get_logger

from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._leases import Leases
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._patience import patiently
from optuna_hpx.population._retention import Retention
from optuna_hpx.population._segment import Segment, Slot
from optuna_hpx.population._session import Callback, Session
from optuna_hpx.population._settings import SamplerSource, Settings
from optuna_hpx.population._store import ArtifactStore, CheckpointStore
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["Run"]

_logger = get_logger("optuna.hpx")
_MAX_ACCIDENTS = 20  # of one slot: a segment that kills its worker must not be tried for ever


class Run:
    """A run of ``study``: its settings, its ledger, and its checkpoints.

    Attributes:
        study: The user's.
        settings: Those in force: the user's, or what the first worker wrote.
        sampler: What proposes hyperparameters; None for our own proposals.
        plan: How each generation follows from the last.
        lease_seconds: For which this process claims a slot.
        store: Checkpoints.
        ledger: Segments.
        leases: Those that this process holds.
        session: The call that the workers are in.
        claiming: Held while a thread takes a slot: those of one process never want the same.
    """

    def __init__(
        self,
        study: Study,
        settings: Settings,
        *,
        sampler: SamplerSource,
        artifact_store: ArtifactStore,
        lease_seconds: float,
    ) -> None:
        self.study, self.sampler, self.lease_seconds = study, sampler, lease_seconds
        self._wanted = settings
        self.settings = settings.begun()
        self.plan = settings.make_plan()
        self.store = CheckpointStore(artifact_store)
        self.ledger = Ledger(study)
        self.leases = Leases(self._renew, lease_seconds)
        self.session = Session(study, self.ledger, settings.population_size)
        self.claiming = threading.Lock()
        self._retention = Retention(self)
        self._n_settled = 0  # so many generations, from the first on, are

    def _renew(self, trial_id: int, count: int) -> None:
        lease = [count, self.lease_seconds]
        storage.write_by_id(self.study, trial_id, storage.LEASE, lease)

    def start(self, timeout: float | None, callbacks: Sequence[Callback], bar: Any) -> None:
        """Begin a call, as :meth:`Session.begin` does, with what the study holds now.

        Raises:
            ValueError: If the study holds a run with other settings.
        """
        self.session.begin(timeout, callbacks, bar)
        self.update()
        self.adopt()
        self.tidy()

    def update(self) -> None:
        """Read what is new in the study."""
        patiently(self.ledger.update)

    def adopt(self) -> bool:
        """Take over the settings that the first worker wrote.

        Returns:
            Whether the seed is what this worker would have used.

        Raises:
            ValueError: If they are not what was asked for.
        """
        written = self.ledger.run
        if written is None or written == self.settings.record:
            return True
        if (name := self._wanted.difference(written)) is not None:
            raise ValueError(
                f"The study holds a run with `{name}` {written[name]!r}, got "
                f"{self._wanted.record[name]!r}. A run goes on with the settings it began with; "
                "for others begin a new study."
            )
        is_same = written["seed"] == self.settings.seed
        self.settings = Settings(**written)
        return is_same

    def tidy(self) -> None:
        """Remove the checkpoints that nobody needs any more, once per generation."""
        self._retention.tidy()

    # What is settled

    def is_settled(self, slot: Slot) -> bool:
        """Return whether a slot is published, or given up."""
        ledger = self.ledger
        return (
            slot in ledger.published
            or ledger.failures[slot] >= self.settings.max_attempts
            or ledger.accidents[slot] >= _MAX_ACCIDENTS
        )

    def is_generation_settled(self, generation: int) -> bool:
        """Return whether all slots of a generation are settled."""
        if generation < self._n_settled:
            return True
        places = range(self.settings.population_size)
        return all(self.is_settled((generation, place)) for place in places)

    def first_unsettled(self) -> int | None:
        """Return the first generation with a slot that is not; None if the run is complete."""
        with self.ledger.lock:
            while self._n_settled < self.settings.n_generations:
                if not self.is_generation_settled(self._n_settled):
                    return self._n_settled
                self._n_settled += 1
            return None

    def warn_of_gaps(self) -> None:
        """Warn at the end of a run if slots stay empty."""
        if self.first_unsettled() is not None:
            return
        n, n_generations = self.settings.population_size, self.settings.n_generations
        slots = [(generation, place) for generation in range(n_generations) for place in range(n)]
        gaps = [slot for slot in slots if slot not in self.ledger.published]
        if gaps:
            _logger.warning(
                f"{len(gaps)} of {len(slots)} segments stay empty, the first of them in "
                f"generation {gaps[0][0]}: see the failed trials of the study for the reason."
            )

    # What a segment is made of

    def seed_of(self, slot: Slot) -> int:
        """Return the seed of a segment, whoever trains it and however often."""
        state = np.random.SeedSequence(self.settings.seed, spawn_key=slot).generate_state(1)
        return int(state[0])

    def artifact(self, number: int) -> str:
        """Return the name of the checkpoint that a trial leaves."""
        return self.store.name(self.settings.run, number)

    def checkpoint_from(self, segment: Segment, generation: int, seed: int) -> Checkpoint:
        """Return a checkpoint that loads what ``segment`` left, for a segment with this seed."""
        name = self.artifact(segment.number)
        return Checkpoint(
            generation,
            seed,
            parent=lambda: self.store.open(name),
            sha256=segment.sha256 or "",
            name=f"trial {segment.number}",
        )

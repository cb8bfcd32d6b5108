"""What the workers of one process share of a run."""

from __future__ import annotations

import copy
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from optuna.logging import get_logger
from optuna.samplers import BaseSampler

from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._leases import Leases
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._segment import Segment, Slot
from optuna_hpx.population._store import CheckpointStore
from optuna_hpx.population.maths import genealogy
from optuna_hpx.trials import storage as _storage

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population.maths.plan import Plan

__all__ = ["Run"]

T = TypeVar("T")
Callback = Callable[["Study", "FrozenTrial"], None]

_logger = get_logger("optuna.hpx")
_HISTORY = 200  # segments that our own proposals learn from, in whole generations
_PATIENCE = 30.0  # seconds for which a storage may fail
_FIRST_WAIT = 0.1
_MAX_ACCIDENTS = 20  # of one slot: a segment that kills its worker must not be tried for ever


class Run:
    """A run of ``study``: its settings, what is known of it, and its checkpoints.

    Args:
        settings: All that the workers must agree on; written into the study by the first of them.
            With "run", a name that no other run has, and "seed", which may be None: any.
    """

    def __init__(
        self,
        study: Study,
        plan: Plan,
        settings: dict[str, Any],
        *,
        sampler: BaseSampler | Callable[..., BaseSampler] | None,
        artifact_store: ArtifactStore,
        lease_seconds: float,
    ) -> None:
        self.study, self.plan = study, plan
        self.population_size = int(settings["population_size"])
        self.n_generations = int(settings["n_generations"])
        self.synchronous = bool(settings["synchronous"])
        self._history = str(settings["history"])
        self._sampler = sampler
        self._asked = settings
        self.settings = settings | {"run": uuid.uuid4().hex[:12]}
        if self.settings["seed"] is None:
            self.settings["seed"] = int(np.random.SeedSequence().entropy % 2**32)  # type: ignore[operator]
        self._max_attempts = int(settings["max_attempts"])
        self.lease_seconds = lease_seconds
        self.store = CheckpointStore(artifact_store)
        self.ledger = Ledger(study)
        self.leases = Leases(
            lambda trial_id, count: _storage.write_by_id(
                study, trial_id, _storage.LEASE, [count, lease_seconds]
            ),
            lease_seconds,
        )
        self.claiming = threading.Lock()  # threads of one process never want the same slot
        self._news = threading.Condition()
        self.n_told = 0  # segments that workers of this process published
        self._is_stopped = False
        self._deadline = np.inf
        self._callbacks: Sequence[Callback] = ()
        self._bar: Any = None
        self._warned: set[str] = set()
        self._tidied = 0  # the generation at which checkpoints were last removed
        self._unsettled = 0  # all generations before this one are settled

    # When to end

    def start(self, timeout: float | None, callbacks: Sequence[Callback], bar: Any) -> None:
        self._is_stopped = False
        self._deadline = np.inf if timeout is None else time.monotonic() + timeout
        self._callbacks, self._bar = callbacks, bar
        self.update()
        self.adopt()
        self.tidy()

    def stop(self) -> None:
        with self._news:
            self._is_stopped = True
            self._news.notify_all()

    def is_stopped(self) -> bool:
        return self._is_stopped or time.monotonic() >= self._deadline

    def sleep(self, seconds: float, n_told: int) -> None:
        """At most so long: until more than ``n_told`` segments are, or the run is stopped."""
        with self._news:
            self._news.wait_for(
                lambda: self._is_stopped or self.n_told != n_told,
                min(seconds, max(self._deadline - time.monotonic(), 0.0)),
            )

    def patiently(self, call: Callable[[], T]) -> T:
        """``call``, again for a while if the storage is busy or away."""
        wait, deadline = _FIRST_WAIT, time.monotonic() + _PATIENCE
        while True:
            try:
                return call()
            except Exception as error:
                if not _storage.is_passing(error) or time.monotonic() + wait > deadline:
                    raise
            time.sleep(wait)
            wait *= 2.0

    def warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            _logger.warning(message)

    def update(self) -> None:
        """Read what is new in the study."""
        self.patiently(self.ledger.update)

    def tell(self, slot: Slot, number: int) -> None:
        """Of a segment that was published: other threads, log, progress bar and callbacks."""
        with self._news:
            self.n_told += 1
            self._news.notify_all()
        segment, best, sign = self.ledger.published.get(slot), self.ledger.best(), self.ledger.sign
        if segment is not None and best is not None:
            how = "pruned" if segment.is_pruned else f"with value {sign * segment.loss:g}"
            _logger.info(
                f"Segment {slot[1] + 1} of {self.population_size} of generation {slot[0]} ended "
                f"{how} (trial {number}). The best value is {sign * best.loss:g} (trial "
                f"{best.number})."
            )
        if self._bar is not None:
            self._bar.update(len(self.ledger.published) - self._bar.n)
        if not self._callbacks:
            return
        trial = self.study.get_trials(deepcopy=False)[number]
        for callback in self._callbacks:
            callback(self.study, copy.deepcopy(trial))

    def warn_of_gaps(self) -> None:
        """At the end of a run: which slots stay empty."""
        if self.first_unsettled() is not None:
            return
        slots = [(g, i) for g in range(self.n_generations) for i in range(self.population_size)]
        gaps = [slot for slot in slots if slot not in self.ledger.published]
        if gaps:
            _logger.warning(
                f"{len(gaps)} of {len(slots)} segments stay empty, the first of them in "
                f"generation {gaps[0][0]}: see the failed trials of the study for the reason."
            )

    # What is settled

    def adopt(self) -> bool:
        """Take over what the first worker wrote; whether it is what this one would have."""
        written = self.ledger.run
        if written is None or written == self.settings:
            return True
        different = [
            name
            for name, value in self._asked.items()
            if value != written[name] and not (name == "seed" and value is None)
        ]
        if different:
            name = different[0]
            raise ValueError(
                f"The study holds a run with `{name}` {written[name]!r}, got "
                f"{self._asked[name]!r}. A run goes on with the settings it began with; for "
                "others begin a new study."
            )
        is_same = written["seed"] == self.settings["seed"]
        self.settings = written
        return is_same

    def is_settled(self, slot: Slot) -> bool:
        """Published, or given up."""
        ledger = self.ledger
        return (
            slot in ledger.published
            or ledger.failures[slot] >= self._max_attempts
            or ledger.accidents[slot] >= _MAX_ACCIDENTS
        )

    def is_generation_settled(self, generation: int) -> bool:
        if generation < self._unsettled:
            return True
        return all(self.is_settled((generation, i)) for i in range(self.population_size))

    def first_unsettled(self) -> int | None:
        """The first generation with a slot that is not; None if the run is complete."""
        with self.ledger.lock:
            while self._unsettled < self.n_generations:
                if not self.is_generation_settled(self._unsettled):
                    return self._unsettled
                self._unsettled += 1
            return None

    # What a segment is made of

    def seed_of(self, slot: Slot) -> int:
        state = np.random.SeedSequence(self.settings["seed"], spawn_key=slot).generate_state(1)
        return int(state[0])

    def artifact(self, number: int) -> str:
        return self.store.name(self.settings["run"], number)

    def left_by(self, segment: Segment, generation: int, seed: int) -> Checkpoint:
        """A checkpoint that loads what ``segment`` left, for a segment with this seed."""
        name = self.artifact(segment.number)
        return Checkpoint(
            generation,
            seed,
            parent=lambda: self.store.open(name),
            sha256=segment.sha256 or "",
            name=f"trial {segment.number}",
        )

    def sampler_for(self, seed: int) -> BaseSampler | None:
        if self._sampler is None or isinstance(self._sampler, BaseSampler):
            return self._sampler
        return self._sampler(seed=seed)

    def relatives(self, parent: Segment | None, generation: int, *, own: bool) -> list[Segment]:
        """Published segments that a child learns from, in the order of their slots.

        Our own proposals, if the history is shared, learn from earlier generations only: they
        then do not depend on how many workers there are, or which is faster.
        """
        first = max(0, generation - max(1, _HISTORY // self.population_size)) if own else 0
        last = generation - 1 if own and self._history == "shared" else generation
        known = [s for g in range(first, last + 1) for s in self.ledger.generation(g)]
        return self.related(known, parent)

    def related(self, segments: list[Segment], parent: Segment | None) -> list[Segment]:
        """Those that a child of ``parent`` learns from."""
        if self._history == "shared" or not segments:
            return segments
        line = [] if parent is None else self.ledger.lineage(parent)
        parents = [-1 if s.parent is None else s.parent for s in segments]
        is_relative = genealogy.relatives(
            np.array(parents, dtype=int),
            np.array([ancestor.number for ancestor in line], dtype=int),
            self._history,
        )
        return [s for s, related in zip(segments, is_relative.tolist(), strict=True) if related]

    # Afterwards

    def tidy(self) -> None:
        """Remove the checkpoints that nobody needs any more, once per generation."""
        with self.ledger.lock:
            current = self.first_unsettled()
            current = self.n_generations if current is None else current
            if current == self._tidied:
                return
            self._tidied = current
            numbers = {*self.ledger.by_number, *self.ledger.dead}
            keep = self._needed(current)
        self.store.remove({self.artifact(number) for number in numbers - keep})

    def _needed(self, current: int) -> set[int]:
        """Trials whose checkpoints are, while generation ``current`` trains."""
        ledger = self.ledger
        keep = {n for n, segment in ledger.by_number.items() if segment.generation >= current}
        if current == self.n_generations or not self.synchronous:
            keep |= {s.number for s in ledger.generation(current - 1)}
        for earlier in range(current - 1, -1, -1):
            ranked = ledger.ranked(earlier)
            if ranked and current < self.n_generations:
                keep |= {s.number for s in ranked[: self.plan.parents[current - 1]]}
                break
        best = ledger.best()
        return keep if best is None else keep | {best.number}

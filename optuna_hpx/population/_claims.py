"""Which slot a worker trains next, and how it takes it.

Every worker computes the same plan from the published segments; there is no leader. A slot is
taken by adding a running trial that names it. If several did, the one with the smallest id holds
it, which all see alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from optuna.logging import get_logger
from optuna.trial import TrialState, create_trial

from optuna_hpx.population._leases import Watch
from optuna_hpx.population._patience import patiently
from optuna_hpx.population._segment import Segment, Slot, Task
from optuna_hpx.population.maths.plan import Child, Kind
from optuna_hpx.trials import storage
from optuna_hpx.trials.in_vain import DUPLICATE

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_hpx.population._publisher import Publisher
    from optuna_hpx.population._run import Run

__all__ = ["Claims"]

_logger = get_logger("optuna.hpx")
_PUBLIC = ("generation", "parent", "kind")  # of a task's record: the user attributes of its trial
_CHOICES = 8  # free slots for each claimed one, of which one is drawn: two workers rarely collide


class Claims:
    """The slots of a run as one worker sees them.

    Args:
        run: The run.
        publisher: Fails the trials of workers that died.
    """

    def __init__(self, run: Run, publisher: Publisher) -> None:
        self._run, self._publisher = run, publisher
        self._watch = Watch()
        self._random = random.Random()  # for what may differ between workers

    def is_complete(self) -> bool:
        """Return whether every slot is settled and no trial is left that claims one."""
        self._clear_settled()
        return self._run.first_unsettled() is None and not self._run.ledger.claimed

    def _clear_settled(self) -> None:
        """Fail what is left of workers that died between claiming a slot and seeing it taken."""
        for slot in list(self._run.ledger.claimed):
            if self._run.is_settled(slot):
                self._is_claimed(slot)

    def choose(self) -> Task | None:
        """Choose a free slot of the earliest generation that has one.

        The more of the generation before has finished, the better its parents are known.

        Returns:
            None if none is free now.

        Raises:
            RuntimeError: If no segment so far can have children, and none is left to train.
        """
        run, first = self._run, self._run.first_unsettled()
        if first is None:
            return None
        last = first if run.settings.synchronous else run.settings.n_generations - 1
        for generation in range(first, last + 1):
            if generation > first and not run.ledger.generation(generation - 1):
                break  # nothing is published there: neither this nor a later one has parents
            if tasks := self._tasks(generation):
                return self._random.choice(tasks)
        return None

    def _tasks(self, generation: int) -> list[Task]:
        """Return the tasks of the first free slots; more of them, the more workers are busy."""
        n_busy = len(self._run.ledger.claimed)
        tasks: list[Task] = []
        for slot in self._free(generation):
            task = self._task(slot)
            if task is None:
                break  # the other slots would have to wait, too
            tasks.append(task)
            if len(tasks) > _CHOICES * n_busy:
                break
        return tasks

    def _free(self, generation: int) -> Iterator[Slot]:
        """Yield the slots of ``generation`` that may be claimed now."""
        for place in range(self._run.settings.population_size):
            slot = generation, place
            # In this order: another thread may publish the slot in between.
            if not self._is_claimed(slot) and not self._run.is_settled(slot):
                yield slot

    def _is_claimed(self, slot: Slot) -> bool:
        """Return whether a worker that lives claims it; fail the trials of those that do not."""
        is_alive = False
        for claim in self._run.ledger.claimed.get(slot, []):
            if self._watch.is_dead(claim.trial_id, *claim.lease):
                _logger.warning(
                    f"Trial {claim.number} stopped renewing its lease: its slot is free again."
                )
                self._publisher.fail(claim.trial_id, "lost")
                self._watch.forget(claim.trial_id)
            else:
                is_alive = True
        return is_alive

    def _task(self, slot: Slot) -> Task | None:
        """Return what a slot is to train; None if its parent is not known yet."""
        run, (generation, place) = self._run, slot
        seed = run.seed_of(slot)
        if generation == 0:
            return Task(slot, None, Kind.ROOT, seed)
        u = float(np.random.default_rng([seed, 0]).random())
        ranked = self._parents(generation)
        if run.settings.synchronous and run.is_generation_settled(generation - 1):
            child: Child | None = run.plan.child(generation, place, u, len(ranked))
        else:
            child = self._next_child(generation, ranked, u)
        return None if child is None else Task(slot, ranked[child.rank], child.kind, seed)

    def _next_child(self, generation: int, ranked: list[Segment], u: float) -> Child | None:
        """Return a child of the segments that have finished so far."""
        run = self._run
        is_settled = run.is_generation_settled(generation - 1)
        n_children = np.array(
            [run.ledger.n_children(segment.number, generation) for segment in ranked], dtype=int
        )
        n_finished = len(run.ledger.generation(generation - 1))
        # Slots that were given up count as finished, too: else there would be too few children.
        n_finished = run.settings.population_size if is_settled else n_finished
        return run.plan.next_child(generation, n_finished, n_children, u)

    def _parents(self, generation: int) -> list[Segment]:
        """Return those of the last generation before this one that has any, the best first."""
        for earlier in range(generation - 1, -1, -1):
            ranked = self._run.ledger.ranked(earlier)
            if ranked or not self._run.is_generation_settled(earlier):
                return ranked
        n_segments = generation * self._run.settings.population_size
        raise RuntimeError(
            f"Generation {generation} has no parents: of {n_segments} "
            f"segments none came to a finite value; {len(self._run.ledger.published)} returned an "
            "infinite one or NaN, or were pruned, and the others raised, as the failed trials of "
            "the study say. Begin a new study once that is mended."
        )

    def take(self, task: Task) -> int | None:
        """Claim the slot of a task.

        Returns:
            The id of this worker's trial, or None if another worker was faster.
        """
        template = self._template(task)
        trial_id = int(patiently(lambda: storage.create_trial(self._run.study, template)))
        try:
            is_first = self._is_first(task.slot, trial_id)
        except BaseException:
            self._publisher.fail(trial_id, "interrupted")
            raise
        if is_first:
            return trial_id
        self._publisher.fail(trial_id, DUPLICATE)
        return None

    def _template(self, task: Task) -> FrozenTrial:
        run, record = self._run, task.record
        attributes = storage.as_attributes(storage.SEGMENT, record)
        attributes |= storage.as_attributes(storage.LEASE, [0, run.lease_seconds])
        if run.ledger.run is None:
            attributes |= storage.as_attributes(storage.RUN, run.settings.record)
        return create_trial(
            state=TrialState.RUNNING,
            system_attrs=attributes,
            user_attrs={name: record[name] for name in _PUBLIC},
        )

    def _is_first(self, slot: Slot, trial_id: int) -> bool:
        """Return whether this worker's claim on ``slot`` is the first, and its task still valid.

        Workers that begin a run without a seed at the same time invent one each, and the first
        that is written wins: a task that was made with another one is given up.
        """
        run = self._run
        run.update()
        is_own_run = run.adopt()
        claims = run.ledger.claimed.get(slot, [])
        is_first = bool(claims) and claims[0].trial_id == trial_id
        return is_own_run and is_first and not run.is_settled(slot)

    def log_others(self) -> None:
        """Log for whom this worker waits."""
        claims = [claims[0] for claims in self._run.ledger.claimed.values()]
        if claims:
            trials = ", ".join(str(claim.number) for claim in claims)
            seconds = max(claim.lease[1] for claim in claims)
            _logger.info(
                f"Waiting for other workers, which train trial {trials}. Those that give no sign "
                f"of life for {seconds:g} s are taken over."
            )

"""One worker of a run: takes a free slot, trains its segment, publishes it, until none is left.

Every worker computes the same plan from the published segments; there is no leader. A slot is
taken by adding a running trial that names it. If several did, the one with the smallest id holds
it, which all see alike. A trial becomes complete only after its checkpoint is in the store, and
only if no one has declared it dead: so each slot is published once, however often it is trained.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.trial import Trial, TrialState, create_trial

from optuna_hpx import _checks
from optuna_hpx.population._archive import CheckpointError
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._leases import Lease, Watch
from optuna_hpx.population._ledger import ERROR
from optuna_hpx.population._proposals import PrivateStudy, RankedProposals, SegmentSampler
from optuna_hpx.population._pruning import GenerationPruner
from optuna_hpx.population._segment import Segment, Slot, Task
from optuna_hpx.population.maths.plan import Child, Kind
from optuna_hpx.trials import storage as _storage

if TYPE_CHECKING:
    from optuna_hpx.population._run import Run

__all__ = ["SegmentFunction", "Worker", "as_number"]

SegmentFunction = Callable[[Trial, Checkpoint], float]

_logger = get_logger("optuna.hpx")
_POLLS = (0.02, 1.0)  # seconds between looks while others train
_PATIENCE = 3.0  # seconds after which it says for whom it waits


def as_number(value: Any) -> float:
    """What a segment returned."""
    return _checks.returned_number("The segment", value)


class Worker:
    """A thread of :meth:`GPBTScheduler.optimize`.

    Args:
        run: What all workers of this process share.
        segment: The user's function.
        catch: Exceptions of it after which this worker goes on.
    """

    def __init__(
        self, run: Run, segment: SegmentFunction, catch: tuple[type[Exception], ...]
    ) -> None:
        self._run, self._segment, self._catch = run, segment, catch
        self._sampler = SegmentSampler()
        pruner = GenerationPruner(run.study.pruner, run.ledger, run.update)
        self._study = run.patiently(
            lambda: _storage.another_study(run.study, self._sampler, pruner)
        )
        self._watch = Watch()
        self._random = random.Random()  # for what may differ between workers

    def work(self) -> None:
        """Until the run is complete, or told to stop."""
        poll, waited = _POLLS[0], 0.0
        while not self._run.is_stopped():
            n_told = self._run.n_told
            with self._run.claiming:
                self._run.update()
                if self._is_complete():
                    break
                task = self._choose()
                claim = None if task is None else self._claim(task)
            if task is None:
                if waited < _PATIENCE <= waited + poll:
                    self._say_for_whom()
                waited += poll
                self._run.sleep(poll * self._random.uniform(0.5, 1.0), n_told)
                poll = min(2.0 * poll, _POLLS[1])
                continue
            poll, waited = _POLLS[0], 0.0
            if claim is not None:
                self._train(task, claim)
        self._run.tidy()

    def _say_for_whom(self) -> None:
        claims = [claims[0] for claims in self._run.ledger.claimed.values()]
        if claims:
            trials = ", ".join(str(claim.number) for claim in claims)
            seconds = max(claim.lease[1] for claim in claims)
            _logger.info(
                f"Waiting for other workers, which train trial {trials}. Those that give no sign "
                f"of life for {seconds:g} s are taken over."
            )

    # Which slot

    def _is_complete(self) -> bool:
        """Whether every slot is settled and no trial is left that claims one."""
        self._clear_settled()
        return self._run.first_unsettled() is None and not self._run.ledger.claimed

    def _clear_settled(self) -> None:
        """Fail what is left of workers that died between claiming a slot and seeing it taken."""
        run = self._run
        for slot in list(run.ledger.claimed):
            if run.is_settled(slot):
                self._is_claimed(slot)

    def _free(self, generation: int) -> Iterator[Slot]:
        """The slots of ``generation`` that may be claimed now."""
        for i in range(self._run.population_size):
            slot = generation, i
            # In this order: another thread may publish the slot in between.
            if not self._is_claimed(slot) and not self._run.is_settled(slot):
                yield slot

    def _is_claimed(self, slot: Slot) -> bool:
        """By a worker that lives; trials of those that do not are failed here."""
        alive = False
        for claim in self._run.ledger.claimed.get(slot, []):
            if self._watch.is_dead(claim.trial._trial_id, *claim.lease):
                _logger.warning(
                    f"Trial {claim.number} stopped renewing its lease: its slot is free again."
                )
                self._fail(claim.trial._trial_id, "lost")
                self._watch.forget(claim.trial._trial_id)
            else:
                alive = True
        return alive

    def _choose(self) -> Task | None:
        """Of the earliest generation that has any: it knows most of its parents."""
        run, first = self._run, self._run.first_unsettled()
        if first is None:
            return None
        for generation in range(first, first + 1 if run.synchronous else run.n_generations):
            if generation > first and not run.ledger.generation(generation - 1):
                break
            tasks = self._tasks(generation)
            if tasks:
                return self._random.choice(tasks)
        return None

    def _tasks(self, generation: int) -> list[Task]:
        """The first one; but where others are at work, several, lest all take the same."""
        n_others = len(self._run.ledger.claimed)
        tasks: list[Task] = []
        for slot in self._free(generation):
            task = self._task(slot)
            if task is None:
                break  # the other slots would have to wait, too
            tasks.append(task)
            if len(tasks) > 8 * n_others:
                break
        return tasks

    def _task(self, slot: Slot) -> Task | None:
        """None if it is not known yet from which parent the slot descends."""
        run, (generation, place) = self._run, slot
        seed = run.seed_of(slot)
        if generation == 0:
            return Task(slot, None, Kind.ROOT, seed)
        u = float(np.random.default_rng([seed, 0]).random())
        ranked = self._parents(generation)
        is_settled = run.is_generation_settled(generation - 1)
        if is_settled and run.synchronous:
            child: Child | None = run.plan.child(generation, place, u, len(ranked))
        else:
            n_children = np.array(
                [run.ledger.n_children(s.number, generation) for s in ranked], dtype=int
            )
            n_finished = len(run.ledger.generation(generation - 1))
            n_finished = run.population_size if is_settled else n_finished
            child = run.plan.next_child(generation, n_finished, n_children, u)
        return None if child is None else Task(slot, ranked[child.rank], child.kind, seed)

    def _parents(self, generation: int) -> list[Segment]:
        """Of the last generation before this one that has any, the best first."""
        for earlier in range(generation - 1, -1, -1):
            ranked = self._run.ledger.ranked(earlier)
            if ranked or not self._run.is_generation_settled(earlier):
                return ranked
        raise RuntimeError(
            f"Generation {generation} has no parents: of {generation * self._run.population_size} "
            f"segments none came to a finite value; {len(self._run.ledger.published)} returned an "
            "infinite one or NaN, or were pruned, and the others raised, as the failed trials of "
            "the study say. Begin a new study once that is mended."
        )

    def _claim(self, task: Task) -> int | None:
        """The id of this worker's trial, or None if another worker was faster."""
        run = self._run
        told = task.record
        attributes = _storage.as_attributes(_storage.SEGMENT, told)
        attributes |= _storage.as_attributes(_storage.LEASE, [0, run.lease_seconds])
        if run.ledger.run is None:
            attributes |= _storage.as_attributes(_storage.RUN, run.settings)
        template = create_trial(
            state=TrialState.RUNNING,
            system_attrs=attributes,
            user_attrs={name: told[name] for name in ("generation", "parent", "kind")},
        )
        trial_id = run.patiently(lambda: _storage.create_trial(self._study, template))
        try:
            holds = self._holds(task.slot, trial_id)
        except BaseException:
            self._fail(trial_id, "interrupted")
            raise
        if holds:
            return int(trial_id)
        self._fail(trial_id, "duplicate")
        return None

    def _holds(self, slot: Slot, trial_id: int) -> bool:
        """Whether this worker's claim on ``slot`` is the first."""
        run = self._run
        run.update()
        is_own_run = run.adopt()
        claims = run.ledger.claimed.get(slot, [])
        is_first = bool(claims) and claims[0].trial._trial_id == trial_id
        return is_own_run and is_first and not run.is_settled(slot)

    # Training

    def _train(self, task: Task, trial_id: int) -> None:
        run, checkpoint = self._run, self._checkpoint(task)
        with run.leases.hold(trial_id) as lease:
            try:
                trial = self._begin(task, trial_id)
                state, value = self._evaluate(trial, checkpoint)
                published = self._publish(trial, checkpoint, state, value)
            except Exception as error:
                self._failed(trial_id, error, lease)
                return
            except BaseException:
                self._fail(trial_id, "interrupted")
                raise
            finally:
                checkpoint.close()
        if not published:
            self._fenced(trial_id)
            return
        run.update()
        run.tidy()
        run.tell(task.slot, trial.number)

    def _begin(self, task: Task, trial_id: int) -> Trial:
        inherited = {} if task.parent is None else task.parent.trial.params
        rng = np.random.default_rng([task.seed, 1])
        self._sampler.use(task.kind, inherited, self._proposals(task, trial_id, rng), rng)
        return self._run.patiently(lambda: Trial(self._study, trial_id))

    def _proposals(
        self, task: Task, trial_id: int, rng: np.random.Generator
    ) -> PrivateStudy | RankedProposals | None:
        """Of the run's sampler, or our own, from the segments that ``task`` learns from."""
        run, (generation, place) = self._run, task.slot
        sampler = run.sampler_for(task.seed)
        running = [claims[0] for claims in run.ledger.claimed.values()] if sampler else []
        known = run.relatives(task.parent, generation, own=sampler is None)
        if sampler is None:
            return RankedProposals(known, generation, rng) if known else None
        running = [s for s in running if s.trial._trial_id != trial_id]
        related = [*known, *run.related(running, task.parent)]
        trials = sorted((s.trial for s in related), key=lambda trial: trial.number)
        # A point of its own for each slot, whoever trains it and however often.
        index = generation * run.population_size + place
        return PrivateStudy(sampler, run.study.direction, trials, index)

    def _checkpoint(self, task: Task) -> Checkpoint:
        if task.parent is None:
            return Checkpoint(0, task.seed)
        return self._run.left_by(task.parent, task.slot[0], task.seed)

    def _evaluate(self, trial: Trial, checkpoint: Checkpoint) -> tuple[TrialState, float | None]:
        try:
            value = self._segment(trial, checkpoint)
        except optuna.TrialPruned:
            return TrialState.PRUNED, None
        number = as_number(value)
        if math.isnan(number):
            number = self._run.ledger.sign * math.inf
        is_last = checkpoint.generation == self._run.n_generations - 1
        if math.isfinite(number) and checkpoint.saved is None and not is_last:
            raise ValueError(
                "The segment must call checkpoint.save(...) before it returns: its children start "
                "from what it leaves."
            )
        if not checkpoint.is_root and checkpoint.loaded is None:
            self._run.warn_once(
                "The segment does not call checkpoint.load(...), so that it trains a new model in "
                "every generation: call it after building the model, before training."
            )
        if checkpoint.left:
            self._run.warn_once(
                f"The parent saved {checkpoint.left}, which the segment does not load: these "
                "begin anew in every generation."
            )
        return TrialState.COMPLETE, number

    def _publish(
        self, trial: Trial, checkpoint: Checkpoint, state: TrialState, value: float | None
    ) -> bool:
        """False if another worker declared this trial dead in the meantime."""
        run, saved = self._run, checkpoint.saved
        if saved is not None and value is not None and math.isfinite(value):
            file, sha256 = saved
            run.store.write(run.artifact(trial.number), file)
            noted = {"sha256": sha256, "parent": checkpoint.loaded}
            try:
                run.patiently(
                    lambda: _storage.write(self._study, trial, _storage.CHECKPOINT, noted)
                )
            except UpdateFinishedTrialError:
                return False
        if state == TrialState.PRUNED:
            value = self._last_report(trial._trial_id)
        return self._finish(trial._trial_id, state, None if value is None else [value])

    def _last_report(self, trial_id: int) -> float | None:
        """What Optuna holds to be the value of a pruned trial."""
        trial = self._run.patiently(lambda: _storage.get_trial(self._study, trial_id))
        if trial.last_step is None:
            return None
        value = trial.intermediate_values[trial.last_step]
        return value if math.isfinite(value) else None

    def _finish(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        def finish() -> bool:
            return _storage.finish(self._study, trial_id, state, values)

        return bool(self._run.patiently(finish))

    def _fail(self, trial_id: int, why: str, message: str = "") -> bool:
        """False, and nothing done, if the trial is finished already."""
        noted = {"why": why, "message": message[:1000]}
        try:
            self._run.patiently(
                lambda: _storage.write_by_id(self._study, trial_id, _storage.FAILURE, noted)
            )
        except UpdateFinishedTrialError:
            return False
        return self._finish(trial_id, TrialState.FAIL)

    def _failed(self, trial_id: int, error: Exception, lease: Lease) -> None:
        """After ``error`` in a segment, or while publishing it: go on, or raise it."""
        is_passing = _storage.is_passing(error)
        is_parents = isinstance(error, CheckpointError)
        why = "parent" if is_parents else "storage" if is_passing else ERROR
        if lease.is_lost or not self._fail(trial_id, why, repr(error)):
            self._fenced(trial_id, error)
            return
        self._remove_checkpoint(trial_id)
        if is_parents or not (is_passing or isinstance(error, self._catch)):
            raise error
        _logger.warning(f"A segment failed: {error!r}", exc_info=error)

    def _fenced(self, trial_id: int, error: Exception | None = None) -> None:
        """What another worker trains again is not this one's to publish."""
        _logger.warning(
            "A segment lost its lease, as this worker did not run for a while, or its trial was "
            "ended by someone else; what it trained is dropped.",
            exc_info=error,
        )
        self._remove_checkpoint(trial_id)

    def _remove_checkpoint(self, trial_id: int) -> None:
        """Of a trial that failed, and of no other."""
        trial = self._run.patiently(lambda: _storage.get_trial(self._study, trial_id))
        if trial.state == TrialState.FAIL:
            self._run.store.remove({self._run.artifact(trial.number)})

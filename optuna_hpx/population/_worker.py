"""One worker of a run: takes a free slot, trains its segment, publishes it, until none is left."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import optuna
from optuna.logging import get_logger
from optuna.trial import Trial, TrialState

from optuna_hpx import _checks
from optuna_hpx.population._archive import CheckpointError
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._claims import Claims
from optuna_hpx.population._history import proposals_for
from optuna_hpx.population._ledger import ERROR
from optuna_hpx.population._patience import patiently
from optuna_hpx.population._proposals import SegmentSampler
from optuna_hpx.population._pruning import GenerationPruner
from optuna_hpx.population._publisher import Outcome, Publisher
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna_hpx.population._leases import Lease
    from optuna_hpx.population._run import Run
    from optuna_hpx.population._segment import Task

__all__ = ["SegmentFunction", "Worker"]

SegmentFunction = Callable[[Trial, Checkpoint], float]

_logger = get_logger("optuna.hpx")
_POLLS = (0.02, 1.0)  # seconds between looks while others train
_PATIENCE = 3.0  # seconds after which it logs for whom it waits


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
        self._study = patiently(lambda: storage.another_study(run.study, self._sampler, pruner))
        self.publisher = Publisher(run)
        self.claims = Claims(run, self.publisher)
        self._random = random.Random()  # for what may differ between workers
        self._poll, self._waited = _POLLS[0], 0.0

    def work(self) -> None:
        """Train segments until the run is complete, or stopped."""
        run = self._run
        self._poll, self._waited = _POLLS[0], 0.0
        while not run.session.is_over():
            n_published = run.session.n_published
            with run.claiming:
                run.update()
                if self.claims.is_complete():
                    break
                task = self.claims.choose()
                trial_id = None if task is None else self.claims.take(task)
            if task is None:
                self._wait(n_published)
                continue
            self._poll, self._waited = _POLLS[0], 0.0
            if trial_id is not None:
                self._train(task, trial_id)
        run.tidy()

    def _wait(self, n_published: int) -> None:
        """Wait for others, longer each time, so that many workers do not look at once."""
        if self._waited < _PATIENCE <= self._waited + self._poll:
            self.claims.log_others()
        self._waited += self._poll
        self._run.session.sleep(self._poll * self._random.uniform(0.5, 1.0), n_published)
        self._poll = min(2.0 * self._poll, _POLLS[1])

    def _train(self, task: Task, trial_id: int) -> None:
        run, checkpoint = self._run, self._checkpoint(task)
        with run.leases.hold(trial_id) as lease:
            try:
                trial = self.begin(task, trial_id)
                outcome = self._evaluate(trial, checkpoint)
                is_published = self.publisher.publish(trial, checkpoint, outcome)
            except Exception as error:
                self._handle(trial_id, error, lease)
                return
            except BaseException:
                self.publisher.fail(trial_id, "interrupted")
                raise
            finally:
                checkpoint.close()
        if not is_published:
            self.publisher.drop(trial_id)
            return
        run.update()
        run.tidy()
        run.session.announce(task.slot, trial.number)

    def _checkpoint(self, task: Task) -> Checkpoint:
        if task.parent is None:
            return Checkpoint(0, task.seed)
        return self._run.checkpoint_from(task.parent, task.slot[0], task.seed)

    def begin(self, task: Task, trial_id: int) -> Trial:
        """Return the trial of a task, which suggests what is due to it."""
        inherited = {} if task.parent is None else task.parent.trial.params
        rng = np.random.default_rng([task.seed, 1])
        proposals = proposals_for(self._run, task, trial_id, rng)
        self._sampler.use(task.kind, inherited, proposals, rng)
        return patiently(lambda: Trial(self._study, trial_id))

    def _evaluate(self, trial: Trial, checkpoint: Checkpoint) -> Outcome:
        try:
            value = self._segment(trial, checkpoint)
        except optuna.TrialPruned:
            return Outcome(TrialState.PRUNED, None)
        number = _checks.returned_number("The segment", value)
        if math.isnan(number):
            number = self._run.ledger.sign * math.inf
        self._check_saved(number, checkpoint)
        self._check_loaded(checkpoint)
        return Outcome(TrialState.COMPLETE, number)

    def _check_saved(self, value: float, checkpoint: Checkpoint) -> None:
        is_last = checkpoint.generation == self._run.settings.n_generations - 1
        if math.isfinite(value) and checkpoint.saved is None and not is_last:
            raise ValueError(
                "The segment must call checkpoint.save(...) before it returns: its children start "
                "from what it leaves."
            )

    def _check_loaded(self, checkpoint: Checkpoint) -> None:
        if not checkpoint.is_root and checkpoint.loaded is None:
            self._run.session.warn_once(
                "The segment does not call checkpoint.load(...), so that it trains a new model in "
                "every generation: call it after building the model, before training."
            )
        if checkpoint.left:
            self._run.session.warn_once(
                f"The parent saved {checkpoint.left}, which the segment does not load: these "
                "begin anew in every generation."
            )

    def _handle(self, trial_id: int, error: Exception, lease: Lease) -> None:
        """Fail a trial for an error in its segment, or in publishing it; then go on, or raise."""
        is_passing = storage.is_passing(error)
        is_parents = isinstance(error, CheckpointError)
        reason = "parent" if is_parents else "storage" if is_passing else ERROR
        if lease.is_lost or not self.publisher.fail(trial_id, reason, repr(error)):
            self.publisher.drop(trial_id, error)
            return
        self.publisher.remove_checkpoint(trial_id)
        if is_parents or not (is_passing or isinstance(error, self._catch)):
            raise error
        _logger.warning(f"A segment failed: {error!r}", exc_info=error)

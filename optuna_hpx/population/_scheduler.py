"""GPBTScheduler: a population of models whose hyperparameters change while they train."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Literal

from optuna_hpx import _checks
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._private import private_study
from optuna_hpx.population._pruning import GenerationPruner
from optuna_hpx.population._replay import replay
from optuna_hpx.population._run import Run
from optuna_hpx.population._schedule import Schedule, schedule_to
from optuna_hpx.population._settings import (
    PAPER,
    Settings,
    check_lease,
    check_study,
    checked_sampler,
)
from optuna_hpx.population._store import ArtifactStore, store_for
from optuna_hpx.population._worker import SegmentFunction, Worker

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population._segment import Segment

__all__ = ["GPBTScheduler"]


class GPBTScheduler:
    """Genealogical population-based training on an Optuna study.

    A population trains for ``n_generations`` generations of ``population_size`` segments, each of
    them one trial. The best segments of a generation are the parents of the next: a child loads
    its parent's checkpoint and trains on, with its parent's hyperparameters (one child of each
    parent), with them a little changed, or with new ones that are proposed from what earlier
    segments came to. What comes out is a trained model, and the schedule of hyperparameters that
    trained it.

    Any number of workers, threads, processes or machines, call :meth:`optimize` on the same study
    with the same arguments and artifact store; there is no leader. One that is killed, at
    whatever moment, loses the segment it was training and nothing else: another trains it again.
    Calling :meth:`optimize` again goes on where the run stopped; the segment must stay the same,
    which is not checked. Trials of workers that were killed stay in the study as failed ones.

    By default many parents are kept at first and few at the end (of 25: 10 to 3), and proposals
    come from Parzen estimators over segments ranked in their own generation, recent ones counting
    most. With one seed these do not depend on the number of workers, as a generation's plan
    follows from the generation before; unless a pruner, ``synchronous=False`` or another history
    than "shared" lets them depend on what has finished so far.

    A segment that returns NaN is complete with the worst value, infinite; those of an infinite
    value have no children. One that raises is tried ``max_attempts`` times, one whose worker dies
    20 times; then its slot stays empty. One whose parent's checkpoint cannot be read ends the
    call, however often: put the file back and call again. Of a generation in which none came to a
    finite value, the parents of the one before have children again. Constraints are not looked at.

    Args:
        study: A study of one objective. Its own sampler is not used; its pruner is, on the
            segments of the same generation, where the segment asks ``trial.should_prune()``.
        population_size: Segments of a generation.
        n_generations: Segments from the first to the last of a model.
        sampler: What proposes new hyperparameters: None for the default, a sampler, or a class or
            function that makes one given ``seed=``, which is called for each child (then a run of
            one worker with a seed gives the same trials again). Not one that keeps notes in the
            trials it chose: CMA-ES, grid, NSGA-II, NSGA-III and PartialFixedSampler. A
            QMCSampler gives each segment its own point of the sequence; one that scrambles must
            be an object with a seed, the same for all workers.
        history: What a proposal learns from: "shared": all segments; "lineage": the ancestors of
            the child and their siblings; "siblings": other children of its parent.
        artifact_store: Where checkpoints are kept, for all workers the same: one of
            ``optuna.artifacts``. None is for a study in memory.
        lease_seconds: A worker that gave no sign of life for so long, as seen by a running one, is
            taken for dead: after a kill, going on may wait for so long at the end of a generation.
        seed: Of the plan, the proposals and the segments' own seeds.
        plan: "annealed", or "paper": floor(sqrt(n / ratio)) parents after each generation, the
            first child of each continues it, the others are proposed.
        ratio: For "paper": children per parent, divided by the number of parents.
        synchronous: Whether a generation begins when the one before is complete. If not, a free
            worker starts the best child that can be chosen from the segments finished so far:
            for segments of very different length.
        max_attempts: How often a segment that raises is tried, over all calls and workers. Write
            and debug a segment with a study in memory.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If a value is not possible; if the study has several objectives, a pruner or
            sampler that cannot be used, or holds a run with other settings; or if there is no
            artifact store where the study is not in memory.

    Example:
        >>> import optuna
        >>> from optuna_hpx import GPBTScheduler
        >>> def segment(trial, checkpoint):
        ...     rate = trial.suggest_float("rate", 1e-3, 0.1, log=True)
        ...     x = checkpoint.load(x=4.0)["x"]  # of the parent; 4.0 for a new model
        ...     for _ in range(5):
        ...         x -= rate * x
        ...     checkpoint.save(x=x)
        ...     return x**2
        >>> study = optuna.create_study()
        >>> run = GPBTScheduler(study, population_size=8, n_generations=3, seed=0)
        >>> run.optimize(segment)
        >>> len(study.trials), run.is_complete
        (24, True)
        >>> schedule = run.best_schedule()
        >>> [step.generation for step in schedule.steps]
        [0, 1, 2]
        >>> run.replay(segment, schedule) == study.best_value
        True

    References:
        Scardigli et al., Genealogical Population-Based Training for Hyperparameter Optimization,
        arXiv 2109.14925.
    """

    def __init__(
        self,
        study: Study,
        *,
        population_size: int = 25,
        n_generations: int = 10,
        sampler: BaseSampler | Callable[..., BaseSampler] | None = None,
        history: Literal["shared", "lineage", "siblings"] = "shared",
        artifact_store: ArtifactStore | None = None,
        lease_seconds: float = 60.0,
        seed: int | None = None,
        plan: Literal["annealed", "paper"] = "annealed",
        ratio: float = 1.0,
        synchronous: bool = True,
        max_attempts: int = 3,
    ) -> None:
        check_study(study)
        sampler, sampler_name = checked_sampler(sampler)
        check_lease(lease_seconds)
        settings = Settings(
            population_size=population_size,
            n_generations=n_generations,
            sampler=sampler_name,
            history=history,
            plan=plan,
            ratio=ratio,
            synchronous=synchronous,
            max_attempts=max_attempts,
            seed=seed,
        )
        self._study = study
        self._run = Run(
            study,
            settings,
            sampler=sampler,
            artifact_store=store_for(study, artifact_store),
            lease_seconds=float(lease_seconds),
        )
        GenerationPruner(study.pruner, self._run.ledger, self._run.update)  # refuses some

    @classmethod
    def paper(cls, study: Study, *, ratio: float = 1.0, **kwargs: Any) -> GPBTScheduler:
        """Make the scheduler of the paper: its plan, and TPE on the history of each lineage.

        Not as in the paper: the generation is no input of the search, which Optuna's samplers do
        not condition on; optimisers keep their state; and generation 0 is in every lineage.

        Args:
            study: As for the class.
            ratio: As for the class.
            kwargs: Further arguments of the class; they replace what the paper has.

        Returns:
            The scheduler.

        Raises:
            TypeError: As for the class.
            ValueError: As for the class.
        """
        return cls(study, ratio=ratio, **{**PAPER, **kwargs})

    def optimize(
        self,
        segment: SegmentFunction,
        *,
        n_jobs: int = 1,
        timeout: float | None = None,
        show_progress_bar: bool = False,
        callbacks: Iterable[Callable[[Study, FrozenTrial], None]] | None = None,
        catch: type[Exception] | Iterable[type[Exception]] = (),
    ) -> None:
        """Train until all segments of the run are, by this worker and others.

        Args:
            segment: ``segment(trial, checkpoint) -> float``: builds a model with what it suggests,
                loads the parent's state from ``checkpoint``, trains for a while, saves, and
                returns the objective. Called with ``trial`` as in an Optuna objective.
            n_jobs: Threads; -1 for as many as there are processors. Threads share the global
                generators of torch, NumPy and ``random``: a segment that uses these, for the first
                weights or dropout for instance, can then not be replayed. Start processes instead.
            timeout: Seconds after which no new segment is begun.
            show_progress_bar: Whether to show one, over the segments of all workers.
            callbacks: Called as ``callback(study, trial)`` after each segment of this worker.
            catch: Exceptions of ``segment`` that end the segment only. Any other is raised, after
                the trial is marked as failed; calling again goes on.

        Raises:
            TypeError: If an argument has the wrong type, or the segment returns no number.
            ValueError: If the study holds a run with other settings, ``timeout`` is negative, or
                the segment leaves no checkpoint.
            CheckpointError: If a parent's checkpoint is missing or damaged.
            RuntimeError: If no segment of generation 0 came to a finite value.
        """
        _check_call(segment, n_jobs, timeout)
        catch = (catch,) if isinstance(catch, type) else tuple(catch)
        n_threads = n_jobs if n_jobs != -1 else os.cpu_count() or 1
        with _progress_bar(self._run.settings, show=show_progress_bar) as bar:
            self._run.start(timeout, tuple(callbacks or ()), bar)
            workers = [Worker(self._run, segment, catch) for _ in range(n_threads)]
            if n_threads == 1:
                workers[0].work()
            else:
                self._work_in_threads(workers)
        self._run.warn_of_gaps()

    def _work_in_threads(self, workers: Sequence[Worker]) -> None:
        with ThreadPoolExecutor(len(workers)) as pool:
            futures = [pool.submit(worker.work) for worker in workers]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:  # also when interrupted from the keyboard: the others end their segments
                if not all(future.done() and not future.exception() for future in futures):
                    self._run.session.stop()
        for future in futures:
            future.result()

    def stop(self) -> None:
        """Begin no new segment in this process; for callbacks."""
        self._run.session.stop()

    @property
    def is_complete(self) -> bool:
        """Whether all segments of the run are trained, or given up.

        Raises:
            ValueError: If the study holds a run with other settings.
        """
        self._update()
        return self._run.first_unsettled() is None

    def best_schedule(self) -> Schedule:
        """Return the schedule of the best segment of all generations, from its root on.

        Returns:
            One step for each generation that the best model has trained in.

        Raises:
            ValueError: If no segment came to a finite value yet, or the study holds a run with
                other settings.
        """
        return schedule_to(self._best(), self._run.ledger)

    def best_checkpoint(self) -> Checkpoint:
        """Return what that segment left: ``best_checkpoint().load(net=net)`` restores the model.

        Of an estimator the parameters stay those it was built with: see :meth:`best_schedule`.

        Returns:
            A checkpoint whose parent is the best segment.

        Raises:
            ValueError: As for :meth:`best_schedule`.
        """
        best = self._best()
        return self._run.checkpoint_from(best, best.generation, best.seed)

    def _update(self) -> None:
        self._run.update()
        self._run.adopt()

    def _best(self) -> Segment:
        self._update()
        best = self._run.ledger.best()
        if best is None:
            raise ValueError("No segment of the study came to a finite value yet.")
        return best

    def generation(self, generation: int) -> Study:
        """Return a study in memory with the segments of one generation.

        For plots and importances: trials of different generations have different parents, and
        their values do not compare.

        Args:
            generation: Which one, from 0.

        Returns:
            A study of its published segments, in the order of their trials.

        Raises:
            TypeError: If ``generation`` is no int.
            ValueError: If ``generation`` is negative, or the study holds a run with other
                settings.
        """
        _checks.count("generation", generation, at_least=0)
        self._update()
        segments = self._run.ledger.generation(generation)
        return private_study(self._study.direction, [segment.trial for segment in segments])

    def replay(
        self, segment: SegmentFunction, schedule: Schedule, *, verify: bool = True
    ) -> float:
        """Train one model with ``schedule``, from nothing; no trial is made.

        Args:
            segment: The same function as for :meth:`optimize`.
            schedule: What to train with.
            verify: Whether each segment must come to the recorded value and leave a checkpoint of
                the recorded contents, to the last bit.

        Returns:
            The value of the last segment.

        Raises:
            TypeError: If ``schedule`` is none, or the segment returns no number.
            ReplayError: If ``verify`` and something differs. It says what, and whether the
                schedule was made with another build: then nothing else is to be expected. Also if
                the segment suggests what the schedule does not have.
        """
        _checks.has("schedule", schedule, "steps", "a Schedule")
        return replay(segment, schedule, verify=verify)


def _check_call(segment: Any, n_jobs: int, timeout: float | None) -> None:
    if not callable(segment):
        raise TypeError(f"`segment` must be callable, got {segment!r}.")
    if n_jobs != -1:
        _checks.count("n_jobs", n_jobs)
    if timeout is not None:
        _checks.finite("timeout", timeout)
        if timeout < 0.0:
            raise ValueError(f"`timeout` must not be negative, got {timeout!r}.")


@contextlib.contextmanager
def _progress_bar(settings: Settings, *, show: bool) -> Iterator[Any]:
    if not show:
        yield None
        return
    from tqdm.auto import tqdm

    total = settings.population_size * settings.n_generations
    with tqdm(total=total, unit="segment") as bar:
        yield bar

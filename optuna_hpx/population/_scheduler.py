"""GPBTScheduler: a population of models whose hyperparameters change while they train."""

from __future__ import annotations

import contextlib
import io
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from optuna.artifacts import FileSystemArtifactStore
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GridSampler,
    NSGAIIISampler,
    NSGAIISampler,
    PartialFixedSampler,
    TPESampler,
)
from optuna.trial import FixedTrial

from optuna_hpx import _checks
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._private import private_study
from optuna_hpx.population._pruning import GenerationPruner
from optuna_hpx.population._run import Run
from optuna_hpx.population._schedule import Schedule, Step, environment, schedule_to
from optuna_hpx.population._store import MemoryStore
from optuna_hpx.population._worker import SegmentFunction, Worker, as_number
from optuna_hpx.population.maths import plan as plans
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore
    from optuna.storages import InMemoryStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population._segment import Segment
    from optuna_hpx.population.maths.plan import Plan

__all__ = ["GPBTScheduler", "ReplayError"]

_HISTORIES = ("shared", "lineage", "siblings")
_CHILD_OF_ITS_OWN = (
    CmaEsSampler,
    GridSampler,
    NSGAIISampler,
    NSGAIIISampler,
    PartialFixedSampler,
)


class ReplayError(RuntimeError):
    """A replay did not come to what the schedule recorded."""


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
        _checks.has("study", study, "get_trials", "a Study")
        if len(study.directions) > 1:
            raise ValueError(f"`study` must have one objective, got {len(study.directions)}.")
        _checks.count("population_size", population_size)
        _checks.count("n_generations", n_generations)
        sampler = _checked_sampler(sampler)
        _checks.one_of("history", history, _HISTORIES)
        _checks.finite("lease_seconds", lease_seconds)
        _checks.seed("seed", seed)
        _checks.one_of("plan", plan, ("annealed", "paper"))
        _checks.finite("ratio", ratio)
        if not isinstance(synchronous, bool):
            raise TypeError(f"`synchronous` must be True or False, got {synchronous!r}.")
        _checks.count("max_attempts", max_attempts)
        for name, value in (("lease_seconds", lease_seconds), ("ratio", ratio)):
            if value <= 0.0:
                raise ValueError(f"`{name}` must be positive, got {value!r}.")
        if artifact_store is None:
            memory = storage.memory_of(study)
            if memory is None:
                raise ValueError(
                    "`artifact_store` must be given, as other processes can see the study: e.g. "
                    "optuna.artifacts.FileSystemArtifactStore('checkpoints')."
                )
            artifact_store = _memory_stores.setdefault(memory, MemoryStore())
        _checks.has("artifact_store", artifact_store, "open_reader", "of optuna.artifacts")
        _check_folder(artifact_store)
        settings = {
            "population_size": int(population_size),
            "n_generations": int(n_generations),
            "sampler": _name(sampler),
            "history": history,
            "plan": plan,
            "ratio": float(ratio),
            "synchronous": synchronous,
            "max_attempts": int(max_attempts),
            "seed": None if seed is None else int(seed),
        }
        self._study = study
        self._run = Run(
            study,
            _plan(plan, population_size, n_generations, ratio),
            settings,
            sampler=sampler,
            artifact_store=artifact_store,
            lease_seconds=float(lease_seconds),
        )
        GenerationPruner(study.pruner, self._run.ledger, self._run.update)  # refuses some

    @classmethod
    def paper(cls, study: Study, *, ratio: float = 1.0, **kwargs: Any) -> GPBTScheduler:
        """The setting of the paper: its plan, and TPE on the history of each lineage.

        Not as in the paper: the generation is no input of the search, which Optuna's samplers do
        not condition on; optimisers keep their state; and generation 0 is in every lineage.

        Args:
            study: As for the class.
            ratio: As for the class.
            kwargs: Further arguments of the class; they replace what the paper has.
        """
        kwargs = {"sampler": _tpe, "history": "lineage", "plan": "paper", **kwargs}
        return cls(study, ratio=ratio, **kwargs)

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
            ValueError: If the study holds a run with other settings.
            CheckpointError: If a parent's checkpoint is missing or damaged.
            RuntimeError: If no segment of generation 0 came to a finite value.
        """
        if not callable(segment):
            raise TypeError(f"`segment` must be callable, got {segment!r}.")
        if n_jobs != -1:
            _checks.count("n_jobs", n_jobs)
        if timeout is not None:
            _checks.finite("timeout", timeout)
            if timeout < 0.0:
                raise ValueError(f"`timeout` must not be negative, got {timeout!r}.")
        catch = (catch,) if isinstance(catch, type) else tuple(catch)
        n_threads = n_jobs if n_jobs != -1 else _n_processors()
        with _progress_bar(self._run, show=show_progress_bar) as bar:
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
                    self._run.stop()
        for future in futures:
            future.result()

    def stop(self) -> None:
        """Begin no new segment in this process; for callbacks."""
        self._run.stop()

    @property
    def is_complete(self) -> bool:
        """Whether all segments of the run are trained, or given up.

        Raises:
            ValueError: If the study holds a run with other settings.
        """
        self._update()
        return self._run.first_unsettled() is None

    def best_schedule(self) -> Schedule:
        """That of the segment with the best value of all generations, from its root on.

        Raises:
            ValueError: If no segment came to a finite value yet, or the study holds a run with
                other settings.
        """
        return schedule_to(self._best(), self._run.ledger)

    def best_checkpoint(self) -> Checkpoint:
        """What that segment left: ``best_checkpoint().load(net=net)`` restores the model.

        Of an estimator the parameters stay those it was built with: see :meth:`best_schedule`.

        Raises:
            ValueError: As for :meth:`best_schedule`.
        """
        best = self._best()
        return self._run.left_by(best, best.generation, best.seed)

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
        """A study in memory with the segments of one generation.

        For plots and importances: trials of different generations have different parents, and
        their values do not compare.

        Raises:
            ValueError: If the study holds a run with other settings.
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
            ReplayError: If ``verify`` and something differs. It says what, and whether the
                schedule was made with another build: then nothing else is to be expected.
        """
        _checks.has("schedule", schedule, "steps", "a Schedule")
        first = schedule.steps[0]
        checkpoint, value = Checkpoint(first.generation, first.seed), float("nan")
        parent = None
        for step in schedule.steps:
            if parent is not None:
                checkpoint = _child_of(checkpoint, step)
            value = _again(segment, step, parent, checkpoint)
            if verify:
                _verify(schedule, step, value, checkpoint)
            parent = step.number
        return value


def _again(
    segment: SegmentFunction, step: Step, parent: int | None, checkpoint: Checkpoint
) -> float:
    trial = FixedTrial(step.params, number=step.number)
    told = {"generation": step.generation, "parent": parent, "kind": step.kind}
    for name, attribute in told.items():
        trial.set_user_attr(name, attribute)
    try:
        value = segment(trial, checkpoint)  # type: ignore[arg-type]
    except ValueError as error:
        if "FixedTrial" not in str(error):
            raise
        raise ReplayError(
            f"The segment suggests what the step of generation {step.generation} does not have; "
            f"it has {sorted(step.params)}. The segment must be the one that was trained."
        ) from error
    return as_number(value)


def _child_of(checkpoint: Checkpoint, step: Step) -> Checkpoint:
    name = f"the segment of generation {checkpoint.generation}"
    if checkpoint.saved is None:
        raise ReplayError(f"In the replay {name} saved no checkpoint.")
    file, sha256 = checkpoint.saved
    content = file.read()
    checkpoint.close()
    return Checkpoint(
        step.generation,
        step.seed,
        parent=lambda: io.BytesIO(content),
        sha256=sha256,
        name=name,
    )


def _verify(schedule: Schedule, step: Step, value: float, checkpoint: Checkpoint) -> None:
    sha256 = None if checkpoint.saved is None else checkpoint.saved[1]
    if value == step.value and step.sha256 in (None, sha256):
        return
    what = (
        f"came to {value!r}, and not to {step.value!r}"
        if value != step.value
        else f"left a checkpoint with the sha256 {sha256}, and not {step.sha256}"
    )
    here = environment()
    builds = [
        f"{name} {was} then and {here.get(name, 'not loaded')} now"
        for name, was in schedule.environment.items()
        if here.get(name) != was
    ]
    why = (
        f"The schedule was made elsewhere ({', '.join(builds)}), so that equal bits are not to be "
        "expected: pass verify=False."
        if builds
        else "The segment depends on something besides its trial and checkpoint: unseeded random "
        "numbers (see Checkpoint.seed), threads, or changed code or data."
    )
    raise ReplayError(f"The segment of generation {step.generation} {what}. {why}")


def _check_folder(artifact_store: ArtifactStore) -> None:
    """Before the first segment is trained for nothing."""
    folder = getattr(artifact_store, "_base_path", None)
    is_local = isinstance(artifact_store, FileSystemArtifactStore)
    if is_local and folder is not None and not Path(folder).is_dir():
        raise ValueError(
            f"`artifact_store` must have a folder, but {str(folder)!r} does not exist; the store "
            "does not make it."
        )


def _plan(plan: str, n: int, n_generations: int, ratio: float) -> Plan:
    if plan == "paper":
        return plans.paper(n, n_generations, ratio)
    return plans.annealed(n, n_generations)


def _tpe(seed: int) -> TPESampler:
    return TPESampler(n_startup_trials=1, seed=seed)


def _checked_sampler(
    sampler: BaseSampler | Callable[..., BaseSampler] | None,
) -> BaseSampler | Callable[..., BaseSampler] | None:
    if sampler is None:
        return None
    example: Any = sampler
    if not isinstance(sampler, BaseSampler) and callable(sampler):
        try:
            example = sampler(seed=0)
        except TypeError as error:
            raise TypeError(
                f"`sampler`, if it is no sampler, must make one when called with seed=0: {error}."
            ) from error
    if not isinstance(example, BaseSampler):
        raise TypeError(
            f"`sampler` must be a sampler, a function of `seed` that makes one, or None, got "
            f"{sampler!r}."
        )
    if isinstance(example, _CHILD_OF_ITS_OWN):
        raise ValueError(
            f"`sampler` must not be a {type(example).__name__}: it keeps notes in the trials that "
            "it chose itself, and a child's relatives are chosen by others."
        )
    return sampler


def _name(sampler: Any) -> str | None:
    if sampler is None:
        return None
    return getattr(sampler, "__name__", type(sampler).__name__)


# One per storage in memory, so that a second scheduler on it finds the checkpoints.
_memory_stores: weakref.WeakKeyDictionary[InMemoryStorage, MemoryStore] = (
    weakref.WeakKeyDictionary()
)


def _n_processors() -> int:
    return os.cpu_count() or 1


@contextlib.contextmanager
def _progress_bar(run: Run, *, show: bool) -> Iterator[Any]:
    if not show:
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(total=run.population_size * run.n_generations, unit="segment") as bar:
        yield bar

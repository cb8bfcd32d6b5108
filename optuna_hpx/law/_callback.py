"""AsymptoticLawCallback: the outlook of a study that is still running, and when to stop it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from optuna.logging import get_logger
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.law._draws import Draws, draws
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._front_draws import FrontDraws, front_draws
from optuna_hpx.law._hypervolume import HypervolumeOutlook, outlook_of
from optuna_hpx.law._look import ScoreLook
from optuna_hpx.law._settings import FIRST_DRAWS, Bounds, LawSettings
from optuna_hpx.law._stopping import ask
from optuna_hpx.law._watch import StudyWatch
from optuna_hpx.law.maths.looks import look_sizes, next_size
from optuna_hpx.samplers import InterleavedSampler
from optuna_hpx.trials import storage
from optuna_hpx.trials.drawer import innermost

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.law._band import TuningCurveBand
    from optuna_hpx.law._law import AsymptoticLaw

__all__ = ["AsymptoticLawCallback"]

_logger = get_logger("optuna.hpx")
_POLL_SECONDS = 1.0  # between two readings of what other processes decided, each a query
_NO_STOP = (
    "`stop` ends a search with several objectives only under a RandomSampler: what a sampler that "
    "learns may still add to the front is not known. Give `target` to follow one objective."
)
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class AsymptoticLawCallback:
    """A callback that follows the law of a running study, and stops the study if asked to.

    Pass it to ``study.optimize(callbacks=[...])``. It looks at the study when there are 8
    independent draws, and again whenever their number has grown by a quarter; from ``min_trials``
    draws on it may stop the study. Each look uses the first so many draws that finished, so that
    every worker, also one that starts later, comes to the same. A law takes up to a second: it is
    fitted where a stop hangs on it, or when :attr:`law`, :attr:`outlook` or :attr:`reason` is
    read. Else a look takes some milliseconds, and a trial in between microseconds.

    With fewer than 20 draws, or where they have no law, :attr:`outlook` is what they tell without
    one, a :class:`TuningCurveBand`; what is to be gained is in :attr:`reason`.

    **Stopping**, only with ``stop``: when the next ``horizon`` random trials improve the best by
    more than ``stop`` with probability at most 1 - ``confidence``, by the law and by the gaps
    between the best scores alone. That this holds for the look, of several, at which a study stops
    is no theorem but measured (``benchmarks/law/law_stopping.py``).
    In a study with another sampler than ``RandomSampler``, the question is instead whether the
    best of all trials is within ``stop`` of the best possible score. A study whose draws no law
    describes is not stopped.

    **Several objectives**, without ``target``: the hypervolume of the front of the random draws is
    followed instead, as :func:`hypervolume_outlook` forecasts it, and ``stop`` is a gain of it
    (missed at stops: ``benchmarks/law/hypervolume_forecasts.py --stops``). Only a search by a
    ``RandomSampler`` is then stopped: how good a front can get is not known.

    The verdict is kept in the study. Running trials finish; other processes that ask the same
    stop after their next trial, at the latest one that ends a second later. It stands: calling
    ``optimize`` again with the same ``stop``, ``horizon`` and ``confidence`` ends after one
    trial. To go on, ask for more, e.g. by a smaller ``stop``, or leave the callback out. Give
    two callbacks on one study different questions: two unnamed lambdas as ``target`` are alike.

    What goes wrong in a look, ``target`` included, does not end the optimization: it is logged as
    a warning, and is in :attr:`reason`.

    Args:
        min_trials: Independent draws before the first law and before a stop, at least 8; both
            need 20 complete ones in any case.
        stop: The smallest gain that is worth going on for, in units of the objective, or of the
            hypervolume; None: never stop.
        target: What to assess instead of the objective, a function of a trial; of several
            objectives it chooses one.
        target_direction: "minimize" or "maximize": whether small or large values of ``target``
            are good.
        horizon: Random trials over which the gain is forecast.
        confidence: That no gain is lost, in (0, 1).
        interleave: Draw every so many trials at random, whatever the study's sampler is: the
            first call puts :class:`InterleavedSampler` around it. None: leave the sampler alone.
        max_dimension: As for :meth:`AsymptoticLaw.fit_study`.
        noise_std: Likewise.
        bounds: Likewise.
        seed: Of the interleaved random trials.
        reference_point: Of several objectives: as for :func:`hypervolume_outlook`; None: as the
            first ``min_trials`` draws have it, which later ones do not move.

    Attributes:
        law: The :class:`AsymptoticLaw` of the last look, or None if it has none.
        outlook: What the last look brought: the law, or else the :class:`TuningCurveBand` of the
            draws; None if there are fewer than 8. Of several objectives the
            :class:`HypervolumeOutlook`.
        reason: What is to be gained, as the last look has it; before it, or where it fails, why
            there is none; and why the study was stopped.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range; at the first call, if
            ``reference_point`` does not fit its objectives, or its sampler cannot be interleaved.

    Example:
        >>> import optuna
        >>> from optuna_hpx import AsymptoticLawCallback
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> callback = AsymptoticLawCallback(stop=10.0, max_dimension=1)
        >>> study.optimize(
        ...     lambda trial: trial.suggest_float("x", -1, 1) ** 2,
        ...     n_trials=1000,
        ...     callbacks=[callback],
        ... )
        >>> len(study.trials)  # no gain of 10 is to be had: the first look ends it
        30
        >>> callback.reason.startswith("50 more random trials improve the best score")
        True
    """

    def __init__(
        self,
        *,
        min_trials: int = 30,
        stop: float | None = None,
        target: Callable[[FrozenTrial], float] | None = None,
        target_direction: Literal["minimize", "maximize"] = "minimize",
        horizon: int = 50,
        confidence: float = 0.9,
        interleave: int | None = None,
        max_dimension: int | None = None,
        noise_std: float | Literal["auto"] = "auto",
        bounds: Bounds | Literal["auto"] = "auto",
        seed: int | None = None,
        reference_point: Sequence[float] | None = None,
    ) -> None:
        _checks.count("min_trials", min_trials, at_least=FIRST_DRAWS)
        self._question = ask(stop, horizon, confidence, target, target_direction, reference_point)
        if interleave is not None:
            _checks.count("interleave", interleave, at_least=2)
        self._settings = LawSettings("auto", max_dimension, noise_std, bounds)
        _checks.seed("seed", seed)
        self._last: ScoreLook | HypervolumeOutlook | None = None
        self._note = ""  # instead of what the last look says
        self._min_trials = int(min_trials)
        self._target = target
        self._target_direction = target_direction
        self._interleave = interleave
        self._seed = seed
        self._forget_studies()

    @property
    def law(self) -> AsymptoticLaw | None:
        """The law of the last look, fitted when it is read; None if there is none."""
        return self._last.law if isinstance(self._last, ScoreLook) else None

    @property
    def outlook(self) -> AsymptoticLaw | TuningCurveBand | HypervolumeOutlook | None:
        """What the last look tells, worked out when it is read."""
        return self._last.outlook if isinstance(self._last, ScoreLook) else self._last

    @property
    def reason(self) -> str:
        """What is to be gained, or why nothing is known of it, or why the study was stopped."""
        if self._note or not isinstance(self._last, ScoreLook):
            return self._note
        return self._last.reason

    def _forget_studies(self) -> None:
        self._lock = threading.Lock()
        self._watches: weakref.WeakKeyDictionary[Study, StudyWatch] = weakref.WeakKeyDictionary()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is known of studies: a copy, here or elsewhere, reads it anew."""
        return {k: v for k, v in self.__dict__.items() if k not in ("_lock", "_watches")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget_studies()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Look at the study if it is time, and stop it if there is a verdict.

        Args:
            study: The study that is being optimized.
            trial: The trial that has just finished.

        Raises:
            ValueError: At the first call, if ``reference_point`` does not fit the study's
                objectives, or its sampler cannot be interleaved.
        """
        watch = self._watch(study, trial.number + 1)
        if self._is_due(watch):
            watch.is_asked = True
            # A thread that finds another one at work leaves it to that one to look once more.
            while watch.is_asked and watch.lock.acquire(blocking=False):
                try:
                    watch.is_asked = False
                    self._update(study, watch)
                finally:
                    watch.lock.release()
        if watch.verdict:
            _logger.info(f"The study is stopped. {watch.verdict}")
            study.stop()

    def should_stop(self, study: Study) -> bool:
        """Look at the study if it is time, for a loop of ``study.ask`` and ``study.tell``.

        Args:
            study: The study.

        Returns:
            Whether to end the loop; :attr:`reason` says why.

        Raises:
            ValueError: As a call of the callback does.
        """
        watch = self._watch(study, 0)
        with watch.lock:
            self._update(study, watch)
        return bool(watch.verdict)

    def _watch(self, study: Study, n_trials: int) -> StudyWatch:
        """Return what is known of ``study``, which has at least ``n_trials``."""
        with self._lock:
            watch = self._watches.get(study)
            if watch is None:
                self._prepare(study)
                watch = self._watches[study] = StudyWatch(next_look=FIRST_DRAWS)
            watch.n_trials = max(watch.n_trials, n_trials)
            return watch

    def _prepare(self, study: Study) -> None:
        n_objectives, point = len(study.directions), self._question.reference_point
        if point is not None and len(point) != n_objectives:
            raise ValueError(
                f"`reference_point` must have a number for each of {n_objectives} objectives of "
                f"the study, got {list(point)}."
            )
        if self._interleave is not None and not isinstance(study.sampler, InterleavedSampler):
            every = self._interleave
            study.sampler = InterleavedSampler(study.sampler, every=every, seed=self._seed)
        asks_in_vain = self._question.stop is not None and not _is_random(study)
        if asks_in_vain and self._follows_front(study):
            _logger.warning(_NO_STOP)

    def _follows_front(self, study: Study) -> bool:
        return len(study.directions) > 1 and self._target is None

    def _is_due(self, watch: StudyWatch) -> bool:
        """Tell whether there may be something to do, without asking the storage."""
        if watch.verdict:
            return False
        if watch.n_trials >= watch.next_look:
            return True
        return self._question.stop is not None and time.monotonic() >= watch.next_poll

    def _update(self, study: Study, watch: StudyWatch) -> None:
        """Read what other processes decided, and look if there are enough trials."""
        n_finished = watch.n_trials
        try:
            self._poll(study, watch)
            n_finished = len(study.get_trials(deepcopy=False, states=_FINISHED))
            if watch.verdict or n_finished < watch.next_look:
                return
            try:
                if self._follows_front(study):
                    self._look_at_front(study, watch, n_finished)
                else:
                    self._look(study, watch, n_finished)
            finally:  # a look that fails may not have come so far as to say when the next one is
                if watch.next_look <= n_finished:
                    watch.next_look = next_size(n_finished)
        except Exception as error:  # whatever it is, it must not cost the user the optimization
            result = "outlook" if self._follows_front(study) else "law"
            self._note = f"No {result} at {n_finished} finished trials: {error}"
            _logger.warning(self._note, exc_info=not isinstance(error, ValueError))

    def _poll(self, study: Study, watch: StudyWatch) -> None:
        """Learn whether some process has decided to stop."""
        if self._question.stop is None or watch.verdict:
            return
        watch.next_poll = time.monotonic() + _POLL_SECONDS
        stored = storage.read_study(study, storage.LAW)
        if stored and stored.get("question") == self._question.to_dict():
            self._note = watch.verdict = stored["verdict"]

    def _look(self, study: Study, watch: StudyWatch, n_finished: int) -> None:
        """Look anew if there are enough further draws, and judge."""
        # The sampler is at work, and its word is good: no look at the trials is needed.
        sample = draws(study, study.sampler, self._target, self._target_direction)
        sizes = look_sizes(FIRST_DRAWS, self._min_trials, len(sample))
        watch.next_look = n_finished + sizes.next - len(sample)
        is_early = len(sample) < self._min_trials
        if sizes.last > watch.n_draws:
            watch.n_draws = sizes.last
            self._judge_scores(study, watch, has_law=not is_early)
        if is_early:
            self._explain(study, watch, sample)

    def _judge_scores(self, study: Study, watch: StudyWatch, *, has_law: bool) -> None:
        n_draws = watch.n_draws
        look = ScoreLook(
            draws(study, study.sampler, self._target, self._target_direction, n_draws),
            self._settings,
            self._question,
            is_random=_is_random(study),
            has_law=has_law,
        )
        look.check()
        is_stop = look.is_stop
        self._last, self._note = look, ""
        if is_stop:
            self._note = watch.verdict = look.reason
            self._store_verdict(study, n_draws)

    def _look_at_front(self, study: Study, watch: StudyWatch, n_finished: int) -> None:
        """Forecast the hypervolume anew if there are enough further draws, and judge."""
        sample = front_draws(study, study.sampler)
        sizes = look_sizes(FIRST_DRAWS, self._min_trials, len(sample))
        watch.next_look = n_finished + sizes.next - len(sample)
        is_early = len(sample) < self._min_trials
        if sizes.last > watch.n_draws:
            watch.n_draws = sizes.last
            first = front_draws(study, study.sampler, sizes.last)
            point = self._question.reference_point
            try:
                self._last = outlook_of(first, point, n_first=self._min_trials)
            except NoLawError:
                if not is_early:
                    raise
            else:
                self._conclude(study, watch, self._last)
        if is_early:
            self._explain(study, watch, sample)

    def _conclude(self, study: Study, watch: StudyWatch, outlook: HypervolumeOutlook) -> None:
        verdict = self._question.judge_front(outlook, is_random=_is_random(study))
        self._note = verdict.reason
        if verdict.is_stop and watch.n_draws >= self._min_trials:
            watch.verdict = verdict.reason
            self._store_verdict(study, outlook.n_trials)

    def _store_verdict(self, study: Study, n_draws: int) -> None:
        """Let other processes know, and this one when it is started again."""
        stored = {
            "question": self._question.to_dict(),
            "n_draws": n_draws,
            "verdict": self._note,
        }
        storage.write_study(study, storage.LAW, stored)

    def _explain(self, study: Study, watch: StudyWatch, sample: Draws | FrontDraws) -> None:
        """Say why there is no law yet, aloud if there may never be one."""
        gain = ""
        if isinstance(self._last, HypervolumeOutlook):
            gain = self._question.judge_front(self._last, is_random=_is_random(study)).reason
        elif self._last is not None:
            gain = self._last.reason
        needing = "a stop" if self._follows_front(study) else "the first law"
        lacking = f"{len(sample)} of the {self._min_trials} independent draws that {needing}"
        self._note = " ".join(filter(None, [gain, f"{lacking} needs.", sample.in_words]))
        more_will_come = isinstance(study.sampler, (RandomSampler, InterleavedSampler))
        if not more_will_come and not watch.is_warned:
            watch.is_warned = True
            _logger.warning(self._note)


def _is_random(study: Study) -> bool:
    return isinstance(innermost(study.sampler), RandomSampler)

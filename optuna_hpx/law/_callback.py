"""AsymptoticLawCallback: the law of a study that is still running, and when to stop it."""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from optuna.logging import get_logger
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.law._draws import check_target, draws
from optuna_hpx.law._law import AsymptoticLaw
from optuna_hpx.law._origins import innermost
from optuna_hpx.samplers import InterleavedSampler
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.law._draws import Draws

__all__ = ["AsymptoticLawCallback"]

_logger = get_logger("optuna.hpx")
_PER_LOOK = 0.5  # of the probability of a wrong stop that each look may spend
_GROWTH = 1.25  # of the number of draws between two looks
_POLL_SECONDS = 1.0  # between two readings of what other processes decided
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class AsymptoticLawCallback:
    """Follows the law of random search in a running study, and stops it if asked to.

    Pass it to ``study.optimize(callbacks=[...])``. It looks at the study when there are
    ``min_trials`` independent draws, and again whenever their number has grown by a quarter. A
    look takes up to a second; in between a trial costs microseconds. Each look uses the first so
    many draws that finished, so that every worker, also one that starts later, comes to the same.

    **Stopping**, only with ``stop``: when the next ``horizon`` random trials improve the best by
    more than ``stop`` with probability at most 1 - ``confidence``. As there are several looks,
    each asks for half of that probability; that it then holds for the look at which a study stops
    is no theorem but measured (``benchmarks/law/law_stopping.py``: 4 % where 10 % are promised).
    In a study with another sampler than ``RandomSampler``, the question is instead whether the
    best of all trials is within ``stop`` of the best possible score. A study whose draws the law
    does not describe is not stopped.

    The verdict is kept in the study. Running trials finish; other processes that ask the same
    stop after their next trial, at the latest one that ends a second later. It stands: calling
    ``optimize`` again with the same ``stop``, ``horizon`` and ``confidence`` ends after one
    trial. To go on, ask for more, e.g. by a smaller ``stop``, or leave the callback out. Give
    two callbacks on one study different questions: two unnamed lambdas as ``target`` are alike.

    What goes wrong in a look, ``target`` included, does not end the optimization: it is logged as
    a warning, and is in :attr:`reason`.

    Args:
        min_trials: Independent draws before the first look, at least 20.
        stop: The smallest gain that is worth going on for, in units of the objective; None:
            never stop.
        target: What to assess instead of the objective, a function of a trial; needed for several
            objectives. It is then said whether ``target_direction`` is "minimize" or "maximize".
        target_direction: As said.
        horizon: Random trials over which the gain is forecast.
        confidence: That no gain is lost, in (0, 1).
        interleave: Draw every so many trials at random, whatever the study's sampler is: the
            first call puts :class:`InterleavedSampler` around it. None: leave the sampler alone.
        max_dimension: As for :meth:`AsymptoticLaw.fit_study`.
        seed: Of the interleaved random trials.

    Attributes:
        law: The :class:`AsymptoticLaw` of the last look that brought one, or None.
        reason: Why the last look brought none, or why the study was stopped; else "".

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range; at the first call, if the study has
            several objectives and there is no ``target``, or its sampler cannot be interleaved.
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
        seed: int | None = None,
    ) -> None:
        _checks.count("min_trials", min_trials, at_least=20)
        if stop is not None:
            _checks.finite("stop", stop)
            if stop <= 0.0:
                raise ValueError(f"`stop` must be positive or None, got {stop!r}.")
        if target is not None and not callable(target):
            raise TypeError(f"`target` must be callable or None, got {target!r}.")
        _checks.one_of("target_direction", target_direction, ("minimize", "maximize"))
        _checks.count("horizon", horizon)
        _checks.quantile("confidence", confidence)
        if interleave is not None:
            _checks.count("interleave", interleave, at_least=2)
        if max_dimension is not None:
            _checks.count("max_dimension", max_dimension)
        _checks.seed("seed", seed)
        self.law: AsymptoticLaw | None = None
        self.reason = ""
        self._min_trials = int(min_trials)
        self._stop = None if stop is None else float(stop)
        self._target = target
        self._target_direction = target_direction
        self._horizon = int(horizon)
        self._confidence = float(confidence)
        self._interleave = interleave
        self._max_dimension = max_dimension
        self._seed = seed
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._watches: weakref.WeakKeyDictionary[Study, _Watch] = weakref.WeakKeyDictionary()

    def __getstate__(self) -> dict[str, Any]:
        """Without what is known of studies: a copy, here or in another process, reads it anew."""
        return {k: v for k, v in self.__dict__.items() if k not in ("_lock", "_watches")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """What ``study.optimize`` calls after each trial."""
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
        """Whether to stop, for a loop of ``study.ask`` and ``study.tell``; looks if it is time."""
        watch = self._watch(study, 0)
        with watch.lock:
            self._update(study, watch)
        return bool(watch.verdict)

    def _watch(self, study: Study, n_trials: int) -> _Watch:
        """What is known of ``study``, which has at least ``n_trials``."""
        with self._lock:
            watch = self._watches.get(study)
            if watch is None:
                self._prepare(study)
                watch = self._watches[study] = _Watch(next_look=self._min_trials)
            watch.n_trials = max(watch.n_trials, n_trials)
            return watch

    def _prepare(self, study: Study) -> None:
        check_target(len(study.directions), self._target)
        if self._interleave is None or isinstance(study.sampler, InterleavedSampler):
            return
        study.sampler = InterleavedSampler(study.sampler, every=self._interleave, seed=self._seed)

    def _is_due(self, watch: _Watch) -> bool:
        """Whether there may be something to do: in between, nothing is asked of the storage."""
        if watch.verdict:
            return False
        if watch.n_trials >= watch.next_look:
            return True
        return self._stop is not None and time.monotonic() >= watch.next_poll

    def _update(self, study: Study, watch: _Watch) -> None:
        n_finished = watch.n_trials
        try:
            self._poll(study, watch)
            n_finished = len(study.get_trials(deepcopy=False, states=_FINISHED))
            if watch.verdict or n_finished < watch.next_look:
                return
            watch.next_look = math.ceil(n_finished * _GROWTH)  # if it is not found out below
            self._look(study, watch, n_finished)
        except Exception as error:  # whatever it is, it must not cost the user the optimization
            self.reason = f"No law at {n_finished} finished trials: {error}"
            _logger.warning(self.reason, exc_info=not isinstance(error, ValueError))

    def _poll(self, study: Study, watch: _Watch) -> None:
        """Learn whether some process has decided to stop."""
        if self._stop is None or watch.verdict:
            return
        watch.next_poll = time.monotonic() + _POLL_SECONDS
        known = storage.read_study(study, storage.LAW)
        if known and known.get("question") == self._question:
            self.reason = watch.verdict = known["verdict"]

    @property
    def _question(self) -> dict[str, Any]:
        """What must be alike for a verdict of another process to be ours."""
        target = self._target
        return {
            "stop": self._stop,
            "horizon": self._horizon,
            "confidence": self._confidence,
            "target": None
            if target is None
            else [getattr(target, "__qualname__", repr(target)), self._target_direction],
        }

    def _look(self, study: Study, watch: _Watch, n_finished: int) -> None:
        """Fit the law anew if there are enough further draws, and judge."""
        found = draws(study, None, self._target, self._target_direction)
        j = self._n_looks(len(found))
        watch.next_look = n_finished + self._size(j + 1) - len(found)
        if j == 0:
            self._explain(study, watch, found)
        if j <= watch.n_looks:
            return
        watch.n_looks = j
        self.law = law = AsymptoticLaw.fit_study(
            study,
            target=self._target,
            target_direction=self._target_direction,
            max_dimension=self._max_dimension,
            n_draws=self._size(j),
        )
        self.reason = self._verdict(study, law)
        if self.reason:
            stored = {"question": self._question, "n_draws": law.n_trials, "verdict": self.reason}
            storage.write_study(study, storage.LAW, stored)
        watch.verdict = self.reason

    def _size(self, j: int) -> int:
        """Draws of the j-th look, from 1 on."""
        return math.ceil(self._min_trials * _GROWTH ** (j - 1))

    def _n_looks(self, n: int) -> int:
        """How many looks there are at ``n`` draws."""
        j = 0
        while self._size(j + 1) <= n:
            j += 1
        return j

    def _explain(self, study: Study, watch: _Watch, found: Draws) -> None:
        """Say why there is no law yet, aloud if there may never be one."""
        self.reason = (
            f"{len(found)} of the {self._min_trials} independent draws that the first look needs. "
            f"{found.in_words}"
        ).strip()
        more_will_come = isinstance(study.sampler, (RandomSampler, InterleavedSampler))
        if not more_will_come and not watch.is_warned:
            watch.is_warned = True
            _logger.warning(self.reason)

    def _verdict(self, study: Study, law: AsymptoticLaw) -> str:
        """Why to stop, or ""."""
        if self._stop is None or not law.describes:
            return ""
        confidence = 1.0 - (1.0 - self._confidence) * _PER_LOOK
        if isinstance(innermost(study.sampler), RandomSampler):
            best, bound = law.best, law.gain_bound(self._horizon, confidence=confidence)
            found = f"{self._horizon} more random trials improve the best score {best:.6g} by"
        else:
            best = law.best_of_all
            bound = law.regret_bound(best, confidence=confidence)
            found = f"The best possible score is better than the best one, {best:.6g}, by"
        if bound > self._stop:
            return ""
        percent = f"{100 * self._confidence:.3g} % confidence"
        return f"{found} at most {max(bound, 0.0):.3g}, with {percent}."


@dataclass
class _Watch:
    """What the callback knows of one study.

    Attributes:
        next_look: Finished trials before which there is nothing to look at.
        n_trials: Trials that the study has at least.
        n_looks: The number of the last look.
        next_poll: When to ask again what other processes have decided.
        verdict: Why the study is to be stopped, or "".
        is_asked: Whether some thread has asked for a look that has not begun.
        is_warned: Whether it was said that there are no draws.
        lock: Held during a look.
    """

    next_look: int
    n_trials: int = 0
    n_looks: int = 0
    next_poll: float = 0.0
    verdict: str = ""
    is_asked: bool = False
    is_warned: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

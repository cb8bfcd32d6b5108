"""AsymptoticLawCallback: the law of a study that is still running, and when to stop it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_hpx import _attributes, _checks
from optuna_hpx.callbacks._draws import draws
from optuna_hpx.callbacks._law import AsymptoticLaw
from optuna_hpx.samplers import InterleavedSampler

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["AsymptoticLawCallback"]

_logger = get_logger("optuna.hpx")
_GROWTH = 1.25  # of the number of draws between two looks
_POLL_SECONDS = 2.0  # between two readings of what other processes decided
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class AsymptoticLawCallback:
    """Follows the law of random search in a running study, and stops it if asked to.

    Pass it to ``study.optimize(callbacks=[...])``. It looks at the study when there are
    ``min_trials`` independent draws, and again whenever their number has grown by a quarter; in
    between it costs next to nothing. Each look uses the first so many draws that finished, so
    that every worker comes to the same; what was found is kept in the study.

    **Stopping**, only with ``stop``: when the next ``horizon`` random trials improve the best by
    more than ``stop`` with probability at most 1 - ``confidence``. The bound holds for all looks
    together: the j-th one spends 1 / ((j + 1) (j + 2)) of 1 - ``confidence``. In a study that an
    adaptive sampler drives, the question is instead whether the best of all trials is within
    ``stop`` of the best possible score. Running trials finish; other processes of the study
    stop after their next trial. A study whose trials the law does not describe is not stopped.

    Args:
        min_trials: Independent draws before the first look, at least 20.
        stop: The smallest gain that is worth going on for, in units of the objective; None:
            never stop.
        target: What to assess instead of the objective, a function of a trial; needed for several
            objectives. It is then said whether ``target_direction`` is "minimize" or "maximize".
        target_direction: As said.
        horizon: Random trials over which the gain is forecast.
        confidence: That no gain is lost, in (0, 1).
        interleave: Draw every so many trials at random, whatever the study's sampler is, by
            :class:`InterleavedSampler`; None: leave the sampler alone.
        max_dimension: As for :meth:`AsymptoticLaw.fit_study`.
        seed: Of the interleaved random trials.

    Attributes:
        law: The :class:`AsymptoticLaw` of the last look of this object, or None.
        reason: Why there is no law, or why the study was stopped; else "".

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range.
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
        self._min_trials = min_trials
        self._stop = stop
        self._target = target
        self._target_direction = target_direction
        self._horizon = horizon
        self._confidence = confidence
        self._interleave = interleave
        self._max_dimension = max_dimension
        self._seed = seed
        self._lock = threading.Lock()
        self._next = min_trials  # finished trials before which there is nothing to look at
        self._looked = 0  # draws that the last look used
        self._next_poll = 0.0
        self._is_stopped = False

    def __getstate__(self) -> dict[str, Any]:
        """Without the lock: a callback can be pickled to another process."""
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """What ``study.optimize`` calls after each trial."""
        if trial.number < self._next - 1 and not self._has_work():
            return
        if not self._lock.acquire(blocking=False):
            return  # another thread looks just now, at the same trials
        try:
            self._install(study)
            self._update(study)
            stopped = self._is_stopped
        finally:
            self._lock.release()
        if stopped:
            study.stop()

    def should_stop(self, study: Study) -> bool:
        """Whether to stop, for a loop of ``study.ask`` and ``study.tell``; looks if it is time."""
        with self._lock:
            self._install(study)
            self._next_poll = 0.0
            self._update(study)
            return self._is_stopped

    def _has_work(self) -> bool:
        return (
            self._is_stopped
            or (self._interleave is not None and self._next_poll == 0.0)
            or (self._stop is not None and time.monotonic() >= self._next_poll)
        )

    def _install(self, study: Study) -> None:
        if self._interleave is None or isinstance(study.sampler, InterleavedSampler):
            return
        study.sampler = InterleavedSampler(study.sampler, every=self._interleave, seed=self._seed)

    def _update(self, study: Study) -> None:
        self._poll(study)
        if self._is_stopped:
            return
        n_finished = len(study.get_trials(deepcopy=False, states=_FINISHED))
        if n_finished < self._next:
            return
        size = self._due(study)
        if size:
            self._look(study, *size)

    def _poll(self, study: Study) -> None:
        """Whether some worker has decided to stop."""
        now = time.monotonic()
        if self._stop is None or now < self._next_poll:
            return
        self._next_poll = now + _POLL_SECONDS
        verdict = _attributes.read_study(study, _attributes.LAW)
        if verdict and verdict.get("stop") == self._stop and verdict["reason"]:
            self._is_stopped, self.reason = True, verdict["reason"]

    def _due(self, study: Study) -> tuple[int, int] | None:
        """How many draws the look has that is due, and which one it is; none if none is."""
        found = draws(study, None, self._target, self._target_direction)
        n = len(found.losses) + found.n_censored
        self.reason = "" if n else found.in_words
        k = 0
        while self._size(k + 1) <= n:
            k += 1
        n_finished = len(study.get_trials(deepcopy=False, states=_FINISHED))
        if n < self._size(k) or self._size(k) <= self._looked:
            self._next = n_finished + max(1, self._size(k) - n)
            if self._size(k) <= self._looked:
                self._next = n_finished + self._size(k + 1) - n
            return None
        self._next = n_finished + self._size(k + 1) - n
        return self._size(k), k

    def _size(self, k: int) -> int:
        """Draws of the k-th look."""
        return math.ceil(self._min_trials * _GROWTH**k)

    def _look(self, study: Study, n: int, k: int) -> None:
        self._looked = n
        try:
            law = AsymptoticLaw.fit_study(
                study,
                target=self._target,
                target_direction=self._target_direction,
                max_dimension=self._max_dimension,
                n_draws=n,
            )
        except ValueError as error:  # too few complete draws, or all alike: not yet, not never
            self.reason = str(error)
            return
        self.law, self.reason = law, ""
        if self._stop is None:
            return
        self.reason = self._verdict(study, law, k)
        self._is_stopped = bool(self.reason)
        _attributes.write_study(
            study,
            _attributes.LAW,
            {"n_draws": n, "stop": self._stop, "reason": self.reason},
        )
        if self._is_stopped:
            _logger.info(self.reason)

    def _verdict(self, study: Study, law: AsymptoticLaw, k: int) -> str:
        """Why to stop at the k-th look, or ""."""
        if self._stop is None or not law.describes:
            return ""
        confidence = 1.0 - (1.0 - self._confidence) / ((k + 1) * (k + 2))
        if law.n_left_out:
            best = law.best_of_all
            regret = law.regret_bound(best, confidence=confidence)
            if regret > self._stop:
                return ""
            return (
                f"The best score {best:.6g} is within {regret:.3g} of the best possible one, "
                f"with {100 * self._confidence:.3g} % confidence."
            )
        gain = law.gain_bound(self._horizon, confidence=confidence)
        if gain > self._stop:
            return ""
        return (
            f"{self._horizon} more random trials improve the best score {law.best:.6g} by more "
            f"than {max(gain, 0.0):.3g} with at most {100 * (1 - self._confidence):.3g} % "
            "probability."
        )

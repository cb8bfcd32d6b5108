"""One call of :meth:`GPBTScheduler.optimize`: when it ends, and who hears of each segment."""

from __future__ import annotations

import copy
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from optuna.logging import get_logger

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._segment import Slot

__all__ = ["Callback", "Session"]

Callback = Callable[["Study", "FrozenTrial"], None]

_logger = get_logger("optuna.hpx")


class Session:
    """What the workers of one process share of the call that they are in.

    Attributes:
        n_published: Segments that these workers published, over all calls.
    """

    def __init__(self, study: Study, ledger: Ledger, population_size: int) -> None:
        self._study, self._ledger, self._population_size = study, ledger, population_size
        self._news = threading.Condition()
        self.n_published = 0
        self._is_stopped = False
        self._deadline = math.inf
        self._callbacks: Sequence[Callback] = ()
        self._bar: Any = None
        self._warnings: set[str] = set()

    def begin(self, timeout: float | None, callbacks: Sequence[Callback], bar: Any) -> None:
        """Begin a call.

        Args:
            timeout: Seconds after which no segment is begun; None for no end.
            callbacks: Called with the study and a trial after each segment of this process.
            bar: A progress bar of tqdm, or None.
        """
        self._is_stopped = False
        self._deadline = math.inf if timeout is None else time.monotonic() + timeout
        self._callbacks, self._bar = callbacks, bar

    def stop(self) -> None:
        """Begin no new segment, and wake those that wait."""
        with self._news:
            self._is_stopped = True
            self._news.notify_all()

    def is_over(self) -> bool:
        """Return whether no new segment is to begin."""
        return self._is_stopped or time.monotonic() >= self._deadline

    def sleep(self, seconds: float, n_published: int) -> None:
        """Wait until more than ``n_published`` segments are, or it is over; at most so long."""
        with self._news:
            self._news.wait_for(
                lambda: self._is_stopped or self.n_published != n_published,
                min(seconds, max(self._deadline - time.monotonic(), 0.0)),
            )

    def announce(self, slot: Slot, number: int) -> None:
        """Report a segment that was published to other threads, log, progress bar and callbacks.

        Args:
            slot: What was trained.
            number: Of the trial.
        """
        with self._news:
            self.n_published += 1
            self._news.notify_all()
        self._log(slot, number)
        if self._bar is not None:
            self._bar.update(len(self._ledger.published) - self._bar.n)
        if not self._callbacks:
            return
        trial = self._study.get_trials(deepcopy=False)[number]
        for callback in self._callbacks:
            callback(self._study, copy.deepcopy(trial))

    def _log(self, slot: Slot, number: int) -> None:
        ledger = self._ledger
        segment, best, sign = ledger.published.get(slot), ledger.best(), ledger.sign
        if segment is None or best is None:
            return
        end = "pruned" if segment.is_pruned else f"with value {sign * segment.loss:g}"
        _logger.info(
            f"Segment {slot[1] + 1} of {self._population_size} of generation {slot[0]} ended "
            f"{end} (trial {number}). The best value is {sign * best.loss:g} (trial "
            f"{best.number})."
        )

    def warn_once(self, message: str) -> None:
        """Log a warning that would be the same for every segment."""
        if message not in self._warnings:
            self._warnings.add(message)
            _logger.warning(message)

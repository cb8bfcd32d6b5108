"""Which workers are still alive, without comparing the clocks of two machines.

The worker that trains a segment changes a number in the storage, at least four times per lease.
Another worker holds it for dead if that number stayed the same for a whole lease, by its own
monotonic clock, in which time between two of its own looks counts for half a lease at most: a
worker that was itself stopped for an hour has not watched for an hour.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger

__all__ = ["Leases", "Watch"]

_logger = get_logger("optuna.hpx")
_RENEWALS = 4  # per lease: three may be late or lost
_LONGEST_LOOK = 0.5  # of a lease: the most that time between two looks counts for


class Leases:
    """Those that this process holds, renewed by one thread while there are any.

    Args:
        renew: Writes a number into a trial, given its id.
        seconds: A lease.
    """

    def __init__(self, renew: Callable[[int, int], None], seconds: float) -> None:
        self._renew, self._period = renew, seconds / _RENEWALS
        self._held: dict[int, Lease] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def hold(self, trial_id: int) -> Iterator[Lease]:
        """Renew the lease of a trial for as long as the block runs."""
        lease = Lease()
        with self._lock:
            self._held[trial_id] = lease
            if self._thread is None:
                self._wake.clear()
                self._thread = threading.Thread(
                    target=self._run, name="optuna-hpx leases", daemon=True
                )
                self._thread.start()
        try:
            yield lease
        finally:
            with self._lock:
                del self._held[trial_id]
                if not self._held:
                    self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._period)
            with self._lock:
                if not self._held:
                    self._thread = None
                    return
                self._wake.clear()
                leases = list(self._held.items())
            for trial_id, lease in leases:
                self._renew_one(trial_id, lease)

    def _renew_one(self, trial_id: int, lease: Lease) -> None:
        try:
            lease.count += 1
            self._renew(trial_id, lease.count)
        except UpdateFinishedTrialError:
            lease.is_lost = True  # another worker took this one for dead
        except Exception as error:  # the storage may be back at the next renewal
            _logger.warning(f"The lease of a segment could not be renewed: {error!r}")


@dataclass
class Lease:
    """A claim that this process holds.

    Attributes:
        count: The number in the storage.
        is_lost: Whether another worker has ended the trial.
    """

    count: int = 0
    is_lost: bool = False


@dataclass
class _Look:
    """What a worker last saw of a lease: its number, when, and for how long it was the same."""

    count: int
    time: float
    unchanged: float = 0.0


@dataclass
class Watch:
    """What one worker saw of the leases of others.

    Attributes:
        clock: Seconds, monotonic.
    """

    clock: Callable[[], float] = time.monotonic
    _looks: dict[int, _Look] = field(default_factory=dict)

    def is_dead(self, trial_id: int, count: int, seconds: float) -> bool:
        """Return whether a lease has not been renewed for its whole length.

        Args:
            trial_id: Whose it is.
            count: The number in the storage now.
            seconds: Its length.
        """
        now = self.clock()
        look = self._looks.get(trial_id)
        if look is None or look.count != count:
            self._looks[trial_id] = _Look(count, now)
            return False
        look.unchanged += min(now - look.time, _LONGEST_LOOK * seconds)
        look.time = now
        return look.unchanged > seconds

    def forget(self, trial_id: int) -> None:
        """Forget a lease that is over."""
        self._looks.pop(trial_id, None)

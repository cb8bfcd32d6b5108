"""Calls of a storage that is busy or away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from optuna_hpx.trials import storage

__all__ = ["patiently"]

T = TypeVar("T")

_LONGEST = 30.0  # seconds for which a storage may fail
_FIRST_WAIT = 0.1


def patiently(call: Callable[[], T]) -> T:
    """Return what ``call`` returns, calling it again for a while if the storage is away.

    Raises:
        Exception: Whatever ``call`` raises, if it is not for the storage to pass, or still after
            30 seconds.
    """
    wait, deadline = _FIRST_WAIT, time.monotonic() + _LONGEST
    while True:
        try:
            return call()
        except Exception as error:
            if not storage.is_passing(error) or time.monotonic() + wait > deadline:
                raise
        time.sleep(wait)
        wait *= 2.0

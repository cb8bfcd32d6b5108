"""How far the work is, on a terminal, where it takes long enough for anyone to ask."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias

__all__ = ["N_STEPS", "Step", "no_step", "progress"]

Step: TypeAlias = Callable[[str], None]
"""Says which step begins."""

N_STEPS = 9
"""Of a page: reading, seven of its content, writing. Of a page of two studies fewer are told."""

_DELAY = 2.0  # seconds: what is over before needs no bar
_PERIOD = 0.5  # seconds between two looks of a bar
_FORMAT = "{desc} {bar:20} {n_fmt} of {total_fmt}, {elapsed}"


def no_step(name: str) -> None:
    """Keep to itself which step begins."""


@contextlib.contextmanager
def progress(n_steps: int) -> Iterator[Step]:
    """Show on standard error, if that is a terminal, which of ``n_steps`` the work is at.

    Yields what is to be called with the name of each step as it begins. The bar goes when all is
    done; nothing is shown of what takes less than two seconds.
    """
    if not sys.stderr.isatty():
        yield no_step
        return
    from tqdm import tqdm

    bar = tqdm(total=n_steps, file=sys.stderr, bar_format=_FORMAT, leave=False, delay=_DELAY)
    is_over = threading.Event()
    lock = threading.Lock()
    n_begun = 0

    def step(name: str) -> None:
        nonlocal n_begun
        with lock:
            bar.n = n_begun
            bar.set_description_str(name, refresh=False)
            n_begun += 1

    def tick() -> None:  # a step of its own may take long
        if is_over.wait(_DELAY):
            return
        bar.delay = 0  # it is shown from now on, and must go at the end
        while True:
            with lock:
                bar.refresh()
            if is_over.wait(_PERIOD):
                return

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield step
    finally:
        is_over.set()
        ticker.join()
        bar.close()

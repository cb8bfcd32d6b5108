"""How many threads linear algebra takes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[Any]:
    """Keep to one thread: for matrices of a few hundred rows more cost more than they gain."""
    # slow: looks for all libraries that have threads
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)

"""Transactions of SQLite, in which what is read still holds when it is written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["writes_at_once"]

_at_once = threading.local()


@contextlib.contextmanager
def writes_at_once(study: Study) -> Iterator[None]:
    """Let no other process come between what a transaction reads and what it writes.

    Needed for SQLite only. Optuna locks the rows that it will change, but SQLite ignores that and
    begins a transaction at the first write, so that two workers may each find a trial running and
    finish it.

    Args:
        study: In whose storage; nothing changes if that is not SQLite.
    """
    engine = _engine(study)
    if engine is None or engine.dialect.name != "sqlite":
        yield
        return
    from sqlalchemy import event

    if not event.contains(engine, "begin", _begin_immediate):
        event.listen(engine, "begin", _begin_immediate)
    _at_once.active = True
    try:
        yield
    finally:
        _at_once.active = False


def _engine(study: Study) -> Any:
    """Return SQLAlchemy's engine of a relational storage, cached or not; None of another."""
    return getattr(getattr(study._storage, "_backend", study._storage), "engine", None)


def _begin_immediate(connection: Any) -> None:
    if getattr(_at_once, "active", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

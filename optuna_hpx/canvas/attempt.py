"""Sections that fail alone: what cannot be made says so in its place, and the rest is there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from optuna_hpx.canvas.section import Section
from optuna_hpx.trials.storage import is_passing

__all__ = ["attempt"]

_logger = logging.getLogger("optuna.hpx")
_MAX_LENGTH = 300  # characters of a reason


def attempt(title: str, make: Callable[[], Iterable[Section]]) -> list[Section]:
    """Make sections, or one that says in a line why they cannot be made.

    For faults of this package, and of what it stands on: what a study lacks, wings say themselves.
    The fault is logged, with its traceback where debugging is on.

    Args:
        title: Of the section that stands in their place.
        make: Makes them.

    Raises:
        ImportError: If an extra is missing: the whole page is then not what it should be.
        MemoryError: If there is no room for more.
        StorageInternalError: If the storage is out of reach: it is no fault, and may pass.
    """
    try:
        return list(make())
    except (ImportError, MemoryError):
        raise
    except Exception as error:
        if is_passing(error):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_LENGTH]
        _logger.error(
            "The section %r could not be made: %s",
            title,
            reason,
            exc_info=_logger.isEnabledFor(logging.DEBUG),
        )
        warning = (
            f"This section could not be made ({reason}). All else on this page is as it would be "
            "with it. It is a fault of optuna_hpx, and worth a report."
        )
        return [Section(title, warnings=(warning,), fault=reason)]

"""What reads the trials of one side, and reads them again where only the new ones cost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from optuna_hpx.page._errors import SourceError

if TYPE_CHECKING:
    from optuna_hpx.page._asked import Asked
    from optuna_hpx.page._sources import Source

__all__ = ["FileReader", "TrialReader", "check_trials", "reader_of"]


class TrialReader(Protocol):
    """What reads trials as often as it is asked to."""

    def read(self) -> Source:
        """Read the trials there are now; without new ones the table is the same object."""
        ...


class FileReader:
    """Reads a file of rows, again only when it has changed.

    Args:
        path: The file.
        options: Of :func:`~optuna_hpx.page._tables.from_csv`.
    """

    def __init__(self, path: str, options: Mapping[str, Any]) -> None:
        self._path = path
        self._options = options
        self._last: tuple[tuple[int, int, int], Source] | None = None

    def read(self) -> Source:
        """Read the rows.

        Raises:
            SourceError: If there is no such file, or it does not hold what it should, as may be
                while another program writes it.
        """
        from optuna_hpx.page._tables import from_csv

        state = _state_of(self._path)
        if self._last is None or self._last[0] != state:
            self._last = None
            self._last = state, from_csv(self._path, **self._options)
        return self._last[1]


def _state_of(path: str) -> tuple[int, int, int]:
    """Return what changes when a file does; nothing does of standard input, which is no file."""
    if not os.path.isfile(path):
        return (0, 0, 0)
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size, status.st_ino


def reader_of(asked: Asked, csv_options: Mapping[str, Any]) -> TrialReader:
    """Return what reads one side.

    Args:
        asked: Where the trials are.
        csv_options: How a file is read, if they are in one.
    """
    from optuna_hpx.page._sources import StudyReader

    if asked.storage is not None:
        return StudyReader(asked.storage, asked.study)
    assert asked.csv is not None
    return FileReader(
        asked.csv, {**csv_options, "value": asked.value, "direction": asked.direction}
    )


def check_trials(source: Source) -> None:
    """Refuse trials of which nothing can be said.

    Raises:
        SourceError: If none is finished, or none is complete.
    """
    if not len(source.table):
        raise SourceError(f"{source.title!r} has no finished trial; run some first")
    if not source.table.complete.any():
        raise SourceError(
            f"{source.title!r} has no complete trial with a finite value; run some that come to "
            "one"
        )

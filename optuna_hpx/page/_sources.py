"""Where the command reads trials from; here: an Optuna storage. Reading never writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import optuna

from optuna_hpx.page._errors import hide_passwords
from optuna_hpx.page._storages import errors_of, load, open_storage
from optuna_hpx.trials.storage import is_current
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna_hpx.canvas.section import Section


@dataclass(frozen=True)
class Source:
    """Trials to report on, and what they are called.

    Attributes:
        title: The name of the study or of the file.
        table: The trials.
        study: That they are of; None for a file of rows.
        notes: What was taken for what, where that was guessed.
        facts: What a file says of all trials and the table does not.
        section: The same as the notes, for the page.
        n_unfinished: How many rows of a file wait or run.
    """

    title: str
    table: TrialTable
    study: optuna.Study | None = None
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    section: Section | None = None
    n_unfinished: int = 0


def _first_line(storage: str) -> bytes:
    """Return the first line of a journal file, which names who began it; empty without a file.

    Optuna goes on at the byte where it stopped, also in another file that took the place.
    """
    path = Path(storage)
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.readline()


def from_storage(storage: str, study_name: str | None) -> Source:
    """Read the study of that name, or the only one there is.

    Args:
        storage: A database URL, or the path of a journal file.
        study_name: The study's name.

    Raises:
        SourceError: If there is no such study, or the storage cannot be read.
    """
    return StudyReader(storage, study_name).read()


class StudyReader:
    """Reads a study, and when asked again its new trials only.

    Args:
        storage: A database URL, or the path of a journal file.
        study_name: The study's name; None for the only one.
    """

    def __init__(self, storage: str, study_name: str | None) -> None:
        self._storage = storage
        self._study_name = study_name
        self._name = hide_passwords(storage, [storage])
        self._last: Source | None = None
        self._first_line = b""

    def read(self) -> Source:
        """Read the finished trials.

        Raises:
            SourceError: If there is no such study, or the storage cannot be read.
        """
        with errors_of(self._storage, self._name):
            last, self._last = self._last, None
            before, self._first_line = self._first_line, _first_line(self._storage)
            is_same = last is not None and before == self._first_line and self._is_same(last)
            study = last.study if last is not None and is_same else self._open()
            assert study is not None
            self._last = Source(study.study_name, TrialTable.from_study(study), study)
            return self._last

    def _is_same(self, last: Source) -> bool:
        """Tell whether what was read is still there, not deleted and made anew since."""
        assert last.study is not None
        return is_current(last.study, last.title, next(iter(last.table.trials), None))

    def _open(self) -> optuna.Study:
        return load(open_storage(self._storage, self._name), self._study_name, self._name)

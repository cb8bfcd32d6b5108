"""Where the command reads trials from; here: an Optuna storage. Reading never writes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import optuna
import sqlalchemy
from optuna.exceptions import OptunaError
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.exc import SQLAlchemyError

from optuna_hpx.page._errors import SourceError, hide_passwords
from optuna_hpx.trials.storage import is_current
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from optuna_hpx.canvas.section import Section

_NEEDED_TABLES = {"alembic_version", "studies", "trials", "version_info"}


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

    def read(self) -> Source:
        """Read the finished trials.

        Raises:
            SourceError: If there is no such study, or the storage cannot be read.
        """
        with _errors_of(self._name):
            last, self._last = self._last, None
            is_same = last is not None and self._is_same(last)
            study = last.study if last is not None and is_same else self._open()
            assert study is not None
            self._last = Source(study.study_name, TrialTable.from_study(study), study)
            return self._last

    def _is_same(self, last: Source) -> bool:
        """Tell whether what was read is still there, not deleted and made anew since."""
        assert last.study is not None
        return is_current(last.study, last.title, next(iter(last.table.trials), None))

    def _open(self) -> optuna.Study:
        is_url = "://" in self._storage
        opened = _open_url(self._storage, self._name) if is_url else _open_journal(self._storage)
        return _load(opened, self._study_name, self._name)


@contextlib.contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """Say of a storage that cannot be read what can be done."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise SourceError(
            f"cannot read {name}: its driver, {error.name}, is not installed; pip install it"
        ) from error
    except (SQLAlchemyError, OptunaError, RuntimeError, OSError) as error:
        raise SourceError(
            f"cannot read {name}: {_first_line(error)}; is the URL right, and the database up?"
        ) from error


def _open_url(url: str, name: str) -> BaseStorage:
    try:
        parsed = sqlalchemy.make_url(url)
    except (SQLAlchemyError, ValueError) as error:  # such as a port that is no number
        raise SourceError(
            f"cannot read the storage URL {name}: it must be as in sqlite:///study.db or "
            "postgresql://user:password@host/database"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        _check_sqlite_file((parsed.database or "").removeprefix("file:"))
    engine = sqlalchemy.create_engine(parsed)
    try:
        missing = _NEEDED_TABLES - set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()
    if missing:
        raise SourceError(
            f"{name} is no storage of a current Optuna: it has no table "
            f"{', '.join(sorted(missing))}; name another, or run optuna storage upgrade"
        )
    # All tables are there and filled, so that Optuna has none to create and nothing to stamp.
    return RDBStorage(url, skip_table_creation=True)


def _check_sqlite_file(path: str) -> None:
    """Refuse a missing file, which SQLite itself would create."""
    if path in ("", ":memory:"):
        raise SourceError(
            "an SQLite database in memory holds no study of another process; name a file, as in "
            "sqlite:///study.db"
        )
    if not os.path.isfile(path):
        raise SourceError(f"there is no file {path}")


def _open_journal(path: str) -> BaseStorage:
    try:
        return JournalStorage(JournalFileBackend(path))
    except Exception as error:  # Optuna trusts the file to be one of its own
        raise SourceError(
            f"{path} is not an Optuna journal file; a file of rows is read by --csv"
        ) from error


def _load(storage: BaseStorage, study_name: str | None, name: str) -> optuna.Study:
    names = optuna.get_all_study_names(storage)
    if study_name is None and len(names) == 1:
        study_name = names[0]
    if not names:
        raise SourceError(f"{name} holds no study; is it the right one?")
    choice = f"the storage holds {', '.join(map(repr, sorted(names)))}"
    if study_name is None:
        raise SourceError(f"--study is needed: {choice}")
    if study_name not in names:
        raise SourceError(f"there is no study {study_name!r}; {choice}")
    return optuna.load_study(study_name=study_name, storage=storage)


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__

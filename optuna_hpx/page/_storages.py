"""Open a storage of Optuna to read from it, and say in one line why that cannot be."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from difflib import get_close_matches
from json import JSONDecodeError
from typing import TYPE_CHECKING

import optuna
import sqlalchemy
from optuna.exceptions import OptunaError
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalRedisBackend
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from optuna_hpx.page._errors import SourceError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

__all__ = ["errors_of", "load", "open_storage"]

_NEEDED_TABLES = {"alembic_version", "studies", "trials", "version_info"}
_MAX_NAMES = 20  # of studies in an error
_DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle", "redis")
_SCHEMES = "sqlite:///, postgresql://, mysql:// or redis://"
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pymysql": "PyMySQL",
}
"""What to install for a driver of another name."""


@contextlib.contextmanager
def errors_of(storage: str, name: str) -> Iterator[None]:
    """Say of a storage that cannot be read what can be done.

    Args:
        storage: A database URL, or the path of a journal file.
        name: The same without passwords.

    Raises:
        SourceError: In place of the errors of Optuna and of drivers.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = error.name or ""
        package = _PACKAGES.get(module, module)
        raise SourceError(
            f"cannot read {name}: its driver, {module}, is not installed: pip install '{package}'"
        ) from error
    except NoSuchModuleError as error:
        raise SourceError(f"cannot read {name}: {_unknown_database(storage)}") from error
    except (SQLAlchemyError, OptunaError, RuntimeError, OSError, JSONDecodeError) as error:
        raise _unreadable(storage, name, error) from error


def _unreadable(storage: str, name: str, error: Exception) -> SourceError:
    cause = getattr(error, "orig", None) or error
    reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
    hint = "is the URL right, and the database up?"
    if "://" not in storage:
        hint = "was the journal file replaced while it was read?"
    if storage.startswith("sqlite:"):
        hint = "is it an SQLite database? A journal file is named by its path alone"
    return SourceError(f"cannot read {name}: {reason}; {hint}")


def _unknown_database(url: str) -> str:
    """Say which databases there are, and which one may be meant."""
    scheme, _, driver = url.partition(":")[0].partition("+")
    if scheme in _DATABASES:
        return f"there is no driver {driver} of {scheme}; leave it out"
    meant = get_close_matches(scheme, _DATABASES, n=1)
    advice = f"did you mean {meant[0]}://?" if meant else f"URLs begin with {_SCHEMES}"
    return f"{scheme} is no database that can be read; {advice}"


def open_storage(storage: str, name: str) -> BaseStorage:
    """Open a storage without writing to it.

    Args:
        storage: A database URL, or the path of a journal file.
        name: The same without passwords.

    Raises:
        SourceError: If it is none, or of an older Optuna. Errors of drivers are raised as well.
    """
    if "://" not in storage:
        return _open_journal(storage)
    is_redis = storage.startswith(("redis://", "rediss://"))
    return _open_redis(storage, name) if is_redis else _open_url(storage, name)


def _open_redis(url: str, name: str) -> BaseStorage:
    import redis

    try:
        return JournalStorage(JournalRedisBackend(url))
    except (redis.RedisError, ValueError) as error:  # such as a port that is no number
        raise _unreadable(url, name, error) from error


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


def load(storage: BaseStorage, study_name: str | None, name: str) -> optuna.Study:
    """Load the study of that name, or the only one there is.

    Raises:
        SourceError: If there is none, or more than one.
    """
    names = optuna.get_all_study_names(storage)
    if study_name is None and len(names) == 1:
        study_name = names[0]
    if not names:
        raise SourceError(f"{name} holds no study; is it the right one?")
    if study_name is None:
        raise SourceError(f"--study is needed: the storage holds {_listed(names)}")
    if study_name not in names:
        meant = get_close_matches(study_name, names, n=1)
        advice = f"did you mean {meant[0]!r}? The" if meant else "the"
        raise SourceError(
            f"there is no study {study_name!r}; {advice} storage holds {_listed(names)}"
        )
    return optuna.load_study(study_name=study_name, storage=storage)


def _listed(names: list[str]) -> str:
    shown = [repr(name) for name in sorted(names)[:_MAX_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")

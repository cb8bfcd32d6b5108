"""Where the checkpoints of a run are kept: an artifact store, or memory."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast

from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.logging import get_logger

from optuna_hpx import _checks
from optuna_hpx.population._archive import CheckpointError
from optuna_hpx.trials import storage
from optuna_hpx.trials.options import artifact_folder

if TYPE_CHECKING:
    from optuna.storages import InMemoryStorage
    from optuna.study import Study

__all__ = ["ArtifactStore", "CheckpointStore", "MemoryStore", "store_for"]

_logger = get_logger("optuna.hpx")
_WAITS = (0.1, 0.5, 2.0)  # seconds between attempts to read an artifact


class ArtifactStore(Protocol):
    """An artifact store of Optuna, or one that is like it.

    Reading or removing an artifact that is not there raises ``ArtifactNotFound``.
    """

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Return a file with the content of an artifact."""

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep the content of an artifact."""

    def remove(self, artifact_id: str) -> None:
        """Remove an artifact."""


class MemoryStore:
    """An artifact store for one process: what goes with a study that is in memory."""

    def __init__(self) -> None:
        self._artifacts: dict[str, bytes] = {}

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Return a file with the content of an artifact."""
        if artifact_id not in self._artifacts:
            raise ArtifactNotFound("not found")
        return io.BytesIO(self._artifacts[artifact_id])

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep the content of an artifact."""
        self._artifacts[artifact_id] = content_body.read()

    def remove(self, artifact_id: str) -> None:
        """Forget an artifact."""
        if self._artifacts.pop(artifact_id, None) is None:
            raise ArtifactNotFound("not found")


class CheckpointStore:
    """One artifact per trial, of a name that follows from the run and the trial's number.

    So any worker can name what another one left behind. Safe to call from several threads.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._gone: set[str] = set()
        self._lock = threading.Lock()

    @staticmethod
    def name(run: str, number: int) -> str:
        """Return the name of what trial ``number`` of a run leaves."""
        return f"hpx-{run}-{number:06d}"

    def write(self, name: str, file: IO[bytes]) -> None:
        """Store a file, all of it or nothing."""
        try:
            self._store.write(name, cast(BinaryIO, file))
        except BaseException:
            with contextlib.suppress(Exception):
                self._store.remove(name)  # half of a file serves nobody
            raise

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a local copy, as a file in which one can seek.

        Raises:
            CheckpointError: If the store has it no more, or cannot be read.
        """
        with tempfile.TemporaryFile() as local:
            self._fetch(name, local)
            local.seek(0)
            yield local

    def _fetch(self, name: str, local: IO[bytes]) -> None:
        """Copy an artifact into a file; try again for a while if the store is busy or away."""
        for wait in (*_WAITS, None):
            try:
                local.seek(0)
                local.truncate()
                with self._store.open_reader(name) as reader:
                    shutil.copyfileobj(reader, local)
                return
            except ArtifactNotFound as error:
                raise CheckpointError(
                    f"artifact {name} is not in the store (is it the one that the run began with? "
                    "a relative path depends on the working directory)"
                ) from error
            except Exception as error:
                if wait is None:
                    message = f"artifact {name} cannot be read from the store: {error!r}"
                    raise CheckpointError(message) from error
                time.sleep(wait)

    def remove(self, names: set[str]) -> None:
        """Remove those that are there."""
        with self._lock:
            names = names - self._gone
        for name in names:
            try:
                with contextlib.suppress(ArtifactNotFound):
                    self._store.remove(name)
            except Exception as error:  # a file too many does no harm
                _logger.warning(f"Checkpoint {name} could not be removed: {error!r}")
                continue
            with self._lock:
                self._gone.add(name)


# One per storage in memory, so that a second scheduler on it finds the checkpoints.
_memory_stores: weakref.WeakKeyDictionary[InMemoryStorage, MemoryStore] = (
    weakref.WeakKeyDictionary()
)


def store_for(study: Study, artifact_store: ArtifactStore | None) -> ArtifactStore:
    """Return the store that a user passed, or for a study in memory one that goes with it.

    Raises:
        TypeError: If it is no artifact store.
        ValueError: If there is none and the study is not in memory, or if its folder is missing.
    """
    if artifact_store is None:
        memory = storage.memory_of(study)
        if memory is None:
            raise ValueError(
                "`artifact_store` must be given, as other processes can see the study: e.g. "
                "optuna.artifacts.FileSystemArtifactStore('checkpoints')."
            )
        return _memory_stores.setdefault(memory, MemoryStore())
    _checks.has("artifact_store", artifact_store, "open_reader", "of optuna.artifacts")
    _check_folder(artifact_store)
    return artifact_store


def _check_folder(artifact_store: ArtifactStore) -> None:
    """Refuse a missing folder before the first segment is trained for nothing."""
    if not isinstance(artifact_store, FileSystemArtifactStore):
        return
    folder = artifact_folder(artifact_store)
    if folder is not None and not folder.is_dir():
        raise ValueError(
            f"`artifact_store` must have a folder, but {str(folder)!r} does not exist; the store "
            "does not make it."
        )

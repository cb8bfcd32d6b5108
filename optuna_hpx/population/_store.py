"""Checkpoints of a run in an artifact store."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.logging import get_logger

from optuna_hpx.population._archive import CheckpointError

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore

__all__ = ["CheckpointStore", "MemoryStore"]

_logger = get_logger("optuna.hpx")
_WAITS = (0.1, 0.5, 2.0)  # seconds between attempts to read an artifact


class MemoryStore:
    """An artifact store for one process: what goes with a study that is in memory."""

    def __init__(self) -> None:
        self._artifacts: dict[str, bytes] = {}

    def open_reader(self, artifact_id: str) -> BinaryIO:
        if artifact_id not in self._artifacts:
            raise ArtifactNotFound("not found")
        return io.BytesIO(self._artifacts[artifact_id])

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._artifacts[artifact_id] = content_body.read()

    def remove(self, artifact_id: str) -> None:
        if self._artifacts.pop(artifact_id, None) is None:
            raise ArtifactNotFound("not found")


class CheckpointStore:
    """One artifact per trial, of a name that follows from the run and the trial's number.

    So any worker knows what another one left behind. Safe to call from several threads.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._gone: set[str] = set()
        self._lock = threading.Lock()

    @staticmethod
    def name(run: str, number: int) -> str:
        return f"hpx-{run}-{number:06d}"

    def write(self, name: str, file: IO[bytes]) -> None:
        try:
            self._store.write(name, cast(BinaryIO, file))
        except BaseException:
            with contextlib.suppress(Exception):
                self._store.remove(name)  # half of a file serves nobody
            raise

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A local copy, as a file in which one can seek."""
        with tempfile.TemporaryFile() as local:
            self._fetch(name, local)
            local.seek(0)
            yield local

    def _fetch(self, name: str, local: IO[bytes]) -> None:
        """Again for a while if the store is busy or away."""
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
        """Those that are there."""
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

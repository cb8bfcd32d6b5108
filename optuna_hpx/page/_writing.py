"""Files that are whole at every moment: what was there before stays until the new one is done."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from optuna_hpx.page._errors import SourceError

__all__ = ["is_stream", "write_text"]


def is_stream(path: str) -> bool:
    """Tell whether what is at a path is no file of its own, as a pipe and a terminal are not."""
    return os.path.exists(path) and not os.path.isfile(path)


def write_text(path: str, text: str) -> None:
    """Write a file in one step: a reader, or a full disk, never sees a part of it.

    The text goes to a file beside it, which then takes its name. Of a link the file that it leads
    to is written; the permissions of a file that was there are kept. What is no file, as
    ``/dev/stdout``, is written to as it is.

    Args:
        path: The file.
        text: What it shall hold, in UTF-8.

    Raises:
        SourceError: If it cannot be written; what was there before is unharmed.
    """
    content = text.encode("utf-8", errors="replace")
    try:
        if Path(path).is_dir():
            raise IsADirectoryError(None, "it is a folder")
        if is_stream(path):
            Path(path).write_bytes(content)  # of a pipe the name that it leads to is none
        else:
            _replace(Path(path).resolve(), content)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"cannot write {path}: {reason}; what was there before is unharmed; make room, or "
            "choose another place"
        ) from error


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode_of(target))
        os.replace(name, target)
    except BaseException:  # an interruption too must leave nothing behind
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode_of(target: Path) -> int:
    """Return the permissions of a file, or those that a new one would have."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

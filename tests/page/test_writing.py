"""Files that are whole, or as they were."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._writing import is_stream, write_text

_AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for text in ("long " * 1000, "é\u2028", ""):
        write_text(str(path), text)
        assert path.read_text(encoding="utf-8") == text
    assert _names(tmp_path) == ["page.html"]


def test_permissions_are_those_of_the_file_or_of_any_new_one(tmp_path: Path) -> None:
    path, other = tmp_path / "page.html", tmp_path / "other"
    other.touch()
    write_text(str(path), "a")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)
    path.chmod(0o640)
    write_text(str(path), "b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "page.html", tmp_path / "link.html"
    link.symlink_to(target)
    for text in ("new", "newer"):
        write_text(str(link), text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert _names(tmp_path / "real") == ["page.html"]


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        write_text(str(pipe), "through")
        assert reader.communicate(timeout=20)[0] == b"through"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("call", ["os.fsync", "os.replace"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(call, full)
    with pytest.raises(SourceError, match="No space left on device; what was there before"):
        write_text(str(path), "new")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["page.html"]


def test_a_real_limit_of_room_leaves_the_old_file(tmp_path: Path) -> None:
    """The kernel refuses a process what goes beyond its limit, in the middle of the file."""
    path = tmp_path / "page.html"
    path.write_text("old")
    code = (
        "import sys; from optuna_hpx.page._writing import is_stream, write_text\n"
        "write_text(sys.argv[1], 'x' * 3_000_000)"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SourceError: cannot write" in run.stderr
    assert "File too large" in run.stderr
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["page.html"]


def test_an_interruption_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text(str(path), "new")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["page.html"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for name, reason in (
        ("folder", "it is a folder"),
        ("missing/page.html", "No such file"),
        ("round", ""),
        ("x" * 300, "name too long"),
    ):
        with pytest.raises(SourceError, match=f"cannot write .*{reason}"):
            write_text(str(tmp_path / name), "new")
    assert _names(tmp_path) == ["folder", "round"]


@_AS_ROOT
def test_a_folder_that_is_only_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SourceError, match="Permission denied"):
            write_text(str(tmp_path / "page.html"), "new")
    finally:
        tmp_path.chmod(0o700)


def test_a_pipe_is_written_to() -> None:
    code = "from optuna_hpx.page._writing import write_text; write_text('/dev/stdout', 'page')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "page"


def test_a_pipe_is_a_stream_and_a_file_is_none(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.touch()
    assert is_stream(str(pipe))
    assert not is_stream(str(file))
    assert not is_stream(str(tmp_path / "nothing"))

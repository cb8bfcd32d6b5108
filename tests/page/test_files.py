"""Text files in many forms."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from pathlib import Path

import pytest

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._files import read_text_file


def read(folder: Path, content: bytes | str, **options: str) -> tuple[list[str], list[str], str]:
    """The names, the first row and the decimal signs."""
    path = folder / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = read_text_file(str(path), **options)
    return file.frame.columns.tolist(), file.frame.iloc[0].tolist(), file.decimals


@pytest.mark.parametrize(
    ("content", "decimals"),
    [
        ("lr,y\n0.5,1\n", ".,"),
        ("lr;y\n0,5;1\n", ",."),
        ("lr;y\n0.5;1\n", ".,"),
        ("lr\ty\n0.5\t1\n", ".,"),
        ("lr|y\n0.5|1\n", ".,"),
        ("\ufefflr;y\r\n0,5;1\r\n", ",."),
        ("sep=;\r\nlr;y\r\n0,5;1\r\n", ",."),
        ('lr,y\n"0,5",1\n', ",."),
        ("lr;y\n0,5;1\n".encode("utf-16"), ",."),
        (gzip.compress(b"lr,y\n0.5,1\n"), ".,"),
    ],
)
def test_signs_and_encodings(tmp_path: Path, content: bytes | str, decimals: str) -> None:
    names, row, signs = read(tmp_path, content)
    assert (names, signs) == (["lr", "y"], decimals)
    assert row in (["0.5", "1"], ["0,5", "1"])


def test_what_is_said_counts(tmp_path: Path) -> None:
    names, row, signs = read(tmp_path, "a,b;c\n1,5;2\n", separator=";", decimal=".")
    assert (names, row, signs) == (["a,b", "c"], ["1,5", "2"], ".")


def test_groups_of_thousands_are_no_decimals(tmp_path: Path) -> None:
    assert read(tmp_path, 'n;x\n"1,024";1\n')[2] == ".,"
    assert read(tmp_path, 'n,x\n"1,024",0.5\n')[2] == ".,"


def test_letters_of_windows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("größe;y\n1;2\n".encode("cp1252"))
    file = read_text_file(str(tmp_path / "t.csv"))
    assert file.frame.columns.tolist() == ["größe", "y"]
    assert "Windows-1252" in file.notes[0]


def test_names_that_come_twice_and_names_that_lack(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",x,x,x,x\n0,1,1,2,3\n")
    file = read_text_file(str(tmp_path / "t.csv"))
    assert file.frame.columns.tolist() == ["Unnamed: 0", "x", "x (2)", "x (3)"]
    assert file.notes == (
        "Column 'x' is there twice with the same cells",
        "Column 'x' is there again with other cells: 'x (2)'",
        "Column 'x' is there again with other cells: 'x (3)'",
    )


def test_short_rows_and_quoted_signs(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b,c\n"x, ""y""",2\n')[1] == ['x, "y"', "2", ""]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(b"a,b\n1,2\n")

    monkeypatch.setattr(sys, "stdin", Input())
    assert read_text_file("-").frame.columns.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04...", "an Excel workbook"),
        (b"PAR1...", "a Parquet file"),
        (b"SQLite format 3\0", "--storage sqlite:///"),
        (bytes(range(256)), "it is no text"),
        (b"", "cannot read"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2,3\n", "cannot read .* Expected 2 fields"),
        (b"\x1f\x8bbroken", "cannot read"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, content)


def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("lr,y\n0.5,1\n",))
    writer.start()
    frame = read_text_file(str(path)).frame
    writer.join()
    assert frame.columns.tolist() == ["lr", "y"]


def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"lr,y\n" + b"0.5,1\n" * 1000))
    packed[15] ^= 0xFF
    (tmp_path / "t.csv").write_bytes(packed)
    with pytest.raises(SourceError, match="while decompressing"):
        read_text_file(str(tmp_path / "t.csv"))
    with pytest.raises(SourceError, match="Is a directory"):
        read_text_file(str(tmp_path))

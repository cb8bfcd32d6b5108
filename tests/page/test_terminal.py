"""Lines on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from optuna_hpx.page._terminal import complain, one_line, say


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31mred\x1b[0m\x07", r"\x1b[31mred\x1b[0m\x07"),
        ("a\r\nb\nc", "a b c"),
        ("\u202eevil\ud800\u2028x", r"\u202eevil\ud800 x"),
        ("  a  'two  blanks'", "  a  'two  blanks'"),
        ("größe 学习率", "größe 学习率"),
        ("95\u00a0% sure", "95 % sure"),
    ],
)
def test_no_escape_acts(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_flood_is_cut() -> None:
    assert len(one_line("x" * 1_000_000)) == 2001


def test_where_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    say("to people")
    complain("of \x1b")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("to people\n", "of \\x1b\n")


def test_a_terminal_of_few_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    say("größe")
    assert terminal.buffer.getvalue() == b"gr\\xf6\\xdfe\n"

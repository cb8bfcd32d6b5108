"""Lines that the command says to a terminal, or to whatever stands in its place."""

from __future__ import annotations

import sys
from typing import TextIO

from optuna_hpx.canvas.words import NBSP
from optuna_hpx.page._shown import cut

__all__ = ["complain", "one_line", "say"]

_MAX_LENGTH = 2000  # characters of a line


def say(text: str) -> None:
    """Print a line to standard output."""
    _print(text, sys.stdout)


def complain(text: str) -> None:
    """Print a line to standard error."""
    _print(text, sys.stderr)


def one_line(text: str) -> str:
    """Return a text as one line, on which no escape sequence acts."""
    line = cut(" ".join(text.splitlines()), _MAX_LENGTH)
    line = line.replace(NBSP, " ")  # which does not count as printable
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in line)


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def _print(text: str, file: TextIO) -> None:
    """Print what the encoding of a terminal lacks as escapes."""
    encoding = file.encoding or "utf-8"
    line = one_line(text).encode(encoding, "backslashreplace").decode(encoding)
    print(line, file=file, flush=True)

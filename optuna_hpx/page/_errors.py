"""What the command refuses, and what it prints of it: one line, and no password in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

__all__ = ["DemoError", "SourceError", "hide_passwords"]

_HIDDEN = "***"
# Up to the last @ of a word: a password may hold one, though a URL should quote it. The slashes
# may be forgotten.
_IN_URL = re.compile(r"(:(?://)?[^\s:/@]*:)(\S*)(@)")
# The sign may be quoted, as in an ODBC string that is part of a URL; there ; ends the password.
_IN_QUERY = re.compile(
    r"((?:password|passwd|pwd|passphrase|secret|token)(?:=|%3D))((?:(?!%3B|:\s)[^&;\s'\"])+)", re.I
)


class SourceError(Exception):
    """The command cannot do as it is told; the message is for the person who gave it."""


class DemoError(Exception):
    """The demonstration did not come to its end."""


def hide_passwords(text: str, arguments: Sequence[str] = ()) -> str:
    """Replace the passwords in a message: in its URLs, and those of the command's arguments.

    Args:
        text: The message.
        arguments: What the command was given; drivers repeat a password without its URL.
    """
    for secret in sorted(_secrets(arguments), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    text = _IN_URL.sub(rf"\1{_HIDDEN}\3", text)
    return _IN_QUERY.sub(rf"\1{_HIDDEN}", text)


def _secrets(arguments: Sequence[str]) -> Iterator[str]:
    """List the passwords in URLs, as they are written and as they are meant."""
    for argument in arguments:
        in_url = re.search(r":(?://)?[^:/@]*:(.*)@", argument, re.DOTALL)  # blanks included
        secrets = [in_url[1]] if in_url else []
        if in_url and "@" in in_url[1]:  # a driver ends it at the first @, and repeats the rest
            secrets += in_url[1].split("@")
        secrets += [match[2] for match in _IN_QUERY.finditer(argument)]
        for secret in secrets:
            yield from (form for form in {secret, unquote(secret)} if len(form) > 2)

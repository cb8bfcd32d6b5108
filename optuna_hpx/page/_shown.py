"""Text of a user as a page can show it: nothing turns, breaks or floods it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["cut", "shown", "shown_in_all"]

_MAX_LENGTH = 4000  # characters of a text; no sentence of the page comes near
_MAX_WORD = 160  # characters without a blank: longer is no word

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What turns the text after it round, up to the end of its paragraph, has no meaning in a page
# (controls), or no form in UTF-8 (halves of a pair): a name must not hold it.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LONG_WORD = re.compile(rf"\S{{{_MAX_WORD + 1},}}")


def shown(text: str) -> str:
    """Return what a page shows of a text: odd characters marked, the middle of long words cut."""
    text = cut(text, _MAX_LENGTH)
    if len(text) > _MAX_WORD:
        text = _LONG_WORD.sub(lambda word: cut(word[0], _MAX_WORD), text)
    return _UNSHOWN.sub(_REPLACEMENT, text)


def cut(text: str, length: int) -> str:
    """Leave out the middle of a text that is too long."""
    if len(text) <= length:
        return text
    tail = length // 3
    return f"{text[: length - tail]}…{text[-tail:]}"


def shown_in_all(value: Any) -> Any:
    """Return plain values with :func:`shown` for each of their texts; arrays as they are."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {key: item if key == "bdata" else shown_in_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown_in_all(item) for item in value]
    return value

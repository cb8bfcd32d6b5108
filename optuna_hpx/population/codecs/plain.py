"""Plain values: numbers, strings, None, and lists, tuples and dicts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.population.codecs.base import Codec

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["PlainCodec", "holds_state", "is_plain"]


class PlainCodec(Codec):
    """Values cannot be changed in place: what was saved is returned."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is a value."""
        return is_plain(part)

    def save(self, writer: Writer, name: str, part: Any) -> None:
        """Write the value."""
        writer.add(name, part)

    def load(self, reader: Reader, name: str, part: Any) -> Any:
        """Return what the value was."""
        return reader.tree(name)


def is_plain(part: Any) -> bool:
    """Return whether ``part`` is a value, which cannot be changed in place."""
    plain = (bool, int, float, str, list, tuple, dict, np.generic)
    return part is None or isinstance(part, plain)


def holds_state(part: Any) -> bool:
    """Return whether a plain value has arrays or tensors in it, as a ``state_dict()`` has."""
    if isinstance(part, dict):
        return any(map(holds_state, part.values()))
    if isinstance(part, (list, tuple)):
        return any(map(holds_state, part))
    return isinstance(part, np.ndarray) or hasattr(part, "untyped_storage")

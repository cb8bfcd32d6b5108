"""NumPy arrays, which are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.population.codecs.base import Codec

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["ArrayCodec"]


class ArrayCodec(Codec):
    """An array keeps its shape and its type."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is an array."""
        return isinstance(part, np.ndarray)

    def save(self, writer: Writer, name: str, part: np.ndarray) -> None:
        """Write the elements."""
        writer.add(name, part)

    def load(self, reader: Reader, name: str, part: np.ndarray) -> None:
        """Fill ``part``."""
        state = reader.tree(name)
        if not isinstance(state, np.ndarray):
            raise ValueError(f"`{name}` was saved as {state!r}, got an array.")
        if part.shape != state.shape or part.dtype != state.dtype:
            raise ValueError(
                f"`{name}` must have shape {state.shape} and type {state.dtype} as it was saved, "
                f"got {part.shape} and {part.dtype}."
            )
        part[...] = state

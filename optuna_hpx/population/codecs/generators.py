"""Sources of random numbers, whose state is where they are in their sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.population.codecs.base import Codec, fitting

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["GeneratorCodec", "RandomSourceCodec"]

_METHODS = (
    ("getstate", "setstate"),  # of the module random, or one of its generators
    ("get_state", "set_state"),  # of numpy.random, or a torch.Generator
    ("get_rng_state", "set_rng_state"),  # of the module torch, or torch.cuda
)
"""The names of the methods that give and take a state."""


class GeneratorCodec(Codec):
    """A ``numpy.random.Generator``."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is one."""
        return isinstance(part, np.random.Generator)

    def save(self, writer: Writer, name: str, part: np.random.Generator) -> None:
        """Write the state of its bit generator."""
        writer.add(name, dict(part.bit_generator.state))

    def load(self, reader: Reader, name: str, part: np.random.Generator) -> None:
        """Set the state of its bit generator, which must be of the same kind."""
        state = reader.tree(name)
        with fitting(name):
            part.bit_generator.state = state


class RandomSourceCodec(Codec):
    """Any object or module with two methods that give and take a state."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` has such methods."""
        return _methods(part) is not None

    def save(self, writer: Writer, name: str, part: Any) -> None:
        """Write the state that it gives."""
        give, _ = _methods(part) or _METHODS[0]
        writer.add(name, getattr(part, give)())

    def load(self, reader: Reader, name: str, part: Any) -> None:
        """Let it take the state."""
        _, take = _methods(part) or _METHODS[0]
        state = reader.tree(name)
        with fitting(name):
            getattr(part, take)(state)


def _methods(part: Any) -> tuple[str, str] | None:
    for methods in _METHODS:
        if all(hasattr(part, method) for method in methods):
            return methods
    return None

"""Torch modules, and all else that has a ``state_dict()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optuna_hpx.population.codecs.base import Codec, fitting

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["StateDictCodec"]


class StateDictCodec(Codec):
    """An object with ``state_dict()`` and ``load_state_dict()``, in whose state nothing is own."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` has both methods."""
        return hasattr(part, "state_dict") and hasattr(part, "load_state_dict")

    def save(self, writer: Writer, name: str, part: Any) -> None:
        """Write its state."""
        writer.add(name, self.state_of(part))

    def load(self, reader: Reader, name: str, part: Any) -> None:
        """Let it load the state, in which its own hyperparameters have been put."""
        state = reader.tree(name)
        with fitting(name):
            part.load_state_dict(self.merge(part, state))

    def state_of(self, part: Any) -> Any:
        """Return what is saved of ``part``."""
        return part.state_dict()

    def merge(self, part: Any, state: Any) -> Any:
        """Return the saved ``state`` with all that stays as it is in ``part``: here, nothing."""
        return state

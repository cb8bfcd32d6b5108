"""What a codec does: save the state of one kind of part, and restore it in place."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["SHAPES", "Codec", "fitting"]

SHAPES = (
    "A child goes on with its parent's model: sizes of layers, the kinds of optimisers and "
    "estimators, and whether they keep averages (amsgrad, centered, average), cannot be searched."
)


class Codec(ABC):
    """How the state of one kind of part is saved and restored.

    Attributes:
        blob_kind: What the part is, for a codec that writes bytes of its own with
            :meth:`Writer.add_blob`; None for one that writes a tree with :meth:`Writer.add`.
    """

    blob_kind: ClassVar[str | None] = None

    @abstractmethod
    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is of this kind."""

    @abstractmethod
    def save(self, writer: Writer, name: str, part: Any) -> None:
        """Write the state of ``part`` under ``name``.

        Raises:
            TypeError: If it holds something that could not be read again.
        """

    @abstractmethod
    def load(self, reader: Reader, name: str, part: Any) -> Any:
        """Restore the state that was saved under ``name`` into ``part``, in place.

        The part keeps the hyperparameters that it was built with.

        Returns:
            What a plain value was; None for all other kinds.

        Raises:
            ValueError: If the state does not fit ``part``.
            CheckpointError: If it has been altered.
        """

    def finish(self, part: Any) -> None:  # noqa: B027  (most have nothing to do)
        """Bring ``part`` in line with other parts, once all of them are loaded."""

    def set_hyperparameters(self, part: Any, values: Mapping[str, Any]) -> None:
        """Set the hyperparameters of ``part``.

        Raises:
            TypeError: If this kind of part has none.
            ValueError: If this part has no hyperparameter of such a name.
        """
        raise TypeError(
            "`target` must be a torch optimiser or a scikit-learn estimator, got a "
            f"{type(part).__name__}."
        )


@contextlib.contextmanager
def fitting(name: str) -> Iterator[None]:
    """Raise a ValueError for whatever a part raises when a state is put into it."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` does not fit what the parent saved: {error}. {SHAPES}"
        ) from error

"""What a segment gets from its parent and leaves to its children."""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

import numpy as np

from optuna_hpx.population import codecs
from optuna_hpx.population._archive import CheckpointError, Reader, Writer

__all__ = ["Checkpoint"]

Opener = Callable[[], contextlib.AbstractContextManager[IO[bytes]]]


class Checkpoint:
    """The state of the parent's model, and the place where this segment leaves its own.

    A segment builds its model with its own hyperparameters, calls :meth:`load`, trains, and calls
    :meth:`save` with the same parts. :meth:`GPBTScheduler.optimize` makes one for each segment;
    by hand it is made to try a segment out.

    Args:
        generation: Of the segment, from 0.
        seed: For its training.
        parent: Opens the file that the parent left; None at the root.
        sha256: That its contents must have.
        name: Of the parent, for messages.

    Attributes:
        generation: Of this segment, from 0.
        is_root: Whether there is no parent: generation 0.
        seed: This segment's own, below 2^32. Its training must depend on nothing else that is
            random if its schedule is to be replayed.
        loaded: The sha256 of the parent's checkpoint, once something was loaded from it.

    Example:
        >>> import io
        >>> import numpy as np
        >>> from optuna_hpx import Checkpoint
        >>> root = Checkpoint(generation=0, seed=1)
        >>> root.save(weights=np.array([1.0, 2.0]), steps=100)
        >>> file, sha256 = root.saved
        >>> content = file.read()
        >>> child = Checkpoint(1, seed=2, parent=lambda: io.BytesIO(content), sha256=sha256)
        >>> weights = np.zeros(2)
        >>> child.load(weights=weights, steps=0)
        {'steps': 100}
        >>> weights
        array([1., 2.])
    """

    def __init__(
        self,
        generation: int,
        seed: int,
        *,
        parent: Opener | None = None,
        sha256: str = "",
        name: str = "",
    ) -> None:
        self.generation = generation
        self.seed = seed
        self._parent, self._parent_sha256, self._parent_name = parent, sha256, name
        self._saved: tuple[IO[bytes], str] | None = None
        self._left: set[str] | None = None
        self.loaded: str | None = None

    def __repr__(self) -> str:
        return f"Checkpoint(generation={self.generation}, seed={self.seed})"

    @property
    def is_root(self) -> bool:
        """Whether the segment begins a new model."""
        return self._parent is None

    def load(self, **parts: Any) -> dict[str, Any]:
        """Restore what the parent saved under these names; at the root nothing happens.

        Each part is one of

        * an object with ``state_dict()`` and ``load_state_dict()``: torch modules, optimisers and
          learning-rate schedulers,
        * a scikit-learn estimator, alone or in a pipeline or union, that is made of arrays: linear
          models, networks, naive Bayes, scalers and decompositions, but no trees, forests,
          boosting or neighbours, and no class of your own,
        * a NumPy array, which is filled,
        * a source of random numbers: a ``numpy.random.Generator``, ``torch.Generator`` or
          ``random.Random``, or the modules ``random``, ``numpy.random``, ``torch`` or
          ``torch.cuda`` for their global states,
        * a value that JSON can hold; what the parent saved is in the returned dict.

        Hyperparameters are those of this segment, also where the parent's are part of the state:
        an optimiser keeps the learning rate, momentum and the like that it was built with, a
        scheduler all but how far it has come, an estimator its parameters, those of estimators
        inside it included. A rate that a scheduler had lowered is lowered by the same factor; with
        ReduceLROnPlateau it begins anew. What has another state than the parent's cannot be
        loaded: sizes of layers are not to be searched, nor ``amsgrad`` and ``centered`` of an
        optimiser, ``average`` of an estimator, and whether RMSprop has a momentum.

        Args:
            parts: What to restore, by the names under which the parent saved it.

        Returns:
            The plain values by name: the parent's, or at the root those that were passed.

        Raises:
            CheckpointError: If the parent's checkpoint is missing, truncated or altered. Parts
                that come before the damaged one may have been restored.
            ValueError: If the parent saved no part of that name, or of another shape or kind.
            TypeError: If a part is of no kind that can be restored.
        """
        _check_restorable(parts)
        values = {name: part for name, part in parts.items() if codecs.is_plain(part)}
        if self._parent is None:
            return values
        with self._read() as reader:
            self._check_names(parts, reader.names)
            restored = {name: codecs.restore(reader, name, part) for name, part in parts.items()}
        codecs.finish(parts.values())
        self.loaded = self._parent_sha256
        return {name: restored[name] for name in values}

    def _check_names(self, names: Iterable[str], saved: list[str]) -> None:
        """Refuse a name that the parent did not save, and note which of the saved are left."""
        missing = sorted(set(names) - set(saved))
        if missing:
            raise ValueError(
                f"The checkpoint of {self._parent_name} has no part {missing[0]!r}; it has "
                f"{saved}."
            )
        left = set(saved) if self._left is None else self._left
        self._left = left - set(names)

    @contextlib.contextmanager
    def _read(self) -> Iterator[Reader]:
        assert self._parent is not None
        try:
            with self._parent() as file:
                yield Reader(file, self._parent_sha256)
        except CheckpointError as error:
            raise CheckpointError(
                f"The checkpoint of {self._parent_name} cannot be loaded: {error}."
            ) from error

    def save(self, **parts: Any) -> None:
        """Keep the state of ``parts``, as for :meth:`load`, for the children of this segment.

        The state is taken now and leaves this process when the segment returns. Of several calls
        the last counts.

        Args:
            parts: What to save, by name.

        Raises:
            TypeError: If a part, or something in its state, is of no kind that can be saved.
            ValueError: If there are no parts.
        """
        if not parts:
            raise ValueError("`save` needs at least one part, got none.")
        self.close()
        file = tempfile.TemporaryFile()  # noqa: SIM115  (without a name: it goes with the process)
        writer = Writer(file)
        try:
            for name, part in parts.items():
                codecs.save(writer, name, part)
        finally:
            sha256 = writer.close()
        self._saved = file, sha256

    @property
    def saved(self) -> tuple[IO[bytes], str] | None:
        """The file that :meth:`save` wrote, at its beginning, and the sha256 of its contents."""
        if self._saved is not None:
            self._saved[0].seek(0)
        return self._saved

    @property
    def left(self) -> list[str]:
        """Parts that the parent saved and this segment did not load."""
        return sorted(self._left or ())

    def close(self) -> None:
        """Release the file that was saved."""
        if self._saved is not None:
            self._saved[0].close()
            self._saved = None

    def seed_everything(self) -> None:
        """Seed the global generators of ``random``, NumPy and, if it is loaded, torch.

        The seed is :attr:`seed`. Not for several threads: they share these generators.
        """
        random.seed(self.seed)
        np.random.seed(self.seed)
        if (torch := sys.modules.get("torch")) is not None:
            torch.manual_seed(self.seed)

    @staticmethod
    def set_hyperparameters(target: Any, **values: Any) -> None:
        """Set them in all parameter groups of a torch optimiser, or in an estimator.

        :meth:`load` keeps those that ``target`` was built with; this is for one that was built
        before they were known. A learning rate that a scheduler has lowered is scaled: ``lr`` is
        the rate at the start.

        Args:
            target: The optimiser or estimator.
            values: Hyperparameters by name.

        Raises:
            TypeError: If ``target`` is neither.
            ValueError: If ``target`` has no such hyperparameter.
        """
        codecs.set_hyperparameters(target, **values)


def _check_restorable(parts: Mapping[str, Any]) -> None:
    """Refuse the ``state_dict()`` of a part in its place."""
    for name, part in parts.items():
        if codecs.is_plain(part) and codecs.holds_state(part):
            raise TypeError(
                f"`{name}` must be restored in place, and a {type(part).__name__} of arrays "
                f"cannot be: pass the module or optimiser itself, checkpoint.load({name}=...)."
            )

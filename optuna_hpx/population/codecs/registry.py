"""All codecs, and which of them a part belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from optuna_hpx.population.codecs.array import ArrayCodec
from optuna_hpx.population.codecs.estimator import EstimatorCodec
from optuna_hpx.population.codecs.generators import GeneratorCodec, RandomSourceCodec
from optuna_hpx.population.codecs.optimizer import OptimizerCodec
from optuna_hpx.population.codecs.plain import PlainCodec
from optuna_hpx.population.codecs.scheduler import SchedulerCodec
from optuna_hpx.population.codecs.state_dict import StateDictCodec

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer
    from optuna_hpx.population.codecs.base import Codec

__all__ = ["CODECS", "codec_of", "finish", "restore", "save", "set_hyperparameters"]

CODECS: tuple[Codec, ...] = (
    OptimizerCodec(),
    SchedulerCodec(),
    StateDictCodec(),
    EstimatorCodec(),
    GeneratorCodec(),
    PlainCodec(),
    ArrayCodec(),
    RandomSourceCodec(),
)
"""The first that matches counts: special kinds come before the general ones."""


def codec_of(part: Any) -> Codec | None:
    """Return the codec of a part; None if it is of no kind that can be saved."""
    return next((codec for codec in CODECS if codec.matches(part)), None)


def save(writer: Writer, name: str, part: Any) -> None:
    """Write the state of ``part``.

    Raises:
        TypeError: If ``part``, or something in its state, is of no kind that can be saved.
    """
    codec = codec_of(part)
    if codec is None:
        raise TypeError(
            f"`{name}` must have state_dict() and load_state_dict(), or be a scikit-learn "
            "estimator, a NumPy array, a random generator, or plain JSON; got a "
            f"{type(part).__name__}."
        )
    codec.save(writer, name, part)


def restore(reader: Reader, name: str, part: Any) -> Any:
    """Restore the state of ``part`` in place.

    Returns:
        What a plain value was; None for all other kinds.

    Raises:
        TypeError: If ``part`` is of no kind that can be restored, or something else was saved.
        ValueError: If the state does not fit ``part``.
        CheckpointError: If the state has been altered.
    """
    codec, kind = codec_of(part), reader.blob_kind(name)
    if kind is not None and (codec is None or codec.blob_kind != kind):
        raise TypeError(f"`{name}` was a {kind}, got a {type(part).__name__}.")
    if codec is None or codec.blob_kind != kind:
        raise TypeError(f"`{name}` cannot be restored into a {type(part).__name__}.")
    return codec.load(reader, name, part)


def finish(parts: Iterable[Any]) -> None:
    """Bring parts in line with each other, once all of them are restored."""
    for part in parts:
        if (codec := codec_of(part)) is not None:
            codec.finish(part)


def set_hyperparameters(target: Any, **values: Any) -> None:
    """Set hyperparameters in all parameter groups of an optimiser, or in an estimator.

    A learning rate that a scheduler has lowered is scaled: the new one is that of the start.

    Raises:
        TypeError: If ``target`` has no hyperparameters.
        ValueError: If it has none of such a name.
    """
    codec = codec_of(target) or PlainCodec()
    codec.set_hyperparameters(target, values)

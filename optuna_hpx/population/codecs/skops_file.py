"""Estimators as bytes that can be read again without trust, and a checksum of what they mean.

The library skops writes an estimator as a zip of arrays and a schema. Reading calls what the
schema names: functions, and classes from elsewhere, might do anything.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import zipfile
from typing import Any

from sklearn.base import BaseEstimator

from optuna_hpx._imports import require
from optuna_hpx.population._archive import CheckpointError

__all__ = ["checksum", "dump", "load"]

_OPTIMIZERS = "sklearn.neural_network._stochastic_optimizers"
_CHANCE = ("__id__", "_skops_version", "protocol")
"""What a schema holds of the process that wrote it."""


def dump(name: str, estimator: BaseEstimator) -> bytes:
    """Return the bytes of an estimator that can also be read again.

    Args:
        name: Of the part, for messages.
        estimator: The estimator.

    Raises:
        TypeError: If it holds something that skops cannot write, or would not read without trust.
    """
    try:
        content: bytes = _skops().dumps(estimator)
    except TypeError as error:
        raise TypeError(f"`{name}` cannot be saved: {error}") from error
    _, others = _types(content)
    if others:
        raise TypeError(
            f"`{name}` must be made of scikit-learn's estimators and arrays only, which can be "
            f"loaded without trust, but holds a {others[0]}. Trees, forests, boosting, "
            "neighbours and estimators of your own cannot be saved."
        )
    return content


def load(content: bytes) -> BaseEstimator:
    """Read what :func:`dump` wrote.

    Raises:
        Exception: Of skops, if the bytes name something that is not harmless.
    """
    return _skops().loads(content, trusted=_types(content)[0])


def checksum(content: bytes) -> str:
    """Return the sha256 of what skops wrote, whatever addresses and times it also holds.

    Raises:
        CheckpointError: If it is no file of skops.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        schema = json.loads(files["schema.json"])
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CheckpointError(f"an estimator in it is damaged: {error}") from error
    meaning = _meaning(schema, files, {})
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _meaning(node: Any, files: dict[str, bytes], order: dict[int, int]) -> Any:
    """Return a node of the schema without what is chance.

    Args:
        node: A node.
        files: The arrays, whose checksums stand for their names.
        order: In which addresses were first met; these numbers stand for them.
    """
    if isinstance(node, list):
        return [_meaning(item, files, order) for item in node]
    if not isinstance(node, dict):
        return node
    meaning = {k: _meaning(v, files, order) for k, v in node.items() if k not in _CHANCE}
    # Whether equal strings or numbers are one object is chance, too.
    if "__id__" in node and node.get("__loader__") != "JsonNode":
        meaning["__id__"] = order.setdefault(node["__id__"], len(order))
    if isinstance(node.get("file"), str):
        meaning["file"] = hashlib.sha256(files.get(node["file"], b"")).hexdigest()
    return meaning


def _types(content: bytes) -> tuple[list[str], list[str]]:
    """Return those that skops does not trust in a file: the harmless ones, and the others."""
    names = _skops().get_untrusted_types(data=content)
    harmless = [name for name in names if _is_harmless(name)]
    return harmless, [name for name in names if name not in harmless]


def _is_harmless(type_name: str) -> bool:
    """Return whether it is an estimator of scikit-learn, or an optimiser of its networks."""
    module, _, name = type_name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    kind = getattr(importlib.import_module(module), name, None)
    if not isinstance(kind, type):
        return False
    return issubclass(kind, BaseEstimator) or kind.__module__ == _OPTIMIZERS


def _skops() -> Any:
    return require("skops.io", extra="population")

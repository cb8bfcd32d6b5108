"""A checkpoint's file: trees of plain values and arrays, from which no code is executed.

The file is an uncompressed zip of NumPy arrays and one ``tree.json``, which says how they hang
together and has the sha256 of each. Equal contents give equal bytes of ``tree.json``; its sha256
therefore stands for the contents, and shows on reading that nothing is missing or altered. A blob
is bytes of another format, which the codec that wrote it checks: see :mod:`.codecs`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

__all__ = ["ESTIMATOR", "CheckpointError", "Reader", "Writer"]

ESTIMATOR = "scikit-learn estimator"
"""The kind of a blob that names no other."""

_TREE = "tree.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date, so that equal contents make equal files
_PLAIN_HEADER = re.compile(
    r"\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \}\s*"
)


class CheckpointError(RuntimeError):
    """A checkpoint is missing, truncated or altered; the message says which, and of which trial.

    :meth:`GPBTScheduler.optimize` raises it for a parent's checkpoint, however often: put the file
    back and call it again. Nothing is lost, and the failure is not counted against the segment.

    Example:
        >>> import io
        >>> from optuna_hpx import Checkpoint, CheckpointError
        >>> child = Checkpoint(1, 0, parent=lambda: io.BytesIO(b"half a file"), name="trial 7")
        >>> try:
        ...     child.load(step=0)
        ... except CheckpointError as error:
        ...     print(error)
        The checkpoint of trial 7 cannot be loaded: it is damaged: File is not a zip file.
    """


class Writer:
    """Writes trees and blobs into ``file``; :meth:`close` returns the sha256 of all of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._trees: dict[str, Any] = {}
        self._n_members = 0

    def add(self, name: str, tree: Any) -> None:
        """Write numbers, strings, None, arrays and tensors in lists, tuples and dicts.

        Raises:
            TypeError: If there is something else in ``tree``.
        """
        self._trees[name] = self._encode(tree, name)

    def add_blob(self, name: str, content: bytes, sha256: str, kind: str = ESTIMATOR) -> None:
        """Write bytes of another format.

        Args:
            name: Of the part.
            content: The bytes.
            sha256: Of their meaning, as they may differ for equal contents.
            kind: What the part is, in words; a codec reads its own kind only.
        """
        member = self._member()
        self._zip.writestr(_info(member), content)
        node = {"blob": member, "sha256": sha256}
        self._trees[name] = node if kind == ESTIMATOR else {**node, "kind": kind}

    def close(self) -> str:
        """Write what names the rest, and return its sha256."""
        text = json.dumps(self._trees, sort_keys=True).encode()
        self._zip.writestr(_info(_TREE), text)
        self._zip.close()
        return hashlib.sha256(text).hexdigest()

    def _member(self) -> str:
        self._n_members += 1
        return f"{self._n_members}"

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        member = self._member()
        with self._zip.open(_info(member), "w", force_zip64=True) as out:
            np.lib.format.write_array(out, array, allow_pickle=False)
        return {"array": member, "sha256": _digest(array)}

    def _encode(self, value: Any, path: str) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return self._array(value)
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.asarray(value))}
        if isinstance(value, (bytes, bytearray)):
            return {"bytes": self._array(np.frombuffer(value, np.uint8))}
        if isinstance(value, (list, tuple)):
            items = [self._encode(item, f"{path}[{i}]") for i, item in enumerate(value)]
            return {"list" if isinstance(value, list) else "tuple": items}
        if isinstance(value, dict):
            return self._dict(value, path)
        if _is_tensor(value):
            return self._tensor(value, path)
        raise TypeError(
            f"`{path}` must be made of numbers, strings, None, arrays and tensors, in lists, "
            f"tuples and dicts; got a {type(value).__name__}."
        )

    def _dict(self, value: dict[Any, Any], path: str) -> dict[str, Any]:
        pairs = [
            [self._encode(key, f"{path} key"), self._encode(item, f"{path}[{key!r}]")]
            for key, item in value.items()
        ]
        encoded: dict[str, Any] = {"counter" if isinstance(value, Counter) else "dict": pairs}
        if hasattr(value, "_metadata"):  # torch keeps the versions of modules there
            encoded["metadata"] = self._encode(dict(value._metadata), path)
        return encoded

    def _tensor(self, tensor: Any, path: str) -> dict[str, Any]:
        if tensor.layout != sys.modules["torch"].strided or tensor.is_quantized:
            raise TypeError(f"`{path}` must be a dense tensor, got one of layout {tensor.layout}.")
        plain = tensor.detach().cpu().resolve_conj().resolve_neg()
        flat = plain.contiguous().reshape(-1).view(sys.modules["torch"].uint8)
        return {
            "tensor": self._array(flat.numpy()),
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
        }


class Reader:
    """Reads what a :class:`Writer` wrote, if it has the checksum ``sha256``.

    Raises:
        CheckpointError: If the file is damaged or has another checksum.
    """

    def __init__(self, file: IO[bytes], sha256: str) -> None:
        with _damage():
            self._zip = zipfile.ZipFile(file)
            text = self._zip.read(_TREE)
        actual = hashlib.sha256(text).hexdigest()
        if actual != sha256:
            raise CheckpointError(f"its sha256 should be {sha256} and is {actual}")
        self._trees = json.loads(text)

    @property
    def names(self) -> list[str]:
        """Of all parts, sorted."""
        return sorted(self._trees)

    def blob_kind(self, name: str) -> str | None:
        """Return what a blob holds, in words; None for a tree."""
        node = self._trees[name]
        is_blob = isinstance(node, dict) and "blob" in node
        return node.get("kind", ESTIMATOR) if is_blob else None

    def tree(self, name: str) -> Any:
        """Return what :meth:`Writer.add` wrote."""
        return self._decode(self._trees[name])

    def blob(self, name: str) -> tuple[bytes, str]:
        """Return the bytes, and the checksum that their meaning must have."""
        node = self._trees[name]
        return self._read(node["blob"]), node["sha256"]

    def _read(self, member: str) -> bytes:
        with _damage():
            return self._zip.read(member)

    def _array(self, node: dict[str, Any]) -> np.ndarray:
        content = self._read(node["array"])
        with _damage():
            array = _read_array(content)
        if _digest(array) != node["sha256"]:
            raise CheckpointError("an array in it has been altered")
        return array

    def _decode(self, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        kind, content = next(iter((k, v) for k, v in node.items() if k in _DECODED))
        if kind == "array":
            return self._array(node)
        if kind == "scalar":
            return self._array(content)[()]
        if kind == "bytes":
            return self._array(content).tobytes()
        if kind == "tensor":
            return self._tensor(node)
        if kind in ("list", "tuple"):
            items = [self._decode(item) for item in content]
            return items if kind == "list" else tuple(items)
        pairs = [(self._decode(key), self._decode(value)) for key, value in content]
        return Counter(dict(pairs)) if kind == "counter" else self._dict(node, pairs)

    def _dict(self, node: dict[str, Any], pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        if "metadata" not in node:
            return dict(pairs)
        state = OrderedDict(pairs)
        state._metadata = self._decode(node["metadata"])  # type: ignore[attr-defined]
        return state

    def _tensor(self, node: dict[str, Any]) -> Any:
        import torch

        dtype = getattr(torch, node["dtype"], None)
        if not isinstance(dtype, torch.dtype):
            raise CheckpointError(f"a tensor in it has the unknown type {node['dtype']}")
        flat = torch.from_numpy(self._array(node["tensor"]).copy())
        if not flat.numel():
            return torch.empty(node["shape"], dtype=dtype)
        return flat.view(dtype).reshape(node["shape"])


_DECODED = {"array", "scalar", "bytes", "tensor", "list", "tuple", "dict", "counter"}


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Raise a CheckpointError for whatever goes wrong in reading: the file was whole once."""
    try:
        yield
    except Exception as error:
        raise CheckpointError(f"it is damaged: {error}") from error


def _info(member: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(member, date_time=_EPOCH)


def _read_array(content: bytes) -> np.ndarray:
    """Read an array in NumPy's format, that of a plain type without Python's parser.

    NumPy parses the header as Python, and CPython 3.11 fails now and then where two threads parse
    at once ("AST constructor recursion depth mismatch"). Workers that are threads load checkpoints
    at once, and a user's training may parse, too.
    """
    file = io.BytesIO(content)
    is_first = np.lib.format.read_magic(file) == (1, 0)
    size = int.from_bytes(file.read(2 if is_first else 4), "little")
    header = _PLAIN_HEADER.fullmatch(file.read(size).decode("latin1"))
    if header is None or np.dtype(header[1]).itemsize == 0:
        return np.asarray(np.lib.format.read_array(io.BytesIO(content), allow_pickle=False))
    flat = np.frombuffer(content, np.dtype(header[1]), offset=file.tell())
    shape = tuple(int(n) for n in header[3].split(",") if n.strip())
    array = flat.reshape(shape) if header[2] == "False" else flat.reshape(shape[::-1]).T
    return array.copy("K")


def _digest(array: np.ndarray) -> str:
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode())
    digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)

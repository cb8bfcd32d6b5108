"""The file of a checkpoint: what goes in comes out, and damage is noticed."""

from __future__ import annotations

import ast
import io
import zipfile
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optuna_hpx.population import CheckpointError
from optuna_hpx.population._archive import Reader, Writer

torch = pytest.importorskip("torch")


def written(**trees: Any) -> tuple[bytes, str]:
    file = io.BytesIO()
    writer = Writer(file)
    for name, tree in trees.items():
        writer.add(name, tree)
    sha256 = writer.close()
    return file.getvalue(), sha256


def again(tree: Any) -> Any:
    content, sha256 = written(x=tree)
    return Reader(io.BytesIO(content), sha256).tree("x")


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return (
            isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        )
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int8, np.uint64, np.bool_, np.complex64]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    )
)
TREES = st.recursive(
    LEAVES,
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), children, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(tree=TREES)
def test_any_tree_comes_back(tree: Any) -> None:
    assert same(tree, again(tree))


@settings(max_examples=50, deadline=None)
@given(tree=TREES)
def test_equal_contents_have_equal_bytes(tree: Any) -> None:
    assert written(x=tree) == written(x=tree)


@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "bfloat16", "float16", "int64", "bool", "complex64", "uint8"]
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_tensors(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = (10 * torch.rand(shape)).to(getattr(torch, dtype))
    found = again(tensor)
    assert found.dtype == tensor.dtype
    assert found.shape == tensor.shape
    assert torch.equal(found, tensor)


def test_a_transposed_tensor_and_array() -> None:
    tensor = torch.arange(6.0).reshape(2, 3).T
    assert torch.equal(again(tensor), tensor)
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert np.array_equal(again(array), array)
    assert again(array[:, ::2]).tolist() == [[0.0, 2.0], [3.0, 5.0]]


def test_a_counter_and_the_versions_of_modules() -> None:
    assert isinstance(again(Counter({3: 2})), Counter)
    state = torch.nn.BatchNorm1d(2).state_dict()
    assert again(state)._metadata == dict(state._metadata)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(2.5),
        np.zeros((0, 3), dtype="<f4"),
        np.array(["a", "bc"]),
        np.array(["2020-01-01"], dtype="<M8[D]"),
        np.array([1, 2], dtype=">i2"),
    ],
    ids=str,
)
def test_no_array_is_read_by_the_parser_of_python(
    array: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where two threads parse at once, CPython 3.11 fails now and then, with a SystemError.
    def fail(*_: Any, **__: Any) -> None:
        raise SystemError("AST constructor recursion depth mismatch")

    content, sha256 = written(x=array)
    monkeypatch.setattr(ast, "literal_eval", fail)
    monkeypatch.setattr(ast, "parse", fail)
    back = Reader(io.BytesIO(content), sha256).tree("x")
    assert same(back, array)
    assert back.flags.writeable
    assert back.flags.f_contiguous == array.flags.f_contiguous


def test_numpy_scalars_keep_their_type() -> None:
    for value in (np.float32(1.5), np.int64(3), np.bool_(True)):
        found = again(value)
        assert found == value
        assert found.dtype == value.dtype


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, np.array([object()]), lambda: 0, [1, {"a": open}]]
)
def test_what_is_not_data_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"`x.*must be"):
        written(x=value)


def test_a_sparse_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="dense"):
        written(x=torch.eye(3).to_sparse())


def content() -> tuple[bytes, str]:
    return written(a=np.arange(100.0), b={"c": [1, "d", torch.ones(5)]})


def read_all(data: bytes, sha256: str) -> None:
    reader = Reader(io.BytesIO(data), sha256)
    for name in reader.names:
        reader.tree(name)


def test_truncated_anywhere() -> None:
    data, sha256 = content()
    for length in range(0, len(data), 37):
        with pytest.raises(CheckpointError):
            read_all(data[:length], sha256)


def test_a_flipped_bit_changes_nothing_or_is_noticed() -> None:
    """Some bytes of a zip file, such as dates, mean nothing here; no value may change."""
    data, sha256 = content()
    n_noticed = 0
    for at in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[at] ^= 4
        try:
            reader = Reader(io.BytesIO(bytes(damaged)), sha256)
            a, b = reader.tree("a"), reader.tree("b")
        except CheckpointError:
            n_noticed += 1
            continue
        assert np.array_equal(a, np.arange(100.0))
        assert b["c"][:2] == [1, "d"]
        assert torch.equal(b["c"][2], torch.ones(5))
    assert n_noticed > len(data) / 7 * 0.7


def test_another_checkpoint_is_noticed() -> None:
    data, _ = content()
    _, sha256 = written(a=np.arange(100.0))
    with pytest.raises(CheckpointError, match=f"should be {sha256}"):
        read_all(data, sha256)


def with_arrays(data: bytes, array: np.ndarray) -> bytes:
    """The file with ``array`` in the place of each that it has."""
    body = io.BytesIO()
    np.save(body, array, allow_pickle=True)
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for member in old.namelist():
            is_tree = member == "tree.json"
            new.writestr(member, old.read(member) if is_tree else body.getvalue())
    return changed.getvalue()


def test_an_array_exchanged_inside_the_file() -> None:
    data, sha256 = written(a=np.zeros(3))
    with pytest.raises(CheckpointError, match="altered"):
        read_all(with_arrays(data, np.ones(3)), sha256)


def test_no_pickle_is_ever_read() -> None:
    """An object array in the file, which NumPy could only read by unpickling."""
    data, sha256 = written(a=np.zeros(3))
    with pytest.raises(CheckpointError):
        read_all(with_arrays(data, np.array([{}], dtype=object)), sha256)

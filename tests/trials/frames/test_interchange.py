"""Tables of other libraries: the real ones where they are installed, else stand-ins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.trials.frames.interchange import to_pandas

FRAME = pd.DataFrame({"lr": np.linspace(0.1, 1, 12) ** 2, "loss": np.cos(np.arange(12.0))})


class Arrow:
    """As pyarrow.Table and polars.DataFrame."""

    column_names = ("lr", "loss")

    def to_pandas(self) -> pd.DataFrame:
        return FRAME


class PolarsWithoutArrow:
    """As polars.DataFrame where pyarrow is not installed."""

    columns = ("lr", "loss")

    def to_pandas(self) -> pd.DataFrame:
        raise ModuleNotFoundError("No module named 'pyarrow'")

    def to_dict(self, *, as_series: bool = True) -> dict[str, Any]:
        return dict(FRAME) if as_series else {name: FRAME[name].tolist() for name in FRAME}


class Unknown:
    """With columns, and no way to pandas."""

    columns = ("lr", "loss")


class Lazy(Unknown):
    """As polars.LazyFrame."""

    def collect(self) -> pd.DataFrame:
        return FRAME


@pytest.mark.parametrize("table", [Arrow(), PolarsWithoutArrow(), FRAME])
def test_tables_that_can_be_read(table: Any) -> None:
    pd.testing.assert_frame_equal(to_pandas(table), FRAME)
    read = TrialTable.from_frame(table, value="loss")
    assert read.columns["lr"].values.tolist() == FRAME["lr"].tolist()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (Unknown(), r"\.to_pandas\(\)"),
        (Lazy(), r"a Lazy, which is not worked out yet: call its `\.collect\(\)`"),
        ([1, 2], "must be a data frame, got a list"),
    ],
)
def test_what_cannot(table: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        to_pandas(table)


CELLS: dict[str, Any] = {
    "lr": (10 ** -np.linspace(1, 4, 40)).tolist(),
    "layers": [1 + k * k % 5 for k in range(40)],
    "opt": [["adam", "sgd", "lion"][k * k % 3] for k in range(40)],
    "bn": [k * k % 7 > 3 for k in range(40)],
    "drop": [None if k % 4 == 0 else k % 7 / 10 for k in range(40)],
    "n": [None if k % 5 == 0 else k % 9 for k in range(40)],
    "kind": [None if k % 3 == 0 else "ab"[k % 2] for k in range(40)],
    "started": [datetime(2026, 1, 1) + timedelta(hours=k * k) for k in range(40)],
    "loss": [k * 7 % 40 / 40 for k in range(40)],
}


def assert_alike(table: TrialTable, right: TrialTable) -> None:
    assert list(table.columns) == list(right.columns) == ["lr", "layers", "opt", "bn", "drop", "n",
                                                          "kind"]  # fmt: skip
    np.testing.assert_array_equal(table.losses, right.losses)
    for name, column in right.columns.items():
        assert table.columns[name].distributions == column.distributions
        np.testing.assert_array_equal(table.columns[name].regime, column.regime)
        np.testing.assert_array_equal(table.columns[name].values, column.values)


@pytest.fixture(scope="module")
def right() -> TrialTable:
    return TrialTable.from_frame(pd.DataFrame(CELLS), value="loss")


def test_extensions_of_pandas(right: TrialTable) -> None:
    frame = pd.DataFrame(CELLS).convert_dtypes()
    assert_alike(TrialTable.from_frame(frame, value="loss"), right)
    assert to_pandas(FRAME) is FRAME


def test_polars(right: TrialTable) -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    frame = polars.DataFrame(CELLS)
    assert_alike(TrialTable.from_frame(frame, value="loss"), right)
    choices = frame.with_columns(polars.col("opt").cast(polars.Categorical))
    assert_alike(TrialTable.from_frame(choices, value="loss"), right)
    with pytest.raises(TypeError, match="LazyFrame, which is not worked out yet"):
        TrialTable.from_frame(frame.lazy(), value="loss")  # type: ignore[arg-type]


def test_polars_without_arrow(right: TrialTable, monkeypatch: pytest.MonkeyPatch) -> None:
    polars = pytest.importorskip("polars")

    def fail(*_: Any) -> None:
        raise ModuleNotFoundError("No module named 'pyarrow'")

    monkeypatch.setattr(polars.DataFrame, "to_pandas", fail)
    assert_alike(TrialTable.from_frame(polars.DataFrame(CELLS), value="loss"), right)


def test_lists_in_cells_of_polars() -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    sizes = [[64, 32] if k % 2 else [16] for k in range(40)]
    frame = polars.DataFrame({"lr": CELLS["lr"], "sizes": sizes, "loss": CELLS["loss"]})
    column = TrialTable.from_frame(frame, value="loss").columns["sizes"]
    assert column.distributions[0].choices == ("[16]", "[64, 32]")  # type: ignore[union-attr]


def test_lists_in_cells_of_pandas() -> None:
    sizes = [[64, 32] if k % 2 else [16] for k in range(40)]
    frame = pd.DataFrame({"lr": CELLS["lr"], "sizes": sizes, "loss": CELLS["loss"]})
    column = TrialTable.from_frame(frame, value="loss").columns["sizes"]
    assert column.distributions[0].choices == ("[16]", "[64, 32]")  # type: ignore[union-attr]


def test_arrow(right: TrialTable) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    assert_alike(TrialTable.from_frame(pyarrow.table(CELLS), value="loss"), right)
    opt = pyarrow.array(CELLS["opt"]).dictionary_encode()
    assert_alike(TrialTable.from_frame(pyarrow.table({**CELLS, "opt": opt}), value="loss"), right)
    frame = pd.DataFrame(CELLS).convert_dtypes(dtype_backend="pyarrow")
    assert_alike(TrialTable.from_frame(frame, value="loss"), right)


def test_large_whole_numbers_stay_what_they_are() -> None:
    frame = pd.DataFrame({"seed": pd.array([2**64 - 1, 1], dtype="UInt64")})
    assert to_pandas(frame)["seed"].tolist() == [2**64 - 1, 1]

"""Tables of other libraries; stand-ins with their methods, because none is needed here."""

from __future__ import annotations

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


class Lazy:
    """As polars.LazyFrame."""

    columns = ("lr", "loss")


@pytest.mark.parametrize("table", [Arrow(), PolarsWithoutArrow(), FRAME])
def test_tables_that_can_be_read(table: Any) -> None:
    pd.testing.assert_frame_equal(to_pandas(table), FRAME)
    read = TrialTable.from_frame(table, value="loss")
    assert read.columns["lr"].values.tolist() == FRAME["lr"].tolist()


@pytest.mark.parametrize(
    ("table", "message"),
    [(Lazy(), r"\.to_pandas\(\)"), ([1, 2], "must be a data frame, got a list")],
)
def test_what_cannot(table: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        to_pandas(table)

"""What the page says of how a file was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx.page._reading import kind_of
from optuna_hpx.page._tables import from_csv


@pytest.mark.parametrize(
    ("dist", "kind"),
    [
        (FloatDistribution(0.1, 0.3), "float, 0.1 to 0.3"),
        (IntDistribution(1, 32, log=True), "integer, log, 1 to 32"),
        (CategoricalDistribution(["a", None]), "2 choices: 'a' and None"),
        (CategoricalDistribution([*"abcdefg"]), "7 choices: 'a', 'b', 'c', 'd', 'e', ..."),
    ],
)
def test_kinds(dist: BaseDistribution, kind: str) -> None:
    assert kind_of(dist) == kind


def test_lines_and_tables_say_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": [0.1, 0.2, 0.3] * 20, "k": ["a", "b", ""] * 20})
    frame["y"] = rng.random(60)
    frame["note"] = [f"run {k}" for k in range(60)]
    frame["z"] = frame["y"] ** 2
    frame.to_csv(tmp_path / "trials.csv", index=False)
    source = from_csv(str(tmp_path / "trials.csv"), value="y", direction="minimize")
    assert (source.title, source.study) == ("trials.csv", None)
    assert source.notes[0] == "Parameters: x (float, 0.1 to 0.3), k (2 choices: 'a' and 'b')"
    left = "z (likely a result: the objective follows its order (rank correlation 1.00))"
    assert source.notes[1] == f"Not taken for parameters: note (a note), {left}"
    assert source.notes[2].startswith("Column 'z' is taken as no parameter")
    assert source.notes[-1].startswith("To take in a column that was left out, name it by --lin")
    assert source.facts == (("Read from", "a table: 2 of 5 columns are parameters; in doubt: z"),)
    assert source.section is not None
    taken, others = source.section.tables
    assert taken.rows == (
        ("x", "x", "float, 0.1 to 0.3", ""),
        ("k", "k", "2 choices: 'a' and 'b'", "20"),
    )
    assert [row[0] for row in others.rows] == ["y", "note", "z"]
    assert others.rows[0][1] == "the objective"

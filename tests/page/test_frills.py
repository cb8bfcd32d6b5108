"""What stands around the rows of a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optuna_hpx.page._files import TextFile, read_text_file
from optuna_hpx.page._frills import n_above, names_of, without_frills

ROWS = "1,0.1,a\n2,0.2,b\n3,0.3,a\n"


def read(folder: Path, content: str) -> TextFile:
    (folder / "t.csv").write_text(content)
    return read_text_file(str(folder / "t.csv"))


@pytest.mark.parametrize(
    "above",
    [
        "# made by tune.py\n",
        "# one\n\n# two, with a comma\n",
        "Experiment 7\n\n",
        "Experiment 7,,\n,,\n",
        "Experiment; the second\n",
    ],
)
def test_lines_above_the_names(tmp_path: Path, above: str) -> None:
    file = read(tmp_path, f"{above}n,x,k\n{ROWS}")
    assert file.frame.columns.tolist() == ["n", "x", "k"]
    assert len(file.frame) == 3
    assert file.notes[0].startswith("Above the names of columns stands no trial: ")


@pytest.mark.parametrize("names", ["#,x,k", "# run,x,k", "n,x,k"])
def test_names_are_not_above_themselves(tmp_path: Path, names: str) -> None:
    file = read(tmp_path, f"{names}\n{ROWS}")
    assert file.frame.columns.tolist() == names.split(",")
    assert file.notes == ()
    assert n_above([]) == 0


def test_two_rows_of_names() -> None:
    study = pd.DataFrame([["number", "params", "params"], ["", "lr", "opt"], ["0", ".1", "a"]])
    names, rows = names_of(study)
    assert (names, len(rows)) == (["number", "params_lr", "params_opt"], 1)
    names, _ = names_of(study.replace("lr", "7"))
    assert names == ["number", "params", "params"]
    assert names_of(study.drop(columns=2))[0] == ["number", "params_lr"]
    assert names_of(pd.DataFrame([["a", "b"], ["x", "y"]]))[0] == ["a", "b"]


def frame(*rows: str) -> pd.DataFrame:
    return pd.DataFrame([row.split(",") for row in rows])


def test_units_below_the_names() -> None:
    cells = frame("bar,°C,-", *ROWS.split())
    rows, notes = without_frills(cells)
    assert (len(rows), notes) == (3, ["The first row holds units and no trial: bar, °C, -"])
    rows, notes = without_frills(frame("auto,0.5,-", *ROWS.split()))
    assert (len(rows), notes) == (4, [])


def test_means_below_and_empty_rows() -> None:
    rows, notes = without_frills(frame(*ROWS.split(), ",,", "mean,0.2,", "Max:,0.3,"))
    assert (len(rows), notes) == (3, ["The last rows are no trial: mean, Max:"])
    rows, notes = without_frills(frame("max,1,a", "mean,2,a", "max,3,b", "mean,4,b"))
    assert (len(rows), notes) == (4, [])


def test_two_names_after_a_sharp_are_names(tmp_path: Path) -> None:
    """As NumPy's ``savetxt`` writes them."""
    path = tmp_path / "t.csv"
    path.write_text("# lr,loss\n0.1,1.5\n0.2,1.2\n0.3,1.1\n")
    frame = read_text_file(str(path)).frame
    assert frame.columns.tolist() == ["# lr", "loss"]
    assert len(frame) == 3

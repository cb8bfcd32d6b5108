"""Where trials are read from; what the command says of bad sources is in test_cli."""

from __future__ import annotations

from pathlib import Path

import optuna
import pandas as pd
import pytest

from optuna_hpx.page._sources import SourceError, from_csv, from_storage
from tests import made_by_hand as hand


def test_a_study_with_its_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    hand.study([[1.0], [2.0]], name="tuned", storage=url)
    source = from_storage(url, None)
    assert source.title == "tuned"
    assert isinstance(source.study, optuna.Study)
    assert len(source.table) == 2
    assert source.notes == ()


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        from_storage("mysql+nonsense://me:secret@127.0.0.1/db", "s")
    assert "secret" not in str(caught.value)


def test_rows_of_a_file_and_what_was_guessed(tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    frame = pd.DataFrame({"x": [0.1, 0.2, 0.3], "k": ["a", "b", "a"], "y": [1.0, 2.0, 3.0]})
    frame["note"] = ["one", "two", "three"]
    frame.to_csv(path, index=False)
    source = from_csv(str(path), value="y", direction="minimize")
    assert (source.title, source.study) == ("trials.csv", None)
    assert source.notes == (
        "Parameters: x (float, 0.1 to 0.3), k (2 choices)",
        "Not taken for parameters: note",
        "To choose: --params, --log, --linear, --categorical",
    )
    chosen = from_csv(str(path), value="y", direction="minimize", params=["x"], log=["x"])
    assert chosen.notes[:2] == (
        "Parameters: x (float, log, 0.1 to 0.3)",
        "Not taken for parameters: k, note",
    )
    with pytest.raises(SourceError, match="no column 'z'"):
        from_csv(str(path), value="z", direction="minimize")

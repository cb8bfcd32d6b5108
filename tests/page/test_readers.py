"""Reading again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.page._asked import Asked
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._readers import FileReader, check_trials, reader_of
from optuna_hpx.page._sources import Source, StudyReader
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand

OPTIONS = {"value": "y", "direction": "minimize"}


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,2\n2,3\n")
    reader = FileReader(str(path), OPTIONS)
    source = reader.read()
    assert reader.read() is source
    path.write_text("x,y\n1,2\n2,3\n3,4\n")
    assert len(reader.read().table) == 3
    path.unlink()
    with pytest.raises(SourceError, match="no file"):
        reader.read()


def test_who_reads_what() -> None:
    assert isinstance(reader_of(Asked(storage="s.log"), {}), StudyReader)
    assert isinstance(reader_of(Asked(csv="t.csv", value="y"), {}), FileReader)


def test_trials_of_which_nothing_can_be_said() -> None:
    with pytest.raises(SourceError, match="no finished trial"):
        check_trials(Source("s", TrialTable.of(hand.study([]))))
    with pytest.raises(SourceError, match="no complete trial"):
        check_trials(Source("s", TrialTable.of(hand.study([TrialState.FAIL]))))
    check_trials(Source("s", TrialTable.of(hand.study([[1.0]]))))


def test_a_database_that_is_locked_is_read_when_it_is_free(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    study = hand.study([[1.0], [2.0]], name="s", storage=url)
    reader = StudyReader(url, None)
    first = reader.read().table
    other = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    try:
        other.execute("begin exclusive")
        with pytest.raises(SourceError, match=r"cannot read sqlite.*locked"):
            reader.read()
        other.execute("rollback")
    finally:
        other.close()
    assert len(reader.read().table) == len(first)
    study.add_trial(optuna.trial.create_trial(value=3.0))
    assert len(reader.read().table) == 3

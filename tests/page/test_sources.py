"""Where trials are read from; what the command says of bad sources is in test_cli."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._sources import from_storage
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

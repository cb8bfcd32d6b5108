"""SQLite begins a transaction at once in the block, in its thread, and as ever elsewhere."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from optuna_hpx.trials.transactions import writes_at_once


def test_sqlite_begins_at_once_in_the_block_only(tmp_path: Path) -> None:
    from sqlalchemy import event

    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'study.db'}")
    statements: list[str] = []
    engine = study._storage._backend.engine
    event.listen(
        engine, "before_cursor_execute", lambda c, cursor, text, *rest: statements.append(text)
    )
    study.set_user_attr("a", 1)
    assert "BEGIN IMMEDIATE" not in statements
    with writes_at_once(study):
        study.set_user_attr("a", 2)
    n = statements.count("BEGIN IMMEDIATE")
    assert n >= 1
    with pytest.raises(KeyError), writes_at_once(study):
        raise KeyError
    study.set_user_attr("a", 3)
    assert statements.count("BEGIN IMMEDIATE") == n


def test_other_storages_are_left_alone() -> None:
    study = optuna.create_study()
    with writes_at_once(study):
        study.set_user_attr("a", 1)
    assert study.user_attrs == {"a": 1}

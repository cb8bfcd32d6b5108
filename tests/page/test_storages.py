"""Storages that are opened to read, and why they cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import fakeredis
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalRedisBackend

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._sources import StudyReader, from_storage
from tests import made_by_hand as hand


def test_a_journal_in_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    server = fakeredis.FakeStrictRedis()
    monkeypatch.setattr("redis.Redis.from_url", lambda url: server)
    storage = JournalStorage(JournalRedisBackend("redis://localhost"))
    hand.study([[1.0], [2.0]], name="tuned", storage=storage)
    before = {key: server.dump(key) for key in server.scan_iter()}
    source = from_storage("redis://:secret@localhost", None)
    assert (source.title, len(source.table)) == ("tuned", 2)
    assert {key: server.dump(key) for key in server.scan_iter()} == before, "only read"


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgres://me:secret@host/db", "did you mean postgresql://?"),
        ("http://host/x", "URLs begin with sqlite:///"),
        ("postgresql+nonsense://host/db", "there is no driver nonsense of postgresql"),
        ("redis://:secret@127.0.0.1:1", "is the URL right"),
        ("redis://:secret@host:port", "is the URL right"),
    ],
)
def test_urls_of_no_database(url: str, advice: str) -> None:
    with pytest.raises(SourceError) as caught:
        from_storage(url, "s")
    assert advice in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("module", "url", "package"),
    [("MySQLdb", "mysql://h/db", "mysqlclient"), ("redis", "redis://h", "redis")],
)
def test_what_to_install_for_a_driver(
    monkeypatch: pytest.MonkeyPatch, module: str, url: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError, match=f"pip install '{package}'"):
        from_storage(url, "s")


def test_many_studies_are_not_all_listed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    for k in range(23):
        hand.study([], name=f"run {k:02}", storage=url)
    with pytest.raises(SourceError, match=r"'run 19' and 3 more$"):
        from_storage(url, None)
    with pytest.raises(SourceError, match=r"did you mean 'run 07'\? The storage"):
        from_storage(url, "run07")


def test_a_journal_file_that_is_named_as_a_database(tmp_path: Path) -> None:
    (tmp_path / "journal.log").write_text("x" * 2000)
    with pytest.raises(SourceError, match="named by its path alone"):
        from_storage(f"sqlite:///{tmp_path}/journal.log", None)


def test_a_journal_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    for n, offset in ((20, 0.0), (30, 100.0)):
        path.unlink(missing_ok=True)
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(path))), study_name="s"
        )
        study.optimize(lambda trial, add=offset: trial.suggest_float("x", 0, 1) + add, n)
        if not offset:
            reader = StudyReader(str(path), "s")
            assert len(reader.read().table) == 20
    table = reader.read().table
    assert len(table) == 30
    assert table.losses.min() >= 100.0


def test_a_journal_that_is_overwritten_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(path))), study_name="s"
    )
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    reader = StudyReader(str(path), "s")
    reader.read()
    content = path.read_bytes()
    path.write_bytes(content.splitlines(keepends=True)[0] + b"x" * len(content) + b"\nx\n")
    with pytest.raises(SourceError, match="was the journal file replaced"):
        reader.read()

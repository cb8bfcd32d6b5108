"""A page that is written again as trials arrive."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from optuna_hpx.page import _cli
from optuna_hpx.page._asked import Asked
from optuna_hpx.page._cli import main
from optuna_hpx.page._content import Content
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._readers import TrialReader, reader_of
from optuna_hpx.page._sources import Source
from optuna_hpx.page._watch import PageWatch
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class Looks:
    """A source that is another at each look, and ends the watch after the last."""

    def __init__(self, *looks: Source | Exception) -> None:
        self._looks = iter(looks)
        self.written: list[tuple[str, bool]] = []
        self.complaints: list[str] = []
        self.waited: list[float] = []

    def run(self) -> None:
        PageWatch(
            read=self._read,
            build=lambda sources: _content(f"{len(sources[0].table)} trials"),
            write=lambda content, is_live: self.written.append((content.title, is_live)),
            seconds=5.0,
            complain=self.complaints.append,
            wait=self.waited.append,
        ).run()

    def _read(self) -> Sequence[Source]:
        look = next(self._looks, None)
        if look is None:
            raise KeyboardInterrupt
        if isinstance(look, Exception):
            raise look
        return [look]


def _content(title: str) -> Content:
    return Content(kind="report", title=title, facts=(), summary={}, sections=())


def _source(n: int) -> Source:
    return Source("s", TrialTable.of(hand.study([[float(k)] for k in range(n)])))


def test_only_what_is_new_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _source(3), _source(4)
    looks = Looks(first, first, second)
    looks.run()
    assert looks.written == [("3 trials", True), ("4 trials", True), ("4 trials", False)]
    assert looks.waited == [5.0] * 3
    assert looks.complaints == ["no longer watching; the last page is whole"]
    assert (
        len(re.findall(r"\d\d:\d\d:\d\d: the page is of \d trials", capsys.readouterr().out)) == 2
    )


def test_a_storage_that_is_away_is_told_once_and_tried_again() -> None:
    away, source = SourceError("cannot read s: no route"), _source(3)
    looks = Looks(away, away, source, away, away, source, StorageInternalError("gone"), source)
    looks.run()
    assert looks.written == [("3 trials", True), ("3 trials", False)]
    assert looks.complaints == [
        "cannot read s: no route; looking again every 5 seconds",
        "all is well again",
        "cannot read s: no route; the page stays as it is; looking again every 5 seconds",
        "all is well again",
        "the storage does not answer: gone; the page stays as it is; looking again every 5 "
        "seconds",
        "all is well again",
        "no longer watching; the last page is whole",
    ]


def test_a_fault_of_ours_is_none_of_the_storage() -> None:
    with pytest.raises(ZeroDivisionError):
        Looks(ZeroDivisionError()).run()


def test_nothing_was_ever_there() -> None:
    looks = Looks(SourceError("nothing yet"))
    looks.run()
    assert looks.written == []
    assert looks.complaints[-1] == "no longer watching; there is no page yet"


def _interrupt_after(n: int, between: Callable[[int], None]) -> Callable[[float], None]:
    """Do something at each wait, and end the watch at the n-th."""
    n_waited = 0

    def wait(_: float) -> None:
        nonlocal n_waited
        n_waited += 1
        if n_waited == n:
            raise KeyboardInterrupt
        between(n_waited)

    return wait


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_finished_trials_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "sqlite:///s.db"
    study = hand.study([[float(k)] for k in range(20)], name="s", storage=url)
    n_read: list[int] = []
    of_backend = RDBStorage._get_trials

    def counting(self: RDBStorage, *args: object, **kwargs: object) -> list[object]:
        trials = of_backend(self, *args, **kwargs)  # type: ignore[arg-type]
        n_read.append(len(trials))
        return trials

    monkeypatch.setattr(RDBStorage, "_get_trials", counting)
    reader = _cli_reader(url)
    assert len(reader.read().table) == 20
    same = reader.read().table
    assert reader.read().table is same
    study.add_trial(optuna.trial.create_trial(value=1.0))
    study.add_trial(optuna.trial.create_trial(value=2.0))
    n_read.clear()
    assert len(reader.read().table) == 22
    assert sum(n_read) == 2


def _cli_reader(url: str) -> TrialReader:
    return reader_of(Asked(storage=url), {})


@pytest.mark.parametrize("storage", ["sqlite:///s.db", "s.log"])
def test_a_study_made_anew_is_another(folder: Path, storage: str) -> None:
    place = storage
    if storage.endswith(".log"):
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        place = JournalStorage(JournalFileBackend(storage))  # type: ignore[assignment]
    hand.study([[float(k)] for k in range(5)], name="s", storage=place)
    reader = _cli_reader(storage)
    assert len(reader.read().table) == 5
    optuna.delete_study(study_name="s", storage=place)
    with pytest.raises(SourceError, match="holds no study"):
        reader.read()
    hand.study([[9.0], [8.0]], name="s", storage=place)
    assert reader.read().table.values[:, 0].tolist() == [9.0, 8.0]


def test_the_page_follows_a_study(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "sqlite:///s.db"
    study = hand.study([], name="s", storage=url)

    def add(n_waited: int) -> None:
        if n_waited == 2:
            assert not Path("p.html").exists()
            hand.study([[float(k)] for k in range(9)], name="t", storage=url)
            study.add_trials(optuna.load_study(study_name="t", storage=url).trials)
        if n_waited == 3:
            page = Path("p.html").read_text(encoding="utf-8")
            assert "9 complete" in page
            assert 'data-seconds="7' in page
            assert "reads itself again every 7 seconds" in page

    monkeypatch.setattr("optuna_hpx.page._watch._wait", _interrupt_after(4, add))
    watched = ["--storage", url, "--study", "s", "--watch", "7"]
    assert main(["report", *watched, "--out", "p.html", "--json", "n.json"]) == 0
    page = Path("p.html").read_text(encoding="utf-8")
    assert "9 complete" in page
    assert "data-seconds" not in page, "nothing is written again"
    assert '"n_complete": 9' in Path("n.json").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["n.json", "p.html", "s.db"]
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == "Writing p.html as trials arrive; Ctrl-C ends it"
    assert captured.err.count("has no finished trial") == 1


def test_a_file_is_read_again_when_it_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("t.csv")
    rows = ["x,y", *(f"{k / 9},{k}" for k in range(9))]
    path.write_text("\n".join(rows[:7]))

    def change(n_waited: int) -> None:
        if n_waited == 2:
            path.write_text("")  # as another program begins to write it
        if n_waited == 3:
            path.write_text("\n".join(rows))

    monkeypatch.setattr("optuna_hpx.page._watch._wait", _interrupt_after(5, change))
    asked = ["--csv", "t.csv", "--value", "y", "--direction", "minimize", "--watch"]
    assert main(["report", *asked, "--out", "p.html"]) == 0
    assert "9 complete" in Path("p.html").read_text(encoding="utf-8")
    captured = capsys.readouterr()
    assert captured.out.count("the page is of") == 2
    assert "the page stays as it is" in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--watch", "0.1"], "from 1 to 86400"),
        (["--watch", "nan"], "from 1 to 86400"),
        (["--watch", "soon"], "--watch"),
        (["--watch", "--target-value", "1"], "one objective"),
    ],
)
def test_what_cannot_be_watched(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    hand.study([[1.0, 2.0]] * 5, ["minimize"] * 2, name="two", storage="sqlite:///s.db")
    assert main(["report", "--storage", "sqlite:///s.db", "--out", "p.html", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_standard_input_cannot_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--csv", "-", "--value", "y", "--direction", "minimize", "--watch"]
    assert main(["report", *asked, "--out", "p.html"]) == 2
    assert "name a file" in capsys.readouterr().err


def test_ctrl_c_ends_it_well(folder: Path) -> None:
    """In a process of its own, with a real signal."""
    hand.study([[float(k)] for k in range(9)], name="s", storage="sqlite:///s.db")
    command = ["report", "--storage", "sqlite:///s.db", "--out", "p.html", "--watch", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "optuna_hpx.page._cli", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(_cli.__file__).parents[2])},
    )
    deadline = time.monotonic() + 60
    try:
        while not Path("p.html").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert "the page is of 9 trials" in out
    assert "data-seconds" not in Path("p.html").read_text(encoding="utf-8")


def test_two_sides_are_watched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "sqlite:///s.db"
    hand.study([[float(k)] for k in range(12)], name="a", storage=url)
    study = hand.study([[float(k)] for k in range(12)], name="b", storage=url)

    def add(n_waited: int) -> None:
        if n_waited == 2:
            study.add_trial(optuna.trial.create_trial(value=-1.0))

    monkeypatch.setattr("optuna_hpx.page._watch._wait", _interrupt_after(4, add))
    sides = ["--storage", url, "--study", "a", "--study", "b"]
    assert main(["compare", *sides, "--watch", "--out", "p.html"]) == 0
    assert "<h1>a against b</h1>" in Path("p.html").read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert "the page is of 24 trials" in out
    assert "the page is of 25 trials" in out

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from optuna_hpx import __version__
from optuna_hpx.page._cli import main
from tests import made_by_hand as hand


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def database(folder: Path) -> str:
    """Three studies: one with trials, one without, one with failed trials only."""
    url = "sqlite:///study.db"
    hand.study([[float(i)] for i in range(20)], name="tuned", storage=url)
    hand.study([], name="empty", storage=url)
    hand.study([TrialState.FAIL] * 3, name="failed", storage=url)
    return url


@pytest.fixture
def csv(folder: Path) -> str:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "lr": 10.0 ** rng.uniform(-5, 0, 60),
            "layers": rng.integers(1, 5, 60),
            "optimizer": rng.choice(["adam", "sgd"], 60),
        }
    )
    frame["accuracy"] = -np.abs(np.log10(frame["lr"]) + 2) + rng.normal(0, 0.1, 60)
    frame["note"] = [f"run {i}" for i in range(60)]
    frame.loc[3, "accuracy"] = np.nan
    frame.to_csv("trials.csv", index=False)
    return "trials.csv"


def _error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that the command says as it exits with status 2."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("optuna-hpx: error: ")
    assert captured.err.count("\n") == 1
    return captured.err


def _storage_error(capsys: pytest.CaptureFixture[str], storage: str, *arguments: str) -> str:
    return _error(capsys, "report", "--out", "page.html", "--storage", storage, *arguments)


def _csv_error(capsys: pytest.CaptureFixture[str], csv: str, *arguments: str) -> str:
    return _error(capsys, "report", "--out", "page.html", "--csv", csv, *arguments)


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "optuna-hpx report --csv trials.csv" in capsys.readouterr().out


def test_version_as_a_process() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "optuna_hpx.page._cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == f"optuna-hpx {__version__}"


def test_a_study_in_a_database(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = hashlib.sha256(Path("study.db").read_bytes()).hexdigest()
    status = main(["report", "--storage", database, "--study", "tuned", "--out", "page.html"])
    assert status == 0
    assert "page.html" in capsys.readouterr().out
    assert "<h1>tuned</h1>" in Path("page.html").read_text(encoding="utf-8")
    assert hashlib.sha256(Path("study.db").read_bytes()).hexdigest() == before, "only read"


def test_an_existing_page_is_written_anew(database: str) -> None:
    Path("page.html").write_text("old")
    assert main(["report", "--storage", database, "--study", "tuned", "--out", "page.html"]) == 0
    assert Path("page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_journal_file_and_its_only_study(folder: Path) -> None:
    storage = JournalStorage(JournalFileBackend("journal.log"))
    hand.study([[float(i)] for i in range(20)], name="in a journal", storage=storage)
    before = Path("journal.log").read_bytes()
    assert main(["report", "--storage", "journal.log", "--out", "page.html"]) == 0
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<h1>in a journal</h1>" in page
    assert "All this holds only if these trials are independent random draws" in page
    assert Path("journal.log").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["journal.log", "page.html"]


def test_what_counts_as_good(database: str) -> None:
    assert (
        main(
            [
                "report",
                "--storage",
                database,
                "--study",
                "tuned",
                "--out",
                "page.html",
                "--target-value",
                "3",
            ]
        )
        == 0
    )
    assert "value &lt;= 3" in Path("page.html").read_text(encoding="utf-8")


def test_unknown_study_lists_those_there_are(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = _storage_error(capsys, database, "--study", "tunde")
    assert "no study 'tunde'; did you mean 'tuned'?" in error
    assert "'empty', 'failed', 'tuned'" in error


def test_a_study_must_be_named_among_several(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--study is needed" in _storage_error(capsys, database)


def test_studies_without_results(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no finished trial" in _storage_error(capsys, database, "--study", "empty")
    assert "no complete trial" in _storage_error(capsys, database, "--study", "failed")
    assert not Path("page.html").exists()


def test_a_missing_database_is_not_created(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for url in ("sqlite:///missing.db", "sqlite:///file:missing.db?uri=true"):
        assert "there is no file missing.db" in _storage_error(capsys, url, "--study", "s")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("nonsense://x/y", "nonsense"),
        ("sqlite+nonsense:///x.db", "no file"),
        ("://", "cannot read the storage URL"),
        ("missing.log", "there is no file missing.log"),
    ],
)
def test_unreadable_storages(
    folder: Path, capsys: pytest.CaptureFixture[str], storage: str, said: str
) -> None:
    assert said in _storage_error(capsys, storage, "--study", "s")


def test_a_missing_driver_is_named_and_the_password_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = _storage_error(capsys, "postgresql+psycopg://me:secret@127.0.0.1/db", "--study", "s")
    assert "driver" in error or "psycopg" in error
    assert "secret" not in error


def test_files_that_are_no_storage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("text.db").write_text("this is not a database, and longer than a header of SQLite\n" * 20)
    assert "not a database" in _storage_error(capsys, "sqlite:///text.db")
    assert "not an Optuna journal" in _storage_error(capsys, "text.db")
    Path("other.log").write_text('{"a": 1}\n')
    assert "not an Optuna journal" in _storage_error(capsys, "other.log")
    with sqlite3.connect("other.db") as connection:
        connection.execute("create table t (x)")
    connection.close()
    before = Path("other.db").read_bytes()
    assert "no table" in _storage_error(capsys, "sqlite:///other.db")
    assert Path("other.db").read_bytes() == before
    assert "sqlite:///other.db" in _storage_error(capsys, "other.db"), "how to name it"


def test_a_storage_without_studies(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RDBStorage("sqlite:///new.db")
    assert "holds no study" in _storage_error(capsys, "sqlite:///new.db", "--study", "s")
    Path("empty.log").touch()
    assert "holds no study" in _storage_error(capsys, "empty.log")


def test_an_older_schema_is_optunas_to_explain(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect("study.db") as connection:
        connection.execute("update alembic_version set version_num = 'v3.0.0.a'")
    connection.close()
    assert "optuna storage upgrade" in _storage_error(capsys, database, "--study", "tuned")


def _chosen(name: str) -> None:
    sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=10)
    study = optuna.create_study(storage="sqlite:///tpe.db", study_name=name, sampler=sampler)
    study.optimize(
        lambda trial: (
            (trial.suggest_float("x", 0, 1) - 0.3) ** 2 + 0.1 * trial.suggest_float("y", 0, 1)
        ),
        n_trials=60,
    )


def test_what_importances_describe(folder: Path) -> None:
    _chosen("tpe")
    report = "report", "--storage", "sqlite:///tpe.db", "--out", "page.html"
    json_file = "--json", "numbers.json"
    pages, spaces = [], []
    for options in ((), ("--space", "trials"), ("--evaluator", "hsic"), ("--seed", "1")):
        assert main([*report, *json_file, *options]) == 0
        pages.append(Path("page.html").read_text(encoding="utf-8"))
        data = json.loads(Path("numbers.json").read_text(encoding="utf-8"))["data"]
        spaces.append((data["importances"]["space"], data["importances"]["importances"]))
    assert "--space trials describes the trials themselves" in pages[0]
    assert "space=&#39;" not in "".join(pages)
    assert [space for space, _ in spaces] == ["uniform", "trials", "trials", "uniform"]
    assert "R²" in pages[2]
    assert spaces[0][1] != spaces[3][1], "another seed, other numbers"


def test_the_same_seed_gives_the_same_numbers(folder: Path) -> None:
    _chosen("tpe")
    report = "report", "--storage", "sqlite:///tpe.db", "--seed", "3", "--json"
    for name in ("a.json", "b.json"):
        assert main([*report, name]) == 0
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()


def test_who_the_trials_are_is_the_readers_to_say(csv: str) -> None:
    asked = "report", "--csv", csv, "--value", "accuracy", "--direction", "maximize"
    pages = []
    for options in ((), ("--sampling", "independent"), ("--sampling", "adaptive")):
        assert main([*asked, "--out", "page.html", *options]) == 0
        pages.append(Path("page.html").read_text(encoding="utf-8"))
    doubt = "All this holds only if these trials are independent random draws"
    assert [doubt in page for page in pages] == [True, False, False]
    assert "--sampling adaptive" in pages[0]
    assert "A sampler that learns, or a person, chose these trials." in pages[2]


def test_bad_quantiles(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    tuned = ("--study", "tuned", "--target-quantile")
    assert "--target-quantile must be in" in _storage_error(capsys, database, *tuned, "1.5")
    assert "--target-quantile" in _storage_error(capsys, database, *tuned, "x")
    hsic = "--study", "tuned", "--evaluator", "hsic", "--region-quantile", "0.5"
    assert "leave --region-quantile out" in _storage_error(capsys, database, *hsic)


def test_a_value_as_target_needs_one_objective(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand.study([[1.0, 2.0]] * 5, ["minimize"] * 2, name="two", storage="sqlite:///two.db")
    assert "--target-value" in _storage_error(capsys, "sqlite:///two.db", "--target-value", "1")


def test_a_fault_of_ours_costs_its_section_and_is_not_put_down_to_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("shapes do not match")

    hand.study([[1.0], [2.0], [3.0]], name="one", storage="sqlite:///one.db")
    monkeypatch.setattr("optuna_hpx.importance.importance_profile", broken)
    assert main(["report", "--storage", "sqlite:///one.db", "--out", "page.html"]) == 1
    page = Path("page.html").read_text(encoding="utf-8")
    assert "could not be made (ValueError: shapes do not match)" in page
    assert "<h2>What matters</h2>" in page
    assert "Traceback" not in capsys.readouterr().err


def test_exactly_one_source(database: str, csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--storage" in _error(capsys, "report", "--out", "page.html")
    assert "not allowed with" in _storage_error(capsys, database, "--csv", csv)


def test_options_of_the_other_source(
    database: str, csv: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--log goes with --csv" in _storage_error(capsys, database, "--log", "lr")
    assert "--value goes with --csv" in _storage_error(capsys, database, "--value", "y")
    assert "--study goes with --storage" in _csv_error(capsys, csv, "--study", "s")


def test_where_the_page_goes(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = ("report", "--storage", database, "--study", "tuned", "--out")
    assert "no folder" in _error(capsys, *report, "missing/page.html")
    Path("taken").mkdir()
    assert "is a folder" in _error(capsys, *report, "taken")


def test_a_csv_file(csv: str) -> None:
    assert (
        main(
            [
                "report",
                "--csv",
                csv,
                "--value",
                "accuracy",
                "--direction",
                "maximize",
                "--out",
                "page.html",
            ]
        )
        == 0
    )
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<h1>trials.csv</h1>" in page
    assert "59 complete, 1 failed" in page
    assert "lr matters most" in page
    assert page.count('"type":"log"') == 4, "the law, the profile, and twice the learning rate"
    assert page.count(">note<") == 1, "a text of its own in each row is only among others"
    assert "All this holds only if these trials are independent random draws" in page


def test_csv_overrides(csv: str) -> None:
    assert (
        main(
            [
                "report",
                "--csv",
                csv,
                "--value",
                "accuracy",
                "--direction",
                "maximize",
                "--params",
                "lr,layers",
                "--linear",
                "lr",
                "--categorical",
                "layers",
                "--out",
                "page.html",
            ]
        )
        == 0
    )
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.count('"type":"log"') == 2, "those of the law and the profile"
    assert page.count("optimizer") == 1, "as not asked for"
    assert page.count("4 choices") == 1, "in the table of what was read"
    assert "is the value that good trials have more often" in page, "layers are choices"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--value", "accuracy"], "needs --direction"),
        (["--direction", "maximize"], "needs --value"),
        (
            ["--value", "acc", "--direction", "maximize"],
            "no column 'acc'; the columns are 'lr', 'layers', 'optimizer', 'accuracy', 'note'",
        ),
        (["--value", "optimizer", "--direction", "maximize"], "must hold numbers"),
        (["--value", "accuracy", "--direction", "up"], "invalid choice"),
        (["--value", "accuracy", "--direction", "maximize", "--params", "x"], "no column 'x'"),
        (
            ["--value", "accuracy", "--direction", "maximize", "--log", "accuracy"],
            "as an objective",
        ),
        (["--value", "accuracy", "--direction", "maximize", "--log", "optimizer"], "log scale"),
        (
            ["--value", "accuracy", "--direction", "maximize", "--log", "lr", "--linear", "lr"],
            "both",
        ),
    ],
)
def test_csv_arguments(
    csv: str, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in _csv_error(capsys, csv, *arguments)


def test_csv_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--value", "y", "--direction", "minimize")
    assert "there is no file" in _csv_error(capsys, "missing.csv", *asked)
    Path("empty.csv").touch()
    assert "cannot read empty.csv" in _csv_error(capsys, "empty.csv", *asked)
    Path("head.csv").write_text("x,y\n")
    assert "no rows" in _csv_error(capsys, "head.csv", *asked)
    Path("values.csv").write_text("x,y\n1,\n2,\n")
    assert "no complete trial" in _csv_error(capsys, "values.csv", *asked)
    Path("binary.csv").write_bytes(bytes(range(256)))
    assert "cannot read binary.csv" in _csv_error(capsys, "binary.csv", *asked)


def test_loading_writes_no_table(database: str) -> None:
    """Optuna would create missing tables as it opens a storage."""
    with sqlite3.connect("study.db") as connection:
        connection.execute("drop table trial_heartbeats")
    connection.close()
    assert main(["report", "--storage", database, "--study", "tuned", "--out", "page.html"]) == 0
    with sqlite3.connect("study.db") as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_master")}
    connection.close()
    assert "trial_heartbeats" not in tables


def test_running_trials_are_counted(folder: Path) -> None:
    study = hand.study([[float(i)] for i in range(12)], name="s", storage="sqlite:///s.db")
    study.ask()
    study.enqueue_trial({"x": 0.5})
    assert isinstance(study, optuna.Study)
    assert main(["report", "--storage", "sqlite:///s.db", "--out", "page.html"]) == 0
    assert "2 waiting or running" in Path("page.html").read_text(encoding="utf-8")


def _compared(*arguments: str) -> str:
    assert main(["compare", "--out", "page.html", *arguments]) == 0
    return Path("page.html").read_text(encoding="utf-8")


def test_two_studies_of_a_storage(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    hand.study([[float(i) + 0.5] for i in range(15)], name="other", storage=database)
    before = hashlib.sha256(Path("study.db").read_bytes()).hexdigest()
    studies = "--storage", database, "--study", "tuned", "--study", "other"
    page = _compared(*studies, "--json", "numbers.json")
    assert "<h1>tuned against other</h1>" in page
    assert "Which is better" in page
    assert "numbers.json" in capsys.readouterr().out
    numbers = json.loads(Path("numbers.json").read_text(encoding="utf-8"))
    assert numbers["summary"]["labels"] == ["tuned", "other"]
    assert hashlib.sha256(Path("study.db").read_bytes()).hexdigest() == before, "only read"


def test_two_files_whose_guesses_are_told_by_name(
    csv: str, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.read_csv(csv)
    frame["accuracy"] += np.linspace(0.0, 0.1, 60)
    frame.rename(columns={"accuracy": "acc"}).to_csv("more.csv", index=False)
    files = "--csv", csv, "--csv", "more.csv", "--value", "accuracy", "--value", "acc"
    direction = "--direction", "maximize", "--json", "numbers.json"
    assert "<h1>trials.csv against more.csv</h1>" in _compared(*files, *direction)
    data = json.loads(Path("numbers.json").read_text(encoding="utf-8"))["data"]
    assert [data[f"reading_{k}"]["parameters"][0]["name"] for k in range(2)] == ["lr", "lr"]
    out = capsys.readouterr().out
    assert "trials.csv: Parameters: lr" in out
    assert "more.csv: Parameters: lr" in out


def test_studies_of_one_name_in_two_storages(folder: Path) -> None:
    for k in range(2):
        url = f"sqlite:///{k}.db"
        hand.study([[float(i) + k] for i in range(12)], name="s", storage=url)
    page = _compared("--storage", "sqlite:///0.db", "--storage", "sqlite:///1.db")
    assert "<h1>s (A) against s (B)</h1>" in page


def test_what_cannot_be_compared(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    hand.study([[1.0]] * 3, ["maximize"], name="up", storage=database)
    compare = "compare", "--out", "page.html", "--storage", database, "--study", "tuned"
    assert "maximizes" in _error(capsys, *compare, "--study", "up")
    assert "no finished trial" in _error(capsys, *compare, "--study", "empty")
    assert "'tuned'" in _error(capsys, *compare, "--study", "tunde")
    assert not Path("page.html").exists()


def test_numbers_without_a_page(database: str) -> None:
    tuned = "report", "--storage", database, "--study", "tuned"
    assert main([*tuned, "--json", "numbers.json"]) == 0
    numbers = json.loads(Path("numbers.json").read_text(encoding="utf-8"))
    assert numbers["data"]["best"]["trials"][0]["values"] == [0.0]
    assert not Path("page.html").exists()


def test_the_page_is_shown(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(shown.append(url)))
    tuned = "report", "--storage", database, "--study", "tuned"
    assert main([*tuned, "--out", "page.html", "--open"]) == 0
    assert shown == [Path("page.html").resolve().as_uri()]
    assert "No browser was found" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@host:port/db",
        "postgresql+nonsense://me:secret@host/db",
        "mysql+nonsense://host/db?password=secret",
        "sqlite://me:secret@host/x.db",
    ],
)
def test_no_error_shows_a_password(
    folder: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert "secret" not in _storage_error(capsys, url, "--study", "s")
    assert "secret" not in _error(capsys, "report", "--out", "p", "--storage", "s", "--x", url)


def test_a_table_through_a_pipe_and_numbers_into_one(csv: str) -> None:
    """The notes do not stand between the numbers."""
    command = (
        f"{sys.executable} -m optuna_hpx.page._cli report --csv <(cat {csv}) --value accuracy "
        "--direction maximize --json /dev/stdout | cat"
    )
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["kind"] == "report"
    assert "The numbers are in /dev/stdout" in run.stderr


def test_a_pipe_cannot_be_watched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    arguments = "--csv", "pipe", "--value", "y", "--direction", "minimize", "--watch"
    error = _error(capsys, "report", *arguments, "--out", "p.html")
    assert "cannot read standard input or a pipe again" in error

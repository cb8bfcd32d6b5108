"""What is refused before anything is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from optuna_hpx.page._arguments import build_parser
from optuna_hpx.page._asked import Asked, asked_of, check
from optuna_hpx.page._errors import SourceError

_SLOW = ("optuna", "sqlalchemy", "pandas", "sklearn", "scipy", "plotly", "jinja2")


def _sides(*arguments: str) -> list[Asked]:
    return asked_of(build_parser().parse_args(["compare", "--out", "p.html", *arguments]))


def _refuse(*arguments: str) -> str:
    with pytest.raises(SourceError) as caught:
        check(build_parser().parse_args(arguments))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_two_studies_of_one_storage_or_of_two() -> None:
    assert _sides("--storage", "s", "--study", "a", "--study", "b") == [
        Asked("s", "a"),
        Asked("s", "b"),
    ]
    assert _sides("--storage", "s", "--storage", "t") == [Asked("s"), Asked("t")]
    assert _sides("--storage", "s", "--storage", "t", "--study", "a") == [
        Asked("s", "a"),
        Asked("t", "a"),
    ]


def test_two_files_and_a_file_with_a_study() -> None:
    files = "--csv", "a.csv", "--csv", "b.csv"
    assert _sides(*files, "--value", "y") == [
        Asked(csv="a.csv", value="y"),
        Asked(csv="b.csv", value="y"),
    ]
    assert [side.value for side in _sides(*files, "--value", "y", "--value", "z")] == ["y", "z"]
    both = "--direction", "minimize", "--direction", "maximize"
    assert [side.direction for side in _sides(*files, *both)] == [("minimize",), ("maximize",)]
    assert [side.direction for side in _sides(*files, *both[:2])] == [("minimize",)] * 2
    with pytest.raises(SourceError, match="--direction is given more often than --csv"):
        _sides("--csv", "a.csv", "--storage", "s", *both)
    assert _sides("--csv", "a.csv", "--value", "y", "--storage", "s") == [
        Asked("s"),
        Asked(csv="a.csv", value="y"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "compare needs two sides: --storage URL --study A --study B"),
        (["--storage", "s"], "the other --study, or the other --storage is missing"),
        (["--storage", "s", "--study", "a"], "the other --study, or the other --storage"),
        (["--csv", "a.csv"], "the other --csv, or a --storage with a --study is missing"),
        (["--storage", "s", *["--study", "a"] * 3], "more than two sides"),
        (["--csv", "a.csv", "--storage", "s", "--storage", "t"], "more than two sides"),
        (["--csv", "a.csv", "--study", "a"], "--study goes with --storage"),
    ],
)
def test_sides_that_are_missing_or_too_many(arguments: list[str], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        _sides(*arguments)


def test_the_same_side_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.touch()
    out = "--out", str(tmp_path / "p.html")
    twice = "--study", "a", "--study", "a"
    assert "the same trials" in _refuse("compare", *out, "--storage", str(path), *twice)


def test_columns_are_listed_where_no_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('lr,"the, loss"\n1,2\n')
    error = _refuse("report", "--out", str(tmp_path / "p"), "--csv", str(path))
    assert error == (
        "--csv needs --value and --direction (minimize or maximize); its columns are 'lr', "
        "'the, loss'"
    )


def test_what_to_write(tmp_path: Path) -> None:
    report = "report", "--storage", "s"
    assert "--out page.html, or --json" in _refuse(*report)
    assert "--open shows the page" in _refuse(*report, "--json", str(tmp_path / "n"), "--open")
    same = str(tmp_path / "n")
    assert "two files" in _refuse(*report, "--json", same, "--out", same)
    assert "no folder" in _refuse(*report, "--json", str(tmp_path / "no" / "n"))


def test_trials_are_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n")
    source = "report", "--csv", str(path), "--value", "y", "--direction", "minimize"
    assert "would write over the trials" in _refuse(*source, "--out", str(path))
    database = tmp_path / "a.db"
    database.write_bytes(b"SQLite format 3\0")
    url = f"sqlite:///{database}"
    assert "would write over" in _refuse("report", "--storage", url, "--json", str(database))


def test_an_extra_that_is_missing_is_named_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    options = build_parser().parse_args(["demo", "--out", str(tmp_path / "p.html")])
    with pytest.raises(ImportError, match=r"pip install 'optuna-hpx\[report\]'"):
        check(options)
    assert list(tmp_path.iterdir()) == []


def test_an_error_imports_nothing_slow() -> None:
    """So that it comes at once: all wings and their libraries take seconds."""
    code = (
        "import sys; from optuna_hpx.page._cli import main; "
        "assert main(['report', '--csv', 'missing.csv', '--out', 'p.html']) == 2; "
        f"print([name for name in {_SLOW!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

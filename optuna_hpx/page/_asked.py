"""What the command was asked for, and what is wrong with it before anything is read or imported.

Nothing here is slow: an error in a line that was typed comes at once.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from optuna_hpx._checks import target
from optuna_hpx._imports import ensure
from optuna_hpx.page._arguments import CSV_OPTIONS, DEMOS
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._spelling import as_options
from optuna_hpx.page._writing import is_stream

__all__ = ["Asked", "asked_of", "check"]

_PAGE_MODULES = ("jinja2", "plotly")
_TWO_SIDES = (
    "compare needs two sides: --storage URL --study A --study B, or "
    "--csv A.csv --csv B.csv --value COLUMN --direction minimize"
)


@dataclass(frozen=True)
class Asked:
    """Where the trials of one side are: in a study of a storage, or in a CSV file.

    Attributes:
        storage: The storage, or None.
        study: The name of the study; None for the only one.
        csv: The file, or None.
        value: Its column of the objective, or those of several.
        direction: Of each objective.
    """

    storage: str | None = None
    study: str | None = None
    csv: str | None = None
    value: str | tuple[str, ...] | None = None
    direction: tuple[str, ...] = ()


def asked_of(options: argparse.Namespace) -> list[Asked]:
    """List the sides of a command, with ``report`` one, with ``compare`` two.

    Raises:
        SourceError: If the options do not name them.
    """
    if options.command == "report":
        values = tuple(options.value or ())
        value = values if len(values) > 1 else next(iter(values), None)
        directions = tuple(options.direction or ())
        return [Asked(options.storage, options.study, options.csv, value, directions)]
    n_csv, n_storages, n_studies = map(len, (options.csv, options.storage, options.study))
    if not (n_csv or n_storages):
        raise SourceError(_TWO_SIDES)
    if n_csv + max(n_storages, n_studies) > 2:
        raise SourceError(f"there are more than two sides; {_TWO_SIDES}")
    if n_studies and not n_storages:
        raise SourceError("--study goes with --storage, not with --csv")
    studies = _studies(options.storage, options.study, 2 - n_csv)
    return [*studies, *_files(options.csv, options.value, options.direction or ())]


def _studies(storages: Sequence[str], names: Sequence[str], n_sides: int) -> Iterator[Asked]:
    """Pair storages with names, each of which may be one for both sides."""
    if max(len(storages), len(names)) < n_sides:
        lacking = "the other --csv, or a --storage with a --study"
        if storages:
            lacking = "the other --study, or the other --storage"
        raise SourceError(f"compare needs two sides: {lacking} is missing")
    if not n_sides:
        return iter(())
    return (
        Asked(storages[k % len(storages)], names[k % len(names)] if names else None)
        for k in range(n_sides)
    )


def _files(
    files: Sequence[str], values: Sequence[str], directions: Sequence[str]
) -> Iterator[Asked]:
    """Pair files with objectives and directions, each of which may be one for both sides."""
    for option, entries in (("value", values), ("direction", directions)):
        if files and len(entries) > len(files):
            raise SourceError(f"--{option} is given more often than --csv")
    for k, file in enumerate(files):
        value = values[k % len(values)] if values else None
        direction = directions[k % len(directions) :][:1] if directions else ()
        yield Asked(csv=file, value=value, direction=tuple(direction))


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot be done, before the work and not after it.

    Raises:
        SourceError: If an option is wrong, or a file is not there.
        ImportError: If an extra is not installed; the message names it.
    """
    if options.command == "demo":
        _check_demo(options)
        return
    _check_out(options)
    _check_target(options)
    sides = asked_of(options)
    if options.watch is not None and any(side.csv and _comes_once(side.csv) for side in sides):
        raise SourceError("--watch cannot read standard input or a pipe again: name a file")
    for side in sides:
        _check_options(side, options)
        _check_place(side)
    if len(set(sides)) < len(sides):
        raise SourceError("both sides are the same trials: name another study or file")
    for name in ("out", "json"):
        for side in sides:
            _check_no_source(name, getattr(options, name), side)
    ensure((*_PAGE_MODULES, *(["pandas"] if options.csv else [])), extra="report")


def _check_demo(options: argparse.Namespace) -> None:
    """Name the page after the kind if it has no name, and refuse what cannot be tuned."""
    if options.out is None:
        suffix = "" if options.kind == DEMOS[0] else f"-{options.kind}"
        options.out = f"optuna-hpx-demo{suffix}.html"
    _check_out(options)
    folder = Path(options.storage_file).parent
    if not folder.is_dir():
        raise SourceError(f"--storage-file: there is no folder {folder}; make it first")
    if Path(options.out).absolute() == Path(options.storage_file).absolute():
        raise SourceError("--out and --storage-file must be two files")
    ensure(_PAGE_MODULES, extra="report")
    if options.kind == "torch":
        ensure(("torch",), extra="torch")


def _check_out(options: argparse.Namespace) -> None:
    """Refuse a place that cannot be written to."""
    places = {name: getattr(options, name, None) for name in ("out", "json")}
    if not any(places.values()):
        raise SourceError("name what to write: --out page.html, or --json numbers.json")
    if options.open and not places["out"]:
        raise SourceError("--open shows the page that --out names: add --out page.html")
    for name, place in places.items():
        if place is not None:
            _check_place_of(name, Path(place))
    if places["json"] and Path(places["json"]).absolute() == Path(places["out"] or "").absolute():
        raise SourceError("--out and --json must be two files")


def _check_place_of(name: str, path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"--{name} must be a file, but {path} is a folder")
    if not path.parent.is_dir():
        raise SourceError(f"--{name}: there is no folder {path.parent}; make it first")
    # A file is written beside the old one, and takes its name: the folder must allow that.
    if not os.access(path if is_stream(str(path)) else path.resolve().parent, os.W_OK):
        raise SourceError(f"--{name}: {path} cannot be written; choose another place")


def _check_target(options: argparse.Namespace) -> None:
    try:
        target(options.target_quantile, options.region_quantile, options.target_value)
    except ValueError as error:
        raise SourceError(as_options(str(error))) from error
    if getattr(options, "evaluator", None) == "hsic" and options.region_quantile < 1.0:
        raise SourceError("--evaluator hsic compares with all trials: leave --region-quantile out")


def _check_options(side: Asked, options: argparse.Namespace) -> None:
    """Refuse options of the other kind of source, and a file without its objective."""
    if side.csv is None:
        names = [name for name in CSV_OPTIONS if getattr(options, name)]
        if names and not (options.command == "compare" and options.csv):
            raise SourceError(f"--{names[0]} goes with --csv, not with --storage")
        return
    if options.command == "report" and side.study is not None:
        raise SourceError("--study goes with --storage, not with --csv")
    if side.value is None:
        direction = "" if options.direction else " and --direction (minimize or maximize)"
        raise SourceError(f"--csv needs --value{direction}{_columns_of(side.csv)}")
    if not side.direction:
        raise SourceError("--csv needs --direction: minimize or maximize")


def _columns_of(path: str) -> str:
    """Say which columns a file has, if it can be read."""
    _check_file(path)
    if not os.path.isfile(path):  # what comes through a pipe comes once
        return ""

    # slow: brings in pandas, for an error only
    from optuna_hpx.page._files import read_text_file

    try:
        names = read_text_file(path).frame.columns.tolist()
    except (SourceError, ImportError):  # of which the same command with --value tells
        return ""
    return f"; its columns are {', '.join(map(repr, names))}"


def _comes_once(path: str) -> bool:
    """Tell whether what a path leads to can be read once only, as of a pipe."""
    return path == "-" or is_stream(path)


def _check_file(path: str) -> None:
    if os.path.isdir(path):
        raise SourceError(f"{path} is a folder: name a CSV file in it")
    if path != "-" and not os.path.exists(path):  # - is standard input; a pipe is a file, too
        raise SourceError(f"there is no file {path}")


def _check_place(side: Asked) -> None:
    """Refuse a file that is not there, or that is named as what it is not."""
    if side.csv is not None:
        _check_file(side.csv)
        return
    storage = side.storage or ""
    if "://" in storage:
        return  # who can take a URL apart is imported for it
    if os.path.isdir(storage):
        raise SourceError(
            f"{storage} is a folder: name a journal file, or a URL as sqlite:///study.db"
        )
    if not os.path.isfile(storage):
        raise SourceError(
            f"there is no file {storage}; a database is named by its URL, as in sqlite:///study.db"
        )
    with open(storage, "rb") as file:
        if file.read(15) == b"SQLite format 3":
            raise SourceError(f"{storage} is an SQLite database: name it sqlite:///{storage}")


def _check_no_source(name: str, place: str | None, side: Asked) -> None:
    """Refuse to write over the trials."""
    source = side.csv or side.storage or ""
    if source.startswith("sqlite"):
        source = source.partition(":///")[2].removeprefix("file:").partition("?")[0]
    are_files = place and os.path.isfile(place) and os.path.isfile(source)
    if place and are_files and os.path.samefile(place, source):
        raise SourceError(f"--{name} {place} would write over the trials: name another file")

"""The command ``optuna-hpx``."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optuna.samplers import RandomSampler

from optuna_hpx.canvas.material import Material
from optuna_hpx.page import _demo
from optuna_hpx.page._arguments import CSV_OPTIONS, build_parser
from optuna_hpx.page._page import page_of
from optuna_hpx.page._sources import Source, SourceError, from_csv, from_storage

if TYPE_CHECKING:
    from optuna_hpx.trials.table import TrialTable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 2 for what the user can mend, 1 for the rest."""
    try:
        options = build_parser().parse_args(arguments)
        _check_out(options.out)
        if options.command == "demo":
            _run_demo(options)
        else:
            _run_report(options)
    except (SourceError, ImportError) as error:
        print(f"optuna-hpx: error: {error}", file=sys.stderr)
        return 2
    except _demo.DemoError as error:
        print(f"optuna-hpx: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("optuna-hpx: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    return 0


def _check_out(out: str) -> None:
    """Refuse a place that cannot be written to, before the work and not after it."""
    path = Path(out)
    if path.is_dir():
        raise SourceError(f"--out must be a file, but {path} is a folder")
    if not path.parent.is_dir():
        raise SourceError(f"--out: there is no folder {path.parent}")


def _run_report(options: argparse.Namespace) -> None:
    source = _read(options)
    _check_trials(source.table, source.title)
    if options.target_value is not None and len(source.table.directions) > 1:
        raise SourceError("--target-value needs a study of one objective")
    _write(
        source,
        options.out,
        target_quantile=options.target_quantile,
        region_quantile=options.region_quantile,
        target_value=options.target_value,
    )
    for line in source.notes:
        print(line)
    print(f"The page is in {options.out}")


def _read(options: argparse.Namespace) -> Source:
    csv_options = {
        name: value for name in CSV_OPTIONS if (value := getattr(options, name)) is not None
    }
    if options.storage is not None:
        if csv_options:
            raise SourceError(f"--{next(iter(csv_options))} goes with --csv, not with --storage")
        return from_storage(options.storage, options.study)
    if options.study is not None:
        raise SourceError("--study goes with --storage, not with --csv")
    for name in ("value", "direction"):
        if name not in csv_options:
            raise SourceError(f"--csv needs --{name}")
    return from_csv(options.csv, **csv_options)


def _check_trials(table: TrialTable, title: str) -> None:
    if not len(table):
        raise SourceError(f"{title!r} has no finished trial")
    if not table.complete.any():
        raise SourceError(f"{title!r} has no complete trial with a finite value")


def _write(source: Source, out: str, **options: Any) -> None:
    try:
        material = Material.of(source.study or source.table, **options)
    except ValueError as error:  # an option is out of its range: what follows would be our fault
        raise SourceError(str(error)) from error
    page = page_of(material, source.title)
    try:
        Path(out).write_text(page, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot write {out}: {error.strerror}") from error


def _run_demo(options: argparse.Namespace) -> None:
    n_before = _demo.run(
        options.storage_file,
        n_trials=options.n_trials,
        n_workers=options.n_workers,
        seed=options.seed,
    )
    if n_before:
        print(f"{options.storage_file} already held {n_before} of these trials")
    url = _demo.url_of(options.storage_file)
    source = from_storage(url, _demo.STUDY_NAME)
    _write(source, options.out, sampler=RandomSampler())
    again = ["--storage", url, "--study", _demo.STUDY_NAME, "--out", options.out]
    print(f"The page is in {options.out}; to write it again:")
    command = sys.argv[0] if Path(sys.argv[0]).name == "optuna-hpx" else "optuna-hpx"
    print(f"  {shlex.quote(command)} report {shlex.join(again)}")


if __name__ == "__main__":
    sys.exit(main())

"""The command ``optuna-hpx``."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from optuna_hpx import __version__
from optuna_hpx.law._page_law import law_of
from optuna_hpx.page import _demo
from optuna_hpx.page._page import build_page
from optuna_hpx.page._sources import Source, SourceError, from_csv, from_storage

if TYPE_CHECKING:
    from optuna_hpx.importance import ImportanceProfile, ImportanceReport
    from optuna_hpx.trials.table import TrialTable

_CSV_OPTIONS = ("value", "direction", "params", "log", "linear", "categorical")
_MAX_CROSSED = 100  # parameters: the pairs of more take long, and hardly any would stand out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 2 for what the user can mend, 1 for the rest."""
    try:
        options = _parser().parse_args(arguments)
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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line as for all other errors, in place of the whole usage."""
        raise SourceError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="optuna-hpx", description="What a tuned model has to say, on one page.")
    parser.add_argument("--version", action="version", version=f"optuna-hpx {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_report(commands.add_parser("report", help="write a page on a study or a CSV file"))
    _add_demo(
        commands.add_parser(
            "demo", help="tune a classifier of handwritten digits, and write its page"
        )
    )
    return parser


def _add_report(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--storage", metavar="URL", help="an Optuna storage: a database URL or a journal file"
    )
    source.add_argument("--csv", metavar="FILE", help="a file with one trial per row")
    parser.add_argument("--out", metavar="FILE", required=True, help="the page to write")
    parser.add_argument("--study", metavar="NAME", help="the study, if the storage holds several")
    of_csv = parser.add_argument_group("with --csv")
    of_csv.add_argument("--value", metavar="COLUMN", help="the objective")
    of_csv.add_argument("--direction", choices=["minimize", "maximize"])
    for name, text in (
        ("params", "the parameters; guessed if not given"),
        ("log", "parameters on a log scale"),
        ("linear", "parameters not on a log scale"),
        ("categorical", "parameters that are categories, though they look like numbers"),
    ):
        of_csv.add_argument(f"--{name}", metavar="A,B", type=_names, help=text)
    target = parser.add_argument_group("what counts as good")
    target.add_argument(
        "--target-quantile",
        type=float,
        default=0.1,
        metavar="Q",
        help="the best share of the trials (default: 0.1)",
    )
    target.add_argument(
        "--region-quantile",
        type=float,
        default=1.0,
        metavar="Q",
        help="the share they are compared with (default: 1, all)",
    )
    target.add_argument(
        "--target-value",
        type=float,
        metavar="V",
        help="call good what reaches this value, instead of a share",
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", default="optuna-hpx-demo.html", help="default: %(default)s")
    parser.add_argument(
        "--storage-file", default="optuna-hpx-demo.db", help="default: %(default)s"
    )
    parser.add_argument("--n-trials", type=_positive, default=240, help="default: %(default)s")
    parser.add_argument("--n-workers", type=_positive, default=2, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _check_out(out: str) -> None:
    """Complain before the work, not after it."""
    path = Path(out)
    if path.is_dir():
        raise SourceError(f"--out must be a file, but {path} is a folder")
    if not path.parent.is_dir():
        raise SourceError(f"--out: there is no folder {path.parent}")


def _run_report(options: argparse.Namespace) -> None:
    source = _read(options)
    if not len(source.table):
        raise SourceError(f"{source.title!r} has no finished trial")
    if not source.table.complete.any():
        raise SourceError(f"{source.title!r} has no complete trial with a finite value")
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


def _importances(
    table: TrialTable,
    *,
    target_quantile: float = 0.1,
    region_quantile: float = 1.0,
    target_value: float | None = None,
) -> tuple[ImportanceReport, ImportanceProfile | None]:
    """What the page shows, the same at every call."""
    # slow: brings in sklearn
    from optuna_hpx.importance import PedAnovaImportanceEvaluator, importance_profile
    from optuna_hpx.importance._profile import QUANTILES

    try:
        evaluator = PedAnovaImportanceEvaluator(
            target_quantile=target_quantile,
            region_quantile=region_quantile,
            target_value=target_value,
            seed=0,
        )
    except ValueError as error:
        raise SourceError(str(error)) from error
    if target_value is not None and len(table.directions) > 1:
        raise SourceError("--target-value needs a study of one objective")
    report = evaluator.report(table, interactions=len(table.columns) <= _MAX_CROSSED)
    quantiles = [quantile for quantile in QUANTILES if quantile < region_quantile]
    if not quantiles:
        return report, None
    of_profile = PedAnovaImportanceEvaluator(
        target_quantile=quantiles[0], region_quantile=region_quantile, seed=0
    )
    return report, importance_profile(table, quantiles, of_profile)


def _read(options: argparse.Namespace) -> Source:
    given = {name: getattr(options, name) for name in _CSV_OPTIONS}
    if options.storage is not None:
        if misplaced := [name for name, value in given.items() if value is not None]:
            raise SourceError(f"--{misplaced[0]} goes with --csv, not with --storage")
        return from_storage(options.storage, options.study)
    if options.study is not None:
        raise SourceError("--study goes with --storage, not with --csv")
    for name in ("value", "direction"):
        if given[name] is None:
            raise SourceError(f"--csv needs --{name}")
    return from_csv(options.csv, **{k: v for k, v in given.items() if v is not None})


def _write(source: Source, out: str, *, at_random: bool = False, **target: Any) -> None:
    report, profile = _importances(source.table, **target)
    law, law_note = law_of(source.table, at_random=at_random)
    page = build_page(
        source.table,
        report,
        title=source.title,
        n_unfinished=source.n_unfinished,
        study=source.study,
        profile=profile,
        law=law,
        law_note=law_note,
    )
    try:
        Path(out).write_text(page, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot write {out}: {error.strerror}") from error


def _run_demo(options: argparse.Namespace) -> None:
    n_known = _demo.run(
        options.storage_file,
        n_trials=options.n_trials,
        n_workers=options.n_workers,
        seed=options.seed,
    )
    if n_known:
        print(f"{options.storage_file} already held {n_known} of these trials")
    url = _demo.url_of(options.storage_file)
    source = from_storage(url, _demo.STUDY_NAME)
    _write(source, options.out, at_random=True)
    again = ["--storage", url, "--study", _demo.STUDY_NAME, "--out", options.out]
    print(f"The page is in {options.out}; to write it again:")
    command = sys.argv[0] if Path(sys.argv[0]).name == "optuna-hpx" else "optuna-hpx"
    print(f"  {shlex.quote(command)} report {shlex.join(again)}")


if __name__ == "__main__":
    sys.exit(main())

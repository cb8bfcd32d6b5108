"""The arguments of the command ``optuna-hpx``."""

from __future__ import annotations

import argparse
from typing import NoReturn

from optuna_hpx import __version__
from optuna_hpx._checks import EVALUATORS, SAMPLINGS, SPACES
from optuna_hpx.page._errors import SourceError

CSV_OPTIONS = (
    "value",
    "direction",
    "params",
    "ignore",
    "log",
    "linear",
    "categorical",
    "none",
    "separator",
    "decimal",
)


_EXAMPLES = {
    "optuna-hpx": """\
examples:
  optuna-hpx demo
  optuna-hpx report --storage sqlite:///study.db --out page.html
  optuna-hpx report --csv trials.csv --value accuracy --direction maximize --out page.html
  optuna-hpx compare --storage sqlite:///study.db --study A --study B --out page.html

optuna-hpx COMMAND --help tells the options of a command.""",
    "report": """\
examples:
  a study in a database, or in a journal file:
    optuna-hpx report --storage sqlite:///study.db --study tuned --out page.html --open
    optuna-hpx report --storage journal.log --out page.html
  a table of trials, with learning rates on a log scale:
    optuna-hpx report --csv trials.csv --value loss --direction minimize --log lr --out page.html
  the numbers alone:
    optuna-hpx report --storage sqlite:///study.db --json numbers.json
  what set apart the best of the trials, whoever chose them:
    optuna-hpx report --storage sqlite:///study.db --space trials --out page.html""",
    "compare": """\
examples:
  optuna-hpx compare --storage sqlite:///study.db --study A --study B --out page.html
  optuna-hpx compare --storage sqlite:///a.db --storage sqlite:///b.db --out page.html
  optuna-hpx compare --csv a.csv --csv b.csv --value loss --direction minimize --out page.html""",
    "demo": """\
examples:
  optuna-hpx demo
  optuna-hpx demo --kind population
  optuna-hpx demo --n-workers 4 --open""",
}

DEMOS = ("digits", "population", "tasks", "torch")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise one line as for all other errors, in place of the whole usage."""
        raise SourceError(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of ``optuna-hpx`` with its commands."""
    parser = _Parser(
        prog="optuna-hpx",
        description="What a tuned model has to say, on one page.",
        epilog=_EXAMPLES["optuna-hpx"],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"optuna-hpx {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, add) in _COMMANDS.items():
        add(
            commands.add_parser(
                name,
                help=text,
                description=f"{text[0].upper()}{text[1:]}.",
                epilog=_EXAMPLES[name],
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser


def _add_report(parser: argparse.ArgumentParser) -> None:
    """Add where to read from, how to read it, and what counts as good."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--storage", metavar="URL", help="an Optuna storage: a database URL or a journal file"
    )
    source.add_argument(
        "--csv", metavar="FILE", help="a file with one trial per row; - is standard input"
    )
    parser.add_argument("--study", metavar="NAME", help="the study, if the storage holds several")
    _add_out(parser)
    _add_target(parser)
    _add_importances(parser).add_argument(
        "--evaluator",
        choices=EVALUATORS,
        default=EVALUATORS[0],
        help="whose importances; hsic asks whether the goal depends on a parameter at all "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--sampling",
        choices=SAMPLINGS,
        default=SAMPLINGS[0],
        help="what the trials are, if you know better than they show: independent random draws, "
        "or adaptive, chosen by a sampler or a person (default: %(default)s)",
    )
    _add_csv(parser)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    """Add the same for two sides: what is given twice is for the first and the second."""
    group = parser.add_argument_group("what to compare (give an option twice for two sides)")
    group.add_argument(
        "--storage",
        metavar="URL",
        action="append",
        default=[],
        help="an Optuna storage; twice if the studies are in two",
    )
    group.add_argument(
        "--study",
        metavar="NAME",
        action="append",
        default=[],
        help="a study; twice, unless each storage holds one, or both have one of this name",
    )
    group.add_argument(
        "--csv",
        metavar="FILE",
        action="append",
        default=[],
        help="a file with one trial per row; twice, or once, to compare it with a study",
    )
    _add_out(parser)
    _add_target(parser)
    _add_importances(parser)
    _add_csv(parser, is_value_for_each=True)


def _add_out(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to write (a page, a file of numbers, or both)")
    group.add_argument("--out", metavar="FILE", help="the page, as HTML")
    group.add_argument("--json", metavar="FILE", help="all that the page says, as data")
    group.add_argument("--open", action="store_true", help="show the page in a browser")
    group.add_argument(
        "--watch",
        metavar="SECONDS",
        nargs="?",
        type=_seconds,
        const=30.0,
        help="write it again as trials arrive, until Ctrl-C; looks every 30 seconds, or as given",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1.0 <= seconds <= 86_400.0:
        raise argparse.ArgumentTypeError(f"must be from 1 to 86400 seconds, got {text}")
    return seconds


def _add_csv(parser: argparse.ArgumentParser, *, is_value_for_each: bool = False) -> None:
    group = parser.add_argument_group("with --csv")
    if is_value_for_each:
        group.add_argument(
            "--value",
            metavar="COLUMN",
            action="append",
            default=[],
            help="the objective; twice if the files name it differently",
        )
        group.add_argument(
            "--direction",
            choices=["minimize", "maximize"],
            action="append",
            help="of the objective, the same on both sides",
        )
    else:
        group.add_argument(
            "--value",
            metavar="COLUMN",
            action="append",
            help="the objective; once more, with its --direction, for each further one",
        )
        group.add_argument("--direction", choices=["minimize", "maximize"], action="append")
    for name, text in (
        ("params", "the parameters; guessed if not given"),
        ("ignore", "columns that are no parameters"),
        ("log", "parameters on a log scale"),
        ("linear", "parameters not on a log scale"),
        ("categorical", "parameters that are categories, though they look like numbers"),
        ("none", "categories of which an empty cell is the choice None"),
    ):
        group.add_argument(f"--{name}", metavar="A,B", type=_names, help=text)
    group.add_argument(
        "--separator", metavar="SIGN", type=_sign, help="between cells; \\t is a tab"
    )
    group.add_argument(
        "--decimal", choices=[".", ","], metavar="SIGN", help="the decimal sign: . or ,"
    )


def _add_target(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what counts as good")
    group.add_argument(
        "--target-quantile",
        type=float,
        default=0.1,
        metavar="Q",
        help="the best share of the trials (default: 0.1)",
    )
    group.add_argument(
        "--region-quantile",
        type=float,
        default=1.0,
        metavar="Q",
        help="the share they are compared with (default: 1, all)",
    )
    group.add_argument(
        "--target-value",
        type=float,
        metavar="V",
        help="call good what reaches this value, instead of a share",
    )


def _add_importances(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    _add_seed(parser)
    group = parser.add_argument_group("what importances describe")
    group.add_argument(
        "--space",
        choices=SPACES,
        help="trials: those that were run; uniform: the whole search space, by a surrogate where "
        "a sampler chose the trials; auto: uniform where that can be told "
        "(default: auto, with hsic trials)",
    )
    return group


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="of all that is random in the answers: the same seed and trials give the same "
        "numbers (default: %(default)s)",
    )


def _sign(text: str) -> str:
    sign = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(sign) != 1:
        raise argparse.ArgumentTypeError(f"must be one sign, got {text!r}")
    return sign


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind",
        choices=DEMOS,
        default=DEMOS[0],
        help="digits: a random search, and what matters; population: hyperparameters that change "
        "while models train; tasks: settings for data sets not seen yet; torch: a sampler that "
        "learns (default: %(default)s)",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="default: optuna-hpx-demo.html, or ...-KIND.html"
    )
    parser.add_argument("--open", action="store_true", help="show the page in a browser")
    parser.add_argument(
        "--storage-file",
        metavar="FILE",
        default="optuna-hpx-demo.db",
        help="an SQLite file for the trials; the same command goes on from there "
        "(default: %(default)s)",
    )
    parser.add_argument("--n-trials", type=_positive, metavar="N", help="default: by the kind")
    parser.add_argument(
        "--n-workers",
        type=_positive,
        metavar="N",
        help="processes that share the trials (default: by the kind; of tasks and torch the same "
        "seed gives the same trials with one only)",
    )
    parser.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="of the draws (default: %(default)s)"
    )


def _seed(text: str) -> int:
    number = _integer(text)
    if not 0 <= number < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**32 - 1}, got {number}")
    return number


def _positive(text: str) -> int:
    number = _integer(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}") from None


_COMMANDS = {
    "report": ("write a page on a study or a CSV file", _add_report),
    "compare": (
        "write a page on two studies or CSV files: which is better, and how sure that is",
        _add_compare,
    ),
    "demo": ("tune a small model, and write the page of that", _add_demo),
}

"""The arguments of the command."""

from __future__ import annotations

import pytest

from optuna_hpx.page._arguments import CSV_OPTIONS, build_parser
from optuna_hpx.page._errors import SourceError


def test_what_is_assumed() -> None:
    options = build_parser().parse_args(["report", "--storage", "s.db", "--out", "page.html"])
    assert (options.target_quantile, options.region_quantile) == (0.1, 1.0)
    assert options.target_value is None
    assert (options.space, options.evaluator, options.sampling) == (None, "ped-anova", "auto")
    assert options.seed == 0
    assert [getattr(options, name) for name in CSV_OPTIONS] == [None] * len(CSV_OPTIONS)
    demo = build_parser().parse_args(["demo"])
    assert (demo.kind, demo.n_trials, demo.n_workers, demo.seed) == ("digits", None, None, 0)


def test_names_are_split_at_commas() -> None:
    arguments = ["report", "--csv", "t.csv", "--out", "p", "--params", "a, b,,c"]
    assert build_parser().parse_args(arguments).params == ["a", "b", "c"]


def test_several_objectives_and_signs() -> None:
    arguments = ["report", "--csv", "-", "--out", "p", "--separator", r"\t", "--decimal", ","]
    for name in ("a", "b"):
        arguments += ["--value", name, "--direction", "minimize"]
    options = build_parser().parse_args(arguments)
    assert (options.csv, options.value) == ("-", ["a", "b"])
    assert options.direction == ["minimize"] * 2
    assert (options.separator, options.decimal) == ("\t", ",")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["report", "--csv", "t.csv", "--out", "p", "--separator", "ab"],
        ["report", "--csv", "t.csv", "--out", "p", "--decimal", ";"],
        ["report", "--out", "p"],
        ["report", "--csv"],
        ["report", "--csv", "t.csv", "--storage", "s", "--out", "p"],
        ["report", "--csv", "t.csv", "--out", "p", "--target-quantile", "x"],
        ["demo", "--n-trials", "0"],
        ["demo", "--seed", "-1"],
        ["report", "--storage", "s", "--out", "p", "--seed", "x"],
        ["report", "--storage", "s", "--out", "p", "--space", "search"],
        ["report", "--storage", "s", "--out", "p", "--evaluator", "fanova"],
    ],
)
def test_an_error_is_one_line_that_points_to_the_help(arguments: list[str]) -> None:
    with pytest.raises(SourceError, match=r"^[^\n]*\(see optuna-hpx( \w+)? --help\)$"):
        build_parser().parse_args(arguments)

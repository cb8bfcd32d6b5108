"""Trials from a file of rows, of whatever tool, and what its columns were taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optuna_hpx._imports import require
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._files import STANDARD_INPUT, TextFile, read_text_file
from optuna_hpx.page._reading import describe, facts_of, section_of
from optuna_hpx.page._sources import Source
from optuna_hpx.trials.frames.plan import FramePlan, plan_frame
from optuna_hpx.trials.frames.reading import guessed
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

__all__ = ["from_csv"]


def from_csv(
    path: str,
    *,
    value: str | Sequence[str],
    direction: str | Sequence[str],
    params: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    log: Sequence[str] = (),
    linear: Sequence[str] = (),
    categorical: Sequence[str] = (),
    none: Sequence[str] = (),
    separator: str | None = None,
    decimal: str | None = None,
) -> Source:
    """Read one trial per row of a text file. Columns are named with or without a prefix.

    Args:
        path: The file; "-" for standard input.
        value: The column of the objective, or of each.
        direction: "minimize" or "maximize", for each objective.
        params: The columns of the parameters; None to find them.
        ignore: Columns that are no parameters.
        log: Parameters on a log scale.
        linear: Parameters that are not, whatever their spread.
        categorical: Parameters whose values are choices, whatever their type.
        none: Categorical parameters of which an empty cell is the choice None.
        separator: Between cells; None to see it from the first lines.
        decimal: The decimal sign; None to see it from the cells.

    Raises:
        SourceError: If the file cannot be read, or does not hold what it should.
    """
    text = read_text_file(path, separator=separator, decimal=decimal)
    values = [value] if isinstance(value, str) else list(value)
    directions = [direction] if isinstance(direction, str) else list(direction)
    if len(directions) != len(values):
        raise SourceError(
            f"each --value needs its --direction, in the same order: there are {len(values)} and "
            f"{len(directions)}"
        )
    try:
        plan = plan_frame(
            text.frame,
            values,
            params=params,
            ignore=ignore,
            named=[*log, *linear, *categorical, *none],
            decimals=text.decimals,
        )
        plan = plan.with_none([plan.find(name) for name in none])
        distributions = _distributions(
            plan, log=log, linear=linear, categorical=categorical, none=none
        )
        table = TrialTable.from_plan(plan, directions, distributions)
    except ValueError as error:
        raise SourceError(f"{path}: {str(error).strip().partition(chr(10))[0]}") from error
    title = "standard input" if path == STANDARD_INPUT else Path(path).name
    return Source(
        title,
        table,
        notes=(*describe(plan, table), *text.notes),
        facts=facts_of(plan, table, _period(text)),
        section=section_of(plan, table, text.notes),
        n_unfinished=plan.n_unfinished,
    )


def _distributions(plan: FramePlan, **options: Sequence[str]) -> dict[str, BaseDistribution]:
    """Guess the distributions of parameters that an option names, as it says."""
    by_option = {option: {plan.find(name) for name in names} for option, names in options.items()}
    if both := sorted(by_option["log"] & by_option["linear"]):
        raise ValueError(f"{both[0]!r} is named in both --log and --linear.")
    distributions: dict[str, BaseDistribution] = {}
    for name in set().union(*by_option.values()):
        is_log = True if name in by_option["log"] else None
        distributions[name] = guessed(
            plan,
            name,
            log=False if name in by_option["linear"] else is_log,
            categorical=name in by_option["categorical"] | by_option["none"],
        )
    return distributions


def _period(text: TextFile) -> tuple[Any, Any] | None:
    """Return the first start and the last end that Optuna's own columns have."""
    names = ("datetime_start", "datetime_complete")
    if not all(name in text.frame.columns for name in names):
        return None
    pandas = require("pandas", extra="report")
    try:
        starts, ends = (
            pandas.to_datetime(text.frame[name], format="ISO8601", errors="coerce")
            for name in names
        )
    except ValueError:  # of several time zones, which Optuna does not write
        return None
    first, last = starts.min(), ends.max()
    return None if pandas.isna(first) or pandas.isna(last) else (first, last)

"""The study in a few lines: what was run, and the best of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas.words import count, duration, number

if TYPE_CHECKING:
    from optuna_hpx.trials.table import TrialTable

_MAX_BEST = 10


@dataclass(frozen=True)
class Table:
    """A table of text: a caption, column heads and rows whose first cell heads the row."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def facts(table: TrialTable, n_unfinished: int) -> list[tuple[str, str]]:
    """Pairs of a term and its description."""
    n_complete = int(np.count_nonzero(table.states == TrialState.COMPLETE))
    n_feasible = int(np.count_nonzero((table.states == TrialState.COMPLETE) & table.feasible))
    found = [
        ("Trials", _by_state(table, n_unfinished)),
        ("Feasible", f"{n_feasible:,} of {n_complete:,} complete trials"),
        ("Objective" if len(table.directions) == 1 else "Objectives", _objectives(table)),
        ("Best", _best_in_words(table)),
    ]
    known = table.durations[np.isfinite(table.durations)]
    if len(known):
        in_words = (
            f"{duration(known.sum())} in all, {duration(np.median(known))} per trial (median)"
        )
        found.append(("Time", in_words))
    if period := _period(table):
        found.append(("Sampled", period))
    return found


def _by_state(table: TrialTable, n_unfinished: int) -> str:
    parts = [
        f"{np.count_nonzero(table.states == state):,} {name}"
        for state, name in (
            (TrialState.COMPLETE, "complete"),
            (TrialState.PRUNED, "pruned"),
            (TrialState.FAIL, "failed"),
        )
        if (table.states == state).any()
    ]
    if n_unfinished:
        parts.append(f"{n_unfinished:,} waiting or running")
    return ", ".join(parts)


def _objectives(table: TrialTable) -> str:
    if len(table.directions) == 1:
        return table.directions[0]
    return ", ".join(f"{k}: {direction}" for k, direction in enumerate(table.directions))


def _best_in_words(table: TrialTable) -> str:
    rows = table.best
    if not len(rows):
        return "no feasible trial"
    if len(table.directions) > 1:
        return f"{count(len(rows), 'trial')} that no other dominates"
    return f"{number(float(table.values[rows[0], 0]))} in trial {table.numbers[rows[0]]}"


def _period(table: TrialTable) -> str:
    """From the first start to the last end, empty where unknown."""
    if not table.trials:
        return ""
    rows = np.arange(len(table))
    starts = [t for t in table.map(lambda trial: trial.datetime_start, rows) if t is not None]
    ends = [t for t in table.map(lambda trial: trial.datetime_complete, rows) if t is not None]
    if not starts or not ends:
        return ""
    first, last = min(starts), max(ends)
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {end}"


def best_table(table: TrialTable) -> Table | None:
    """The parameters of the best trials: one per row for one trial, one per column for several."""
    rows = table.best
    if not len(rows):
        return None
    if len(table.directions) == 1:
        values = _params(table, int(rows[0]))
        caption = f"Parameters of the best trial ({table.numbers[rows[0]]})"
        return Table(caption, ("parameter", "value"), tuple(values.items()))
    objectives = [f"objective {k}" for k in range(len(table.directions))]
    caption = "Trials that no other dominates"
    if len(rows) > _MAX_BEST:
        caption += f" ({_MAX_BEST} of {len(rows)}, spread over the first objective)"
        rows = rows[np.argsort(table.losses[rows, 0], kind="stable")]
        rows = rows[np.linspace(0, len(rows) - 1, _MAX_BEST).round().astype(int)]
    params = [_params(table, row) for row in rows.tolist()]
    names = [name for name in table.columns if any(name in of_trial for of_trial in params)]
    return Table(
        caption,
        ("trial", *objectives, *names),
        tuple(
            (
                str(table.numbers[row]),
                *(number(value) for value in table.values[row].tolist()),
                *(of_trial.get(name, "") for name in names),
            )
            for row, of_trial in zip(rows.tolist(), params, strict=True)
        ),
    )


def _params(table: TrialTable, row: int) -> dict[str, str]:
    """The parameters of one trial as text, those it did not have left out."""
    return {
        name: number(column.distributions[code].to_external_repr(float(column.values[row])))
        for name, column in table.columns.items()
        if (code := int(column.regime[row])) >= 0
    }

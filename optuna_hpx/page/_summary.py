"""The study in a few lines: what was run, and the best of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas.history import plot_history
from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, duration, number
from optuna_hpx.trials.in_vain import in_vain
from optuna_hpx.trials.order import may_be_in_time

if TYPE_CHECKING:
    from datetime import datetime

    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

_MAX_BEST = 10
_MANY_BEST = 0.1  # of the trials share the best value: worth a word


_TRADE_OFF = (
    "Each point is a trial, its first objective to the right and its second one upwards. Diamonds "
    "are those that no trial beats in one objective without being worse in the other."
)
_UNFINISHED = (TrialState.RUNNING, TrialState.WAITING)


def n_unfinished(study: Study | None) -> int:
    """Count the trials of a study that still wait or run, which no table has."""
    return 0 if study is None else len(study.get_trials(deepcopy=False, states=_UNFINISHED))


def facts(table: TrialTable, n_unfinished: int = 0) -> list[tuple[str, str]]:
    """Sum the study up, in pairs of a term and its description.

    Args:
        table: The trials.
        n_unfinished: Trials that wait or run.
    """
    n_complete = int(np.count_nonzero(table.states == TrialState.COMPLETE))
    n_feasible = int(np.count_nonzero((table.states == TrialState.COMPLETE) & table.feasible))
    pairs = [("Trials", _by_state(table, n_unfinished))]
    if not table.feasible.all():
        pairs.append(("Feasible", f"{n_feasible:,} of {n_complete:,} complete trials"))
    title = "Objective" if len(table.directions) == 1 else "Objectives"
    pairs += [(title, _objectives(table)), ("Best", _best_in_words(table))]
    seconds = table.durations[np.isfinite(table.durations)]
    if len(seconds):
        total, median = duration(seconds.sum()), duration(np.median(seconds))
        pairs.append(("Time", f"{total} in all, {median} per trial (median)"))
    if sampled := _period(table):
        pairs.append(("Sampled", sampled))
    return pairs


def numbers_of(table: TrialTable, n_unfinished: int = 0) -> dict[str, Any]:
    """Return the numbers of :func:`facts`."""
    seconds = table.durations[np.isfinite(table.durations)]
    return {
        "n_complete": int(np.count_nonzero(table.states == TrialState.COMPLETE)),
        "n_pruned": int(np.count_nonzero(table.states == TrialState.PRUNED)),
        "n_failed": int(np.count_nonzero((table.states == TrialState.FAIL) & ~in_vain(table))),
        "n_unfinished": n_unfinished,
        "n_feasible": int(
            np.count_nonzero((table.states == TrialState.COMPLETE) & table.feasible)
        ),
        "directions": list(table.directions),
        "metric_names": list(table.metric_names),
        "seconds": float(seconds.sum()) if len(seconds) else None,
        "median_seconds": float(np.median(seconds)) if len(seconds) else None,
    }


def _by_state(table: TrialTable, n_unfinished: int) -> str:
    is_begun = ~in_vain(table)
    parts = [
        f"{np.count_nonzero((table.states == state) & is_begun):,} {name}"
        for state, name in (
            (TrialState.COMPLETE, "complete"),
            (TrialState.PRUNED, "pruned"),
            (TrialState.FAIL, "failed"),
        )
        if ((table.states == state) & is_begun).any()
    ]
    if n_unfinished:
        parts.append(f"{n_unfinished:,} waiting or running")
    return ", ".join(parts)


def _objectives(table: TrialTable) -> str:
    if len(table.directions) == 1 and not table.metric_names:
        return table.directions[0]
    pairs = zip(table.objective_names, table.directions, strict=True)
    return ", ".join(f"{label}: {direction}" for label, direction in pairs)


def _best_in_words(table: TrialTable) -> str:
    rows = table.best
    if not len(rows):
        return "no feasible trial"
    if len(table.directions) > 1:
        return f"{count(len(rows), 'trial')} that no other dominates"
    return f"{number(float(table.values[rows[0], 0]))} in trial {table.numbers[rows[0]]}"


def _period(table: TrialTable) -> str:
    """Write the time from the first start to the last end; "" where it is not known."""
    if not table.trials:
        return ""
    rows = np.arange(len(table))
    starts = [t for t in table.map(lambda trial: trial.datetime_start, rows) if t is not None]
    ends = [t for t in table.map(lambda trial: trial.datetime_complete, rows) if t is not None]
    if not starts or not ends:
        return ""
    return period(min(starts), max(ends))


def period(first: datetime, last: datetime) -> str:
    """Write the time from the first start to the last end."""
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {end}"


def history_section(table: TrialTable) -> Section:
    """Make the section on how the objective went."""
    label = f"Chart: the objective of {count(len(table), 'trial')}"
    return Section(
        "How the study went",
        charts=(Chart(plot_history(table), label),),
        how_to_read=_TRADE_OFF if len(table.directions) == 2 else "",
        key="history",
        data={
            "numbers": table.numbers.tolist(),
            "states": [TrialState(state).name for state in table.states.tolist()],
            "values": plain(table.values),
            "feasible": table.feasible.tolist(),
            "seconds": plain(table.durations),
        },
    )


def best_sections(table: TrialTable) -> list[Section]:
    """Make the section on the best trial, or on those that no other dominates, if there is any."""
    if not len(table.best):
        return []
    if len(table.directions) == 1:
        title, rows = "The best trial", _best_trial(table)
    else:
        title, rows = "The best trials", _non_dominated_trials(table)
    return [
        Section(
            title,
            tables=(rows,),
            verdict=_verdict_on_best(table),
            key="best",
            data={"trials": _best_data(table)},
        )
    ]


def _verdict_on_best(table: TrialTable) -> str:
    """Say what was best, and, of trials in the order of time, how long ago it was found."""
    n = int(np.count_nonzero(table.states == TrialState.COMPLETE))
    n_complete = count(n, "complete trial")
    if len(table.directions) > 1:
        are = "trial is" if len(table.best) == 1 else "trials are"
        return f"Of {n_complete}, {len(table.best):,} {are} dominated by no other."
    name = f" {table.metric_names[0]}" if table.metric_names else ""
    good = table.losses[table.complete & table.feasible, 0]
    if len(good) == n > 1 and good.min() == good.max():
        value = number(float(table.values[table.best[0], 0]))
        return f"All {n_complete} have the same{name or ' value'}, {value}."
    best = f"The best{name} of {n_complete} is {_best_in_words(table)}"
    n_best = int(np.count_nonzero(good == good.min()))
    is_shared = n_best > 1 and n_best > _MANY_BEST * len(good)
    shared = f" {n_best:,} trials have that value." if is_shared else ""
    if not may_be_in_time(table):
        return f"{best}.{shared}"
    n_since = len(table) - 1 - int(table.best[0])
    since = f"{count(n_since, 'trial')} before the last" if n_since else "the last one"
    return f"{best}, {since}.{shared}"


def _best_data(table: TrialTable) -> list[dict[str, Any]]:
    """List the best trial, or all that no other dominates."""
    return [
        {
            "number": int(table.numbers[row]),
            "values": plain(table.values[row]),
            "params": plain(_values(table, row)),
        }
        for row in table.best.tolist()
    ]


def _best_trial(table: TrialTable) -> TextTable:
    """Tabulate its parameters, one in each row."""
    row = int(table.best[0])
    return TextTable(
        f"Parameters of the best trial ({table.numbers[row]})",
        head=("parameter", "value"),
        rows=tuple(_params(table, row).items()),
        has_long_heads=True,
    )


def _non_dominated_trials(table: TrialTable) -> TextTable:
    """Tabulate trials, one in each row, with their objectives and parameters."""
    rows, caption = table.best, "Trials that no other dominates"
    if len(rows) > _MAX_BEST:
        caption += f" ({_MAX_BEST} of {len(rows)}, spread over {table.objective_names[0]})"
        rows = rows[np.argsort(table.losses[rows, 0], kind="stable")]
        rows = rows[np.linspace(0, len(rows) - 1, _MAX_BEST).round().astype(int)]
    params = {row: _params(table, row) for row in rows.tolist()}
    names = [name for name in table.columns if any(name in p for p in params.values())]
    return TextTable(
        caption,
        head=("trial", *table.objective_names, *names),
        rows=tuple(
            (
                str(table.numbers[row]),
                *(number(value) for value in table.values[row].tolist()),
                *(values.get(name, "") for name in names),
            )
            for row, values in params.items()
        ),
    )


def _params(table: TrialTable, row: int) -> dict[str, str]:
    """Write the parameters of one trial, those that it did not have left out."""
    return {name: number(value) for name, value in _values(table, row).items()}


def _values(table: TrialTable, row: int) -> dict[str, Any]:
    return {
        name: column.distributions[code].to_external_repr(float(column.values[row]))
        for name, column in table.columns.items()
        if (code := int(column.regime[row])) >= 0
    }

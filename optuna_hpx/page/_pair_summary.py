"""Two studies side by side: what each run found and what it took, and in what they differ.

All this is of these two runs, and nothing of it is claimed of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.runs import draw_runs
from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, distinct, duration, listing, number
from optuna_hpx.page import _summary
from optuna_hpx.page._domains import describe_column
from optuna_hpx.trials.best_so_far import BestSoFar
from optuna_hpx.trials.spaces import differing_domains
from optuna_hpx.trials.table import loss_sign
from optuna_hpx.trials.target_set import non_dominated

if TYPE_CHECKING:
    from optuna_hpx.canvas.pair import Pair
    from optuna_hpx.trials.table import TrialTable

__all__ = [
    "differing",
    "facts",
    "has_guesses",
    "observed_section",
    "runs_sections",
    "spaces_sections",
    "summary",
]

_ONE_RUN = (
    "This is what one run of each came to. Another run of the same may end otherwise, so that it "
    "does not tell which is the better way to search: for that, run each several times, with "
    "other seeds"
)
_OR_DRAW = ", or compare trials drawn at random"
_LUCK = (
    "Where one configuration does not always get the same score, the best of a run is in part "
    "luck."
)
_CHOSEN = (
    "A sampler that learns, or a person, chose trials of {}, and each depends on those before."
)
_EVEN = "Trials of {} are points of a grid or of a sequence, and no random draws."
_INFINITE = (
    "An infinitely good score of {} counts for nothing here: the best is that of the others."
)
_FRONTS = "With several objectives no one value of a search tells whether it is the better one."
_SEGMENTS = "Trials of {} are segments of a population, which go on from one another."


def facts(pair: Pair) -> list[tuple[str, str]]:
    """Sum both studies up, in pairs of a term and its description."""
    pairs = []
    for label, side in zip(pair.labels, pair.sides, strict=True):
        terms = dict(_summary.facts(side.table, _summary.n_unfinished(side.study)))
        pairs.append((label, f"{terms['Trials']}; best {terms['Best']}"))
    terms = dict(_summary.facts(pair.tables[0]))
    pairs += [(term, terms[term]) for term in ("Objective", "Objectives") if term in terms]
    return [*pairs, ("Search space", _describe_spaces(pair))]


def summary(pair: Pair) -> dict[str, Any]:
    """Return the numbers of :func:`facts`."""
    return {
        "labels": list(pair.labels),
        "sides": [
            _summary.numbers_of(side.table, _summary.n_unfinished(side.study))
            for side in pair.sides
        ],
        "differing_parameters": differing(pair),
    }


def differing(pair: Pair) -> list[str]:
    """Name the parameters in which the search spaces differ."""
    first, second = pair.tables
    return differing_domains(first.columns, second.columns)


def has_guesses(pair: Pair) -> bool:
    """Tell whether a side is a table: what it was drawn from is guessed from its values."""
    return not all(table.trials for table in pair.tables)


def _describe_spaces(pair: Pair) -> str:
    if names := differing(pair):
        verb = "may differ" if has_guesses(pair) else "differs"
        return f"{verb} in {listing(names, at_most=3)}"
    n = len(pair.tables[0].columns)
    return f"the same {count(n, 'parameter')}" if n else "no parameters"


def observed_section(pair: Pair) -> Section:
    """Make the section with the verdict where nothing holds beyond these runs."""
    text = _describe_fronts(pair) if not pair.has_one_objective else _describe_runs(pair)
    return Section(
        "Which is better",
        answer=f"{text} {_ONE_RUN}{_OR_DRAW if _may_draw(pair) else ''}.",
        basis=" ".join([*_reasons(pair), _LUCK]),
        key="verdict",
        data={"rests_on": "one run of each", "is_conditional": False, "claims": []},
    )


def _may_draw(pair: Pair) -> bool:
    """Tell whether trials drawn at random would have been compared, and there are none."""
    return pair.has_one_objective and not set(pair.kinds) <= {"independent", "unknown"}


def _has_infinite(table: TrialTable) -> bool:
    counts = (table.states == TrialState.COMPLETE) & table.feasible
    return bool(np.isneginf(table.losses[counts]).any())


def _reasons(pair: Pair) -> list[str]:
    """Say why nothing more can be said, in a sentence for each reason."""
    texts = [] if pair.has_one_objective else [_FRONTS]
    for text, is_so in (
        (_CHOSEN, [kind in ("adaptive", "mixed") for kind in pair.kinds]),
        (_EVEN, [kind == "even" for kind in pair.kinds]),
        (_SEGMENTS, [side.has_segments for side in pair.sides]),
        (_INFINITE, [_has_infinite(table) for table in pair.tables]),
    ):
        if any(is_so):
            names = [label for label, yes in zip(pair.labels, is_so, strict=True) if yes]
            texts.append(text.format(listing(names)))
    return texts


def _describe_fronts(pair: Pair) -> str:
    """Say who has the trials that none of both sides dominates."""
    rows = [table.best for table in pair.tables]
    losses = np.concatenate([t.losses[r] for t, r in zip(pair.tables, rows, strict=True)])
    if not len(losses):
        return "Neither side has a feasible trial."
    is_best = non_dominated(losses)
    n = [int(is_best[: len(rows[0])].sum()), int(is_best[len(rows[0]) :].sum())]
    parts = [f"{k:,} of {label}" for k, label in zip(n, pair.labels, strict=True)]
    total = count(sum(n), "trial")
    return f"No trial of either side dominates {total}: {listing(parts)}."


def _describe_runs(pair: Pair) -> str:
    """Say what each run found after as many trials, in the end, and how soon."""
    runs = [BestSoFar.of(table) for table in pair.tables]
    if not all(run.has_best for run in runs):
        lacking = [label for label, run in zip(pair.labels, runs, strict=True) if not run.has_best]
        return f"{listing(lacking)} found no feasible trial."
    n, sign = min(map(len, runs)), loss_sign(pair.tables[0].directions[0])
    texts = [f"After {count(n, 'trial')} each, {_bests(pair, runs, sign, n)}."]
    if len(runs[0]) != len(runs[1]):
        longer = int(len(runs[1]) > len(runs[0]))
        went_on = f"{pair.labels[longer]} went on to {len(runs[longer]):,} trials"
        outcome = f"came to {number(sign * float(runs[longer].best[-1]))}"
        if runs[longer].best[-1] == runs[longer].best[n - 1]:
            outcome = "found nothing better"
        texts.append(f"{went_on}, and {outcome}.")
    return " ".join([*texts, *_how_soon(pair, runs)])


def _bests(pair: Pair, runs: list[BestSoFar], sign: float, n: int) -> str:
    losses = [float(run.best[n - 1]) for run in runs]
    if not np.isfinite(losses).any():
        return "neither had a feasible trial"
    written = distinct([sign * loss for loss in losses], number)
    values = [
        text if np.isfinite(loss) else "no feasible trial yet"
        for text, loss in zip(written, losses, strict=True)
    ]
    if losses[0] == losses[1]:
        values = [number(sign * losses[0])]
        return f"the best of both was {values[0]}"
    ahead = int(losses[1] < losses[0])
    behind = 1 - ahead
    return (
        f"{pair.labels[ahead]} had found the better value: {values[ahead]}, against "
        f"{values[behind]} of {pair.labels[behind]}"
    )


def _how_soon(pair: Pair, runs: list[BestSoFar]) -> list[str]:
    """Say after how many trials the one that is ahead was as good as the other ever."""
    ahead = int(runs[1].best[-1] < runs[0].best[-1])
    other = 1 - ahead
    row = runs[ahead].row_reaching(float(runs[other].best[-1]))
    assert row is not None
    own = runs[other].row_reaching(float(runs[other].best[-1]))
    assert own is not None
    return [
        f"{pair.labels[ahead]} was as good as the best of {pair.labels[other]} after "
        f"{count(row + 1, 'trial')}, for which {pair.labels[other]} took {own + 1:,}."
    ]


def runs_sections(pair: Pair) -> list[Section]:
    """Make the section on what each run found, and what that took; none of several objectives."""
    if not pair.has_one_objective:
        return []
    runs = [BestSoFar.of(table) for table in pair.tables]
    charts: tuple[Chart, ...] = ()
    if all(run.has_best for run in runs):
        label = f"Chart: the best so far of {listing(pair.labels)} over their trials"
        figure = draw_runs(runs, pair.labels, pair.tables[0].directions[0])
        charts = (Chart(figure, label),)
    return [
        Section(
            "What each run found, and what it took",
            charts=charts,
            tables=(_table(pair, runs),),
            key="runs",
            data={"sides": [_side(pair, runs, k) for k in (0, 1)]},
        )
    ]


def _table(pair: Pair, runs: list[BestSoFar]) -> TextTable:
    columns = [_column(pair, runs, k) for k in (0, 1)]
    terms = list(columns[0])
    return TextTable(
        "Of these runs, and of no others",
        head=("", *pair.labels),
        rows=tuple((term, *(column[term] for column in columns)) for term in terms),
        has_long_heads=True,
    )


def _column(pair: Pair, runs: list[BestSoFar], k: int) -> dict[str, str]:
    side = _side(pair, runs, k)
    seconds = side["seconds"], side["median_seconds"]
    total, median = ("unknown" if x is None else duration(x) for x in seconds)
    return {
        "finished trials": f"{len(runs[k]):,}",
        "best value": "none" if side["best"] is None else number(side["best"]),
        "found after": _after(side["n_to_best"], side["seconds_to_best"]),
        "as good as the other's best": _after(side["n_to_other"], side["seconds_to_other"]),
        "time of all trials": total,
        "time per trial (median)": median,
    }


def _after(n: int | None, seconds: float | None) -> str:
    if n is None:
        return "never"
    time = f", {duration(seconds)}" if seconds is not None else ""
    return f"{count(n, 'trial')}{time}"


def _side(pair: Pair, runs: list[BestSoFar], k: int) -> dict[str, Any]:
    """Return what one run found and took; None where there is nothing, or it is not known."""
    run, other, table = runs[k], runs[1 - k], pair.tables[k]
    best = float(run.best[-1]) if run.has_best else np.inf
    to_best = run.row_reaching(best)
    to_other = run.row_reaching(float(other.best[-1])) if other.has_best else None
    durations = table.durations[np.isfinite(table.durations)]
    return {
        "label": pair.labels[k],
        "n_trials": len(run),
        "best": plain(loss_sign(table.directions[0]) * best),
        "best_number": None if to_best is None else int(run.numbers[to_best]),
        "n_to_best": None if to_best is None else to_best + 1,
        "seconds_to_best": None if to_best is None else plain(run.seconds[to_best]),
        "n_to_other": None if to_other is None else to_other + 1,
        "seconds_to_other": None if to_other is None else plain(run.seconds[to_other]),
        "seconds": float(durations.sum()) if len(durations) else None,
        "median_seconds": float(np.median(durations)) if len(durations) else None,
        "best_so_far": plain(loss_sign(table.directions[0]) * run.best),
    }


def spaces_sections(pair: Pair) -> list[Section]:
    """Make the section on the parameters in which the search spaces differ, if there are any."""
    names = differing(pair)
    if not names:
        return []
    rows = tuple((name, *(_domain(table, name) for table in pair.tables)) for name in names)
    return [
        Section(
            f"In what the search spaces {'may ' if has_guesses(pair) else ''}differ",
            tables=(
                TextTable(
                    "Parameters, and what they were drawn from"
                    + ("; of a table, the range of its values" if has_guesses(pair) else ""),
                    head=("parameter", *pair.labels),
                    rows=rows,
                    has_long_heads=True,
                ),
            ),
            key="search_spaces",
            data={"parameters": [dict(zip(("name", "a", "b"), row, strict=True)) for row in rows]},
        )
    ]


def _domain(table: TrialTable, name: str) -> str:
    return describe_column(table.columns[name]) if name in table.columns else "not there"

"""How a population trained, for the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, listing, number

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.population import Schedule
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.trials.table import TrialTable

__all__ = ["describe_population", "read_population", "sections"]

_CHANGED = 1.25  # factor from which on a number counts as changed


_HOW_TO_READ = (
    "A segment is one stretch of the training of one model; models of the next generation go on "
    "from good ones of the last. Each panel has one hyperparameter: the line is the best model's, "
    "from its first segment to its last, and the pale points are all that was tried, in each "
    "generation from the best on the left to the worst. In the chart of descent each point is a "
    "segment, joined to the one that it went on from; the thick line leads to the best."
)


def sections(material: Material) -> list[Section]:
    """Make the section on a population that trained, if the trials are its segments."""
    if not material.has_segments:
        return []
    # slow: brings in sklearn
    from optuna_hpx.population.figures import plot_genealogy, plot_schedule

    table = material.table
    ledger, schedule = read_population(table)
    charts: tuple[Chart, ...] = ()
    if schedule is not None:
        label = f"Chart: the hyperparameters of the best model in {len(schedule)} segments"
        charts = (Chart(plot_schedule(schedule, table), label),)
    label = f"Chart: who descends from whom of {count(len(ledger.published), 'segment')}"
    genealogy = Chart(plot_genealogy(table), label)
    return [
        Section(
            "How the hyperparameters changed",
            answer=describe_population(ledger, schedule),
            charts=charts,
            verdict="" if schedule is None else _describe_best(schedule),
            key="schedule",
            how_to_read=_HOW_TO_READ,
            data={"steps": [] if schedule is None else plain(schedule.steps)},
            parts=(Section("Who descends from whom", charts=(genealogy,)),),
        )
    ]


def read_population(table: TrialTable) -> tuple[Ledger, Schedule | None]:
    """Read the segments of a run, and the schedule of its best model, None if all diverged."""
    # slow: brings in sklearn
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._schedule import schedule_to

    ledger = Ledger.read(table)
    best = ledger.best()
    return ledger, None if best is None else schedule_to(best, ledger)


def describe_population(ledger: Ledger, schedule: Schedule | None) -> str:
    """Say how much was trained, what came out, and how the best model's values changed."""
    segments = list(ledger.published.values())
    n_generations = 1 + max(segment.generation for segment in segments)
    pruned = sum(segment.is_pruned for segment in segments)
    diverged = sum(math.isinf(segment.loss) and not segment.is_pruned for segment in segments)
    ends = [f"{n:,} {end}" for n, end in ((pruned, "pruned"), (diverged, "diverged")) if n]
    generations = count(n_generations, "generation")
    sentence = f"{generations} of models trained: {count(len(segments), 'segment')}"
    sentence += f", of which {listing(ends)}." if ends else "."
    return f"{sentence} {_describe_best(schedule)}"


def _describe_best(schedule: Schedule | None) -> str:
    if schedule is None:
        return "None came to a finite value."
    best = schedule.steps[-1]
    sentence = (
        f"The best value is {number(best.value)}, of trial {best.number}, after "
        f"{count(len(schedule), 'segment')}."
    )
    return f"{sentence} {_describe_changes(schedule)}" if len(schedule) > 1 else sentence


def _describe_changes(schedule: Schedule) -> str:
    first, last = schedule.steps[0].params, schedule.steps[-1].params
    changes = [
        f"{name} from {_value(first[name])} to {_value(last[name])}"
        for name in first
        if name in last and _differ(first[name], last[name])
    ]
    if not changes:
        return "From its first segment to its last, its hyperparameters hardly changed."
    return f"From its first segment to its last went {listing(changes)}."


def _differ(a: Any, b: Any) -> bool:
    numbers = [x for x in (a, b) if isinstance(x, (int, float)) and not isinstance(x, bool)]
    if len(numbers) < 2 or min(numbers) <= 0:
        return bool(a != b)
    return bool(max(numbers) / min(numbers) >= _CHANGED)


def _value(value: Any) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)

"""How a population trained, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optuna_hpx.canvas.words import count, listing, number

if TYPE_CHECKING:
    from optuna_hpx.population import Schedule
    from optuna_hpx.population._ledger import Ledger

_NAMED = 5
_CHANGED = 1.25  # factor from which on a number counts as changed


def on_population(ledger: Ledger, schedule: Schedule | None) -> str:
    """How much was trained, what came out, and how the best model's hyperparameters changed."""
    segments = list(ledger.published.values())
    n_generations = 1 + max(segment.generation for segment in segments)
    pruned = sum(segment.is_pruned for segment in segments)
    diverged = sum(math.isinf(segment.loss) and not segment.is_pruned for segment in segments)
    ends = [f"{n:,} {how}" for n, how in ((pruned, "pruned"), (diverged, "diverged")) if n]
    generations = count(n_generations, "generation")
    said = f"{generations} of models trained: {count(len(segments), 'segment')}"
    said += f", of which {listing(ends)}." if ends else "."
    if schedule is None:
        return f"{said} None came to a finite value."
    best = schedule.steps[-1]
    said += (
        f" The best value is {number(best.value)}, of trial {best.number}, after "
        f"{count(len(schedule), 'segment')}."
    )
    return f"{said} {_on_changes(schedule)}" if len(schedule) > 1 else said


def _on_changes(schedule: Schedule) -> str:
    first, last = schedule.steps[0].params, schedule.steps[-1].params
    changes = [
        f"{name} from {_value(first[name])} to {_value(last[name])}"
        for name in first
        if name in last and _differ(first[name], last[name])
    ]
    if not changes:
        return "From its first segment to its last, its hyperparameters hardly changed."
    if len(changes) > _NAMED:
        changes = [*changes[:_NAMED], f"{len(changes) - _NAMED} more"]
    return f"From its first segment to its last went {listing(changes)}."


def _differ(a: Any, b: Any) -> bool:
    numbers = [x for x in (a, b) if isinstance(x, (int, float)) and not isinstance(x, bool)]
    if len(numbers) < 2 or min(numbers) <= 0:
        return bool(a != b)
    return bool(max(numbers) / min(numbers) >= _CHANGED)


def _value(value: Any) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)

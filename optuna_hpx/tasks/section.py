"""How a race over tasks went, and what the best is worth on the next task, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count, listing, number, percent

if TYPE_CHECKING:
    from optuna_hpx.tasks import Certificate
    from optuna_hpx.tasks._page_tasks import Tasks
    from optuna_hpx.tasks._race import Race

_AGGREGATES = {"mean": "mean", "median": "median", "worst": "worst value"}


def on_race(race: Race) -> str:
    """On how many tasks trials were evaluated, what that saved, and which is the best."""
    what = _AGGREGATES[race.tasks.aggregate]
    said = f"A trial is worth its {what} over {count(race.tasks.n_tasks, 'task')}."
    if not len(race.table):
        return f"{said} None is finished."
    said += f" {_on_ends(race)}"
    if race.n_saved:
        share = percent(race.n_saved / race.n_whole)
        said += (
            f" Dropping saved {race.n_saved:,} of {race.n_whole:,} evaluations of tasks ({share})."
        )
    if race.best is not None:
        best = race.table.numbers[race.best]
        said += f" The best is trial {best}, with a {what} of {number(race.best_value)}."
    return said


def _on_ends(race: Race) -> str:
    n, is_whole = len(race.table), race.n_seen == race.tasks.n_tasks
    if is_whole.all():
        return f"{'The one trial was' if n == 1 else f'All {n:,} trials were'} evaluated on all."
    ends = [
        f"{k:,} {'was ' if k == 1 else 'were '}{how}"
        for mask, how in (
            (is_whole, "evaluated on all of them"),
            (race.dropped & ~is_whole, "dropped before"),
            (race.failed & ~is_whole, "stopped by an error"),
            (~(race.dropped | race.failed | is_whole), "cut short"),
        )
        if (k := np.count_nonzero(mask))
    ]
    return f"Of {count(n, 'trial')}, {listing(ends)}."


def on_certainty(tasks: Tasks) -> str:
    """What the best configuration is worth on the next task, or how to find out."""
    if tasks.race.best is None:
        return (
            "No trial was evaluated on all tasks: finish one without pruning, and certify tells "
            "what it is worth on average over tasks like these."
        )
    if tasks.why_not:
        return f"What the best is worth on the next task cannot be said: {tasks.why_not}"
    if tasks.certificate is None:
        return (
            "What the best configuration is worth on average over tasks like these, at least, is "
            "told by certify(study, bounds=(low, high)), with bounds of all values that were "
            "known before any was seen."
        )
    return _on_certificate(tasks.certificate)


def _on_certificate(certificate: Certificate) -> str:
    """Under the condition that the bounds are [0, 1]."""
    condition = (
        "If values cannot but lie between 0 and 1, as accuracies do, and these tasks and those "
        "to come are drawn independently from the same source, certify(study, bounds=(0, 1)) says"
    )
    if certificate.is_vacuous:
        return (
            f"{condition} no more than that: "
            f"{count(certificate.n_tasks, 'task')} are too few for so many configurations. Of a "
            "parameter with a step there are fewer."
        )
    than = "at least" if certificate.direction == "maximize" else "at most"
    return (
        f"{condition}: on average over such tasks the best configuration is worth {than} "
        f"{certificate.bound:.4g}, with probability {percent(1.0 - certificate.delta)}. Observed "
        f"was {certificate.observed:.4g}: the difference is what may be owed to its choice on "
        f"these {count(certificate.n_tasks, 'task')}, and to their being so few. A t interval "
        f"that ignores the choice would say {certificate.naive:.4g}, and be wrong more often than "
        "it says."
    )

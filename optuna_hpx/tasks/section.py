"""How a race over tasks went, and what the best is worth on the next task, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, listing, number, percent
from optuna_hpx.tasks import NoCertificateError, certify
from optuna_hpx.tasks._race import Race
from optuna_hpx.tasks._task_study import TaskStudy
from optuna_hpx.tasks.figures import draw_race, plot_certificate

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.canvas.material import Material
    from optuna_hpx.tasks import Certificate

__all__ = ["TaskOutlook", "describe_certainty", "describe_race", "find_task_outlook", "sections"]

_BOUNDS = (0.0, 1.0)  # values may be taken to lie between, if they all do, on a stated condition
_AGGREGATES = {"mean": "mean", "median": "median", "worst": "worst value"}


@dataclass(frozen=True)
class TaskOutlook:
    """What can be said of a study over tasks.

    Attributes:
        race: Who was evaluated on how many tasks.
        certificate: For values in [0, 1]; None if a value lies outside, or none can be had.
        obstacle: Why none can be had, though all values lie inside.
    """

    race: Race
    certificate: Certificate | None = None
    obstacle: str = ""


_HOW_TO_READ = (
    "Above, on how many tasks each trial was evaluated before it was dropped or had all of them. "
    "Below, how far each was behind the best one on the tasks that both had, on average."
)


def sections(material: Material) -> list[Section]:
    """Make the section on tasks, if :class:`MultiTaskObjective` wrote into the study its tasks."""
    outlook = find_task_outlook(material.study)
    if outlook is None:
        return []
    n, n_tasks = len(outlook.race.table), outlook.race.tasks.n_tasks
    label = f"Chart: how many of {count(n_tasks, 'task')} each of {count(n, 'trial')} came to"
    return [
        Section(
            "Will it hold on the next task",
            answer=describe_race(outlook.race),
            charts=(Chart(draw_race(outlook.race), label),),
            how_to_read=_HOW_TO_READ,
            verdict=verdict_of(outlook),
            key="tasks",
            data=_data_of(outlook),
            parts=(_certainty_section(outlook),),
        )
    ]


def _data_of(outlook: TaskOutlook) -> dict[str, Any]:
    race = outlook.race
    return {
        "n_tasks": race.tasks.n_tasks,
        "numbers": plain(race.table.numbers),
        "n_seen": plain(race.n_seen),
        "behind": plain(race.behind),
        "error": plain(race.error),
        "best": None if race.best is None else int(race.table.numbers[race.best]),
        "best_value": plain(race.best_value),
        "n_whole": race.n_whole,
        "n_saved": race.n_saved,
        "certificate": plain(outlook.certificate),
    }


def _certainty_section(outlook: TaskOutlook) -> Section:
    charts: tuple[Chart, ...] = ()
    if outlook.certificate is not None:
        label = "Chart: the best configuration by task, and its certificate"
        charts = (Chart(plot_certificate(outlook.certificate), label),)
    return Section("", answer=describe_certainty(outlook), charts=charts)


def find_task_outlook(study: Study | None) -> TaskOutlook | None:
    """Read the race of a study over tasks, and certify its best; None if it declares no tasks."""
    if study is None or len(study.directions) > 1:
        return None
    tasks = TaskStudy.find(study)
    if tasks is None or not tasks.is_declared:
        return None
    race = Race.of(study)
    if race.best is None or not race.in_unit_interval:
        return TaskOutlook(race)
    try:
        return TaskOutlook(race, certify(study, bounds=_BOUNDS))
    except NoCertificateError as error:
        return TaskOutlook(race, obstacle=error.reason)


def describe_race(race: Race) -> str:
    """Say on how many tasks trials were evaluated, what that saved, and which is the best."""
    aggregate = _AGGREGATES[race.tasks.aggregate]
    text = f"A trial is worth its {aggregate} over {count(race.tasks.n_tasks, 'task')}."
    if not len(race.table):
        return f"{text} None is finished."
    text += f" {_describe_ends(race)}"
    if race.n_saved:
        share = percent(race.share_saved)
        text += (
            f" Dropping saved {race.n_saved:,} of {race.n_whole:,} evaluations of tasks ({share})."
        )
    if race.best is not None:
        best = race.table.numbers[race.best]
        text += f" The best is trial {best}, with a {aggregate} of {number(race.best_value)}."
    return text


def _describe_ends(race: Race) -> str:
    n, is_whole = len(race.table), race.n_seen == race.tasks.n_tasks
    if is_whole.all():
        return f"{'The one trial was' if n == 1 else f'All {n:,} trials were'} evaluated on all."
    ends = [
        f"{k:,} {'was ' if k == 1 else 'were '}{end}"
        for mask, end in (
            (is_whole, "evaluated on all of them"),
            (race.dropped & ~is_whole, "dropped before"),
            (race.failed & ~is_whole, "stopped by an error"),
            (~(race.dropped | race.failed | is_whole), "cut short"),
        )
        if (k := np.count_nonzero(mask))
    ]
    return f"Of {count(n, 'trial')}, {listing(ends)}."


def verdict_of(outlook: TaskOutlook) -> str:
    """Say in a sentence what the best is worth on the next task, with what that rests on."""
    certificate = outlook.certificate
    if certificate is None:
        return "What the best configuration is worth on the next task is not certified yet."
    if certificate.is_vacuous:
        n = count(certificate.n_tasks, "task")
        return f"What the best configuration is worth on the next task cannot be told from {n}."
    bound = "at least" if certificate.direction == "maximize" else "at most"
    return (
        f"On average over tasks like these the best configuration is worth {bound} "
        f"{certificate.bound:.4g} ({percent(1.0 - certificate.delta)} sure, if values lie between "
        "0 and 1 and all tasks are drawn independently from one source)."
    )


def describe_certainty(outlook: TaskOutlook) -> str:
    """Say what the best configuration is worth on the next task, or how to find out."""
    if outlook.race.best is None:
        return (
            "No trial was evaluated on all tasks: finish one without pruning, and certify tells "
            "what it is worth on average over tasks like these."
        )
    if outlook.obstacle:
        return f"What the best is worth on the next task cannot be said: {outlook.obstacle}"
    if outlook.certificate is None:
        return (
            "What the best configuration is worth on average over tasks like these, at least, is "
            "told by certify(study, bounds=(low, high)), with bounds of all values that were "
            "known before any was seen."
        )
    return _describe_certificate(outlook.certificate)


def _describe_certificate(certificate: Certificate) -> str:
    """Say what it certifies, on the condition that values cannot but lie in [0, 1]."""
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
    bound = "at least" if certificate.direction == "maximize" else "at most"
    return (
        f"{condition}: on average over such tasks the best configuration is worth {bound} "
        f"{certificate.bound:.4g}, with probability {percent(1.0 - certificate.delta)}. Observed "
        f"was {certificate.observed:.4g}: the difference is what may be owed to its choice on "
        f"these {count(certificate.n_tasks, 'task')}, and to their being so few. A t interval "
        f"that ignores the choice would say {certificate.naive:.4g}, and be wrong more often than "
        "it says."
    )

"""What more random trials add to the front of several objectives, for the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optuna.samplers import RandomSampler

from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import NBSP, count, listing, percent
from optuna_hpx.law._basis import ADVICE, RARE, WITHOUT_DRAWS, explain
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._front_history import FrontHistory, front_history
from optuna_hpx.law._hypervolume import HypervolumeOutlook, hypervolume_outlook
from optuna_hpx.law._without_law import round_number
from optuna_hpx.law.figures import plot_front_history, plot_hypervolume_outlook
from optuna_hpx.trials.order import may_be_in_time
from optuna_hpx.trials.sampling import sampling_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.samplers import BaseSampler

    from optuna_hpx.trials.table import TrialTable

__all__ = [
    "FRONT_TITLE",
    "describe_front",
    "describe_history",
    "describe_hypervolume",
    "front_section",
    "with_history",
]

FRONT_TITLE = "How much better the front can get"
_STEP = 0.01  # of the hypervolume: a gain that is named
_CONFIDENCE = 0.8  # of the interval of the gain
_HOW_TO_READ = (
    "The line is the hypervolume of the front so far; right of it stands a forecast for more "
    "random trials: the dashed line is as likely exceeded as not, and the band holds 80 %. "
    "Hypervolumes compare only for the same reference point."
)
_HOW_TO_READ_HISTORY = (
    "The hypervolume is how much of the space of the objectives the front dominates, up to the "
    "reference point that stands at the chart: the larger, the better. Hypervolumes compare only "
    "for the same reference point."
)
_OF_LOOKS = (
    "These trials look like independent random draws, and are taken as such: what drew them is "
    "not stored."
)
_OF_UNKNOWN = (
    "This holds only if these trials are independent random draws: what drew them is not known, "
    "and they are too few, or of too few values, to show it."
)


def front_section(table: TrialTable, sampler: BaseSampler | None = None) -> Section:
    """Make the section on how the front grew, and on what more random trials add to it.

    Args:
        table: The trials, with several objectives.
        sampler: What drew them, where that is certain.

    Cost: a second or two; of 100,000 trials about four.
    """
    section, outlook = _on_more_trials(table, sampler)
    if outlook is not None and not outlook.n_left_out:
        return section  # its chart has all trials
    return with_history(section, table, None if outlook is None else outlook.reference_point)


def with_history(
    section: Section, table: TrialTable, reference_point: Sequence[float] | None = None
) -> Section:
    """Add to a section how the front of all trials grew, if they may be in the order of time.

    Args:
        section: What is said of the front else.
        table: The trials, with several objectives.
        reference_point: As :func:`front_history` takes it.
    """
    history = front_history(table, reference_point) if may_be_in_time(table) else None
    if history is None:
        return section
    chart = Chart(
        plot_front_history(history), "Chart: the hypervolume of the first so many trials"
    )
    return replace(
        section,
        answer=f"{section.answer} {describe_history(history)}".strip(),
        charts=(*section.charts, chart),
        how_to_read=section.how_to_read or _HOW_TO_READ_HISTORY,
    )


def describe_history(history: FrontHistory) -> str:
    """Say how much of the hypervolume of all trials came late."""
    n, gain = history.late_gain
    late = count(n, "trial")
    if not n:
        return f"The hypervolume of all trials is {history.values[-1]:.4g}."
    added = f"{_share(gain)} of it" if gain > 0.0 else "nothing to it"
    last = f"the last {late} added {added}"
    return f"The hypervolume of all trials is {history.values[-1]:.4g}; {last}."


def _on_more_trials(
    table: TrialTable, sampler: BaseSampler | None
) -> tuple[Section, HypervolumeOutlook | None]:
    """Make the section on what more random trials add, or on why nothing is said."""
    sampling = sampling_of(table, sampler)
    if sampling.kind in WITHOUT_DRAWS:
        reason = f"{WITHOUT_DRAWS[sampling.kind]} {sampling.basis} {ADVICE}"
        return Section(FRONT_TITLE, basis=reason), None
    is_unknown = sampling.kind == "unknown" and sampler is None
    try:
        outlook = hypervolume_outlook(table, sampler=RandomSampler() if is_unknown else sampler)
    except NoLawError as error:
        return Section(FRONT_TITLE, basis=explain(error)), None
    note = ""
    if is_unknown:
        note = f" {_OF_UNKNOWN}"
    elif sampler is None and not sampling.is_certain and not outlook.n_left_out:
        note = f" {_OF_LOOKS}"
    n = count(outlook.n_trials, "random trial")
    label = f"Chart: the hypervolume of {n} and its forecast"
    section = Section(
        FRONT_TITLE,
        verdict=f"{_describe_chance(outlook)}{note}",
        warnings=outlook.warnings,
        answer=describe_front(outlook),
        basis=f"{describe_hypervolume(outlook)}{note}",
        charts=(Chart(plot_hypervolume_outlook(outlook), label),),
        how_to_read=_HOW_TO_READ,
    )
    return section, outlook


def describe_front(outlook: HypervolumeOutlook) -> str:
    """Say how probably more random trials extend the front, and by how much."""
    n_more = round_number(outlook.n_trials)
    after = outlook.best_after(n_more, confidence=_CONFIDENCE)
    low, high = (end / outlook.best - 1.0 for end in (after.low, after.high))
    answer = (
        f"{_describe_chance(outlook)} Its hypervolume grows by {_share(low)} to {_share(high)} "
        f"({percent(_CONFIDENCE)} interval){_step_in_words(outlook, n_more)}."
    )
    if outlook.n_left_out:
        return f"{answer} To the front of all trials they add no more hypervolume than that."
    return answer


def _describe_chance(outlook: HypervolumeOutlook) -> str:
    """Say how probably more random trials extend the front."""
    n_more = round_number(outlook.n_trials)
    trials = count(n_more, "more random trial")
    chance = _probability(outlook.probability_of_improvement(n_more), outlook.has_ties)
    front = "the front of the random trials" if outlook.n_left_out else "the front"
    return f"{trials} extend {front} with probability {chance}."


def _step_in_words(outlook: HypervolumeOutlook, n_more: int) -> str:
    """Say how likely a gain is that counts; nothing where draws are alike, which tells little."""
    if outlook.has_copies:
        return ""
    chance = outlook.probability_of_improvement(n_more, by=_STEP * outlook.best)
    return f", and by more than {percent(_STEP)} with probability {_probability(chance)}"


def _probability(chance: float, is_bound: bool = False) -> str:
    """Write a probability; of scores that have ties it is the most that it may be."""
    if chance <= RARE:
        return percent(RARE)
    if is_bound:
        return f"at most {percent(1.0 if chance > 1.0 - RARE else chance)}"
    return percent(min(chance, 1.0 - RARE))


def _share(value: float) -> str:
    """Write a share as a percentage of two digits: gains are often smaller than 1 %."""
    return f"{float(f'{100.0 * max(value, 0.0):.2g}'):g}{NBSP}%"


def describe_hypervolume(outlook: HypervolumeOutlook) -> str:
    """Say what a hypervolume is, and what the forecast rests on."""
    point = listing([f"{value:.4g}" for value in outlook.reference_point], at_most=10)
    n = count(outlook.n_trials, "random trial")
    others = ""
    if outlook.n_left_out:
        others = f" It tells nothing of {count(outlook.n_left_out, 'other trial')}."
    verb = "is" if outlook.n_front == 1 else "are"
    return (
        "The hypervolume is how much of the space of the objectives the front dominates, up to a "
        f"point that is hardly good enough: here {point}, a little beyond the worst scores of the "
        f"first draws, outliers aside. This rests on {n}, of which {outlook.n_front} {verb} on "
        f"the front, and on nothing but that they were drawn independently.{others}"
    )

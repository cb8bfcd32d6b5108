"""What good trials cost, and what the sampler believed, for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, duration, listing
from optuna_hpx.samplers import SamplerBeliefs, sampler_beliefs
from optuna_hpx.samplers._outlook_section import outlook_section
from optuna_hpx.samplers.figures import plot_beliefs, plot_cost
from optuna_hpx.trials.cost import (
    Cost,
    CostError,
    cost_of_sampler,
    read_costs,
    remember_costs,
)
from optuna_hpx.trials.target_set import best

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.samplers._fallbacks import Fallback
    from optuna_hpx.trials.table import TrialTable

__all__ = ["describe_beliefs", "describe_cost", "describe_fallback", "sections"]

_MIN_SECONDS = 30.0  # of all trials, below which their durations are not worth a chart
_CLEARLY = 0.5  # activity
_HARDLY = 0.1
_COSTLY = 1.25  # factor
_MAX_NAMES = 4
_GOOD = 0.1  # share of the trials

_TERMS = (
    "Activity is how much the sampler's screening made of a parameter, relative to the largest: "
    "quick and noisy, and no importance. TPE chose the next trial by it; to a Gaussian process "
    "it is where to start from, and the trials may say otherwise. The factor on cost is what a "
    "typical change of the parameter multiplies the cost of a trial by, as the trials so far "
    "suggest."
)


def sections(material: Material) -> list[Section]:
    """Make the sections on cost and on an :class:`HsicSampler`'s beliefs, where there are any."""
    beliefs = sampler_beliefs(material.table)
    parts = []
    if _may_cost_matter(material.table, beliefs):
        parts += _cost_sections(material)
    if len(beliefs.numbers) or beliefs.fallbacks:
        parts.append(_beliefs_section(beliefs, material.table))
    return parts


def _may_cost_matter(table: TrialTable, beliefs: SamplerBeliefs) -> bool:
    """Tell whether the sampler minded cost, or trials took long enough for anyone to mind."""
    is_minded = np.isfinite(beliefs.cost).any() or np.nansum(table.durations) >= _MIN_SECONDS
    return bool(len(table.directions) == 1 and is_minded)


def _cost_sections(material: Material) -> list[Section]:
    """Show the cost that the sampler was given, where it is known and can be read; else time."""
    table = material.table
    warnings: tuple[str, ...] = ()
    sampler = material.sampler or getattr(material.study, "sampler", None)
    try:
        cost = remember_costs(table, cost_of_sampler(sampler) or "duration")
    except CostError as error:
        cost, warnings = "duration", (f"{error.reason}. Shown is the time that trials took.",)
    if not (table.complete & table.feasible & np.isfinite(read_costs(table, cost))).any():
        return []
    quantity = "duration" if cost == "duration" else "cost"
    label = f"Chart: quality and {quantity} of {count(len(table), 'trial')}"
    return [
        Section(
            "Quality against cost",
            warnings=warnings,
            answer=describe_cost(table, cost),
            charts=(Chart(plot_cost(table, cost), label),),
            how_to_read=(
                f"Each point is a trial: its {quantity} to the right, its result upwards. The "
                "line joins those that no cheaper trial beats."
            ),
            is_folded=True,
            key="cost",
            data={
                "quantity": quantity,
                "numbers": table.numbers.tolist(),
                "costs": plain(read_costs(table, cost)),
                "values": plain(table.values[:, 0]),
            },
        )
    ]


def _beliefs_section(beliefs: SamplerBeliefs, table: TrialTable) -> Section:
    warnings = tuple(describe_fallback(fallback) for fallback in beliefs.fallbacks)
    if not len(beliefs.numbers):
        return Section("What the sampler believed", warnings=warnings)
    label = f"Chart: what the sampler believed of {count(len(beliefs.names), 'parameter')}"
    return Section(
        "What the sampler believed",
        answer=describe_beliefs(beliefs),
        warnings=warnings,
        charts=(Chart(plot_beliefs(beliefs), label),),
        parts=(outlook_section(beliefs, table),),
        how_to_read=_TERMS,
        key="sampler_beliefs",
        data=plain(beliefs),
    )


def describe_fallback(fallback: Fallback) -> str:
    """Say how many trials were left to TPE, from which on, and why."""
    n, first = len(fallback.numbers), fallback.numbers[0]
    trials = f"Trial {first} was" if n == 1 else f"{n:,} trials, the first of them {first}, were"
    extent = ", at least in part," if fallback.reason == "alone" else ""
    return f"{trials}{extent} chosen by {fallback.chooser}, because {fallback.explanation}."


def describe_beliefs(beliefs: SamplerBeliefs) -> str:
    """Say what the last screening pointed to, and what the sampler held to be costly."""
    activity, cost = beliefs.last_activity, np.exp(beliefs.last_cost)
    after = count(int(beliefs.n_trials[-1]), "finished trial")
    if (np.nan_to_num(activity, nan=1.0) == 1.0).all():
        activity = np.full_like(activity, np.nan)  # the screening has told none from another
    clauses = []
    if active := _listed(beliefs, activity >= _CLEARLY, activity):
        clauses.append(f"After {after} HsicSampler's screening pointed most to {active}")
    if n_idle := int(np.count_nonzero(activity <= _HARDLY)):
        start = "and hardly" if clauses else "Its screening hardly pointed"
        clauses.append(f"{start} to {count(n_idle, 'other')}")
    sentences = [" ".join(clauses) + "."] if clauses else []
    if costly := _listed(beliefs, cost >= _COSTLY, cost):
        sentences.append(f"What a trial costs depends most on {costly}.")
    return " ".join(sentences) or f"After {after} no parameter stood out."


def _listed(beliefs: SamplerBeliefs, chosen: np.ndarray, sizes: np.ndarray) -> str:
    """List the names of the ``chosen`` parameters, those of the largest ``sizes`` first."""
    order = [k for k in np.argsort(-np.nan_to_num(sizes), kind="stable") if chosen[k]]
    return listing([beliefs.names[k] for k in order], at_most=_MAX_NAMES)


def describe_cost(table: TrialTable, cost: Cost = "duration") -> str:
    """Say what the best trial cost, and the cheapest of the best tenth."""
    costs = read_costs(table, cost)
    rows = np.flatnonzero(table.complete & table.feasible & np.isfinite(costs))
    losses, costs = table.losses[rows, 0], costs[rows]
    top = np.flatnonzero(best(losses, _GOOD, allow_all=True))
    first = int(np.argmin(losses))
    cheapest = int(top[np.argmin(costs[top])])
    is_time = cost == "duration"
    verb, superlative = ("took", "fastest") if is_time else ("cost", "cheapest")
    texts = [duration(x) if is_time else f"{x:.4g}" for x in (costs[first], costs[cheapest])]
    sentence = f"The best trial {verb} {texts[0]}"
    if costs[cheapest] < costs[first]:
        sentence += (
            f"; of the best tenth the {superlative}, trial {table.numbers[rows[cheapest]]} with "
            f"{table.values[rows[cheapest], 0]:.4g}, {verb} {texts[1]}"
        )
    return f"{sentence}."

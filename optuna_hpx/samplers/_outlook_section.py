"""What the page says of what the sampler's Gaussian process expects of further trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, listing, number, percent, rounded, write_range
from optuna_hpx.samplers.figures import plot_outlook

if TYPE_CHECKING:
    from optuna_hpx.samplers import SamplerBeliefs
    from optuna_hpx.samplers._outlook import Optimum, SurrogateOutlook
    from optuna_hpx.trials.table import TrialTable

__all__ = [
    "ENOUGH",
    "N_FIRST",
    "TELLING",
    "describe_outlook",
    "describe_scales",
    "fast_and_idle",
    "outlook_section",
]

# Of known problems .38 of the parameters of short scales do nothing after 30 trials, .05 after 60,
# .01 after 80 and none after 100; of those of long ones .04 matter after 80 (benchmarks/samplers).
_ENOUGH_FOR_SCALES = 80
_ABOUT_AS_SHORT = 2.0  # times the shortest
_WHOLE, _IDLE = 1.0, 3.0  # ranges
# What is not sure to half of what lies between the first trials and the best one tells nothing.
N_FIRST, TELLING = 10, 0.5
# Of limits after 30 trials .05 were false, and of intervals of noisy losses 3 of 6; later .01.
ENOUGH = 45  # complete and feasible trials
_MAX_NAMES = 4
_MAX_ROWS = 40

_TERMS = (
    "A length scale is the share of its range by which a parameter must move for results to be "
    "only about half as alike: where it is short they change fast, and where it is several ranges "
    "long they hardly change at all. The value is where the process is surest of a good result, "
    "not only where it predicts the best. Intervals and limits are wider than the process's own, "
    "by how far it was off as the study went: where it was known what came, under 1 % of them "
    "were false. They hold for trials that end and are not pruned."
)


def outlook_section(beliefs: SamplerBeliefs, table: TrialTable) -> Section:
    """Make the part on what the Gaussian process expects, or on why it expects nothing."""
    title = "What its Gaussian process expects"
    outlook = beliefs.outlook
    if outlook is None:
        reason = beliefs.outlook_absence
        return Section(title, basis=f"Nothing can be told: {reason}." if reason else "")
    label = f"Chart: the length scales of {count(len(outlook.names), 'parameter')}"
    return Section(
        title,
        answer=" ".join([*describe_outlook(outlook, table), *describe_scales(outlook)]),
        charts=(Chart(plot_outlook(beliefs), label),),
        tables=_tables(outlook),
        how_to_read=_TERMS,
    )


def describe_outlook(outlook: SurrogateOutlook, table: TrialTable) -> list[str]:
    """Say what a trial at the predicted optimum gives, and what ten more bring at most.

    What is as wide as the results themselves differ tells nothing, and is not said.
    """
    rows = np.flatnonzero(table.complete & table.feasible & np.isfinite(table.losses[:, 0]))
    if not len(rows):
        return ["No trial is feasible yet, and nothing can be told."]
    losses = table.losses[rows, 0]
    best = float(table.values[rows[np.argmin(losses)], 0])
    spread = float(np.median(losses[:N_FIRST])) - float(losses.min())
    if len(rows) < ENOUGH:
        spread = 0.0
    return [
        f"After {count(outlook.n_trials, 'finished trial')} the process is surest of a good "
        f"result at the values in the table{_prediction(outlook.optimum, best, spread)}.",
        *_constraints(outlook.optimum),
        _limit(outlook, spread),
    ]


def _prediction(optimum: Optimum, best: float, spread: float) -> str:
    width = abs(optimum.high - optimum.low)
    if width >= 2.0 * TELLING * spread:
        return "; what a new trial there would give cannot be told yet"
    span = write_range(*sorted((optimum.low, optimum.high)))
    beside = f"the best trial gave {rounded(best, width)}"
    return f": a new trial there would give {span} (95 %); {beside}"


def _constraints(optimum: Optimum) -> list[str]:
    if optimum.probability_feasible == 1.0:
        return []
    chance = percent(optimum.probability_feasible)
    return [f"By its own estimate the constraints are met there with a probability of {chance}."]


def _limit(outlook: SurrogateOutlook, spread: float) -> str:
    """Say what more trials gain at most, if that is little beside ``spread``."""
    limit, n = outlook.improvement_at_most, outlook.n_more
    if limit is None or limit >= TELLING * spread:
        return f"By how much {n} more trials may improve the best value cannot be told yet."
    return (
        f"{n} more trials by this sampler improve the best value by at most {limit:.2g} (95 %): "
        "if that is not worth them, the study can end here."
    )


def describe_scales(outlook: SurrogateOutlook) -> list[str]:
    """Say with which parameters results change fast, and with how many they hardly do."""
    fast, idle = fast_and_idle(outlook)
    if outlook.n_trials < _ENOUGH_FOR_SCALES or not fast:
        return []
    rest = f", and hardly, as far as it can tell, with {count(len(idle), 'other')}" if idle else ""
    return [f"Results change fastest with {listing(fast, at_most=_MAX_NAMES)}{rest}."]


def fast_and_idle(outlook: SurrogateOutlook) -> tuple[list[str], list[str]]:
    """Return the parameters of the shortest length scales, and those of very long ones.

    Parameters of branches that the optimum is not in have too few trials to be among them.
    """
    scales = zip(outlook.names, np.asarray(outlook.length_scales).tolist(), strict=True)
    present = {name: scale for name, scale in scales if name in outlook.optimum.params}
    short = min(_ABOUT_AS_SHORT * min(outlook.length_scales, default=np.inf), _WHOLE)
    fast = [name for name, scale in present.items() if scale <= short]
    return fast, [name for name, scale in present.items() if scale > _IDLE]


def _tables(outlook: SurrogateOutlook) -> tuple[TextTable, ...]:
    params = outlook.optimum.params
    scales = dict(zip(outlook.names, outlook.length_scales, strict=True))
    names = [name for name in outlook.names if name in params][:_MAX_ROWS]
    rows = tuple((name, number(params[name]), f"{scales[name]:.2g}") for name in names)
    caption = "Where the process is surest of a good result"
    if len(names) < len(params):
        caption += f": {len(names)} of {len(params)} parameters, of the shortest length scales"
    return (
        TextTable(
            caption,
            ("Parameter", "Value", "Length scale"),
            rows,
            numeric=frozenset({2}),
            has_long_heads=True,
        ),
    )

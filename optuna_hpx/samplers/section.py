"""What the sampler believed, and what good costs, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count, duration, listing
from optuna_hpx.trials.target_set import best

if TYPE_CHECKING:
    from optuna_hpx.samplers import SamplerBeliefs
    from optuna_hpx.trials.table import TrialTable

_CLEARLY = 0.5  # activity
_HARDLY = 0.1
_COSTLY = 1.25  # factor
_NAMED = 4
_GOOD = 0.1


def on_beliefs(beliefs: SamplerBeliefs) -> str:
    """Which parameters the sampler looked at in the end, and what it held to be costly."""
    activity, cost = beliefs.last_activity, np.exp(beliefs.last_cost)
    after = count(int(beliefs.n_trials[-1]), "finished trial")
    if (np.nan_to_num(activity, nan=1.0) == 1.0).all():
        activity = np.full_like(activity, np.nan)  # nothing was found
    said = []
    if looked := _named(beliefs, activity >= _CLEARLY, activity):
        said.append(f"After {after} HsicSampler looked most at {looked}")
    if left := int(np.count_nonzero(activity <= _HARDLY)):
        said.append(f"{'and hardly' if said else 'It hardly looked'} at {count(left, 'other')}")
    sentences = [" ".join(said) + "."] if said else []
    if costly := _named(beliefs, cost >= _COSTLY, cost):
        sentences.append(f"What a trial costs depends most on {costly}.")
    return " ".join(sentences) or f"After {after} no parameter stood out."


def _named(beliefs: SamplerBeliefs, chosen: np.ndarray, by: np.ndarray) -> str:
    order = [k for k in np.argsort(-np.nan_to_num(by), kind="stable") if chosen[k]]
    names = [beliefs.names[k] for k in order[:_NAMED]]
    if len(order) > _NAMED:
        names.append(f"{len(order) - _NAMED} more")
    return listing(names) if names else ""


def on_cost(table: TrialTable) -> str:
    """What the best trial took, and the fastest of the best tenth."""
    rows = np.flatnonzero(table.complete & table.feasible & (table.durations > 0.0))
    losses, seconds = table.losses[rows, 0], table.durations[rows]
    top = np.flatnonzero(best(losses, _GOOD, allow_all=True))
    first = int(np.argmin(losses))
    fastest = int(top[np.argmin(seconds[top])])
    said = f"The best trial took {duration(seconds[first])}"
    if seconds[fastest] < seconds[first]:
        said += (
            f"; of the best tenth the fastest, trial {table.numbers[rows[fastest]]} with "
            f"{table.values[rows[fastest], 0]:.4g}, took {duration(seconds[fastest])}"
        )
    return f"{said}."

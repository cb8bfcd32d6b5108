"""The law of random search for the page, and for which trials it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna.samplers import BaseSampler, RandomSampler

from optuna_hpx.canvas.words import listing
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna_hpx.law import AsymptoticLaw
    from optuna_hpx.trials.table import TrialTable

_OF_ROWS = (
    "Each row is taken as an independent random draw from the search space: if a sampler that "
    "learns chose them, none of this holds."
)
_OF_DRAWS = "These trials are independent random draws from the search space, as the law needs."
_OF_LOOKS = (
    "This holds if these trials were drawn at random, as they look: what drew them is not stored."
)
_OF_MARKED = "The law is that of the trials that InterleavedSampler drew at random."
_ADVICE = (
    "How good it can get is told by independent random draws: InterleavedSampler makes some among "
    "the trials of any other sampler."
)


def law_of(table: TrialTable, *, at_random: bool = False) -> tuple[AsymptoticLaw | None, str]:
    """The law of the trials, and for which of them it holds; or None, and why there is none.

    Of a study those trials count that an InterleavedSampler drew at random. Where there are none,
    all count if they look like random draws: they lie evenly in the search space and carry no
    mark of a sampler that chose them.

    Args:
        table: The trials. With several objectives there is no law, and nothing to say.
        at_random: Whether a RandomSampler is known to have drawn them.

    Cost: about half a second.
    """
    from optuna_hpx.law import AsymptoticLaw, NoLawError

    if len(table.directions) > 1:
        return None, ""
    sampler: BaseSampler | None = RandomSampler()
    try:
        if not table.trials:
            note = _OF_ROWS
        elif at_random:
            note = _OF_DRAWS
        elif _are_marked(table):
            sampler, note = None, _OF_MARKED
        elif reason := _why_not_random(table):
            return None, f"{reason} {_ADVICE}"
        else:
            note = _OF_LOOKS
        return AsymptoticLaw.fit_study(table, sampler=sampler), note
    except NoLawError as error:
        return None, error.reason


def _are_marked(table: TrialTable) -> bool:
    return any(storage.read(t.system_attrs, storage.RANDOM) for t in table.trials)


def _why_not_random(table: TrialTable) -> str:
    # slow: brings in sklearn
    from optuna_hpx.law._draws import draws
    from optuna_hpx.trials.evenness import uneven

    if not table.columns:
        return "These trials have no parameters."
    if names := uneven(table, list(table.columns)):
        return f"These trials do not lie evenly in the search space (see {listing(names)})."
    n_enqueued = sum("fixed_params" in trial.system_attrs for trial in table.trials)
    if sum(draws(table, RandomSampler()).left_out.values()) > n_enqueued:
        return "A sampler that learns, or a grid, chose these trials."
    return ""

"""What is said of random draws without a law, from the eighth of them on, for the page.

What each kind of sentence means, and how often it is false, is in ``benchmarks/law/law_early.py``:

- the probability that more random trials beat the best random one: exact, or at most that, where
  scores have ties, or the best random one is the best of other trials, too, and so a lucky one;
- that it is smaller for the best of all trials: true. How much smaller is not said: of a best that
  a sampler found, forecasts state too much;
- how much they gain at most: false in at most a tenth of studies;
- how many random trials it takes at least to be as good as the best of all: false in at most a
  twentieth, whatever the scores follow and whatever sampler found it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optuna_hpx.canvas.words import count, percent
from optuna_hpx.law._band import band_of
from optuna_hpx.law._draws import draws
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._progress import lead
from optuna_hpx.law._settings import FIRST_DRAWS

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

    from optuna_hpx.law._band import TuningCurveBand
    from optuna_hpx.trials.table import TrialTable

__all__ = ["chance_in_words", "describe_band", "find_band", "is_bound", "round_number"]

_MORE = 50  # random trials that are forecast, or a tenth of those there are
_CONFIDENCE = 0.9  # one-sided, of what more trials gain
_SURE = 0.95  # one-sided, of what a sampler's choice is worth


def find_band(
    table: TrialTable, sampler: BaseSampler | None = None
) -> tuple[TuningCurveBand | None, tuple[str, ...]]:
    """Bound the tuning curve of the trials that are independent draws.

    Args:
        table: The trials, with one objective.
        sampler: What drew them, where that is certain.

    Returns:
        The bounds, or None if there are too few draws, or none has a score; and what must be known
        of the draws; nothing where a score is infinitely good.
    """
    try:
        sample = draws(table, sampler)
    except NoLawError:
        return None, ()
    if len(sample) < FIRST_DRAWS or not len(sample.losses):
        return None, ()
    return band_of(sample), sample.warnings


def describe_band(band: TuningCurveBand) -> str:
    """Say what more random trials bring, and what those of a sampler that learns were worth."""
    n_more = round_number(band.n_trials)
    more, chance = count(n_more, "more random trial"), chance_in_words(band, n_more)
    if not lead(band):
        return f"{more} improve the best {chance}{_gain_in_words(band)}."
    least = count(int(band.trials_to_reach(band.best_of_all, confidence=_SURE)), "trial")
    return (
        f"{more} beat the best of the {band.n_trials:,} random ones, {band.best:.6g}, {chance}, "
        f"and the best of all, {band.best_of_all:.6g}, with a smaller one. For an even chance to "
        f"be as good as that, a random search needs at least {least} ({percent(_SURE)} "
        "confidence)."
    )


def chance_in_words(band: TuningCurveBand, n_more: int) -> str:
    """Say how likely more random trials beat the best one: exactly, or what it is at most."""
    at_most = "at most " if is_bound(band) else ""
    return f"with probability {at_most}{percent(band.probability_of_improvement(n_more))}"


def is_bound(band: TuningCurveBand) -> bool:
    """Tell whether the probability that the best random trial is beaten is at most what is said.

    Rounded scores and counts have ties, if not at the best; and no further one may be better.
    """
    return band.has_ties or (band.n_left_out > 0 and not lead(band))


def _gain_in_words(band: TuningCurveBand) -> str:
    """Say by how much they do at most; nothing of equal scores, or one: they have no scale."""
    bound = band.gain_bound(round_number(band.n_trials), confidence=_CONFIDENCE)
    if not 0.0 < bound < math.inf:
        return ""
    return f", by at most {bound:.2g} with {percent(_CONFIDENCE)} confidence"


def round_number(n: int) -> int:
    """Choose a round number of further random trials to speak of, when there are ``n``."""
    return max(_MORE, int(float(f"{n / 10:.1g}")))

"""How good it can get, and what more random trials bring, for the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optuna.samplers import RandomSampler

from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count, percent, rounded, write_range
from optuna_hpx.law._advice import (
    actions_of_band,
    actions_of_law,
    actions_without_draws,
    data_of,
    verdict_of,
)
from optuna_hpx.law._basis import (
    ADVICE,
    MISFIT,
    RARE,
    WITHOUT_DRAWS,
    explain,
    fit_in_words,
)
from optuna_hpx.law._front_section import FRONT_TITLE, front_section, with_history
from optuna_hpx.law._progress import lead, next_percent
from optuna_hpx.law._without_law import describe_band, find_band, is_bound, round_number
from optuna_hpx.law.figures import plot_tuning_curve
from optuna_hpx.trials.sampling import Sampling, sampling_of

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

    from optuna_hpx.canvas.material import Material
    from optuna_hpx.law import AsymptoticLaw
    from optuna_hpx.trials.table import TrialTable

__all__ = ["describe_law", "describe_outlook", "find_law", "sections"]

_LIKELY = 0.01  # probability from which on a number of hyperparameters is named
# A number of hyperparameters with over half of the weight was right in .38 of searches of 32
# trials, and in .76 and .72 of those of 300 and 1000 (benchmarks/law/law_coverage.py).
_ENOUGH, _MOSTLY = 300, 0.5
_NOTHING = 0.01  # of the interval's width: a smaller distance is none
_CONFIDENCE = 0.9  # one-sided, that the best score is no further from the best possible one

_OF_DRAWS = "These trials are independent random draws from the search space, as the law needs."
_OF_LOOKS = (
    "These trials look like independent random draws, and the law takes them as such: what drew "
    "them is not stored."
)
_OF_UNKNOWN = (
    "All this holds only if these trials are independent random draws: what drew them is not "
    "known, and they are too few, or of too few values, to show it."
)
_OF_MARKED = "The law is that of the trials that were drawn at random, and of no others."
_OF_NAMED = "The law is that of the trials that the sampler drew independently at random."
_OF_FEW = (
    "Here only the trials count that are independent random draws; those that failed count as bad."
)
_CANNOT_TELL = (
    "How much better it can get cannot be told: too few trials are independent random draws."
)
_HOW_TO_READ = (
    "Each step is the best score so far as random trials are added. To the right of the last "
    "trial stands a forecast: the line is as likely exceeded as not, and the band holds the best "
    "score of a further search with the probability that the legend gives."
)


def sections(material: Material) -> list[Section]:
    """Make the section on the law of random search, or on why these trials have none.

    Of several objectives it is that on the hypervolume of their front.

    Cost: that of the fit, about half a second.
    """
    table = material.table
    if material.has_segments:
        return []
    if len(table.directions) > 1:
        if material.sampling == "adaptive":
            return [with_history(_of_chosen(FRONT_TITLE), table)]
        return [front_section(table, material.sampler)]
    title = "How good it can get"
    if material.sampling == "adaptive":
        return [_of_chosen(title)]
    law, note = find_law(table, material.sampler)
    if law is None:
        return [_without_law(title, note, table, material.sampler)]
    n = count(law.n_trials, "random trial")
    label = f"Chart: the best so far, its forecast and the best possible of {n}"
    return [
        Section(
            title,
            warnings=tuple(w for w in law.warnings if not w.startswith(MISFIT)),
            answer=describe_outlook(law),
            basis=note,
            charts=(Chart(plot_tuning_curve(law, table), label),),
            verdict=verdict_of(law, is_open=note == _OF_UNKNOWN),
            actions=actions_of_law(law, is_open=note == _OF_UNKNOWN),
            how_to_read=f"{describe_law(law)} {_HOW_TO_READ}",
            key="law",
            data=data_of(law),
        )
    ]


def _of_chosen(title: str) -> Section:
    """Make the section on trials of which the reader says that a sampler chose them."""
    basis = f"{WITHOUT_DRAWS['adaptive']} {ADVICE}"
    return Section(title, basis=basis, verdict=_CANNOT_TELL, actions=actions_without_draws())


def _without_law(title: str, note: str, table: TrialTable, sampler: BaseSampler | None) -> Section:
    """Make the section on random draws that have no law, or on why there are no draws."""
    sampling = sampling_of(table, sampler)
    is_open = sampling.kind == "unknown" and sampler is None
    if not table.columns:
        return Section(title, basis=note)
    has_draws = sampling.kind not in WITHOUT_DRAWS
    n_drawn = int((sampling.independent & table.complete & table.feasible).sum()) * has_draws
    actions = actions_without_draws(n_drawn) if note.endswith(ADVICE) else ()  # else of no help
    without = Section(title, basis=note, verdict=_CANNOT_TELL, actions=actions)
    if not has_draws:
        return without
    band, warnings = find_band(table, RandomSampler() if is_open else sampler)
    if band is None:
        return without
    label = f"Chart: the best so far and its forecast by {count(band.n_trials, 'random trial')}"
    return Section(
        title,
        warnings=warnings,
        answer=f"The best possible score cannot be told yet. {describe_band(band)}",
        basis=f"{note} {_OF_UNKNOWN if is_open else _OF_FEW}",
        charts=(Chart(plot_tuning_curve(band, table), label),),
        verdict=verdict_of(band, is_open=is_open),
        actions=actions_of_band(band, is_open=is_open),
        how_to_read=_HOW_TO_READ,
        key="law",
        data=data_of(band),
    )


def find_law(
    table: TrialTable, sampler: BaseSampler | None = None
) -> tuple[AsymptoticLaw | None, str]:
    """Fit the law of the trials, and say for which of them it holds; or why there is none.

    Those trials count that are independent random draws, as :func:`sampling_of` finds out.

    Args:
        table: The trials, with one objective.
        sampler: What drew them, where that is certain.

    Returns:
        The law, or None, and one sentence or two.
    """
    from optuna_hpx.law import NoLawError

    try:
        return _fit(table, sampler)
    except NoLawError as error:
        return None, explain(error)


def _fit(table: TrialTable, sampler: BaseSampler | None) -> tuple[AsymptoticLaw | None, str]:
    from optuna_hpx.law import AsymptoticLaw

    if not table.columns:
        return None, f"These trials have no parameters. {ADVICE}"
    sampling = sampling_of(table, sampler)
    if sampling.kind in WITHOUT_DRAWS:
        return None, f"{WITHOUT_DRAWS[sampling.kind]} {sampling.basis} {ADVICE}"
    if sampling.kind == "unknown" and sampler is None:
        return AsymptoticLaw.fit_study(table, sampler=RandomSampler()), _OF_UNKNOWN
    law = AsymptoticLaw.fit_study(table, sampler=sampler)
    return law, _describe_draws(law, sampling, sampler)


def _describe_draws(law: AsymptoticLaw, sampling: Sampling, sampler: BaseSampler | None) -> str:
    """Say of which trials a law is, and how they are known."""
    if sampler is not None:
        return _OF_DRAWS if isinstance(sampler, RandomSampler) else _OF_NAMED
    if sampling.is_certain or law.n_left_out:
        return _OF_MARKED
    return _OF_LOOKS


def describe_outlook(law: AsymptoticLaw) -> str:
    """Say what the best possible score is, how far the best one is from it, and what to expect."""
    if not law.describes:
        return (
            f"{MISFIT}, so that the best possible score cannot be told. {describe_band(law.band)}"
        )
    if law.is_best_at_bound:
        return (
            f"The best so far, {law.best_of_all:.6g}, is the best possible score, if scores are "
            "shares of a number of examples, as they look."
        )
    low, high = law.interval("best_possible")
    possible = f"The best possible score is {write_range(low, high)} (95 % interval)."
    return f"{possible} {_describe_best(law)} {_describe_more(law)}"


def _describe_best(law: AsymptoticLaw) -> str:
    low, high = law.interval("best_possible")
    best, width = law.best_of_all, high - low
    if best < low if law.direction == "minimize" else best > high:
        if law.interval("noise_std") == (0.0, 0.0):
            return f"The best so far, {rounded(best, width)}, is better: the law is wrong here."
        return (
            f"It is an expected score, which the best so far, {rounded(best, width)}, beats: by "
            "noise, if the law is right."
        )
    regret = law.regret_bound(best, confidence=_CONFIDENCE)
    if regret < _NOTHING * width:
        return f"The best so far, {rounded(best, width)}, has likely reached it."
    return (
        f"The best so far, {rounded(best, width)}, falls short of it by at most {regret:.2g}, "
        f"with {percent(_CONFIDENCE)} confidence."
    )


def _describe_more(law: AsymptoticLaw) -> str:
    step = next_percent(law)
    if step is None:
        return f"{_describe_chance(law)}."
    step = float(f"{step:.1g}")
    chance = _probability(law, lead(law) + step)
    return f"{_describe_chance(law)}, and by more than {step:g} with probability {chance}."


def _describe_chance(law: AsymptoticLaw) -> str:
    """Say how likely an improvement is: without other trials n_more / (n + n_more), by any law."""
    n_more = count(round_number(law.n_trials), "more random trial")
    return f"{n_more} improve the best with probability {_probability(law, lead(law))}"


def _probability(law: AsymptoticLaw, gain: float) -> str:
    """Write the probability of a gain on the best random trial.

    Of a best that a sampler found it is no more than a bound: the sampler is ahead more often
    where it is hard for random trials to catch up, which the law does not know. The bound was
    true of 95 % of studies (benchmarks/law/law_early.py). Any improvement is a bound, too, where
    scores have ties, and one by ``gain`` where the best has them.
    """
    chance = max(law.probability_of_improvement(round_number(law.n_trials), by=gain), RARE)
    ahead = lead(law)
    has_ties = law.band.n_best > 1 if gain > ahead else is_bound(law.band)
    return f"{'at most ' if ahead or has_ties else ''}{percent(chance)}"


def describe_law(law: AsymptoticLaw) -> str:
    """Say how many hyperparameters matter, how noisy scores are, and what that rests on."""
    if not law.describes:
        return _describe_regime(law)
    return f"{_describe_dimension(law)} {_describe_noise(law)} {_describe_regime(law)}"


def _describe_dimension(law: AsymptoticLaw) -> str:
    weights = {k: w for k, w in law.dimension_weights.items() if w >= _LIKELY}
    listed = ", ".join(f"{k}: {percent(w)}" for k, w in weights.items())
    d, weight = max(weights.items(), key=lambda item: item[1])
    if law.n_trials < _ENOUGH or weight < _MOSTLY:
        return (
            "How many hyperparameters matter near the best cannot be told from these trials "
            f"(as the law has it, {listed})."
        )
    return (
        f"Near the best, the search behaves as if {count(d, 'hyperparameter')} mattered, as far "
        f"as can be told ({listed})."
    )


def _describe_noise(law: AsymptoticLaw) -> str:
    low, high = law.interval("noise_std")
    if high == 0.0:
        return "Scores of one configuration are taken not to vary."
    if low == 0.0:
        return (
            "Scores of one configuration may not vary at all; their standard deviation is at "
            f"most {high:.2g} (95 %)."
        )
    return (
        "Scores of one configuration vary with a standard deviation of "
        f"{write_range(low, high)} (95 % interval)."
    )


def _describe_regime(law: AsymptoticLaw) -> str:
    regime = "all" if math.isinf(law.threshold) else f"the best {percent(law.regime_mass)}"
    judged = f"This is judged mostly from {regime} of {count(law.n_trials, 'random trial')}"
    if not law.describes:
        return f"{judged}, which contradict the law ({fit_in_words(law.goodness_of_fit)})."
    return f"{judged}, which do not contradict it (goodness of fit p = {law.goodness_of_fit:.2g})."

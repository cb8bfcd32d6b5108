"""Whether to go on, as the page opens with it, and the numbers that it rests on.

The probability of an improvement is exact, or a bound, for any independent draws
(``benchmarks/law/law_early.py``); of a worthwhile one it is a forecast
(``benchmarks/law/law_forecasts.py``), so that what is advised by it says "may".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Action, Urgency
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.law._basis import RARE
from optuna_hpx.law._progress import band_alone, described, lead, next_percent
from optuna_hpx.law._settings import LAW_DRAWS
from optuna_hpx.law._without_law import is_bound, round_number

if TYPE_CHECKING:
    from optuna_hpx.law import AsymptoticLaw, TuningCurveBand

    Outlook = AsymptoticLaw | TuningCurveBand

__all__ = ["actions_of_band", "actions_of_law", "actions_without_draws", "data_of", "verdict_of"]

_WORTH = 0.5  # probability of a worthwhile gain from which on to go on is advised
_HOPELESS = 0.1  # and below which to stop is: the figure that the sentence gives, not a risk
_AT_BOUND = "The best so far is the best possible score, if scores are shares of examples."
_IMPORT = "from optuna_hpx import InterleavedSampler; "
_IF_DRAWN = "if these trials are independent random draws, "


def verdict_of(outlook: Outlook, *, is_open: bool = False) -> str:
    """Say what as many more random trials bring, on the condition that they were drawn so.

    Args:
        outlook: The law, or the bounds without it.
        is_open: Whether it is not known that the trials are independent random draws.
    """
    if getattr(outlook, "is_best_at_bound", False):
        return _AT_BOUND
    n_more = round_number(outlook.n_trials)
    # There is a bound, but one that tells nothing.
    if lead(outlook) and described(outlook) is None:
        return (
            "How much better it can get cannot be told yet: "
            f"{count(outlook.n_trials, 'trial')} alone can be taken as independent random draws."
        )
    chance = percent(max(outlook.probability_of_improvement(n_more, by=lead(outlook)), RARE))
    bound = "at most " if lead(outlook) or is_bound(band_alone(outlook)) else ""
    trials = count(n_more, "more random trial")
    text = f"{trials} improve the best with probability {bound}{chance}."
    return f"{_IF_DRAWN.capitalize()}{text}" if is_open else text


def actions_of_law(law: AsymptoticLaw, *, is_open: bool = False) -> tuple[Action, ...]:
    """Choose to go on, to stop or to search otherwise, by the chance of a worthwhile gain."""
    step = next_percent(law)
    if law.is_best_at_bound:
        return (Action("You may stop.", _AT_BOUND, _sure(is_open), Urgency.DECIDE),)
    actions = _repeat_best(law)
    # Beside a sampler's trials, or with ties at the best, the chance is only a bound, and random
    # trials tell nothing of how that sampler goes on.
    if step is None or described(law) is None or law.n_left_out or law.band.n_best > 1:
        return actions
    n_more = round_number(law.n_trials)
    step = float(f"{step:.1g}")
    chance = law.probability_of_improvement(n_more, by=step)
    reason = (
        f"{count(n_more, 'more random trial')} improve the best by more than {step:g}, "
        f"{percent(0.01)} of the way from the median trial, with probability "
        f"{percent(max(chance, RARE))}."
    )
    return (_go_on(chance, n_more, reason, is_open=is_open), *actions)


def _go_on(chance: float, n_more: int, reason: str, *, is_open: bool) -> Action:
    """Choose between more random trials, a sampler that learns, and an end."""
    if chance >= _WORTH:
        deed = f"Going on may well pay: {count(n_more, 'more trial')}, even at random."
        code = f"study.optimize(objective, n_trials={n_more})"
    elif chance > _HOPELESS:
        deed = "A sampler that learns may gain more than further random trials."
        code = (
            f"{_IMPORT}study.sampler = InterleavedSampler(optuna.samplers.TPESampler()); "
            f"study.optimize(objective, n_trials={n_more})"
        )
    else:
        deed = (
            "Further random trials may not be worth it: you may stop, or change the search space."
        )
        code = ""
    return Action(deed, reason, _sure(is_open), Urgency.DECIDE, code=code)


def _sure(is_open: bool) -> str:
    condition = _IF_DRAWN if is_open else ""
    text = f"{condition}this is a forecast by the law of random search, and may be wrong."
    return text[0].upper() + text[1:]


def _repeat_best(law: AsymptoticLaw) -> tuple[Action, ...]:
    """Offer to evaluate the best again where one configuration's scores surely vary."""
    low, high = law.interval("noise_std")
    if described(law) is None or low == 0.0:
        return ()
    return (
        Action(
            "Evaluate the best configuration again, a few times.",
            f"Scores of one configuration vary with a standard deviation of {low:.2g} to "
            f"{high:.2g}, so that the best score is in part luck.",
            "That there is such noise is 95 % sure, if the law describes these trials.",
            Urgency.SETTLE,
            code="study.enqueue_trial(study.best_params)",
        ),
    )


def actions_of_band(band: TuningCurveBand, *, is_open: bool = False) -> tuple[Action, ...]:
    """Offer the random trials that a law lacks; none where there are enough for one."""
    n_more = LAW_DRAWS - band.n_scored  # the law counts no draw that brought nothing
    return () if n_more < 1 or is_open else (_draw(n_more),)


def actions_without_draws(n_drawn: int = 0) -> tuple[Action, ...]:
    """Offer the random draws, among the trials of any sampler, that a law lacks.

    Args:
        n_drawn: Random draws with scores that there are.
    """
    return (_draw(max(LAW_DRAWS - n_drawn, 1)),)


def _draw(n: int) -> Action:
    return Action(
        f"To learn whether to go on, draw {count(n, 'more random trial')} among those of your "
        "sampler.",
        "How much better it can get is told by independent random draws, and not by trials that "
        "a sampler chose.",
        f"Certain: the law needs {LAW_DRAWS} of them that complete. What it will say is open.",
        Urgency.SETTLE,
        code=f"{_IMPORT}study.sampler = InterleavedSampler(study.sampler)  # every 4th at random",
    )


def data_of(outlook: Outlook) -> dict[str, Any]:
    """Return the numbers of the section, unrounded."""
    n_more, law = round_number(outlook.n_trials), described(outlook)
    numbers: dict[str, Any] = {
        "has_law": law is not None,
        "direction": outlook.direction,
        "n_trials": outlook.n_trials,
        "n_left_out": outlook.n_left_out,
        "best": outlook.best,
        "best_of_all": outlook.best_of_all,
        "n_more": n_more,
        "probability_of_improvement": outlook.probability_of_improvement(n_more),
    }
    if law is not None:
        numbers |= {
            "best_possible": law.best_possible,
            "best_possible_interval": law.interval("best_possible"),
            "noise_std_interval": law.interval("noise_std"),
            "dimension_weights": {str(d): w for d, w in law.dimension_weights.items()},
            "goodness_of_fit": law.goodness_of_fit,
        }
    plain_numbers: dict[str, Any] = plain(numbers)
    return plain_numbers

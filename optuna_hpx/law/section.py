"""How good it can get, and what more random trials bring, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optuna_hpx.canvas.words import NBSP, count, percent
from optuna_hpx.law.figures._tuning_curve import lead, next_percent

if TYPE_CHECKING:
    from optuna_hpx.law import AsymptoticLaw

_MORE = 50  # random trials that are forecast, or a tenth of those there are
_NAMED = 0.01  # probability from which on a number of hyperparameters is named
_NOTHING = 0.01  # of the interval's width: a smaller distance is none
_CONFIDENCE = 0.9  # one-sided, that the best score is no further from the best possible one


def on_outlook(law: AsymptoticLaw) -> str:
    """The best possible score, how far the best one is from it, and what more trials bring."""
    if law.describes:
        low, high = law.interval("best_possible")
        possible = f"The best possible score is {between(low, high)} (95 % interval)."
        return f"{possible} {_on_best(law)} {_on_more(law)}"
    guess = "As the law does not describe these trials, what it says of them is a guess."
    return guess if lead(law) else f"{guess} Whatever the law, {_on_chance(law)}."


def _on_best(law: AsymptoticLaw) -> str:
    low, high = law.interval("best_possible")
    best, width = law.best_of_all, high - low
    if best < low if law.direction == "minimize" else best > high:
        return (
            f"It is an expected score, which the best so far, {_to(best, width)}, beats: by "
            "noise, if the law is right."
        )
    regret = law.regret_bound(best, confidence=_CONFIDENCE)
    if regret < _NOTHING * width:
        return f"The best so far, {_to(best, width)}, has likely reached it."
    return (
        f"The best so far, {_to(best, width)}, falls short of it by at most {regret:.2g}, with "
        f"{percent(_CONFIDENCE)} confidence."
    )


def _on_more(law: AsymptoticLaw) -> str:
    step = next_percent(law)
    if step is None:
        return f"{_on_chance(law)}."
    step = float(f"{step:.1g}")
    chance = law.probability_of_improvement(_n_more(law), gain=lead(law) + step)
    return f"{_on_chance(law)}, and by more than {step:g} with probability {percent(chance)}."


def _on_chance(law: AsymptoticLaw) -> str:
    """Of random trials alone this is n_more / (n + n_more), whatever their law."""
    chance = law.probability_of_improvement(_n_more(law), gain=lead(law))
    n_more = count(_n_more(law), "more random trial")
    return f"{n_more} improve the best with probability {percent(chance)}"


def _n_more(law: AsymptoticLaw) -> int:
    """A round number."""
    return max(_MORE, int(float(f"{law.n_trials / 10:.1g}")))


def on_law(law: AsymptoticLaw) -> str:
    """What the trials say of the search: what matters, the noise, and what that rests on."""
    return f"{_on_dimension(law)} {_on_noise(law)} {_on_regime(law)}"


def _on_dimension(law: AsymptoticLaw) -> str:
    d = law.effective_dimension
    weights = [f"{k}:{NBSP}{percent(w)}" for k, w in law.dimension_weights.items() if w >= _NAMED]
    sure = f" ({', '.join(weights)})" if len(weights) > 1 else ""
    return f"Near the best, the search behaves as if {count(d, 'hyperparameter')} mattered{sure}."


def _on_noise(law: AsymptoticLaw) -> str:
    low, high = law.interval("noise_std")
    if low == 0.0:
        return (
            "Scores of one configuration may not vary at all; their standard deviation is at "
            f"most {high:.2g} (95 %)."
        )
    return (
        "Scores of one configuration vary with a standard deviation of "
        f"{between(low, high)} (95 % interval)."
    )


def _on_regime(law: AsymptoticLaw) -> str:
    which = "all" if math.isinf(law.threshold) else f"the best {percent(law.regime_mass)}"
    judged = f"This is judged from {which} of {count(law.n_trials, 'random trial')}"
    if not law.describes:
        return f"{judged}."
    return f"{judged}, which the law describes (goodness of fit p = {law.goodness_of_fit:.2g})."


def between(low: float, high: float) -> str:
    """Two ends with as many digits as tell them apart, and one more."""
    return f"{_to(low, high - low)} to {_to(high, high - low)}"


def _to(value: float, width: float) -> str:
    """To two digits of ``width``, or of the value itself if that is smaller."""
    sizes = [abs(size) for size in (value, width) if size]
    decimals = max((1 - math.floor(math.log10(size)) for size in sizes), default=0)
    return f"{round(value, decimals):.12g}"

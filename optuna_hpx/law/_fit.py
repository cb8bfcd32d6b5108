"""From independent draws to their law: whether there are enough, and what to warn of."""

from __future__ import annotations

from typing import Literal

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law._draws import Draws
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law.maths.law import FittedLaw, fit_law
from optuna_hpx.trials.table import loss_sign

__all__ = ["describe_doubts", "fit_draws"]

_MIN_DRAWS = 20  # the least regime, 12 losses, is then little more than the better half
_MIN_DIFFERENT = 3  # two spacings between neighbours: a law has a location and a scale
_MANY_TIES = 3  # trials that share the best score, from which on it looks like a limit


def fit_draws(draws: Draws, threshold: float | Literal["auto"], max_dimension: int) -> FittedLaw:
    """Fit the law of the draws.

    Args:
        draws: The draws.
        threshold: The score at which the regime ends, or "auto".
        max_dimension: The law is tried for 1 to this many hyperparameters.

    Raises:
        NoLawError: If there are too few draws.
        ValueError: If the threshold is not finite.
    """
    sign = loss_sign(draws.direction)
    if threshold == "auto":
        end = None
    else:
        _checks.finite("threshold", threshold)
        end = sign * threshold
    _check_enough(draws, end)
    gammas = np.arange(1.0, max_dimension + 1.0)
    return fit_law(draws.losses, draws.n_censored, gammas, sign=sign, threshold=end)


def _check_enough(draws: Draws, end: float | None) -> None:
    inside = draws.losses if end is None else draws.losses[draws.losses <= end]
    n, n_different = len(inside), len(np.unique(inside))
    if n >= _MIN_DRAWS and n_different >= _MIN_DIFFERENT:
        return
    scope = "" if end is None else " within `threshold`"
    if draws.is_of_study:
        needed, lost = "complete independent random draws", "failed, were pruned or are infeasible"
    else:
        needed, lost = "finite scores", "are infinitely bad or counted in `n_censored`"
    raise NoLawError(
        f"The law needs at least {_MIN_DRAWS} {needed}{scope}, {_MIN_DIFFERENT} of them "
        f"different; got {n}, {n_different} different, and {draws.n_censored} that {lost}.",
        draws.in_words,
    )


def describe_doubts(losses: np.ndarray, p_value: float, *, describes: bool) -> list[str]:
    """Say what must be known before the numbers of a law are used.

    Args:
        losses: (n,) of the draws, as they were observed.
        p_value: Goodness of fit.
        describes: Whether it is large enough.
    """
    doubts = []
    if not describes:
        p = f"= {p_value:.2g}" if p_value >= 0.001 else "< 0.001"
        doubts.append(f"The law does not describe these trials (goodness of fit p {p}).")
    n_best = int(np.count_nonzero(losses == losses.min()))
    if n_best >= _MANY_TIES:
        doubts.append(
            f"{n_best} trials share the best score. If no better one is possible, as of an "
            "accuracy of 1, the law does not know, and its forecasts go beyond."
        )
    return doubts

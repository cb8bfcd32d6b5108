"""From independent draws to their law: whether there are enough, and what to warn of."""

from __future__ import annotations

import numpy as np

from optuna_hpx.law._basis import MISFIT, fit_in_words
from optuna_hpx.law._draws import Draws
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._settings import LAW_DRAWS, MOST_DIMENSIONS, LawSettings, check_within
from optuna_hpx.law.maths.bounds import ANYTHING, SHARE, looks_like_a_share
from optuna_hpx.law.maths.law import FittedLaw, fit_law
from optuna_hpx.law.maths.noise import NOISELESS, UNKNOWN, NoiseKnowledge
from optuna_hpx.trials.table import loss_sign

__all__ = ["check_enough", "describe_doubts", "fit_draws", "noise_knowledge", "score_bounds"]

_MIN_DIFFERENT = 3  # two spacings between neighbours: a law has a location and a scale
_AS_GOOD_AS = 100.0  # repeats, as which a given noise counts: 7 % either way
_MOST_NOISE = 2.0  # standard deviations of 20 scores or more: chance never makes them so alike
_MANY_TIES = 3  # trials that share the best score, from which on it looks like a limit


def fit_draws(draws: Draws, settings: LawSettings) -> FittedLaw:
    """Fit the law of the draws.

    Args:
        draws: The draws.
        settings: What else is known.

    Raises:
        NoLawError: If there are too few draws.
        ValueError: If a score is out of its bounds.
    """
    sign = loss_sign(draws.direction)
    end = None if settings.threshold == "auto" else sign * settings.threshold
    check_enough(draws, end)
    return fit_law(
        draws.losses,
        draws.n_censored,
        np.arange(1.0, _most_dimensions(draws, settings) + 1.0),
        sign=sign,
        threshold=end,
        noise=noise_knowledge(draws, settings.noise_std),
        bounds=score_bounds(sign * draws.losses, settings),
    )


def _most_dimensions(draws: Draws, settings: LawSettings) -> int:
    """Return how many hyperparameters may matter.

    Where the best value of a parameter is at an end of its range, scores depend on it linearly,
    and it counts as two.
    """
    if settings.max_dimension is not None:
        return settings.max_dimension
    most = 2 * draws.n_parameters if draws.is_of_study else MOST_DIMENSIONS
    return min(max(most, 1), MOST_DIMENSIONS)


def noise_knowledge(draws: Draws, noise_std: float | str) -> NoiseKnowledge:
    """Combine what the user says of the noise, or else repeated configurations."""
    if noise_std == 0.0:
        return NOISELESS
    if noise_std != "auto":
        _check_noise(draws.losses, float(noise_std))
        return NoiseKnowledge(0.0, float(noise_std), _AS_GOOD_AS)
    std, freedom = draws.noise
    if std > 0.0:
        return NoiseKnowledge(0.0, std, freedom)
    has_ties = len(np.unique(draws.losses)) < len(draws.losses)
    # Rounding makes scores equal that are not: then equal ones of one configuration prove nothing.
    return NOISELESS if freedom and not has_ties else UNKNOWN


def _check_noise(losses: np.ndarray, noise_std: float) -> None:
    """Refuse noise that the scores cannot have: they vary at least as much."""
    spread = float(losses.std())
    if noise_std > _MOST_NOISE * spread:
        raise ValueError(
            f"`noise_std` must not be larger than scores vary, got {noise_std:.6g} for scores "
            f'with a standard deviation of {spread:.6g}: leave it at "auto" if it is not known.'
        )


def score_bounds(scores: np.ndarray, settings: LawSettings) -> tuple[float, float]:
    """Return between which scores all must lie."""
    if settings.ends is None:
        return SHARE if looks_like_a_share(scores) else ANYTHING
    check_within(scores, settings.ends, settings.bounds)
    return settings.ends


def check_enough(draws: Draws, end: float | None = None) -> None:
    """Refuse draws that are too few, or too much alike, for a law.

    Args:
        draws: The draws.
        end: The loss at which its regime ends; None: wherever it does.

    Raises:
        NoLawError: If they are.
    """
    inside = draws.losses if end is None else draws.losses[draws.losses <= end]
    n, n_different = len(inside), len(np.unique(inside))
    if n >= LAW_DRAWS and n_different >= _MIN_DIFFERENT:
        return
    scope = "" if end is None else " within `threshold`"
    if draws.is_of_study:
        needed, lost = "complete independent random draws", "failed, were pruned or are infeasible"
    else:
        needed, lost = "finite scores", "are infinitely bad or counted in `n_censored`"
    if n >= LAW_DRAWS:
        got = f"of the {n} there {'is' if n_different == 1 else 'are'} {n_different}"
        reason = f"The law needs at least {_MIN_DIFFERENT} different scores{scope}; {got}."
    else:
        more = f", and {draws.n_censored} that {lost}" if draws.n_censored else ""
        are = "is" if n == 1 else "are"
        reason = f"The law needs at least {LAW_DRAWS} {needed}{scope}; there {are} {n}{more}."
    raise NoLawError(reason, draws.in_words, needs_draws=n < LAW_DRAWS)


def describe_doubts(
    losses: np.ndarray, p_value: float, *, describes: bool, is_best_at_bound: bool = False
) -> list[str]:
    """Say what must be known before the numbers of a law are used.

    Args:
        losses: (n,) of the draws, as they were observed.
        p_value: Goodness of fit.
        describes: Whether it is large enough.
        is_best_at_bound: Whether the law knows that no score is better.
    """
    doubts = []
    if not describes:
        doubts.append(f"{MISFIT} ({fit_in_words(p_value)}).")
    n_best = int(np.count_nonzero(losses == losses.min()))
    if n_best >= _MANY_TIES and not is_best_at_bound:
        doubts.append(
            f"{n_best} trials share the best score. If no better one is possible, as of an "
            "accuracy of 1, the law does not know, and its forecasts go beyond."
        )
    return doubts

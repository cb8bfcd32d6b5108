"""The regime: how many of the best trials the law is fitted to.

The law is asymptotic: it holds near the best possible score. A large regime has more trials to fit
but may reach beyond where the law holds. The largest of three is taken that the goodness-of-fit
test accepts and whose law also holds in the smaller ones.

Notation
    y (n,)          sorted losses; m of them, at most the threshold, are in the regime
    n_above         trials above it, those without a loss among them
    M               objective of the fit, see spacings.py
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from optuna_hpx.law.maths.buckets import Buckets, make_buckets
from optuna_hpx.law.maths.fit import fit
from optuna_hpx.law.maths.goodness import moran_p_value
from optuna_hpx.law.maths.likelihood import make_sample
from optuna_hpx.law.maths.posterior import Posterior, posterior
from optuna_hpx.law.maths.spacings import Fits, evaluate

__all__ = ["FittedRegime", "choose_regime", "fit_regime", "mass_interval"]

# Sizes that are tried, in shares of the finite losses. With up to half of them, intervals of alpha
# held in 40 to 60 % on surfaces that are no exact bowls at n = 100, with these in 83 to 88 %; they
# were hardly wider where the law does hold (benchmarks/README.md, "The law: coverage").
_SHARES = (0.25, 0.18, 0.12)
_LEAST = 12  # losses in a regime: the law has four parameters
_ACCEPTED = 0.1  # p-value of the goodness of fit from which on a regime is taken
# Nats by which the law of a part may be better there than that of the whole: the 95 % quantile of
# the largest such gain over all parts, in 90 simulations of laws that hold.
_UNSTABLE = 2.2
_CONFIDENCE = 0.9  # of the intervals of alpha that must overlap
_N_LAST = 10  # losses at the end of a regime whose median gap tells how dense losses are there


@dataclass(frozen=True)
class FittedRegime:
    """The best trials, and the laws that were fitted to them.

    Attributes:
        inside: (m,) their losses, ascending, ties spread over their cells.
        threshold: Its end: halfway to the next loss; infinite if all losses are in it.
        n_above: Trials above it.
        fits: The law of each gamma.
        p_value: Goodness of fit of the best of them.
    """

    inside: np.ndarray
    threshold: float
    n_above: int
    fits: Fits
    p_value: float

    @cached_property
    def posterior(self) -> Posterior:
        """What the trials say about the law's parameters."""
        return posterior(make_sample(self.inside, self.threshold, self.n_above), self.fits.gamma)

    @property
    def buckets(self) -> Buckets:
        """The losses as the fits read them."""
        return make_buckets(self.inside, self.threshold, self.n_above)

    @property
    def share(self) -> float:
        """Share of the trials in the regime."""
        return len(self.inside) / (len(self.inside) + self.n_above)


def fit_regime(
    losses: np.ndarray, n_inside: int, n_censored: int, gammas: np.ndarray
) -> FittedRegime:
    """Fit the laws of the ``n_inside`` lowest losses.

    Args:
        losses: (n,) ascending, ties spread; infinite ones last.
        n_inside: m.
        n_censored: Further trials that are above the regime.
        gammas: (B,) effective numbers of hyperparameters.
    """
    inside, above = losses[:n_inside], losses[n_inside:]
    n_above = len(above) + n_censored
    threshold = _threshold(inside, above) if n_above else np.inf
    fits = fit(make_buckets(inside, threshold, n_above), gammas)
    p_value = moran_p_value(inside, fits.law(fits.best), threshold)
    return FittedRegime(inside, threshold, n_above, fits, p_value)


def _threshold(inside: np.ndarray, above: np.ndarray) -> float:
    """Place the end halfway to the next loss, but no further than a usual gap from the last."""
    gap = np.median(np.diff(inside[-_N_LAST:]))
    following = above[0] if len(above) and np.isfinite(above[0]) else np.inf
    return float(inside[-1] + (min(following - inside[-1], 2.0 * gap) or gap) / 2.0)


def choose_regime(losses: np.ndarray, n_censored: int, gammas: np.ndarray) -> FittedRegime:
    """Choose the largest regime that fits, and whose alpha agrees with that of all smaller ones.

    Args:
        losses: (n,) ascending, ties spread; infinite ones last.
        n_censored: Further trials that are above every regime.
        gammas: (B,) effective numbers of hyperparameters.

    Returns:
        That regime; if none is accepted, the one with the greatest p-value: see its ``p_value``.
    """
    n = int(np.isfinite(losses).sum())
    sizes = [round(share * n) for share in _SHARES]
    sizes = [size for size in sizes if size >= _LEAST] or [max(n // 2, 3)]
    # No warm start: a dimension that is out of the question in a large regime may be right in a
    # smaller one.
    regimes = [fit_regime(losses, size, n_censored, gammas) for size in sizes]
    for k, regime in enumerate(regimes):
        if regime.p_value > _ACCEPTED and all(_agree(regime, other) for other in regimes[k + 1 :]):
            return regime
    return max(regimes, key=lambda regime: regime.p_value)


def _agree(large: FittedRegime, small: FittedRegime) -> bool:
    """Judge whether the larger regime's law holds in the smaller one, too.

    It must be likely enough there beside the smaller one's own law (the loss of objective is a
    log likelihood ratio of at most four parameters), and the intervals of alpha must overlap, as
    in Lepski's method.
    """
    best = large.fits.best
    theta, gamma = large.fits.theta[best : best + 1], large.fits.gamma[best : best + 1]
    objective = evaluate(small.buckets, gamma, theta)[0][0]
    if small.fits.objective.max() - objective > _UNSTABLE:
        return False
    (low, high), (below, above) = (
        regime.posterior.interval("alpha", _CONFIDENCE) for regime in (large, small)
    )
    return low <= above and below <= high


def mass_interval(
    regime: FittedRegime, confidence: float, *, has_end: bool = False
) -> tuple[float, float]:
    """Bound the probability that a trial falls into the regime, which ends just after a loss.

    F at the m-th of n independent losses has the distribution Beta(m, n + 1 - m); it is 1 if the
    regime has no end.

    Args:
        regime: The regime.
        confidence: In (0, 1).
        has_end: Whether it has an end, though no loss lies beyond it.

    Returns:
        The equal-tailed interval of Beta(m + 1/2, n_above + 1/2), between the two losses.
    """
    if not np.isfinite(regime.threshold) and not has_end:
        return 1.0, 1.0
    m = len(regime.inside)
    tail = (1.0 - confidence) / 2.0
    low, high = stats.beta.ppf([tail, 1.0 - tail], m + 0.5, regime.n_above + 0.5)
    return float(low), float(high)

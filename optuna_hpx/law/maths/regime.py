"""Where the law holds: a goodness-of-fit test, and the largest regime that it accepts.

Notation
    y (m,)          sorted losses in the regime, at most the threshold
    D_i             F(y_i) / F(threshold) - F(y_(i-1)) / F(threshold), the m + 1 spacings
    M               -sum_i log D_i, Moran's statistic
    k               fitted parameters; 3 gives the test its size (benchmarks/law/law_goodness.py)

Cheng and Stephens (1989): with k fitted parameters (M + k/2 - C1) / C2 has about a chi-square
distribution with m degrees of freedom; C1 = mu - sd sqrt(m/2), C2 = sd / sqrt(2 m), where mu and
sd are the mean and the standard deviation of M for uniform spacings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from optuna_hpx.law.maths.fit import Buckets, Fits, evaluate, fit, make_buckets
from optuna_hpx.law.maths.posterior import Posterior, posterior, sample
from optuna_hpx.law.maths.quadratic import NoisyQuadratic

__all__ = ["Regime", "choose_regime", "fit_regime", "mass_interval", "moran_p_value"]

_N_FITTED = 3.0
# Of the finite losses. The law is asymptotic: with up to half of them, intervals of alpha held in
# 40 to 60 % on surfaces that are no exact bowls at n = 100, with these in 83 to 88 %; they were
# hardly narrower where the law does hold (benchmarks/README.md).
_SHARES = (0.25, 0.18, 0.12)
_LEAST = 12  # losses in a regime
_ACCEPTED = 0.1  # p-value of the goodness of fit from which on a regime is taken
# Nats by which the law of a part may be better there than that of the whole: the 95 % quantile of
# the largest such gain over all parts, in 90 simulations of laws that hold.
_UNSTABLE = 2.2
_CONFIDENCE = 0.9  # of the intervals that must overlap


def moran_p_value(inside: np.ndarray, law: NoisyQuadratic, threshold: float) -> float:
    """p-value of the law for the sorted losses (m,), given that they are below ``threshold``.

    It must exceed the largest loss, or be infinite. The law was fitted to these losses.
    """
    m = len(inside)
    total = float(law.cdf(threshold)) if np.isfinite(threshold) else 1.0
    u = np.clip(law.cdf(inside) / total, 0.0, 1.0)
    spacings = np.maximum(np.diff(u, prepend=0.0, append=1.0), 1e-300)
    n = m + 1.0
    mean = n * (np.log(n) + np.euler_gamma) - 0.5 - 1.0 / (12.0 * n)
    deviation = np.sqrt(n * (np.pi**2 / 6.0 - 1.0) - 0.5 - 1.0 / (6.0 * n))
    c1 = mean - deviation * np.sqrt(m / 2.0)
    c2 = deviation / np.sqrt(2.0 * m)
    statistic = (-np.log(spacings).sum() + _N_FITTED / 2.0 - c1) / c2
    return float(stats.chi2.sf(statistic, m))


@dataclass(frozen=True)
class Regime:
    """The trials on which the law is fitted.

    Attributes:
        inside: (m,) their losses, ascending, ties spread over their cells.
        threshold: Its end: halfway to the next loss; infinite if all losses are in it.
        n_above: Trials above it.
        fits: The law of each gamma.
        p_value: Goodness of fit.
    """

    inside: np.ndarray
    threshold: float
    n_above: int
    fits: Fits
    p_value: float

    @cached_property
    def posterior(self) -> Posterior:
        of = sample(self.inside, self.threshold, self.n_above)
        return posterior(of, self.fits.gamma)

    @property
    def buckets(self) -> Buckets:
        return make_buckets(self.inside, self.threshold, self.n_above)

    @property
    def share(self) -> float:
        return len(self.inside) / (len(self.inside) + self.n_above)


def fit_regime(
    losses: np.ndarray,
    n_inside: int,
    n_censored: int,
    gammas: np.ndarray,
) -> Regime:
    """The law of the ``n_inside`` lowest of the sorted ``losses`` (n,)."""
    inside, above = losses[:n_inside], losses[n_inside:]
    n_above = len(above) + n_censored
    threshold = np.inf
    if n_above:
        following = above[0] if len(above) and np.isfinite(above[0]) else np.inf
        gap = np.median(np.diff(inside[-10:]))
        threshold = float(inside[-1] + (min(following - inside[-1], 2.0 * gap) or gap) / 2.0)
    fits = fit(make_buckets(inside, threshold, n_above), gammas)
    p_value = moran_p_value(inside, fits.law(fits.best), threshold)
    return Regime(inside, threshold, n_above, fits, p_value)


def choose_regime(losses: np.ndarray, n_censored: int, gammas: np.ndarray) -> Regime:
    """The largest regime that fits, and whose alpha agrees with that of all smaller ones.

    Args:
        losses: (n,) ascending, ties spread; infinite ones last.
        n_censored: Further trials that are above every regime.
        gammas: (B,) effective numbers of hyperparameters.

    If none is accepted, the one with the greatest p-value is returned: see its ``p_value``.
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


def _agree(large: Regime, small: Regime) -> bool:
    """Whether the larger regime's law holds in the smaller one, too.

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
    regime: Regime, confidence: float, *, has_end: bool = False
) -> tuple[float, float]:
    """Of the probability that a trial falls into the regime, which ends just after a loss.

    F at the m-th of n independent losses has the distribution Beta(m, n + 1 - m); it is 1 if the
    regime has no end. ``has_end`` says that it has one, though no loss lies beyond it.
    """
    if not np.isfinite(regime.threshold) and not has_end:
        return 1.0, 1.0
    m = len(regime.inside)
    tail = (1.0 - confidence) / 2.0
    low, high = stats.beta.ppf([tail, 1.0 - tail], m + 0.5, regime.n_above + 0.5)
    return float(low), float(high)

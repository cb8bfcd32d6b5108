"""The regime: how many of the best trials the law is fitted to.

The law is asymptotic: it holds near the best possible score. A large regime has more trials to fit
but may reach beyond where the law holds; nothing says where that is but the trials. None is
chosen: each of three is a hypothesis, and the posterior is an average over them.

Notation
    y (n,)          sorted losses; m of them, at most the threshold tau, are in the regime
    n_above         trials above it, those without a loss among them
    tau_1, tau_k    thresholds of the largest regime and of the k-th, which is part of it
    N               losses between them, n_1 trials above tau_1
    u               (y - tau_k) / (tau_1 - tau_k) of those losses
    Z_k             integral of likelihood times prior of the law in regime k

To be compared, all must say something of the same losses, those up to tau_1. Where the law ends
at tau_k, any share r of the trials above it may lie below tau_1, and they have a density that is
flexible, but not wild:

    (1)  E_k = Z_k  integral of r^N (1 - r)^n_1 dr  (tau_1 - tau_k)^-N
               integral of prod exp(l u) / C(l)^N dNormal(l; 0, 1.5^2),   C(l) = (e^l - 1) / l

The weight of a regime is its share of the evidence E.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special, stats

from optuna_hpx.law.maths.buckets import make_buckets
from optuna_hpx.law.maths.fit import fit
from optuna_hpx.law.maths.goodness import moran_p_value
from optuna_hpx.law.maths.likelihood import CensoredSample, make_sample
from optuna_hpx.law.maths.noise import UNKNOWN, NoiseKnowledge
from optuna_hpx.law.maths.points import Points, joined
from optuna_hpx.law.maths.posterior import Posterior, posterior_points
from optuna_hpx.law.maths.spacings import Fits

__all__ = [
    "FittedRegime",
    "Regimes",
    "choose_sizes",
    "fit_regime",
    "fit_regimes",
    "mass_interval",
    "smaller_sizes",
]

# The largest regime, in shares of the finite losses. With up to half of them, intervals of alpha
# held in 40 to 60 % on surfaces that are no exact bowls at n = 100, with these in 83 to 88 %; they
# were hardly wider where the law does hold (benchmarks/README.md, "The law: coverage").
_LARGEST = 0.25
_LEAST = 12  # losses in a regime: the law has four parameters
_N_REGIMES = 3
_SMALLEST = 0.25  # of the largest regime, or _LEAST losses
_N_LAST = 10  # losses at the end of a regime whose median gap tells how dense losses are there
_TINY = 1e-300  # instead of a weight of 0, whose logarithm is not finite
_TILTS = np.linspace(-6.0, 6.0, 49)  # l of equation (1)
_TILT_SPREAD = 1.5  # its standard deviation: the law's own density tilts by up to 1 there


@dataclass(frozen=True)
class FittedRegime:
    """The best trials, and the laws that were fitted to them.

    Attributes:
        inside: (m,) their losses, ascending, ties spread over their cells.
        threshold: Its end: halfway to the next loss; infinite if all losses are in it.
        n_above: Trials above it.
        gammas: (B,) effective numbers of hyperparameters.
        noise: What is known of it.
    """

    inside: np.ndarray
    threshold: float
    n_above: int
    gammas: np.ndarray
    noise: NoiseKnowledge = UNKNOWN

    @cached_property
    def sample(self) -> CensoredSample:
        """The losses as the likelihood reads them."""
        return make_sample(self.inside, self.threshold, self.n_above)

    @cached_property
    def points(self) -> Points:
        """Points of the posterior."""
        return posterior_points(self.sample, self.gammas, self.noise)

    @cached_property
    def posterior(self) -> Posterior:
        """What the trials say about the law's parameters, if it holds in this regime."""
        return Posterior.of(self.points)

    @cached_property
    def fits(self) -> Fits:
        """The law of each gamma, by maximum spacing."""
        return fit(make_buckets(self.inside, self.threshold, self.n_above), self.gammas)

    @cached_property
    def p_value(self) -> float:
        """Goodness of fit of the best of them."""
        return moran_p_value(self.inside, self.fits.law(self.fits.best), self.threshold)

    @property
    def share(self) -> float:
        """Share of the trials in the regime."""
        return len(self.inside) / (len(self.inside) + self.n_above)


@dataclass(frozen=True)
class Regimes:
    """Nested regimes, of which it is not known in which the law holds.

    Attributes:
        parts: They, the largest first.
        weight: Of each, summing to 1.
    """

    parts: tuple[FittedRegime, ...]
    weight: np.ndarray

    @cached_property
    def posterior(self) -> Posterior:
        """The average of their posteriors."""
        shares = np.log(np.maximum(self.weight, _TINY))
        points = [
            part.points.times(share - part.points.log_evidence)
            for part, share in zip(self.parts, shares, strict=True)
        ]
        return Posterior.of(joined(points))

    @property
    def likeliest(self) -> FittedRegime:
        """The one with the greatest weight."""
        return self.parts[int(np.argmax(self.weight))]

    @property
    def p_value(self) -> float:
        """Goodness of fit in the likeliest one.

        In the smallest of several nearly any losses look like the law: then that in the next
        larger one counts, too.
        """
        row = int(np.argmax(self.weight))
        is_smallest = row == len(self.parts) - 1
        rows = {row, max(row - 1, 0)} if is_smallest else {row}
        return min(self.parts[k].p_value for k in rows)


def fit_regime(
    losses: np.ndarray,
    n_inside: int,
    n_censored: int,
    gammas: np.ndarray,
    noise: NoiseKnowledge = UNKNOWN,
) -> FittedRegime:
    """Fit the laws of the ``n_inside`` lowest losses.

    Args:
        losses: (n,) ascending, ties spread; infinite ones last.
        n_inside: m.
        n_censored: Further trials that are above the regime.
        gammas: (B,) effective numbers of hyperparameters.
        noise: What is known of it.
    """
    inside, above = losses[:n_inside], losses[n_inside:]
    n_above = len(above) + n_censored
    threshold = _threshold(inside, above) if n_above else np.inf
    return FittedRegime(inside, threshold, n_above, gammas, noise)


def _threshold(inside: np.ndarray, above: np.ndarray) -> float:
    """Place the end halfway to the next loss, but no further than a usual gap from the last."""
    gap = np.median(np.diff(inside[-_N_LAST:]))
    following = above[0] if len(above) and np.isfinite(above[0]) else np.inf
    return float(inside[-1] + (min(following - inside[-1], 2.0 * gap) or gap) / 2.0)


def choose_sizes(losses: np.ndarray) -> list[int]:
    """Choose how many losses are in each regime, the largest first, of sorted ``losses``."""
    n = int(np.isfinite(losses).sum())
    return smaller_sizes(max(round(_LARGEST * n), min(_LEAST, n // 2), 3))


def smaller_sizes(largest: int) -> list[int]:
    """Divide a regime: evenly in the logarithm, down to a quarter of it or to 12 losses."""
    smallest = min(max(round(_SMALLEST * largest), _LEAST), largest)
    sizes = np.geomspace(largest, smallest, _N_REGIMES).round().astype(int)
    return list(dict.fromkeys(sizes.tolist()))


def fit_regimes(
    losses: np.ndarray,
    sizes: list[int],
    n_censored: int,
    gammas: np.ndarray,
    noise: NoiseKnowledge = UNKNOWN,
) -> Regimes:
    """Fit the laws of nested regimes, and weigh them.

    Args:
        losses: (n,) ascending, ties spread; infinite ones last.
        sizes: Losses in each, the largest first.
        n_censored: Further trials that are above every regime.
        gammas: (B,) effective numbers of hyperparameters.
        noise: What is known of it.
    """
    parts = tuple(fit_regime(losses, m, n_censored, gammas, noise) for m in sizes)
    log_evidence = np.array([_log_evidence(part, parts[0]) for part in parts])
    return Regimes(parts, special.softmax(log_evidence))


def _log_evidence(part: FittedRegime, largest: FittedRegime) -> float:
    """Compute the logarithm of equation (1); each group of losses counts by its mean density."""
    sample, between = part.sample, largest.inside[len(part.inside) :]
    edges, counts = sample.edges, sample.counts[:-1]
    log_z = part.points.log_evidence - counts @ np.log(np.diff(edges))
    n = len(between)
    if not n:
        return float(log_z)
    width = largest.sample.edges[-1] - part.threshold
    log_share = special.betaln(n + 1.0, largest.n_above + 1.0)
    u = (between - part.threshold) / width
    return float(log_z + log_share - n * np.log(width) + _log_tilted(u))


def _log_tilted(u: np.ndarray) -> float:
    """Compute the logarithm of the second integral of equation (1)."""
    x = np.where(_TILTS == 0.0, 1e-9, _TILTS)
    log_density = x * u.sum() - len(u) * np.log(np.expm1(x) / x)
    prior = stats.norm.logpdf(_TILTS, scale=_TILT_SPREAD) + np.log(_TILTS[1] - _TILTS[0])
    return float(special.logsumexp(log_density + prior))


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

"""The law of random search in the units of the fit, and back in those of the scores.

Notation
    sign            1 if small scores are good, -1 if large ones are
    origin, width   the best loss, and how far the better half of the losses reaches beyond it

    (1)  loss = (sign * score - origin) / width

In these units the best loss is 0 and the better half ends at 1, so that constants of the fit mean
the same whatever the scores are measured in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optuna_hpx.law.maths.bounds import ANYTHING
from optuna_hpx.law.maths.buckets import spread_ties
from optuna_hpx.law.maths.forecast import Predictive, predictive
from optuna_hpx.law.maths.noise import NOISELESS, UNKNOWN, NoiseKnowledge
from optuna_hpx.law.maths.posterior import Posterior
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.regime import (
    FittedRegime,
    Regimes,
    choose_sizes,
    fit_regimes,
    mass_interval,
    smaller_sizes,
)

__all__ = ["FittedLaw", "LossUnits", "fit_law"]

# One-sided quantiles of alpha are too high where the regime is not quite quadratic: of bowls near
# the edge of their box a nominal 90 % held in 60 to 75 %, and 97.5 % in about 90 %
# (benchmarks/README.md, "The law: coverage"). A bound takes this share of its nominal tail.
_TAIL_OF_REGRET = 0.25

# Intervals take this share of their nominal tails, as the law is never quite right
# (benchmarks/README.md, "The law: coverage").
_TAIL_OF_ALPHA = 0.5

_N_BEST = 11  # losses whose gaps tell what noise matters
# Of a gap. With the 0.03 of posterior.py few laws are left that have so little noise: with noise
# of a thousandth of the range 95 % intervals held in 18 of 22 samples, with this in 14 of 14.
_RESOLUTION = 0.3


@dataclass(frozen=True)
class LossUnits:
    """The units of equation (1).

    Attributes:
        sign: 1 or -1.
        origin: The best loss as it was observed.
        width: Positive.
        bounds: The smallest and the largest possible score.
    """

    sign: float
    origin: float
    width: float
    bounds: tuple[float, float] = ANYTHING

    def to_loss(self, score: np.ndarray | float) -> np.ndarray:
        """Convert a score by equation (1)."""
        return (self.sign * np.asarray(score, dtype=float) - self.origin) / self.width

    def to_score(self, loss: np.ndarray | float) -> np.ndarray:
        """Invert equation (1), within the bounds; infinitely bad scores stay so."""
        score = self.sign * (np.asarray(loss) * self.width + self.origin)
        return np.where(np.isfinite(score), np.clip(score, *self.bounds), score)

    @property
    def floor(self) -> float:
        """The least possible loss."""
        return float(self.to_loss(self.bounds[0] if self.sign > 0 else self.bounds[1]))

    def to_level(self, q: np.ndarray) -> np.ndarray:
        """Turn the level of a quantile of scores into that of losses, or back."""
        return q if self.sign > 0 else 1.0 - q


@dataclass(frozen=True)
class FittedLaw:
    """The law of the trials, in the units of the fit.

    Attributes:
        units: Those units.
        losses: (m,) finite losses, ascending, ties spread over their cells.
        n_trials: All trials, those without a loss among them.
        regimes: The trials the law was fitted to.
        has_given_end: Whether the end of the largest regime was given, not chosen.
    """

    units: LossUnits
    losses: np.ndarray
    n_trials: int
    regimes: Regimes
    has_given_end: bool

    @property
    def regime(self) -> FittedRegime:
        """The regime that was given, or else the likeliest one."""
        return self.regimes.parts[0] if self.has_given_end else self.regimes.likeliest

    @property
    def p_value(self) -> float:
        """Goodness of fit in that regime; see :attr:`Regimes.p_value`."""
        return self.regime.p_value if self.has_given_end else self.regimes.p_value

    @cached_property
    def posterior(self) -> Posterior:
        """What the trials say about the law's parameters, on the average over the regimes."""
        return self.regimes.posterior

    @cached_property
    def predictive(self) -> Predictive:
        """What further trials will bring; 0 is the present best."""
        return predictive(self.regimes, self.losses, self.n_trials, best=0.0)

    @property
    def maximum_spacing(self) -> NoisyQuadratic:
        """The single best law by maximum spacing, of losses in the units of the scores."""
        law = self.regime.fits.law(self.regime.fits.best)
        origin, width = self.units.origin, self.units.width
        alpha, beta = (end * width + origin for end in (law.alpha, law.beta))
        return NoisyQuadratic(alpha, beta, law.gamma, law.sigma * width)

    def mass_interval(self, confidence: float) -> tuple[float, float]:
        """Bound the probability that a trial falls into the regime."""
        return mass_interval(self.regime, confidence, has_end=self.has_given_end)

    def alpha_interval(self, confidence: float) -> tuple[float, float]:
        """Return an interval of alpha, wider than the posterior has it.

        It always reaches to the best loss: that this one is the best possible, as of a plateau,
        no law excludes.
        """
        tail = (1.0 - confidence) / 2.0 * _TAIL_OF_ALPHA
        low, high = (self.posterior.quantile("alpha", q) for q in (tail, 1.0 - tail))
        return low, max(high, 0.0)

    def density(self, loss: np.ndarray) -> np.ndarray:
        """Compute the density of losses; NaN beyond the regime, where the law says nothing."""
        return np.where(loss <= self.regime.threshold, self.regime.posterior.pdf(loss), np.nan)

    def regret_bound(self, loss: float, confidence: float) -> float:
        """Bound how far ``loss`` is from alpha, one-sided, wider than the posterior has it."""
        tail = (1.0 - confidence) * _TAIL_OF_REGRET
        return max(0.0, loss - max(self.posterior.quantile("alpha", tail), self.units.floor))


def fit_law(
    losses: np.ndarray,
    n_censored: int,
    gammas: np.ndarray,
    *,
    sign: float = 1.0,
    threshold: float | None = None,
    noise: NoiseKnowledge = UNKNOWN,
    bounds: tuple[float, float] = ANYTHING,
) -> FittedLaw:
    """Fit the law of random search to the losses of independent draws.

    Args:
        losses: (m,) finite losses, in any order, at least three of them different.
        n_censored: Further draws, worse than all of these.
        gammas: (B,) effective numbers of hyperparameters.
        sign: Of equation (1): it is kept for conversions, the losses have it already.
        threshold: The loss at which the largest regime ends; None: choose it.
        noise: What is known of it, in the units of the losses.
        bounds: The smallest and the largest possible score.
    """
    losses = np.sort(losses)
    units = LossUnits(sign, float(losses[0]), _width(losses), bounds)
    scaled = spread_ties((losses - units.origin) / units.width)
    if threshold is None:
        sizes = choose_sizes(scaled)
    else:
        sizes = smaller_sizes(int(np.count_nonzero(losses <= threshold)))
    noise = _resolved(noise.in_units(units.width), scaled)
    regimes = fit_regimes(scaled, sizes, n_censored, gammas, noise)
    return FittedLaw(units, scaled, len(losses) + n_censored, regimes, threshold is not None)


def _resolved(noise: NoiseKnowledge, losses: np.ndarray) -> NoiseKnowledge:
    """Take an estimated noise as none if it moves hardly any of the best losses past another.

    Laws with less are not tried, and to be held to it would leave one of them only.
    """
    gap = float(np.median(np.diff(losses[:_N_BEST])))
    return NOISELESS if noise.freedom and noise.std < _RESOLUTION * gap else noise


def _width(losses: np.ndarray) -> float:
    """Measure how far the better half of the sorted losses reaches, or all if that is 0."""
    half = losses[: len(losses) // 2 + 1][-1] - losses[0]
    return float(half if half > 0.0 else losses[-1] - losses[0])

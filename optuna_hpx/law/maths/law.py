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

from optuna_hpx.law.maths.buckets import spread_ties
from optuna_hpx.law.maths.forecast import Predictive, predictive
from optuna_hpx.law.maths.posterior import Posterior
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.regime import (
    FittedRegime,
    choose_regime,
    fit_regime,
    mass_interval,
)

__all__ = ["FittedLaw", "LossUnits", "fit_law"]

# One-sided quantiles of alpha are too high where the regime is not quite quadratic: of bowls near
# the edge of their box a nominal 90 % held in 60 to 75 %, and 97.5 % in about 90 %
# (benchmarks/README.md, "The law: coverage"). A bound takes this share of its nominal tail.
_TAIL_OF_REGRET = 0.25


@dataclass(frozen=True)
class LossUnits:
    """The units of equation (1).

    Attributes:
        sign: 1 or -1.
        origin: The best loss as it was observed.
        width: Positive.
    """

    sign: float
    origin: float
    width: float

    def to_loss(self, score: np.ndarray | float) -> np.ndarray:
        """Convert a score by equation (1)."""
        return (self.sign * np.asarray(score, dtype=float) - self.origin) / self.width

    def to_score(self, loss: np.ndarray | float) -> np.ndarray:
        """Invert equation (1)."""
        return self.sign * (np.asarray(loss) * self.width + self.origin)

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
        regime: The trials the law was fitted to, and the fits.
        has_given_end: Whether the end of the regime was given, not chosen.
    """

    units: LossUnits
    losses: np.ndarray
    n_trials: int
    regime: FittedRegime
    has_given_end: bool

    @property
    def posterior(self) -> Posterior:
        """What the trials say about the law's parameters."""
        return self.regime.posterior

    @cached_property
    def predictive(self) -> Predictive:
        """What further trials will bring; 0 is the present best."""
        return predictive(self.posterior, self.regime, self.losses, self.n_trials, best=0.0)

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

    def density(self, loss: np.ndarray) -> np.ndarray:
        """Compute the density of losses; NaN beyond the regime, where the law says nothing."""
        return np.where(loss <= self.regime.threshold, self.posterior.pdf(loss), np.nan)

    def regret_bound(self, loss: float, confidence: float) -> float:
        """Bound how far ``loss`` is from alpha, one-sided, wider than the posterior has it."""
        tail = (1.0 - confidence) * _TAIL_OF_REGRET
        return max(0.0, loss - self.posterior.quantile("alpha", tail))


def fit_law(
    losses: np.ndarray,
    n_censored: int,
    gammas: np.ndarray,
    *,
    sign: float = 1.0,
    threshold: float | None = None,
) -> FittedLaw:
    """Fit the law of random search to the losses of independent draws.

    Args:
        losses: (m,) finite losses, in any order, at least three of them different.
        n_censored: Further draws, worse than all of these.
        gammas: (B,) effective numbers of hyperparameters.
        sign: Of equation (1): it is kept for conversions, the losses have it already.
        threshold: The loss at which the regime ends; None: choose it.
    """
    losses = np.sort(losses)
    units = LossUnits(sign, float(losses[0]), _width(losses))
    scaled = spread_ties((losses - units.origin) / units.width)
    if threshold is None:
        regime = choose_regime(scaled, n_censored, gammas)
    else:
        n_inside = int(np.count_nonzero(losses <= threshold))
        regime = fit_regime(scaled, n_inside, n_censored, gammas)
    return FittedLaw(units, scaled, len(losses) + n_censored, regime, threshold is not None)


def _width(losses: np.ndarray) -> float:
    """Measure how far the better half of the sorted losses reaches, or all if that is 0."""
    half = losses[: len(losses) // 2 + 1][-1] - losses[0]
    return float(half if half > 0.0 else losses[-1] - losses[0])

"""What the next trials will bring, by the posterior of the law of random search.

Notation
    y (J,)          losses, ascending, at which everything is tabulated
    F (P, J)        distribution function of each law of the posterior; above the threshold of the
                    regime, where the law need not hold, that of the trials found there
    w (P,)          weights of the laws
    n, best         trials so far, and the smallest loss among them
    k               future trials
    Y_k             the best of them

    (1)  P(Y_k <= y) = sum_p w_p (1 - (1 - F_p(y))^k)
    (2)  P(Y_k < best) = k / (n + k)      for independent trials without ties, whatever the law is
    (3)  P(Y_k <= y) ~ k / (n + k) * (1)(y) / (1)(best)      for y <= best

What the law adds to (2) is by how much. Forecasts that start from the present best are therefore
anchored there, (3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.likelihood import N_NODES
from optuna_hpx.law.maths.posterior import Posterior
from optuna_hpx.law.maths.quadratic import partials
from optuna_hpx.law.maths.regime import FittedRegime

__all__ = ["Predictive", "predictive"]

_N_LAWS = 256  # of the posterior's points: a table of them all would cost four times as much
_N_BELOW, _N_INSIDE, _N_ABOVE = 64, 64, 64  # losses of the table; between them it is linear
_REACH = 5.0  # standard deviations of noise below alpha where the table begins
_FAR = 0.01  # quantile over the laws of that beginning: a few odd laws do not stretch the table
_MOST_TRIALS = 10**7  # beyond which a gain is out of reach
_GROWTH = 1.1  # between two numbers of trials that are tried: no forecast is more exact


@dataclass(frozen=True)
class Predictive:
    """Forecasts for trials that are drawn as those were on which the law was fitted.

    Attributes:
        y: (J,) as in the notation.
        cdf: (P, J) F.
        weight: (P,) w.
        best: The smallest loss.
        n: Trials so far.
    """

    y: np.ndarray
    cdf: np.ndarray
    weight: np.ndarray
    best: float
    n: int

    def survival(self, k: float) -> np.ndarray:
        """Compute P(Y_k > y) by equation (1), (J,)."""
        return self.weight @ (1.0 - self.cdf) ** k

    def quantile(self, k: float, q: np.ndarray | float) -> np.ndarray:
        """Compute quantiles of Y_k, of the shape of ``q``; infinite where most trials fail."""
        below = np.maximum.accumulate(1.0 - self.survival(k))
        return np.where(np.asarray(q) > below[-1], np.inf, np.interp(q, below, self.y))

    def tuning_curve(self, k: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Compute the quantiles for pairs of ``k`` and ``q``, of their common shape."""
        pairs = zip(k.ravel().tolist(), q.ravel().tolist(), strict=True)
        return np.array([float(self.quantile(*pair)) for pair in pairs]).reshape(k.shape)

    def cdf_at(self, y: np.ndarray) -> np.ndarray:
        """Compute P(a trial's loss <= y), of the shape of ``y``."""
        return np.interp(y, self.y, self.weight @ self.cdf)

    def improvement(self, k: float, gain: np.ndarray | float) -> np.ndarray:
        """Compute P(Y_k < best - gain) by equation (3), of the shape of ``gain``."""
        return self._anchored(k)(self.best - np.asarray(gain, dtype=float))

    def _anchored(self, k: float) -> Callable[[np.ndarray], np.ndarray]:
        """Return equation (3) as a function of y <= best."""
        below = 1.0 - self.survival(k)
        below_best = float(np.interp(self.best, self.y, below))
        scale = k / (self.n + k) / max(below_best, 1e-300)
        return lambda y: np.interp(y, self.y, below) * scale

    def best_after(self, k: float, q: np.ndarray | float) -> np.ndarray:
        """Compute quantiles of the best of all trials after ``k`` more, by equation (3)."""
        below = np.maximum.accumulate(self._anchored(k)(self.y))
        return np.minimum(np.interp(q, below, self.y), self.best)

    def forecast(self, k: float, confidence: float) -> tuple[float, float, float]:
        """Return low, median and high for the best of all after ``k`` more trials.

        They have equal tails; or reach to the present best, if it stays the best more often than
        a tail.
        """
        tail = (1.0 - confidence) / 2.0
        if self.n / (self.n + k) > tail:
            low, median = self.best_after(k, np.array([1.0 - confidence, 0.5])).tolist()
            return low, median, self.best
        low, median, high = self.best_after(k, np.array([tail, 0.5, 1.0 - tail])).tolist()
        return low, median, high

    def gain_bound(self, k: float, confidence: float) -> float:
        """Return what the gain of ``k`` more trials exceeds with probability 1 - confidence."""
        return float(self.best - self.best_after(k, 1.0 - confidence))

    def n_more_for(self, gain: float) -> float:
        """Find after how many more trials the median best is better by ``gain``; or infinity."""
        n_more = 1
        while n_more < _MOST_TRIALS:
            if self.best_after(n_more, 0.5) <= self.best - gain:
                return float(n_more)
            n_more = math.ceil(n_more * _GROWTH)
        return math.inf


def predictive(
    laws: Posterior, regime: FittedRegime, losses: np.ndarray, n: int, best: float
) -> Predictive:
    """Tabulate the posterior's laws.

    Args:
        laws: The posterior.
        regime: The regime for which it was worked out.
        losses: (n or fewer,) all that are known, ascending, ties spread.
        n: All trials, the censored among them.
        best: The least loss, as it was observed.
    """
    rows, weight = _thin(laws.weight)
    alpha, scale, sigma, gamma = (
        array[rows][:, None] for array in (laws.alpha, laws.scale, laws.sigma, laws.gamma)
    )
    y = _grid(regime, float(np.quantile(alpha - _REACH * sigma, _FAR)))
    cdf = partials(y, alpha, scale, gamma, sigma, n_nodes=N_NODES).cdf
    cdf = np.clip(np.maximum.accumulate(cdf, axis=1), 0.0, 1.0)
    if regime.n_above:
        above, rank = _empirical(losses[losses > regime.threshold], regime.n_above)
        cdf = np.concatenate([cdf, cdf[:, -1:] + (1.0 - cdf[:, -1:]) * rank], axis=1)
        y = np.concatenate([y, above])
    return Predictive(y, cdf, weight, best, n)


def _grid(regime: FittedRegime, far: float) -> np.ndarray:
    """Place losses of the table up to the end of the regime, densely among the lowest losses."""
    inside, end = regime.inside, regime.threshold
    if not np.isfinite(end):
        end = inside[-1] + (inside[-1] - inside[0])
    low = np.linspace(min(far, inside[0]), inside[0], _N_BELOW, endpoint=False)
    levels = np.linspace(0.0, 1.0, _N_INSIDE) ** 2
    return np.unique(np.concatenate([low, np.quantile(inside, levels), [end]]))


def _empirical(above: np.ndarray, n_above: int) -> tuple[np.ndarray, np.ndarray]:
    """Pick losses among those above the threshold.

    Returns:
        Losses, and which share of the ``n_above`` trials lies at or below each; those that have
        no loss are never reached.
    """
    losses = above[np.isfinite(above)]
    if not len(losses):
        return losses, losses
    picked = np.unique(np.quantile(losses, np.linspace(0, 1, _N_ABOVE)))
    return picked, np.searchsorted(losses, picked, side="right") / n_above


def _thin(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows evenly by their weight, and give each its share."""
    level = (np.arange(_N_LAWS) + 0.5) / _N_LAWS
    rows, counts = np.unique(
        np.minimum(np.searchsorted(np.cumsum(weight), level), len(weight) - 1), return_counts=True
    )
    return rows, counts / _N_LAWS

"""What the next trials will bring, by the posterior of the law of random search.

Notation
    y (J,)          losses, ascending, at which everything is tabulated
    F (P, J)        distribution function of each law of the posterior; above the threshold of the
                    regime, where the law need not hold, that of the trials found there
    w (P,)          weights of the laws
    n, best         trials so far, and the smallest loss among them
    k               future trials

P(best of k <= y) = sum_p w_p (1 - (1 - F_p(y))^k). For independent trials without ties the next k
beat the best of n with probability k / (n + k) exactly, whatever the law is; what the law adds is
by how much. Forecasts that start from the present best are therefore anchored there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.posterior import Posterior
from optuna_hpx.law.maths.quadratic import partials
from optuna_hpx.law.maths.regime import Regime

__all__ = ["Predictive", "predictive"]

_N_LAWS = 256
_N_BELOW, _N_INSIDE, _N_ABOVE = 64, 64, 64
_N_NODES = 14
_REACH = 5.0  # standard deviations of noise below alpha where the table begins


@dataclass(frozen=True)
class Predictive:
    """Forecasts for trials that are drawn as those were on which the law was fitted.

    Attributes:
        y: (J,) as in the notation.
        cdf: (P, J)
        weight: (P,)
        best, n: as in the notation.
    """

    y: np.ndarray
    cdf: np.ndarray
    weight: np.ndarray
    best: float
    n: int

    def survival(self, k: float) -> np.ndarray:
        """(J,) P(best of k new trials > y)."""
        return self.weight @ (1.0 - self.cdf) ** k

    def quantile(self, k: float, q: np.ndarray | float) -> np.ndarray:
        """Of the best of ``k`` new trials, of the shape of ``q``."""
        return self._invert(1.0 - self.survival(k), q)

    def _invert(self, below: np.ndarray, q: np.ndarray | float) -> np.ndarray:
        below = np.maximum.accumulate(below)
        return np.where(np.asarray(q) > below[-1], np.inf, np.interp(q, below, self.y))

    def cdf_at(self, y: np.ndarray) -> np.ndarray:
        """P(a trial's loss <= y)."""
        return np.interp(y, self.y, self.weight @ self.cdf)

    def improvement(self, k: float, by: np.ndarray | float) -> np.ndarray:
        """P(the next ``k`` trials beat the best by more than ``by``), of the shape of ``by``."""
        return self._anchored(k)(self.best - np.asarray(by, dtype=float))

    def _anchored(self, k: float) -> Callable[[np.ndarray], np.ndarray]:
        """P(the next k trials go below y), a function of y <= best."""
        below = 1.0 - self.survival(k)
        at_best = float(np.interp(self.best, self.y, below))
        scale = k / (self.n + k) / max(at_best, 1e-300)
        return lambda y: np.interp(y, self.y, below) * scale

    def best_after(self, k: float, q: np.ndarray | float) -> np.ndarray:
        """Quantiles of the best of all trials when ``k`` more are made."""
        below = np.maximum.accumulate(self._anchored(k)(self.y))
        return np.minimum(np.interp(q, below, self.y), self.best)

    def forecast(self, k: float, confidence: float) -> tuple[float, float, float]:
        """Low, median and high for the best of all after ``k`` more trials.

        Equal tails; or up to the present best, if it stays the best more often than a tail.
        """
        tail = (1.0 - confidence) / 2.0
        if self.n / (self.n + k) > tail:
            low, median = self.best_after(k, np.array([1.0 - confidence, 0.5])).tolist()
            return low, median, self.best
        low, median, high = self.best_after(k, np.array([tail, 0.5, 1.0 - tail])).tolist()
        return low, median, high

    def gain_bound(self, k: float, confidence: float) -> float:
        """What the gain of the next ``k`` trials exceeds with probability 1 - ``confidence``."""
        return float(self.best - self.best_after(k, 1.0 - confidence))


def predictive(
    of: Posterior, regime: Regime, losses: np.ndarray, n: int, best: float
) -> Predictive:
    """Tabulate the posterior's laws.

    Args:
        of: The posterior.
        regime: The regime for which it was worked out.
        losses: (n or fewer,) all that are known, ascending, ties spread.
        n: All trials, the censored among them.
        best: The least loss, as it was observed.
    """
    rows, weight = _thinned(of.weight)
    alpha, scale, sigma, gamma = (
        array[rows] for array in (of.alpha, of.scale, of.sigma, of.gamma)
    )
    inside = regime.inside
    far = np.quantile(alpha - _REACH * sigma, 0.01)
    low = np.linspace(min(far, inside[0]), inside[0], _N_BELOW, endpoint=False)
    end = regime.threshold
    if not np.isfinite(end):
        end = inside[-1] + (inside[-1] - inside[0])
    levels = np.linspace(0.0, 1.0, _N_INSIDE) ** 2
    y = np.unique(np.concatenate([low, np.quantile(inside, levels), [end]]))
    cdf = partials(
        y, alpha[:, None], scale[:, None], gamma[:, None], sigma[:, None], n_nodes=_N_NODES
    ).cdf
    cdf = np.clip(np.maximum.accumulate(cdf, axis=1), 0.0, 1.0)
    above = losses[losses > regime.threshold]
    if regime.n_above:
        known = above[np.isfinite(above)]
        picked = (
            np.unique(np.quantile(known, np.linspace(0, 1, _N_ABOVE))) if len(known) else known
        )
        rank = np.searchsorted(known, picked, side="right") / regime.n_above
        cdf = np.concatenate([cdf, cdf[:, -1:] + (1.0 - cdf[:, -1:]) * rank], axis=1)
        y = np.concatenate([y, picked])
    return Predictive(y, cdf, weight, best, n)


def _thinned(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows drawn evenly by their weight, each with its share."""
    level = (np.arange(_N_LAWS) + 0.5) / _N_LAWS
    rows, counts = np.unique(
        np.minimum(np.searchsorted(np.cumsum(weight), level), len(weight) - 1), return_counts=True
    )
    return rows, counts / _N_LAWS

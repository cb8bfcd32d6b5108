"""What the next trials will bring, by the posterior of the law of random search.

Notation
    y (J,)          losses, ascending, at which everything is tabulated
    F (P, J)        distribution function of each law of the posterior; above the threshold of its
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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.gains import Gains, gains_of
from optuna_hpx.law.maths.likelihood import N_NODES
from optuna_hpx.law.maths.posterior import LEAST_NOISE
from optuna_hpx.law.maths.quadratic import partials
from optuna_hpx.law.maths.regime import FittedRegime, Regimes

__all__ = ["Predictive", "predictive"]

_N_LAWS = 256  # of the posterior's points: a table of them all would cost four times as much
_N_BELOW, _N_INSIDE, _N_ABOVE = 64, 64, 64  # losses of the table; between them it is linear
_REACH = 5.0  # standard deviations of noise below alpha where the table begins
_NEGLIGIBLE = 1e-3  # weight of a regime that is left out
_FAR = 0.01  # quantile over the laws of that beginning: a few odd laws do not stretch the table
_N_GAINS = 400  # equally likely, that stand for a distribution: beside no gain


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

    def _anchored(self, k: float) -> Callable[[np.ndarray], np.ndarray]:
        """Return equation (3) as a function of y <= best."""
        below = 1.0 - self.survival(k)
        below_best = float(np.interp(self.best, self.y, below))
        scale = k / (self.n + k) / max(below_best, 1e-300)
        return lambda y: np.interp(y, self.y, below) * scale

    def gains(self, k: float) -> Gains:
        """Compute the distribution of the gain by ``k`` more trials, by equation (3)."""
        any_gain = k / (self.n + k)
        q = any_gain * (np.arange(_N_GAINS) + 0.5) / _N_GAINS
        size = np.append(self.best - self.best_after(k, q), 0.0)
        weight = np.append(np.full(_N_GAINS, any_gain / _N_GAINS), 1.0 - any_gain)
        return gains_of(size, weight)

    def best_after(self, k: float, q: np.ndarray | float) -> np.ndarray:
        """Compute quantiles of the best of all trials after ``k`` more, by equation (3)."""
        below = np.maximum.accumulate(self._anchored(k)(self.y))
        return np.minimum(np.interp(q, below, self.y), self.best)


def predictive(regimes: Regimes, losses: np.ndarray, n: int, best: float) -> Predictive:
    """Tabulate the posterior's laws.

    Args:
        regimes: Those in which they may hold, with their posteriors.
        losses: (n or fewer,) all that are known, ascending, ties spread.
        n: All trials, the censored among them.
        best: The least loss, as it was observed.
    """
    counts = np.maximum(np.round(_N_LAWS * regimes.weight), regimes.weight > _NEGLIGIBLE)
    used = [
        (part, *_thin(part.posterior.weight, int(count)), weight)
        for part, count, weight in zip(regimes.parts, counts, regimes.weight, strict=True)
        if count
    ]
    laws = [(part, _laws(part, rows)) for part, rows, _, _ in used]
    far = min(float(np.quantile(alpha - _REACH * sigma, _FAR)) for _, (alpha, _, _, sigma) in laws)
    y = _grid(used[0][0], far)
    y = np.unique(np.concatenate([y, *(_above(part, losses) for part, *_ in used)]))
    cdf = np.concatenate([_tabulate(part, law, losses, y) for part, law in laws])
    weight = np.concatenate([share * weight for _, _, share, weight in used])
    return Predictive(y, cdf, weight / weight.sum(), best, n)


def _laws(part: FittedRegime, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """Take alpha, D, gamma and sigma of some laws, (P, 1) each."""
    laws = part.posterior
    sigma = np.maximum(laws.sigma, LEAST_NOISE * laws.scale)
    return tuple(x[rows][:, None] for x in (laws.alpha, laws.scale, laws.gamma, sigma))


def _tabulate(
    part: FittedRegime, law: tuple[np.ndarray, ...], losses: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Compute F (P, J) of the laws of a regime, and of the trials above it."""
    is_inside = y <= part.threshold
    cdf = np.zeros((len(law[0]), len(y)))
    cdf[:, is_inside] = partials(y[is_inside], *law, n_nodes=N_NODES).cdf
    cdf = np.clip(np.maximum.accumulate(cdf, axis=1), 0.0, 1.0)
    if part.n_above:
        above = losses[np.isfinite(losses) & (losses > part.threshold)]
        rank = np.searchsorted(above, y[~is_inside], side="right") / part.n_above
        end = partials(part.threshold, *law, n_nodes=N_NODES).cdf
        cdf[:, ~is_inside] = end + (1.0 - end) * rank
    return np.maximum.accumulate(cdf, axis=1)


def _grid(regime: FittedRegime, far: float) -> np.ndarray:
    """Place losses of the table up to the end of the regime, densely among the lowest losses."""
    inside, end = regime.inside, regime.threshold
    if not np.isfinite(end):
        end = inside[-1] + (inside[-1] - inside[0])
    low = np.linspace(min(far, inside[0]), inside[0], _N_BELOW, endpoint=False)
    levels = np.linspace(0.0, 1.0, _N_INSIDE) ** 2
    return np.unique(np.concatenate([low, np.quantile(inside, levels), [end]]))


def _above(regime: FittedRegime, losses: np.ndarray) -> np.ndarray:
    """Pick the threshold of a regime and some losses above it; none if it has no end."""
    above = losses[np.isfinite(losses) & (losses > regime.threshold)]
    if not len(above):
        return np.array([regime.threshold] if np.isfinite(regime.threshold) else [])
    picked = np.quantile(above, np.linspace(0, 1, _N_ABOVE), method="nearest")
    return np.append(picked, regime.threshold)


def _thin(weight: np.ndarray, n_laws: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows evenly by their weight, and give each its share."""
    level = (np.arange(n_laws) + 0.5) / n_laws
    rows, counts = np.unique(
        np.minimum(np.searchsorted(np.cumsum(weight), level), len(weight) - 1), return_counts=True
    )
    return rows, counts / n_laws

"""Parzen estimators over segments of several generations, of which each is ranked on its own.

Losses of different generations cannot be compared: models that have trained for longer are
better. So each segment counts by its rank in its own generation, and by its age.

Notation
    m, d        segments, hyperparameters
    x (m, d)    values in [0, 1], or category codes
    y (m,)      normal score of the rank of a segment's loss inside its generation
    w (m,)      weights
    now         generation of the child
    tau         age, in generations, at which a weight has fallen to 1/e
    gamma       share of the total weight that counts as good
    n_eff       effective number of segments
    h (d,)      bandwidths: of a number the standard deviation of its kernel, of a category the
                probability of leaving it
    p_g, p_b    densities of the good segments, and of the others

    y_i   = Phi^-1((rank_i - 1/2) / n_generation),    rank_i from 1                        (1)
    w_i   = exp(-(now - generation_i) / tau)                                               (2)
    n_eff = (sum w)^2 / sum w^2                                                            (3)
    h_j   = spread_j (n_eff + 1)^(-1 / (d + 4))                                            (4)
    p(x)  = (n_eff sum_i w_i prod_j k_ij(x_j) / sum w + 1) / (n_eff + 1)                   (5)

As in the tree-structured Parzen estimator, a candidate is the better the larger p_g / p_b. Each
density is a mixture (5) of one product of kernels k_ij per segment, and one uniform component of
the weight of one segment: 1 for a number, 1 / n for one of n categories. The spread of a number is
its weighted standard deviation, at least 0.1, and its h is cut to [0.06, 0.5]; the spread of a
category is 0.5.

References:
    Bergstra et al., Algorithms for Hyper-Parameter Optimization, NeurIPS 2011, section 4.
    Scott, Multivariate Density Estimation, 1992: the exponent of (4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from optuna_hpx.statistics.parzen import tempered, truncated_normal
from optuna_hpx.statistics.ranks import normal_scores

__all__ = ["History", "propose", "scores", "vary", "weights"]

_TAU = 2.0  # generations
_GAMMA = 0.25  # as many tree-structured Parzen estimators have it
_N_CANDIDATES = 24  # as Optuna's TPE has it
_LEAST_SPREAD, _BANDWIDTHS = 0.1, (0.06, 0.5)  # so that a few equal values do not end the search
_SIGMA = 0.12  # of a varied value
_RESAMPLE = 0.25  # probability that a varied category changes


@dataclass(frozen=True)
class History:
    """The segments that a proposal learns from, at least one.

    Attributes:
        x: (m, d).
        n_choices: (d,) number of categories, 0 where ``x`` is a number in [0, 1].
        y: (m,) scores, the best lowest.
        w: (m,) weights.
    """

    x: np.ndarray
    n_choices: np.ndarray
    y: np.ndarray
    w: np.ndarray


def scores(losses: np.ndarray, generation: np.ndarray) -> np.ndarray:
    """Return y (m,) of equation (1); ties share their mean rank, infinite losses are last.

    Args:
        losses: (m,).
        generation: (m,).
    """
    y = np.empty(len(losses))
    for g in np.unique(generation):
        rows = generation == g
        y[rows] = normal_scores(losses[rows])
    return y


def weights(generation: np.ndarray, now: int) -> np.ndarray:
    """Return w (m,) of equation (2) for a child of generation ``now``."""
    return np.exp(-(now - generation) / _TAU)


@dataclass(frozen=True)
class _ParzenMixture:
    """The density (5) of k segments.

    Attributes:
        x: (k, d) centres.
        n_choices: (d,) number of categories, 0 for a number.
        w: (k + 1,) weights, summing to 1; the last is that of the uniform component.
        h: (d,) bandwidths.
    """

    x: np.ndarray
    n_choices: np.ndarray
    w: np.ndarray
    h: np.ndarray

    @classmethod
    def fit(cls, x: np.ndarray, n_choices: np.ndarray, w: np.ndarray) -> _ParzenMixture:
        """Return the mixture of segments at ``x`` (k, d) with weights ``w`` (k,)."""
        share = w / w.sum()
        n_eff = 1.0 / (share**2).sum()
        spread = np.sqrt(np.maximum(share @ x**2 - (share @ x) ** 2, 0.0))
        shrinkage = (n_eff + 1.0) ** (-1.0 / (x.shape[1] + 4.0))
        h = np.clip(np.maximum(spread, _LEAST_SPREAD) * shrinkage, *_BANDWIDTHS)
        h = np.where(n_choices > 0, _BANDWIDTHS[1] * shrinkage, h)
        return cls(x, n_choices, np.append(share * n_eff, 1.0) / (n_eff + 1.0), h)

    def log_density(self, candidates: np.ndarray) -> np.ndarray:
        """Return (c,) log p at the candidates (c, d). Cost: O(c k d)."""
        k, d = self.x.shape
        log_k = np.zeros((len(candidates), k + 1, d))
        for j, n in enumerate(self.n_choices):
            if n:
                stay = (self.x[:, j] == candidates[:, j, None]) * (1.0 - self.h[j])
                log_k[:, :k, j] = np.log(stay + self.h[j] / n)
                log_k[:, k, j] = -np.log(n)
            else:
                h = np.full(k, self.h[j])
                log_k[:, :k, j] = truncated_normal(candidates[:, j], self.x[:, j], h, 0.0, 1.0)
        return tempered(log_k, self.w, np.ones(d))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (n, d) values."""
        k, d = self.x.shape
        component = rng.choice(k + 1, size=n, p=self.w)
        is_uniform = component == k
        centre = self.x[np.minimum(component, k - 1)]
        values = np.empty((n, d))
        for j, n_choices in enumerate(self.n_choices):
            if n_choices:
                leaves = is_uniform | (rng.random(n) < self.h[j])
                values[:, j] = np.where(leaves, rng.integers(n_choices, size=n), centre[:, j])
            else:
                near = _draw_normal(centre[:, j], self.h[j], rng)
                values[:, j] = np.where(is_uniform, rng.random(n), near)
        return values


def _draw_normal(centre: np.ndarray, h: float, rng: np.random.Generator) -> np.ndarray:
    """Draw (n,) values around ``centre`` (n,), normal and truncated to [0, 1], by inversion."""
    low, high = special.ndtr(-centre / h), special.ndtr((1.0 - centre) / h)
    z = special.ndtri(low + rng.random(len(centre)) * (high - low))
    return np.asarray(np.clip(centre + h * z, 0.0, 1.0))


def propose(history: History, rng: np.random.Generator) -> np.ndarray:
    """Return (d,) the best of 24 candidates from the mixture of the good segments.

    The good ones are those of the lowest scores that have the share gamma of the total weight.

    Args:
        history: From which to learn.
        rng: Source of randomness.

    Cost: O(24 m d).
    """
    y, w = history.y, history.w
    order = np.argsort(y, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(w[order])[:-1]])
    is_good = np.zeros(len(y), dtype=bool)
    is_good[order] = before < _GAMMA * w.sum()
    good = _ParzenMixture.fit(history.x[is_good], history.n_choices, w[is_good])
    candidates = good.sample(_N_CANDIDATES, rng)
    if is_good.all():
        return candidates[0]
    bad = _ParzenMixture.fit(history.x[~is_good], history.n_choices, w[~is_good])
    return candidates[np.argmax(good.log_density(candidates) - bad.log_density(candidates))]


def vary(x: float, n_choices: int, rng: np.random.Generator) -> float:
    """Return a value near ``x``: a normal step of 0.12 away, or now and then another category.

    Args:
        x: A number in [0, 1], or the code of a category.
        n_choices: Number of categories, 0 for a number.
        rng: Source of randomness.
    """
    if n_choices == 0:
        return float(np.clip(x + _SIGMA * rng.normal(), 0.0, 1.0))
    if n_choices == 1 or rng.random() >= _RESAMPLE:
        return x
    return float((x + rng.integers(1, n_choices)) % n_choices)

"""Parzen estimators over segments of several generations, of which each is ranked on its own.

Losses of different generations cannot be compared: models that have trained for longer are
better. So each segment counts by its rank in its own generation, and by its age.

Notation
    m, d        segments, hyperparameters
    x (m, d)    values in [0, 1], or category codes
    y (m,)      normal score of the rank of a segment's loss inside its generation
    w (m,)      exp(-age / tau), age in generations
    gamma       share of the total weight that counts as good
    n_eff       (sum w)^2 / sum w^2
    h (d,)      bandwidths

As in the tree-structured Parzen estimator (Bergstra et al., 2011), a candidate is the better the
larger the ratio of its density among the good segments to that among the others. Each density is
a mixture of one product of kernels per segment, and one uniform component of the weight of one
segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from optuna_hpx.statistics.parzen import tempered, truncated_normal
from optuna_hpx.statistics.ranks import normal_scores

__all__ = ["propose", "scores", "vary", "weights"]

_TAU = 2.0  # generations
_GAMMA = 0.25
_N_CANDIDATES = 24
_LEAST_SPREAD, _BANDWIDTHS = 0.1, (0.06, 0.5)
_SIGMA = 0.12  # of a varied value
_RESAMPLE = 0.25  # probability that a varied category changes


def scores(losses: np.ndarray, generation: np.ndarray) -> np.ndarray:
    """(m,) y; ties share their mean rank, infinite losses are last."""
    y = np.empty(len(losses))
    for g in np.unique(generation):
        rows = generation == g
        y[rows] = normal_scores(losses[rows])
    return y


def weights(generation: np.ndarray, now: int) -> np.ndarray:
    """(m,) w for a child of generation ``now``."""
    return np.exp(-(now - generation) / _TAU)


@dataclass(frozen=True)
class _Mixture:
    x: np.ndarray  # (k, d)
    n_choices: np.ndarray  # (d,), 0 for a number
    w: np.ndarray  # (k + 1,), summing to 1; the last is that of the uniform component
    h: np.ndarray  # (d,)

    @classmethod
    def of(cls, x: np.ndarray, n_choices: np.ndarray, w: np.ndarray) -> _Mixture:
        share = w / w.sum()
        n_eff = 1.0 / (share**2).sum()
        spread = np.sqrt(np.maximum(share @ x**2 - (share @ x) ** 2, 0.0))
        shrinkage = (n_eff + 1.0) ** (-1.0 / (x.shape[1] + 4.0))
        h = np.clip(np.maximum(spread, _LEAST_SPREAD) * shrinkage, *_BANDWIDTHS)
        # For a category: the probability of leaving it.
        h = np.where(n_choices > 0, _BANDWIDTHS[1] * shrinkage, h)
        return cls(x, n_choices, np.append(share * n_eff, 1.0) / (n_eff + 1.0), h)

    def log_density(self, at: np.ndarray) -> np.ndarray:
        """(c,) at ``at`` (c, d)."""
        k, d = self.x.shape
        log_k = np.zeros((len(at), k + 1, d))
        for j, n in enumerate(self.n_choices):
            if n:
                stay = (self.x[:, j] == at[:, j, None]) * (1.0 - self.h[j])
                log_k[:, :k, j] = np.log(stay + self.h[j] / n)
                log_k[:, k, j] = -np.log(n)
            else:
                h = np.full(k, self.h[j])
                log_k[:, :k, j] = truncated_normal(at[:, j], self.x[:, j], h, 0.0, 1.0)
        return tempered(log_k, self.w, np.ones(d))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, d)"""
        k, d = self.x.shape
        component = rng.choice(k + 1, size=n, p=self.w)
        is_uniform = component == k
        centre = self.x[np.minimum(component, k - 1)]
        found = np.empty((n, d))
        for j, n_choices in enumerate(self.n_choices):
            if n_choices:
                leaves = is_uniform | (rng.random(n) < self.h[j])
                found[:, j] = np.where(leaves, rng.integers(n_choices, size=n), centre[:, j])
            else:
                low, high = (
                    special.ndtr(-centre[:, j] / self.h[j]),
                    special.ndtr((1.0 - centre[:, j]) / self.h[j]),
                )
                z = special.ndtri(low + rng.random(n) * (high - low))
                near = np.clip(centre[:, j] + self.h[j] * z, 0.0, 1.0)
                found[:, j] = np.where(is_uniform, rng.random(n), near)
        return found


def propose(
    x: np.ndarray, n_choices: np.ndarray, y: np.ndarray, w: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(d,) the best of 24 candidates from the mixture of the good segments.

    Args:
        x, y, w: As above; at least one segment.
        n_choices: (d,) number of categories, 0 where ``x`` is a number in [0, 1].
        rng: Source of randomness.

    Cost: O(24 m d).
    """
    order = np.argsort(y, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(w[order])[:-1]])
    is_good = np.zeros(len(y), dtype=bool)
    is_good[order] = before < _GAMMA * w.sum()
    good = _Mixture.of(x[is_good], n_choices, w[is_good])
    at = good.sample(_N_CANDIDATES, rng)
    if is_good.all():
        return at[0]
    bad = _Mixture.of(x[~is_good], n_choices, w[~is_good])
    return at[np.argmax(good.log_density(at) - bad.log_density(at))]


def vary(x: float, n_choices: int, rng: np.random.Generator) -> float:
    """A value near ``x``: by a normal step of 0.12, or now and then another category."""
    if n_choices == 0:
        return float(np.clip(x + _SIGMA * rng.normal(), 0.0, 1.0))
    if n_choices == 1 or rng.random() >= _RESAMPLE:
        return x
    return float((x + rng.integers(1, n_choices)) % n_choices)

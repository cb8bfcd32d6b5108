r"""What the ranks of all trials say of a parameter, and the importance S that they imply.

Notation
    n           trials of a regime; g (n,) normal scores of their ranks, centred
    b           (n,) labels; q their mean
    G           cells: neighbouring values, or single ones; n_k trials in cell k
    c           (J,) coefficients of g on a basis that is orthonormal over the trials
    mu          (G,) effect of the parameter, E[g | cell]
    F           distribution function of the residuals g - mu
    I           S that the effect implies

The target set is a tenth of the trials; the order of the other nine tenths tells of an effect on
every trial, too. The basis is cosines of the rank of the value, in blocks of 1, 1, 2 and 4, or an
indicator of each value that has no order. Each block of d coefficients is shrunk by

    (1 - 1.5 d v / |c|^2)_+,                                                                 (1)

v being the variance of a coefficient (the form of James and Stein, 1961, with a positive part, and
with more shrinkage than their d - 2, so that blocks of one shrink, too). If the effect moves all
trials alike, a trial of cell k is in the target set with probability

    p_k = F(t - mu_k),   t such that the mean of p_k over the trials is q,                   (2)

so that I = Var(p_k) / (q (1 - q)). That is as sharp as all trials make it, but where the best
depend on the parameter otherwise than the rest do, it is wrong however many there are
(:mod:`optuna_hpx.importance.maths.ped_anova` weighs it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import special

from optuna_hpx.importance.maths.bins import cells_of
from optuna_hpx.importance.maths.marginal import Marginal

__all__ = ["Implied", "RankEffect", "share_of_normal_effect"]

# Set on the functions of benchmarks/importance/ped_anova_ranks.py --design.
_BLOCKS = ((0, 1), (1, 2), (2, 4), (4, 8))
_TRIALS_PER_TERM = 8
_MIN_TRIALS = 10
_SHRINKAGE = 1.5
_LEAST_RESIDUAL = 0.05  # of the variance of the scores
_MAX_RESIDUALS = 1000  # that stand for F: of more, as many at even distances
_N_STEPS = 16  # of the bisection for t
_BELOW = 1e-6  # and beyond: t begins outside a jump of F
_N_TERMS = 12  # of the series of bivariate normal probabilities


@dataclass(frozen=True)
class Implied:
    """What an effect implies of the target set.

    Attributes:
        share: I.
        variance: Of an estimate of S from the labels alone, if P(b | z) is p_k; without that part
            which it has where there is no influence.
        error: Variance of I, by that of the effect.
    """

    share: float
    variance: float
    error: float


@dataclass(frozen=True, eq=False)
class RankEffect:
    """One parameter in one regime, compared with the scores.

    Attributes:
        scores: (n,) g, in the order of the values.
        codes: (n,) cell of each trial, in the order of the values.
        n_k: (G,) trials by cell, at least one in each.
        basis: (G, J).
        blocks: Start, end and degrees of freedom of the blocks of coefficients.
    """

    scores: np.ndarray
    codes: np.ndarray
    n_k: np.ndarray
    basis: np.ndarray
    blocks: Sequence[tuple[int, int, int]]

    @classmethod
    def of(cls, marginal: Marginal, scores: np.ndarray) -> RankEffect | None:
        """Compare a regime with scores (n,) in the order of its values.

        None where they tell nothing: of fewer than 10 trials, or without differences.
        """
        n = len(scores)
        if n < _MIN_TRIALS or marginal.is_constant or np.ptp(scores) == 0.0:
            return None
        codes, _ = cells_of(marginal)
        n_k = np.bincount(codes)
        codes, n_k = (np.cumsum(n_k > 0) - 1)[codes], n_k[n_k > 0]
        if len(n_k) < 2:
            return None
        basis, blocks = _smooth(tuple(n_k.tolist())) if marginal.is_ordered else _values(n_k)
        return cls(scores - scores.mean(), codes, n_k, basis, blocks)

    @property
    def total(self) -> float:
        """Mean square of g."""
        return float(np.mean(self.scores**2))

    @cached_property
    def coefficients(self) -> np.ndarray:
        """(J,) c."""
        sums = np.bincount(self.codes, self.scores, minlength=len(self.n_k))
        return np.asarray(sums @ self.basis / len(self.scores))

    @cached_property
    def effect(self) -> np.ndarray:
        """(G,) mu, shrunk."""
        return np.asarray(self.basis @ (self.factors(self.coefficients) * self.coefficients))

    def factors(self, coefficients: np.ndarray) -> np.ndarray:
        """Compute the factor (..., J) of each coefficient, equation 1."""
        squares = [np.square(coefficients[..., a:b]).sum(axis=-1) for a, b, _ in self.blocks]
        left = np.maximum(self.total - sum(squares), _LEAST_RESIDUAL * self.total)
        freedom = sum(d for _, _, d in self.blocks)
        v = left / max(len(self.scores) - 1 - freedom, 1)
        factors = np.empty_like(coefficients)
        for (a, b, d), square in zip(self.blocks, squares, strict=True):
            noise = _SHRINKAGE * d * v
            factors[..., a:b] = (1.0 - noise / np.maximum(square, noise))[..., None]
        return factors

    def chi_squares(self, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute (blocks, B) chi-squares of coefficients (B, J), and degrees (blocks,).

        From all blocks to the first alone, as those of labels begin with the finest bins.
        """
        squares = [np.square(coefficients[..., a:b]).sum(axis=-1) for a, b, _ in self.blocks]
        x = np.cumsum(squares, axis=0)[::-1] * ((len(self.scores) - 1) / self.total)
        return x, np.cumsum([d for _, _, d in self.blocks])[::-1]

    def shares(self, coefficients: np.ndarray) -> np.ndarray:
        """Compute (...) share of the effect in the variance of the scores."""
        explained = np.square(self.factors(coefficients) * coefficients).sum(axis=-1)
        return np.asarray(explained / self.total)

    def implied(self, q: float) -> Implied:
        """Compute I, and how far it and the labels may be off; 0 < q < 1."""
        share = float(self.shares(self.coefficients))
        if share == 0.0:
            return Implied(0.0, 0.0, 0.0)
        weights, n = self.n_k / len(self.scores), len(self.scores)
        p = self._chances(q, weights)
        a = p - weights @ p
        variance = 4.0 * weights @ (p * (1.0 - p) * a**2) + weights @ a**4 - (weights @ a**2) ** 2
        scale = q * (1.0 - q)
        size = min(float(weights @ a**2) / scale, 1.0)  # but for rounding
        error = 4.0 * size**2 * max(1.0 - share, 0.0) / (n * share)
        return Implied(size, float(variance) / (n * scale**2), error)

    def _chances(self, q: float, weights: np.ndarray) -> np.ndarray:
        """Compute p_k (G,) of equation 2.

        Where F jumps, as if all residuals of a cell are equal, no t has the mean q: p_k is then
        as far between both sides of the jump as has it.
        """
        residuals = self.scores - self.effect[self.codes]
        residuals = np.sort(residuals[:: -(-len(residuals) // _MAX_RESIDUALS)])
        steps = (np.arange(len(residuals)) + 0.5) / len(residuals)
        middle = np.interp(q, steps, residuals)
        low = middle + self.effect.min() - _BELOW
        high = middle + self.effect.max() + _BELOW
        for _ in range(_N_STEPS):
            t = (low + high) / 2.0
            p = self._below(t, residuals, steps)
            low, high = (low, t) if weights @ p > q else (t, high)
        ends = [self._below(t, residuals, steps) for t in (low, high)]
        means = [weights @ p for p in ends]
        share = (q - means[0]) / max(means[1] - means[0], 1e-300)
        return np.asarray(ends[0] + np.clip(share, 0.0, 1.0) * (ends[1] - ends[0]))

    def _below(self, t: float, residuals: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Compute F(t - mu_k), (G,)."""
        return np.interp(t - self.effect, residuals, steps, left=0.0, right=1.0)


def share_of_normal_effect(share: np.ndarray, q: float) -> np.ndarray:
    """Compute I of an effect that is normal, as are its residuals, from its share in the scores.

    Args:
        share: (B,) in [0, 1).
        q: Share of the target set.
    """
    t = special.ndtri(q)
    density = np.exp(-(t**2)) / (2.0 * np.pi)
    total, power, factorial = np.zeros_like(share), np.ones_like(share), 1.0
    for k in range(1, _N_TERMS + 1):
        power, factorial = power * share, factorial * k
        total += power / factorial * special.eval_hermitenorm(k - 1, t) ** 2
    return np.asarray(density * total / (q * (1.0 - q)))


# Without ties n_k depends on n alone, and the parameters of a study mostly have the same n.
@lru_cache(maxsize=256)
def _smooth(sizes: tuple[int, ...]) -> tuple[np.ndarray, Sequence[tuple[int, int, int]]]:
    """Make cosines of the rank, orthonormal over the trials."""
    n_k, n = np.array(sizes), sum(sizes)
    largest = min(max(n // _TRIALS_PER_TERM, 1), len(n_k) - 1)
    middles = (np.cumsum(n_k) - n_k / 2.0) / n
    ends = [(a, min(b, largest)) for a, b in _BLOCKS if a < largest]
    root = np.sqrt(n_k / n)[:, None]
    cosines = np.cos(np.pi * np.arange(ends[-1][1] + 1) * middles[:, None])
    orthonormal = np.linalg.qr(root * cosines)[0][:, 1:] / root
    return orthonormal, [(a, b, b - a) for a, b in ends]


def _values(n_k: np.ndarray) -> tuple[np.ndarray, Sequence[tuple[int, int, int]]]:
    """Make an indicator of each value; of mean square 1."""
    return np.diag(np.sqrt(n_k.sum() / n_k)), [(0, len(n_k), len(n_k) - 1)]

r"""PED-ANOVA: how much of "this trial is in the target set" one parameter explains.

Watanabe, Bansal, Hutter: PED-ANOVA, IJCAI 2023, arXiv 2304.10255.
Baba, Ozaki, Watanabe: Conditional PED-ANOVA, KDD 2026, arXiv 2601.20800.

Notation
    n             trials in the region X_g
    b             the trial is in the target set X_g', a subset of X_g; `top` over all trials
    m             trials in the target set; q = m / n, the paper's g' / g
    i             regime of a parameter: a set of trials in which it had the same domain
    n_i, m_i      the same counts in regime i
    beta_i        n_i / n, share of the regime in the region
    alpha_i       m_i / m, share of the regime in the target set
    p_i, p'_i     density of the parameter in regime i: of the region, of the target set
    D_PE(p'||p)   Pearson divergence, integral of (p'/p - 1)^2 p
    P(b | z, i)   chance to be in the target set, given the parameter's value z in regime i
    K             bins of a histogram; n_k trials in bin k, of which m_k are in the target set
    S             first-order Sobol index of b for the parameter

What is estimated. Theorem 4.2 of the conditional paper gives the variance due to a parameter,

    v = q^2 sum_i alpha_i^2 / beta_i D_PE(p'_i || p_i),                                      (1)

and since alpha_i p'_i q = beta_i p_i P(b | z, i), this is the mean variance within the regimes,

    v = sum_i beta_i Var_z(P(b | z, i)).                                                     (2)

Divided by Var(b) = q (1 - q) it is S in [0, 1], and no density needs estimating: p'_i / p_i is a
regression of b on the parameter. A parameter that is constant or inactive in a regime adds 0.

How it is estimated. Bins of equal counts, so that only the order of the values matters, and within
a bin the unbiased variance of b. Those leave, in regime i and with K bins,

    S_K = 1 - mean_k(Var_k(b)) / Var_i(b),                                                   (3)

whose expectation is exactly 0 for a parameter without influence, whatever K. It grows with K
towards S, and its noise grows like sqrt(K) / n_i: fine bins for sharp or wavy effects, coarse
ones for faint effects. Each K is therefore shrunk towards 0 by its own noise level
t_K = 2.5 (1 - S_K) sigma_K, sigma_K being its standard deviation without influence
(:mod:`optuna_hpx.importance.maths.bins`), by the garrote

    S_K - t_K^2 / S_K, or 0 where S_K < t_K                                                  (4)

(Gao, J. Comput. Graph. Statist. 7, 1998), and the largest value G is taken: selection among nested
models as for adaptive estimates of quadratic functionals (Laurent and Massart, Ann. Statist. 28,
2000).

What the other trials add. G rests on the m trials of the target set. The ranks of all n imply an
I of their own (:mod:`optuna_hpx.importance.maths.rank_effect`), far less noisy and perhaps wrong.
With M = (G + I) / 2, V the variance of G (it falls like (1 - S)^2, as that of S_K does), and T
what I may be off by,

    S = G + w (I - G),   w = V^2 / (V^2 + T^4),   T^2 = 0.01^2 + (0.35 M)^2.                 (5)

V vanishes with n, and T does not: of many trials S is that of the target set alone, whatever the
ranks imply. Of trials without an order, as of several objectives, it is G.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optuna_hpx.importance.maths.bins import Bins, bins_of, plain_groups
from optuna_hpx.importance.maths.marginal import Marginal, can_vary
from optuna_hpx.importance.maths.rank_effect import Implied, RankEffect

__all__ = [
    "Fit",
    "first_order",
    "fits",
    "garrote",
    "is_too_few",
    "off_by",
    "plain_share",
    "rank_weight",
]

# Chosen by simulation, as are the constants of the bins:
# benchmarks/importance/ped_anova_settings.py.
_NOISE_FACTOR = 2.5  # of t_K
_OFF, _OFF_SHARE = 0.01, 0.35  # of T: benchmarks/importance/ped_anova_ranks.py
_COARSE = 3  # the resolution, of seven bins, whose noise counts in V

_MIN_TRIALS = 10


def is_too_few(n: int, m: int) -> bool:
    """Tell whether nothing would survive the correction, so that S is reported without it."""
    return n < _MIN_TRIALS or min(m, n - m) < 2


@dataclass(frozen=True, eq=False)
class Fit:
    """One parameter in one regime, compared with the labels.

    Importance, tests, intervals and densities take it. What it holds beyond its four attributes
    is computed when it is first asked for, once.

    Attributes:
        marginal: The parameter's values.
        labels: (n_i,) bool b, in the order of the values.
        weight: Share of the regime in the variance of b.
        is_corrected: Whether there are trials enough to subtract what chance gives.
        scores: (n_i,) normal scores of the ranks, in the order of the values; None of trials that
            are in no order.
    """

    marginal: Marginal
    labels: np.ndarray
    weight: float
    is_corrected: bool
    scores: np.ndarray | None = None

    @property
    def rows(self) -> np.ndarray:
        """(n_i,) indices of the trials."""
        return self.marginal.rows

    @cached_property
    def can_vary(self) -> bool:
        """Whether there is anything to compare."""
        return self.weight > 0.0 and can_vary(self.labels, self.marginal)

    @property
    def part(self) -> float:
        """What the regime adds to S."""
        return self.importance * self.weight

    @property
    def importance(self) -> float:
        """S within the regime, as it is reported."""
        if not self.can_vary:
            return 0.0
        return self.shrunk if self.is_corrected else _uncorrected(self.labels, self.marginal)

    @property
    def shrunk(self) -> float:
        """S within the regime, corrected for chance, equation 5."""
        return self.target_share + self.rank_weight * (self.implied.share - self.target_share)

    @property
    def target_share(self) -> float:
        """G, by the target set alone: the largest of equation 4."""
        return float(self._shrunk.max(initial=0.0))

    @cached_property
    def rank_effect(self) -> RankEffect | None:
        """What the ranks say; None if nothing."""
        return None if self.scores is None else RankEffect.of(self.marginal, self.scores)

    @cached_property
    def implied(self) -> Implied:
        """What the ranks imply of the target set."""
        if self.rank_effect is None:
            return Implied(0.0, 0.0, 0.0)
        return self.rank_effect.implied(float(self.labels.mean()))

    @cached_property
    def rank_weight(self) -> float:
        """Weight of I in equation 5."""
        if self.rank_effect is None:
            return 0.0
        return float(rank_weight(self.target_share, self.implied.share, self.variance))

    @property
    def variance(self) -> float:
        """V but for the factor (1 - S)^2, from the noise of few bins and what ranks imply."""
        return self.implied.variance + self.coarse_noise**2

    @property
    def coarse_noise(self) -> float:
        """Standard deviation of S_K under no influence, of few bins."""
        return float(self._bins.noise[: _COARSE + 1][-1])

    @property
    def share(self) -> float:
        """S_K of the finest resolution; hardly biased, but noisy."""
        return float(self._shares[-1])

    @property
    def noise(self) -> float:
        """Standard deviation of :attr:`share` under no influence."""
        return float(self._bins.noise[-1])

    @cached_property
    def unresolved(self) -> float:
        """What S_K may gain yet from finer bins.

        What it gained over the last two steps of resolution, or all that is left if no bin holds
        more than one change of label in the order of the values, as where P(b | z, i) is 0 or 1
        everywhere.
        """
        if self._bins.ends_exact:
            return 0.0
        left, right = self._bins.edges(len(self._shares) - 1)
        n_changes = np.concatenate([[0], np.cumsum(self.labels[1:] != self.labels[:-1])])
        is_filled = left < right
        if (n_changes[right[is_filled] - 1] - n_changes[left[is_filled]]).max() <= 1:
            return 1.0 - self.share
        return max(float(self._shares[-1] - self._shares[-3:][0]), 0.0)

    @cached_property
    def deviation(self) -> np.ndarray:
        """(n_i,) estimate of P(b | z, i) - m_i / n_i at each trial.

        At the resolution that stands out most from its noise.
        """
        # Of a parameter that seems to have no influence the shape still tells how noise is spread.
        chosen = (
            int(self._shrunk.argmax()) if self._shrunk.any() else min(2, len(self._shares) - 1)
        )
        return self._bins.means(self._cumulative, chosen) - self.labels.mean()

    @cached_property
    def _cumulative(self) -> np.ndarray:
        """(n_i + 1,) cumulative sums of the labels."""
        return np.concatenate([[0], np.cumsum(self.labels)])

    @cached_property
    def _bins(self) -> Bins:
        return bins_of(self.marginal, int(self._cumulative[-1]))

    @cached_property
    def _shares(self) -> np.ndarray:
        """(resolutions,) S_K."""
        return _explained(self._cumulative, self._bins)

    @cached_property
    def _shrunk(self) -> np.ndarray:
        """(resolutions,) S_K, shrunk."""
        return garrote(self._shares, self._bins.noise)


def fits(
    top: np.ndarray, n: int, marginals: Sequence[Marginal], scores: np.ndarray | None = None
) -> list[Fit]:
    """Compare each regime of one parameter with the labels.

    Args:
        top: (N,) bool, the target set among N >= n trials that the marginals' rows point to.
        n: Trials in the region.
        marginals: The regimes in which the parameter was active within the region.
        scores: (N,) normal scores of the ranks, smaller for a better trial; None if there are
            none.

    Returns:
        One :class:`Fit` for each. O(n_i) each, once the rows are sorted.
    """
    is_corrected = not is_too_few(n, int(np.count_nonzero(top)))
    labels = [top[marginal.rows] for marginal in marginals]
    weights = _weights(labels, n, int(np.count_nonzero(top)))
    return [
        Fit(
            marginal,
            b,
            float(weight),
            is_corrected,
            None if scores is None else scores[marginal.rows],
        )
        for marginal, b, weight in zip(marginals, labels, weights, strict=True)
    ]


def first_order(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> np.ndarray:
    """Compute what each regime of one parameter adds to its index S.

    Args:
        top: (N,) bool, as for :func:`fits`.
        n: Trials in the region.
        marginals: The regimes.

    Returns:
        (len(marginals),) values >= 0 that sum to S <= 1; all 0 where the target set is empty or
        is the region.
    """
    return np.array([fit.part for fit in fits(top, n, marginals)], dtype=float)


def _weights(labels: Sequence[np.ndarray], n: int, m: int) -> np.ndarray:
    weights = np.array([len(b) / n * _variance(np.count_nonzero(b), len(b)) for b in labels])
    # Unbiased variances of regimes may add up to a little more than the total.
    total = max(_variance(m, n), weights.sum())
    return np.asarray(weights / total if total > 0.0 else weights)


def _variance(m: int | np.integer, n: int) -> float:
    """Compute the unbiased variance of n values of which m are 1 and the others 0."""
    return float(m * (n - m) / (n * (n - 1.0))) if n > 1 else 0.0


def _explained(cumulative: np.ndarray, bins: Bins) -> np.ndarray:
    """Compute S_K of equation 3 for each resolution.

    Bins of fewer than two trials say nothing of the variance within: the others stand for them.
    Where there are no others, the result is 0.
    """
    n = len(cumulative) - 1
    n_k = bins.right - bins.left
    m_k = cumulative[bins.right] - cumulative[bins.left]
    within = np.add.reduceat(m_k * (n_k - m_k) / np.maximum(n_k - 1, 1), bins.offsets)
    counted = np.add.reduceat(np.where(n_k > 1, n_k, 0), bins.offsets)
    total = _variance(cumulative[-1], n)
    return 1.0 - np.where(counted > 0, within / np.maximum(counted, 1) / total, 1.0)


def garrote(share: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Shrink S_K towards 0 by its noise level, equation 4; in [0, 1].

    Args:
        share: S_K, of any shape.
        noise: Its standard deviation without influence, of a shape that broadcasts.
    """
    threshold = _NOISE_FACTOR * noise * np.clip(1.0 - share, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = np.where(share > threshold, share - threshold**2 / share, 0.0)
    return np.minimum(shrunk, 1.0)


def off_by(target_share: np.ndarray | float, implied: np.ndarray | float) -> Any:
    """Compute T^2 of equation 5."""
    return _OFF**2 + (_OFF_SHARE * (target_share + implied) / 2.0) ** 2


def rank_weight(
    target_share: np.ndarray | float, implied: np.ndarray | float, variance: np.ndarray | float
) -> Any:
    """Compute w of equation 5 from G, I and the variance that G has where S is 0."""
    v = variance * np.square(1.0 - (target_share + implied) / 2.0)
    return v**2 / (v**2 + off_by(target_share, implied) ** 2)


def _uncorrected(b: np.ndarray, marginal: Marginal) -> float:
    """Compute the plain share; it is biased upwards, but defined from two trials on."""
    starts = plain_groups(marginal)
    return float(plain_share(np.diff(starts), np.add.reduceat(b, starts[:-1], dtype=float)))


def plain_share(n_k: np.ndarray, m_k: np.ndarray) -> np.ndarray:
    """Compute the share of the variance of b between groups, without any correction.

    Args:
        n_k: (K,) trials in each group.
        m_k: (..., K) of these in the target set.

    Returns:
        (...) shares, at most 1.
    """
    n = n_k.sum()
    q = m_k.sum(axis=-1, keepdims=True) / n
    between = (m_k / n_k - q) ** 2 @ (n_k / n)
    return np.minimum(between / (q * (1.0 - q))[..., 0], 1.0)

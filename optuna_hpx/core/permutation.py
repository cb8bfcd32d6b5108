r"""Permutation tests of "being in the target set does not depend on this parameter".

Notation
    n_i, m_i    trials of the region in regime i of the parameter; of these in the target set
    K           bins of a regime; n_k trials in bin k, m_k of them in the target set
    X_K         Pearson's chi-square of the K bins, sum_k (m_k - n_k m_i/n_i)^2 / (n_k q_i (1-q_i))
    T           max over resolutions of -log P(chi^2 with its degrees of freedom >= X)
    B           replicates

Under the hypothesis the labels of a regime are exchangeable whatever the losses and the other
parameters are, so m_i of its n_i trials are drawn without replacement B times, and T is worked out
anew: the counts m_k are multivariate hypergeometric. The degrees of freedom only weigh the
resolutions against each other; that the p-value (1 + #{T_b >= T}) / (B + 1) is exact does not rest
on chi-square being a good approximation (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9,
2010).

Family-wise p-values are step-down max-T (Westfall and Young, Resampling-Based Multiple Testing,
1993, algorithm 4.1): parameters with the same regimes share their drawn trials, so that their
dependence is kept; those with others are drawn by themselves, as if they were independent. Where
the trials are very many, counts are drawn straight from the multivariate hypergeometric, by which
the cost no longer depends on n, and all parameters count as independent in the family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from optuna_hpx.core.ped_anova import Marginal, can_vary, few_values, garrote, regime_weights

__all__ = ["Permutations", "permute"]

_MAX_BINS = 64  # of the finest resolution; each coarser one joins pairs of bins
_MIN_BIN = 3  # trials in a bin
_TRIALS_PER_CHUNK = 2_000_000  # drawn at once
_MAX_DRAWN = 30_000_000  # trials times replicates; beyond, counts are drawn


@dataclass(frozen=True)
class Permutations:
    """Results per parameter, (d,) each.

    Attributes:
        p_values: Of each parameter by itself; 1 where there is nothing to test.
        p_values_familywise: Of the strongest, the second strongest, ... among all.
        null_level: The S that chance exceeds with probability 1 - confidence.
    """

    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray


def permute(
    top: np.ndarray,
    n: int,
    parameters: Sequence[Sequence[Marginal]],
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Permutations:
    """Test each of several parameters, given by its regimes.

    Args:
        top: (N,) bool, the target set among all trials, to which the marginals' rows point.
        n: Trials in the region.
        parameters: The regimes of each parameter.
        n_permutations: B.
        confidence: 1 minus the probability for ``null_level``.
        rng: Of the draws.

    Returns:
        The tests. O(B m d) while B n is at most 3e7, and O(B K d) beyond, and O(n d) for the bins.
    """
    d = len(parameters)
    draws = _Draws(n_permutations, n, rng)
    observed, null = np.zeros(d), np.zeros((n_permutations, d))
    level = np.zeros(d)
    for place, marginals in enumerate(parameters):
        tests = [
            _Regime.of(top, marginal, float(weight))
            for marginal, weight in zip(marginals, regime_weights(top, n, marginals), strict=True)
            if weight > 0.0 and can_vary(top[marginal.rows], marginal)
        ]
        if not tests:
            continue
        counts = draws.counts(tests)
        observed[place] = _statistic(tests, [test.observed[None] for test in tests])[0]
        null[:, place] = _statistic(tests, counts)
        level[place] = np.quantile(_shares(tests, counts), confidence, method="higher")
    # The same number may come out a hair different for equal counts in another order.
    reached = null >= observed * (1.0 - 1e-9) - 1e-12
    return Permutations(
        (1.0 + reached.sum(axis=0)) / (n_permutations + 1.0),
        _step_down(observed, null),
        level,
    )


def _step_down(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    order = np.argsort(-observed, kind="stable")
    from_here_on = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    reached = from_here_on >= observed[order] * (1.0 - 1e-9) - 1e-12
    p = np.empty(len(observed))
    p[order] = np.maximum.accumulate((1.0 + reached.sum(axis=0)) / (len(null) + 1.0))
    return p


@dataclass(frozen=True)
class _Regime:
    """The bins of one regime.

    Attributes:
        rows: (n_i,) trials, ascending.
        codes: (n_i,) the finest bin of each.
        n_k: (K,) trials by bin.
        observed: (K,) of these in the target set.
        m: Of all in the target set.
        weight: Share of the regime in the variance of b.
        n_halvings: How often neighbouring bins can be joined.
    """

    rows: np.ndarray
    codes: np.ndarray
    n_k: np.ndarray
    observed: np.ndarray
    m: int
    weight: float
    n_halvings: int

    @classmethod
    def of(cls, top: np.ndarray, marginal: Marginal, weight: float) -> _Regime:
        n, starts = len(marginal.rows), marginal.starts
        n_values = n if starts is None else len(starts) - 1
        if not marginal.ordered or few_values(n_values, n):
            group = np.arange(n + 1) if starts is None else starts
            codes, halvings = np.repeat(np.arange(len(group) - 1), np.diff(group)), 0
        else:
            halvings = int(np.log2(max(min(_MAX_BINS, n // _MIN_BIN), 2))) - 1
            place = np.arange(n) if starts is None else np.repeat(starts[:-1], np.diff(starts))
            codes = place * 2 ** (halvings + 1) // n
        n_bins = 2 ** (halvings + 1) if halvings else int(codes[-1]) + 1
        by_trial = np.argsort(marginal.rows)
        b = top[marginal.rows]
        return cls(
            marginal.rows[by_trial],
            codes[by_trial],
            np.bincount(codes, minlength=n_bins),
            np.bincount(codes[b], minlength=n_bins),
            int(np.count_nonzero(b)),
            weight,
            halvings,
        )

    def resolutions(self, m_k: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """(n_k, m_k) from the finest to the coarsest; m_k (B, K)."""
        n_k, found = self.n_k, [(self.n_k, m_k)]
        for _ in range(self.n_halvings):
            n_k = n_k.reshape(-1, 2).sum(axis=1)
            m_k = m_k.reshape(len(m_k), -1, 2).sum(axis=2)
            found.append((n_k, m_k))
        return found

    def chi_square(self, m_k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """X (resolutions, B) and degrees of freedom (resolutions,)."""
        n = len(self.rows)
        q = self.m / n
        x, freedom = [], []
        for n_k, drawn in self.resolutions(m_k):
            occupied = n_k > 0
            sizes = n_k[occupied]
            x.append((drawn[:, occupied] - q * sizes) ** 2 @ (1.0 / sizes) / (q * (1.0 - q)))
            freedom.append(len(sizes) - 1)
        return np.array(x), np.array(freedom)


class _Draws:
    """Draws of m_i of the n_i trials of each regime; the same for the same regimes."""

    def __init__(self, n_permutations: int, n: int, rng: np.random.Generator) -> None:
        self._size, self._rng = n_permutations, rng
        self._by_trial = n_permutations * n <= _MAX_DRAWN
        self._drawn: dict[bytes, np.ndarray] = {}

    def counts(self, regimes: Sequence[_Regime]) -> list[np.ndarray]:
        """(B, K) of each regime."""
        return [self._of_one(regime) for regime in regimes]

    def _of_one(self, regime: _Regime) -> np.ndarray:
        if not self._by_trial:
            return self._rng.multivariate_hypergeometric(
                regime.n_k, regime.m, size=self._size, method="marginals"
            )
        key = regime.rows.tobytes()
        if key not in self._drawn:
            self._drawn[key] = self._draw(len(regime.rows), regime.m)
        drawn, n_bins = self._drawn[key], len(regime.n_k)
        counts = np.empty((self._size, n_bins), dtype=np.int64)
        step = max(_TRIALS_PER_CHUNK // drawn.shape[1], 1)
        for start in range(0, self._size, step):
            codes = regime.codes[drawn[start : start + step]]
            codes = codes + n_bins * np.arange(len(codes))[:, None]
            size = len(codes) * n_bins
            found = np.bincount(codes.ravel(), minlength=size).reshape(-1, n_bins)
            counts[start : start + step] = found
        few = drawn.shape[1] < regime.m  # the trials outside the target set were drawn
        return regime.n_k - counts if few else counts

    def _draw(self, n: int, m: int) -> np.ndarray:
        """(B, min(m, n - m)) indices; those outside the target set if they are fewer."""
        fewer = min(m, n - m)
        drawn = np.empty((self._size, fewer), dtype=np.int32)
        step = max(_TRIALS_PER_CHUNK // n, 1)
        for start in range(0, self._size, step):
            chunk = drawn[start : start + step]
            keys = self._rng.random((len(chunk), n), dtype=np.float32)
            chunk[:] = np.argpartition(keys, fewer - 1, axis=1)[:, :fewer]
        return drawn


def _statistic(regimes: Sequence[_Regime], counts: Sequence[np.ndarray]) -> np.ndarray:
    """T (B,): the regimes' chi-squares add up, from the finest resolution of each on."""
    found = [regime.chi_square(m_k) for regime, m_k in zip(regimes, counts, strict=True)]
    n_resolutions = max(len(freedom) for _, freedom in found)
    tails = []
    for k in range(n_resolutions):
        x = sum(x_i[min(k, len(x_i) - 1)] for x_i, _ in found)
        freedom = sum(f[min(k, len(f) - 1)] for _, f in found)
        with np.errstate(divide="ignore"):
            tails.append(-np.log(special.gammaincc(freedom / 2.0, x / 2.0)))
    return np.asarray(np.minimum(np.max(tails, axis=0), 700.0))  # where the tail is 0 to a float


def _shares(regimes: Sequence[_Regime], counts: Sequence[np.ndarray]) -> np.ndarray:
    """(B,) S as it would be reported, but for the shifts of the bins."""
    total = np.zeros(len(counts[0]))
    for regime, m_k in zip(regimes, counts, strict=True):
        n = len(regime.rows)
        x, freedom = regime.chi_square(m_k)
        within = np.maximum(n - 1.0 - freedom, 1.0)[:, None]
        share = 1.0 - (1.0 - x / n) * (n - 1.0) / within
        total += regime.weight * garrote(share, np.sqrt(2.0 * freedom)[:, None] / n).max(axis=0)
    return total

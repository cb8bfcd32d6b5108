r"""Permutation tests of "being in the target set does not depend on this parameter".

Notation
    n_i, m_i    trials of the region in regime i of the parameter; of these in the target set
    K           bins of a regime; n_k trials in bin k, m_k of them in the target set
    X_K         Pearson's chi-square of the K bins, sum_k (m_k - n_k m_i/n_i)^2 / (n_k q_i (1-q_i))
    T           max over resolutions of -log P(chi^2 with its degrees of freedom >= X), and over
                one more chi^2: of the mean rank of the target trials, where values have an order
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

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from scipy import special

from optuna_hpx.importance.maths.ped_anova import (
    Marginal,
    can_vary,
    few_values,
    garrote,
    is_too_few,
    plain_groups,
    plain_share,
    regime_weights,
)
from optuna_hpx.statistics import permutation_tail

__all__ = ["Permutations", "permute"]

_MAX_BINS = 64  # of the finest resolution; each coarser one joins pairs of bins
_MIN_BIN = 3  # trials in a bin
_TRIALS_PER_CHUNK = 1_000_000  # from which to draw at once
_DRAWN_PER_CHUNK = 20_000  # counted at once: they stay in the processor's cache
_MAX_DRAWN = 30_000_000  # trials times replicates; beyond, counts are drawn


@dataclass(frozen=True)
class Permutations:
    """Results per parameter, (d,) each.

    Attributes:
        p_values: Of each parameter by itself; 1 where there is nothing to test.
        p_values_familywise: Of the strongest, the second strongest, ... among all.
        null_level: An S that chance exceeds with probability 1 - confidence at most.
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
        The tests. While B n is at most 3e7: O(B n) for each distinct regime, to draw, and
        O(B m d), to count. Beyond: O(B K d), and O(n d) for the bins.
    """
    d = len(parameters)
    tests_of = [_tests(top, n, marginals) for marginals in parameters]
    n_users = Counter(test.key for tests in tests_of for test in tests)
    draws = _Draws(n_permutations, n, n_users, rng)
    share_of = _shares
    if is_too_few(n, int(np.count_nonzero(top))):
        share_of = partial(_plain_shares, n_permutations, rng)
    observed, null = np.zeros(d), np.zeros((n_permutations, d))
    level = np.zeros(d)
    for place, tests in enumerate(tests_of):
        if not tests:
            continue
        drawn = [test.chi_square(draws.counts(test)) for test in tests]
        observed[place] = _statistic([test.chi_square(test.observed[None]) for test in tests])[0]
        null[:, place] = _statistic(drawn)
        level[place] = np.quantile(share_of(tests, drawn), confidence, method="higher")
    return Permutations(
        permutation_tail.counted_p_values(observed, null),
        permutation_tail.step_down(observed, null),
        level,
    )


def _tests(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> list[_Regime]:
    """The regimes in which there is anything to test."""
    return [
        _Regime.of(top, marginal, float(weight))
        for marginal, weight in zip(marginals, regime_weights(top, n, marginals), strict=True)
        if weight > 0.0 and can_vary(top[marginal.rows], marginal)
    ]


@dataclass(frozen=True)
class _Regime:
    """The bins of one regime.

    Attributes:
        key: Stands for its trials.
        codes: (n_i,) the finest bin of each trial, in the order of the table.
        n_k: (K,) trials by bin.
        observed: (K,) of these in the target set.
        m: Of all in the target set.
        plain_n_k: Trials in the groups of the plain share, which is reported of very few.
        weight: Share of the regime in the variance of b.
        n_halvings: How often neighbouring bins can be joined.
        is_ordered: Whether the bins have an order.
    """

    key: bytes
    codes: np.ndarray
    n_k: np.ndarray
    observed: np.ndarray
    m: int
    plain_n_k: np.ndarray
    weight: float
    n_halvings: int
    is_ordered: bool

    @classmethod
    def of(cls, top: np.ndarray, marginal: Marginal, weight: float) -> _Regime:
        n, starts = len(marginal.rows), marginal.starts
        n_values = n if starts is None else len(starts) - 1
        is_ordered = marginal.ordered and not few_values(n_values, n)
        if not is_ordered:
            group = np.arange(n + 1) if starts is None else starts
            codes, halvings = np.repeat(np.arange(len(group) - 1), np.diff(group)), 0
        else:
            halvings = int(np.log2(max(min(_MAX_BINS, n // _MIN_BIN), 2))) - 1
            place = np.arange(n) if starts is None else np.repeat(starts[:-1], np.diff(starts))
            codes = place * 2 ** (halvings + 1) // n
        n_bins = 2 ** (halvings + 1) if is_ordered else int(codes[-1]) + 1
        by_trial = np.argsort(marginal.rows)
        b = top[marginal.rows]
        return cls(
            blake2b(marginal.rows[by_trial].tobytes()).digest(),
            codes[by_trial],
            np.bincount(codes, minlength=n_bins),
            np.bincount(codes[b], minlength=n_bins),
            int(np.count_nonzero(b)),
            np.diff(plain_groups(marginal)),
            weight,
            halvings,
            is_ordered,
        )

    @property
    def n(self) -> int:
        return len(self.codes)

    def resolutions(self, m_k: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """(n_k, m_k) from the finest to the coarsest; m_k (B, K)."""
        n_k, found = self.n_k, [(self.n_k, m_k)]
        for _ in range(self.n_halvings):
            n_k, m_k = n_k[::2] + n_k[1::2], m_k[:, ::2] + m_k[:, 1::2]
            found.append((n_k, m_k))
        return found

    def chi_square(self, m_k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """X (resolutions, B) and degrees of freedom (resolutions,); the trend last, if any."""
        q = self.m / self.n
        x, freedom = [], []
        for n_k, drawn in self.resolutions(m_k):
            occupied = n_k > 0
            sizes = n_k[occupied]
            if not occupied.all():
                drawn = drawn[:, occupied]
            # sum (m_k - q n_k)^2 / n_k = sum m_k^2 / n_k - q m, as the m_k add up to m = q n.
            excess = np.square(drawn) @ (1.0 / sizes) - q * self.m
            x.append(np.maximum(excess, 0.0) / (q * (1.0 - q)))
            freedom.append(len(sizes) - 1)
        if self.is_ordered:
            x.append(self._trend(m_k))
            freedom.append(1)
        return np.array(x), np.array(freedom)

    def _trend(self, m_k: np.ndarray) -> np.ndarray:
        """(B,) square of the standardised mean rank of the drawn trials."""
        n = self.n
        rank = np.cumsum(self.n_k) - self.n_k / 2.0 - n / 2.0  # of the bins' middles; mean 0
        spread = self.m * (n - self.m) / (n * (n - 1.0)) * float(self.n_k @ rank**2)
        return np.asarray((m_k @ rank) ** 2 / max(spread, 1e-12))


class _Draws:
    """Draws of m_i of the n_i trials of each regime; the same for all users of a regime.

    They are forgotten after the last one.
    """

    def __init__(
        self, n_permutations: int, n: int, n_users: Counter[bytes], rng: np.random.Generator
    ) -> None:
        self._size, self._n_users, self._rng = n_permutations, n_users, rng
        self._by_trial = n_permutations * n <= _MAX_DRAWN
        self._drawn: dict[bytes, np.ndarray] = {}

    def counts(self, regime: _Regime) -> np.ndarray:
        """(B, K) draws of m_k."""
        if not self._by_trial:
            return self._rng.multivariate_hypergeometric(
                regime.n_k, regime.m, size=self._size, method="marginals"
            )
        drawn, n_bins = self._drawn_of(regime), len(regime.n_k)
        counts = np.empty((self._size, n_bins))
        step = max(_DRAWN_PER_CHUNK // drawn.shape[1], 1)
        offsets = n_bins * np.arange(step)[:, None]
        for start in range(0, self._size, step):
            codes = regime.codes[drawn[start : start + step]]
            codes += offsets[: len(codes)]
            found = np.bincount(codes.ravel(), minlength=codes.shape[0] * n_bins)
            counts[start : start + step] = found.reshape(-1, n_bins)
        few = drawn.shape[1] < regime.m  # the trials outside the target set were drawn
        return regime.n_k - counts if few else counts

    def _drawn_of(self, regime: _Regime) -> np.ndarray:
        drawn = self._drawn.pop(regime.key, None)
        if drawn is None:
            drawn = self._draw(regime.n, regime.m)
        self._n_users[regime.key] -= 1
        if self._n_users[regime.key]:
            self._drawn[regime.key] = drawn
        return drawn

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


_ChiSquares: TypeAlias = Sequence[tuple[np.ndarray, np.ndarray]]  # of each regime


def _statistic(found: _ChiSquares) -> np.ndarray:
    """T (B,): the regimes' chi-squares add up, from the finest resolution of each on."""
    n_resolutions = max(len(freedom) for _, freedom in found)
    tails = []
    for k in range(n_resolutions):
        x = sum(x_i[min(k, len(x_i) - 1)] for x_i, _ in found)
        freedom = sum(int(f[min(k, len(f) - 1)]) for _, f in found)
        tails.append(special.gammaincc(max(freedom, 1) / 2.0, x / 2.0))
    return np.asarray(-np.log(np.maximum(np.min(tails, axis=0), 1e-300)))


def _shares(regimes: Sequence[_Regime], found: _ChiSquares) -> np.ndarray:
    """(B,) S as it would be reported, but for the shifts of the bins."""
    total = np.zeros(found[0][0].shape[1])
    for regime, (x, freedom) in zip(regimes, found, strict=True):
        n, resolutions = regime.n, regime.n_halvings + 1
        x, freedom = x[:resolutions], freedom[:resolutions]
        within = np.maximum(n - 1.0 - freedom, 1.0)[:, None]
        share = 1.0 - (1.0 - x / n) * (n - 1.0) / within
        total += regime.weight * garrote(share, np.sqrt(2.0 * freedom)[:, None] / n).max(axis=0)
    return total


def _plain_shares(
    n_permutations: int, rng: np.random.Generator, regimes: Sequence[_Regime], _: _ChiSquares
) -> np.ndarray:
    """(B,) S as it is reported of very few trials."""
    draw = partial(rng.multivariate_hypergeometric, size=n_permutations, method="marginals")
    shares = [r.weight * plain_share(r.plain_n_k, draw(r.plain_n_k, r.m)) for r in regimes]
    return np.asarray(sum(shares))

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
from typing import TypeAlias

import numpy as np
from scipy import special

from optuna_hpx.importance.maths.binned_regime import BinnedRegime
from optuna_hpx.importance.maths.label_draws import LabelDraws
from optuna_hpx.importance.maths.marginal import Marginal, can_vary
from optuna_hpx.importance.maths.ped_anova import (
    garrote,
    is_too_few,
    plain_share,
    regime_weights,
)
from optuna_hpx.statistics import permutation_tail

__all__ = ["Permutations", "permute"]


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
    draws = LabelDraws(n_permutations, n, n_users, rng)
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


def _tests(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> list[BinnedRegime]:
    """Bin the regimes in which there is anything to test."""
    return [
        BinnedRegime.of(top, marginal, float(weight))
        for marginal, weight in zip(marginals, regime_weights(top, n, marginals), strict=True)
        if weight > 0.0 and can_vary(top[marginal.rows], marginal)
    ]


_ChiSquares: TypeAlias = Sequence[tuple[np.ndarray, np.ndarray]]
"""X (resolutions, B) and degrees of freedom (resolutions,) of each regime."""


def _statistic(chi_squares: _ChiSquares) -> np.ndarray:
    """Compute T (B,): chi-squares of the regimes add up, from the finest resolution of each on."""
    n_resolutions = max(len(freedom) for _, freedom in chi_squares)
    tails = []
    for k in range(n_resolutions):
        x = sum(x_i[min(k, len(x_i) - 1)] for x_i, _ in chi_squares)
        freedom = sum(int(f[min(k, len(f) - 1)]) for _, f in chi_squares)
        tails.append(special.gammaincc(max(freedom, 1) / 2.0, x / 2.0))
    return np.asarray(-np.log(np.maximum(np.min(tails, axis=0), 1e-300)))


def _shares(regimes: Sequence[BinnedRegime], chi_squares: _ChiSquares) -> np.ndarray:
    """Compute S (B,) as it would be reported, but for the shifts of the bins."""
    total = np.zeros(chi_squares[0][0].shape[1])
    for regime, (x, freedom) in zip(regimes, chi_squares, strict=True):
        n, resolutions = regime.n, regime.n_halvings + 1
        x, freedom = x[:resolutions], freedom[:resolutions]
        within = np.maximum(n - 1.0 - freedom, 1.0)[:, None]
        share = 1.0 - (1.0 - x / n) * (n - 1.0) / within
        total += regime.weight * garrote(share, np.sqrt(2.0 * freedom)[:, None] / n).max(axis=0)
    return total


def _plain_shares(
    n_permutations: int, rng: np.random.Generator, regimes: Sequence[BinnedRegime], _: _ChiSquares
) -> np.ndarray:
    """Draw S (B,) as it is reported of very few trials."""
    draw = partial(rng.multivariate_hypergeometric, size=n_permutations, method="marginals")
    shares = [r.weight * plain_share(r.plain_n_k, draw(r.plain_n_k, r.m)) for r in regimes]
    return np.asarray(sum(shares))

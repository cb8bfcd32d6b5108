r"""Permutation tests of "how good a trial is does not depend on this parameter".

Notation
    n_i, m_i    trials of the region in regime i of the parameter; of these in the target set
    K           bins of a regime; n_k trials in bin k, m_k of them in the target set
    X_K         Pearson's chi-square of the K bins, sum_k (m_k - n_k m_i/n_i)^2 / (n_k q_i (1-q_i))
    T           max over resolutions of -log P(chi^2 with its degrees of freedom >= X), over one
                more chi^2 of the mean rank of the target trials, where values have an order, and
                over those of the scores of all trials (rank_effect.py)
    B           replicates

Under the hypothesis the trials of a regime are exchangeable whatever the other parameters are, so
their labels and scores are permuted together B times, and T is worked out anew. The target set
tells of what only the best depend on, the scores of what all trials do; as both are in one T, it
costs little to look at both. The degrees of freedom only weigh the
resolutions against each other; that the p-value (1 + #{T_b >= T}) / (B + 1) is exact does not rest
on chi-square being a good approximation (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9,
2010). Where no replicate reaches T, the tail is extrapolated (permutation_tail.py).

Family-wise p-values are step-down max-T (Westfall and Young, Resampling-Based Multiple Testing,
1993, algorithm 4.1): parameters with the same regimes share their drawn trials, so that their
dependence is kept; those with others are drawn by themselves, as if they were independent. Where
the trials are very many, counts are drawn straight from the multivariate hypergeometric, by which
the cost no longer depends on n, and all parameters count as independent in the family. Of more
trials than a few thousand sums of scores are drawn as normal (label_draws.py): then p is as good
as that is, and not exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from typing import TypeAlias

import numpy as np
from scipy import special

from optuna_hpx.importance.maths.binned_regime import BinnedRegime
from optuna_hpx.importance.maths.label_draws import Drawn, LabelDraws
from optuna_hpx.importance.maths.ped_anova import Fit, garrote, plain_share, rank_weight
from optuna_hpx.importance.maths.rank_effect import share_of_normal_effect
from optuna_hpx.statistics import permutation_tail

__all__ = ["Permutations", "permute"]

_MAX_COUNTS = 1_000_000
"""Counts m_k to hold at once, if those of one parameter are not more: 1000 draws of 64 bins of 16
parameters, of which the codes of a draw stay in the processor's cache."""


@dataclass(frozen=True)
class Permutations:
    """Results per parameter, (d,) each.

    Attributes:
        p_values: Of each parameter by itself; 1 where there is nothing to test.
        p_values_familywise: Of the strongest, the second strongest, ... among all.
        null_level: An S that chance exceeds with probability 1 - confidence at most; where there
            are scores of fewer than 50 trials, with up to twice that.
    """

    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray


def permute(
    parameters: Sequence[Sequence[Fit]],
    n: int,
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Permutations:
    """Test each of several parameters, given by its regimes.

    Args:
        parameters: The regimes of each parameter, compared with the labels.
        n: Trials in the region.
        n_permutations: B.
        confidence: 1 minus the probability for ``null_level``.
        rng: Of the draws.

    Returns:
        The tests. While B n is at most 3e7: O(B n) for each distinct regime, to draw, and
        O(B m d), to count. Beyond: O(B K d), and O(n d) for the bins.
    """
    d = len(parameters)
    tests_of = [[BinnedRegime.of(fit) for fit in fits if fit.can_vary] for fits in parameters]
    draws = LabelDraws(n_permutations, n, list(chain.from_iterable(tests_of)), rng)
    observed, null = np.zeros(d), np.zeros((n_permutations, d))
    level = np.zeros(d)
    for places in _blocks(tests_of, n_permutations):
        drawn_of = draws.of([test for place in places for test in tests_of[place]])
        for place in places:
            tests = tests_of[place]
            drawn = [drawn_of[test] for test in tests]
            observed[place] = _statistic(tests, [_observed(test) for test in tests])[0]
            null[:, place] = _statistic(tests, drawn)
            shares = _null_shares(tests, drawn, rng)
            level[place] = np.quantile(shares, confidence, method="higher")
    p = permutation_tail.extended_p_values(observed, null)
    family = permutation_tail.step_down(observed, null, permutation_tail.extended_p_values)
    return Permutations(p, np.maximum(p, family), level)  # their tails are extrapolated apart


def _observed(test: BinnedRegime) -> Drawn:
    effect = test.rank_effect
    return Drawn(test.observed[None], None if effect is None else effect.coefficients[None])


def _blocks(tests_of: Sequence[Sequence[BinnedRegime]], n_draws: int) -> Iterator[list[int]]:
    """Split the parameters with anything to test into runs, not too large to count at once."""
    places = [place for place, tests in enumerate(tests_of) if tests]
    sizes = [n_draws * sum(len(test.n_k) for test in tests_of[place]) for place in places]
    block = (np.cumsum(sizes) // _MAX_COUNTS).tolist()
    for _, run in groupby(range(len(places)), key=block.__getitem__):
        yield [places[k] for k in run]


_ChiSquares: TypeAlias = Sequence[tuple[np.ndarray, np.ndarray]]
"""X (resolutions, B) and degrees of freedom (resolutions,) of each regime."""


def _statistic(regimes: Sequence[BinnedRegime], drawn: Sequence[Drawn]) -> np.ndarray:
    """Compute T (B,) of one parameter."""
    pairs = list(zip(regimes, drawn, strict=True))
    of_labels = _largest([regime.chi_square(draw.m_k) for regime, draw in pairs])
    of_scores = [
        regime.rank_effect.chi_squares(draw.coefficients)
        for regime, draw in pairs
        if regime.rank_effect is not None and draw.coefficients is not None
    ]
    return np.maximum(of_labels, _largest(of_scores)) if of_scores else of_labels


def _largest(chi_squares: _ChiSquares) -> np.ndarray:
    """Return the largest -log tail (B,) of the resolutions.

    Chi-squares of the regimes add up, from the finest resolution of each on.
    """
    n_resolutions = max(len(freedom) for _, freedom in chi_squares)
    largest: dict[int, np.ndarray] = {}  # of those with as many degrees, which have one tail
    for k in range(n_resolutions):
        x = sum(x_i[min(k, len(x_i) - 1)] for x_i, _ in chi_squares)
        freedom = max(sum(int(f[min(k, len(f) - 1)]) for _, f in chi_squares), 1)
        largest[freedom] = np.maximum(x, largest.get(freedom, 0.0))
    tails = [special.gammaincc(freedom / 2.0, x / 2.0) for freedom, x in largest.items()]
    return np.asarray(-np.log(np.maximum(np.min(tails, axis=0), 1e-300)))


def _null_shares(
    regimes: Sequence[BinnedRegime], drawn: Sequence[Drawn], rng: np.random.Generator
) -> np.ndarray:
    """Return S (B,) of one parameter under the hypothesis."""
    if not regimes[0].fit.is_corrected:
        return _plain_shares(regimes, len(drawn[0].m_k), rng)
    shares = [r.weight * _share(r, draw) for r, draw in zip(regimes, drawn, strict=True)]
    return np.asarray(sum(shares))


def _share(regime: BinnedRegime, drawn: Drawn) -> np.ndarray:
    """Compute S (B,) in one regime as it would be reported.

    But for the shifts of the bins, and with effects that imply what normal ones do.
    """
    n, resolutions = regime.n, regime.n_halvings + 1
    x, freedom = (values[:resolutions] for values in regime.chi_square(drawn.m_k))
    within = np.maximum(n - 1.0 - freedom, 1.0)[:, None]
    share = 1.0 - (1.0 - x / n) * (n - 1.0) / within
    targets = garrote(share, np.sqrt(2.0 * freedom)[:, None] / n).max(axis=0)
    effect = regime.rank_effect
    if effect is None or drawn.coefficients is None:
        return np.asarray(targets)
    implied = share_of_normal_effect(effect.shares(drawn.coefficients), regime.m / n)
    variance = regime.fit.coarse_noise**2 + 4.0 * implied / n
    return np.asarray(targets + rank_weight(targets, implied, variance) * (implied - targets))


def _plain_shares(
    regimes: Sequence[BinnedRegime], n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw S (B,) as it is reported of very few trials."""
    draw = partial(rng.multivariate_hypergeometric, size=n_permutations, method="marginals")
    shares = [r.weight * plain_share(r.plain_n_k, draw(r.plain_n_k, r.m)) for r in regimes]
    return np.asarray(sum(shares))

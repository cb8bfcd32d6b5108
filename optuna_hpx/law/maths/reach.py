"""How many random trials it takes at least to be as good as a score, whatever the scores follow.

Notation
    n, m            draws, and how many of them are as good as the score
    p               probability that a draw is
    c               confidence
    u               upper bound of p                                    (Clopper and Pearson 1934)
    k, q            trials of a new search, and the probability that one of them is as good

    (1)  P(M <= m) = 1 - c  of a binomial number M of n with the probability u
    (2)  1 - (1 - p)^k >= q  <=>  k >= log(1 - q) / log(1 - p),  which is least where p = u

It holds for a score that was chosen without a look at the draws. If none of them is as good, it
holds for any score, also for one that a sampler found by learning from them: p is then at most
the probability of a draw that is better than the best of n, and that is above
u = 1 - (1 - c)^(1/n) in at most 1 - c of all searches.
"""

from __future__ import annotations

import math

from scipy import special

__all__ = ["least_trials"]

_ROUNDING = 1e-9  # relative: a number of trials that is an integer but for rounding stays it


def least_trials(n: int, m: int, confidence: float, q: float = 0.5) -> float:
    """Compute the lower bound of k by equations (1) and (2).

    Args:
        n: Draws, at least 1.
        m: How many of them are as good as the score.
        confidence: In (0, 1).
        q: In (0, 1).

    Returns:
        A whole number, at least 1.
    """
    if m >= n:
        return 1.0
    u = float(special.betaincinv(m + 1.0, n - m, confidence))
    if u >= 1.0:
        return 1.0
    k = math.log1p(-q) / math.log1p(-u)
    return float(max(math.ceil(k * (1.0 - _ROUNDING)), 1))

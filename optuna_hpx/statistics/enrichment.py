"""Whether the value that members have more often than all is more than the luckiest of many.

Notation
    n       members of the target set; k of them have the value
    q       share of all that have it
    K       values that could have been the one

    (1)  p = min(1, K P(X >= k)),  X ~ Binomial(n, q)           (Bonferroni over the values)

The share of all is taken as known: it rests on many more than n.
"""

from __future__ import annotations

from scipy import stats

__all__ = ["enrichment_p_value"]


def enrichment_p_value(k: int, n: int, q: float, n_values: int) -> float:
    """Compute how probably some value is had by k of n members or more by chance, by (1).

    Args:
        k: Members that have it.
        n: Members.
        q: Share of all that have it.
        n_values: Values that could have been the one.
    """
    return float(min(n_values * stats.binom.sf(k - 1, n, q), 1.0))

"""Whether the rank of a trial depends on a parameter: Kruskal and Wallis's test in each regime.

Notation
    i       regime of a parameter
    n_i     its trials
    g_i     groups of its trials: neighbouring values, or one value each
    H_i     Kruskal and Wallis's statistic of the ranks of the scores between the groups

The order of all trials tells more than who is among the best tenth: an effect on every trial is
found in fewer of them. Under independence the sum of the H_i has nearly a chi-squared distribution
with the sum of the g_i - 1 degrees of freedom. Source: Kruskal and Wallis, J. Am. Stat. Assoc. 47
(1952).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.marginal import Marginal

__all__ = ["rank_p_value"]

_GROUP = 10
"""Trials in a group: the statistic of fewer is not yet chi-squared."""
_MAX_GROUPS = 6
"""Groups of neighbouring values: more cost power against smooth effects."""


def rank_p_value(regimes: Sequence[Marginal], keys: np.ndarray) -> float:
    """Test the independence of ranks from a parameter.

    Args:
        regimes: The parameter in each of its regimes.
        keys: (N,) a better trial has a smaller one; only their order counts.

    Returns:
        The p-value, 1 where there is nothing to compare. O(n log n).
    """
    statistic, degrees = 0.0, 0
    for marginal in regimes:
        groups = [keys[rows] for rows in _groups(marginal)]
        if len(groups) > 1 and np.ptp(np.concatenate(groups)) > 0.0:
            statistic += float(stats.kruskal(*groups).statistic)
            degrees += len(groups) - 1
    return float(stats.chi2.sf(statistic, degrees)) if degrees else 1.0


def _groups(marginal: Marginal) -> list[np.ndarray]:
    """Cut the trials between different values; groups that are too small say nothing."""
    boundaries = marginal.boundaries()
    n = len(marginal.rows)
    if marginal.is_ordered:
        n_groups = int(np.clip(n // _GROUP, 1, _MAX_GROUPS))
        wanted = np.linspace(0, n, n_groups + 1)
        boundaries = np.unique(boundaries[np.searchsorted(boundaries, wanted)])
    parts = np.split(marginal.rows, boundaries[1:-1])
    return [part for part in parts if len(part) >= _GROUP // 2]

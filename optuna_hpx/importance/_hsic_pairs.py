"""Which trials the pairs of parameters are compared in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from optuna_hpx.importance._hsic_groups import Scored, features_of
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance.maths.hsic_pairs import pair_r2

_MIN_TRIALS = 20


def pairs_of(
    parameters: Sequence[Sequence[ParameterRegime]],
    scored: Scored,
    n_permutations: int,
    rng: np.random.Generator,
) -> InteractionMatrix:
    """Compute R2_HSIC of all pairs, each in the trials that have both parameters.

    Who is among the best is settled among these trials. Pairs with fewer than 20 have none.

    Args:
        parameters: The regimes of the d parameters.
        scored: How trials are scored.
        n_permutations: Replicates.
        rng: Of the permutations.

    Returns:
        The interactions. O(n_permutations n d^2).
    """
    d = len(parameters)
    r2, p_values = np.zeros((d, d)), np.ones((d, d))
    sets: dict[bytes, list[int]] = {}
    rows_of = [_rows(regimes) for regimes in parameters]
    for k, rows in enumerate(rows_of):
        sets.setdefault(rows.tobytes(), []).append(k)
    for one, other in combinations_with_replacement(list(sets.values()), 2):
        rows = np.intersect1d(rows_of[one[0]], rows_of[other[0]], assume_unique=True)
        members = one if one is other else [*one, *other]
        if len(rows) < _MIN_TRIALS or len(members) < 2:
            continue
        features = [features_of(parameters[k], rows)[0] for k in members]
        pair_values, p = pair_r2(features, scored.score(rows), n_permutations, rng)
        n_one = len(one)
        for a, b in np.argwhere(np.triu(np.ones_like(pair_values), 1)):
            if one is other or a < n_one <= b:
                i, j = members[a], members[b]
                r2[i, j] = r2[j, i] = pair_values[a, b]
                p_values[i, j] = p_values[j, i] = p[a, b]
    return InteractionMatrix(np.clip(r2, 0.0, 1.0), p_values, ())


def _rows(regimes: Sequence[ParameterRegime]) -> np.ndarray:
    rows = [regime.marginal.rows for regime in regimes]
    return np.sort(np.concatenate(rows)) if rows else np.zeros(0, dtype=int)

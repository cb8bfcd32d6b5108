"""Which trials the pairs of parameters are compared in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement

import numpy as np

from optuna_hpx.importance._hsic_groups import Scored, features_of
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance.maths.hsic_pairs import pair_r2

MIN_TRIALS = 20


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
    for shared in shared_trials(parameters):
        features = [features_of(parameters[k], shared.rows)[0] for k in shared.members]
        pair_values, p = pair_r2(features, scored.score(shared.rows), n_permutations, rng)
        shared.put(pair_values, r2)
        shared.put(p, p_values)
    return InteractionMatrix(np.clip(r2, 0.0, 1.0), p_values, ())


@dataclass(frozen=True, eq=False)
class SharedTrials:
    """Trials in which several parameters are active, and the pairs to look at there.

    Attributes:
        rows: (n,) the trials.
        members: Indices of the parameters.
        pairs: Places in ``members``, two of each pair.
    """

    rows: np.ndarray
    members: list[int]
    pairs: list[tuple[int, int]]

    def put(self, part: np.ndarray, matrix: np.ndarray) -> None:
        """Copy the pairs of a matrix of the members to one of all parameters, symmetric."""
        for a, b in self.pairs:
            i, j = self.members[a], self.members[b]
            matrix[i, j] = matrix[j, i] = part[a, b]


def shared_trials(parameters: Sequence[Sequence[ParameterRegime]]) -> Iterator[SharedTrials]:
    """Yield the trials of each set of parameters that are active together, if they are enough.

    Every pair of parameters is in one of them at most.
    """
    sets: dict[bytes, list[int]] = {}
    rows_of = [_rows(regimes) for regimes in parameters]
    for k, rows in enumerate(rows_of):
        sets.setdefault(rows.tobytes(), []).append(k)
    for one, other in combinations_with_replacement(list(sets.values()), 2):
        rows = np.intersect1d(rows_of[one[0]], rows_of[other[0]], assume_unique=True)
        members = one if one is other else [*one, *other]
        if len(rows) < MIN_TRIALS or len(members) < 2:
            continue
        places = range(len(members))
        pairs = [(a, b) for a, b in combinations(places, 2) if one is other or a < len(one) <= b]
        yield SharedTrials(rows, members, pairs)


def _rows(regimes: Sequence[ParameterRegime]) -> np.ndarray:
    rows = [regime.marginal.rows for regime in regimes]
    return np.sort(np.concatenate(rows)) if rows else np.zeros(0, dtype=int)

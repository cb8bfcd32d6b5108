"""Interactions of pairs of parameters: which trials are compared, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, product

import numpy as np

from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance.maths.cells import Cells, choice_cells, ordered_cells
from optuna_hpx.importance.maths.interactions import Block, estimate_pairs
from optuna_hpx.importance.maths.marginal import similar_groups
from optuna_hpx.trials.domain import n_possible_values
from optuna_hpx.trials.table import Column

_FEW_VALUES = 5
"""A numeric parameter of so many possible values is treated as one of choices."""
_GROUP_SIZE = 100
"""Trials with similar bounds that are compared with each other, where bounds move."""
_MIN_STRATUM = 10
"""Fewer trials of the same domains say nothing."""
_DEPENDENT = 0.2
"""Cramer's V of two parameters that is worth a warning, e.g. of a correlation of about 0.4, ..."""
_SURELY = 0.01
"""... if chance gives so large a V to any of all pairs with this probability at most."""


@dataclass(frozen=True)
class InteractionMatrix:
    """Interactions of all pairs of d parameters.

    Attributes:
        values: (d, d) symmetric, in [0, 1]: the share of the variance of "this trial is in the
            target set" that two parameters explain together, beyond what each explains by
            itself; 0 on the diagonal.
        p_values: (d, d) symmetric: chance of so large an interaction if the effects of the two
            parameters only add up; 1 on the diagonal and where it cannot be told.
        warnings: What a reader must know before acting on the numbers.
        joint_p_values: (d, d), as in :class:`ImportanceReport`.
    """

    values: np.ndarray
    p_values: np.ndarray
    warnings: tuple[str, ...]
    joint_p_values: np.ndarray | None = None


def interaction_matrix(
    columns: Sequence[Column],
    regimes: Sequence[Sequence[ParameterRegime]],
    region: np.ndarray,
    top: np.ndarray,
) -> InteractionMatrix:
    """Compute the pairwise interactions of parameters within a region.

    Trials in which both parameters of a pair are active and have the same domains are one stratum;
    trials are compared only within theirs. So what a parameter does by switching another on is no
    interaction of the two, and a pair that is never active together has S_ij = 0 and p = 1. Where
    bounds move from trial to trial, trials with similar bounds are a stratum, and the position
    between the trial's own bounds counts.

    Args:
        columns: The d parameters.
        regimes: Their regimes within the region.
        region: (N,) bool, the trials that count.
        top: (N,) bool, the target set; only what of it is in the region counts.

    Returns:
        The interactions, in the order of ``columns``. O(N d^2).
    """
    d = len(columns)
    values, p_values = np.zeros((d, d)), np.ones((d, d))
    groups = list(_shared_domains(regimes, len(region)))
    blocks, pairs = [], []
    for first, second in combinations_with_replacement(groups, 2):
        if block := _block(columns, first, second, top):
            blocks.append(block)
            pairs += _pairs(first, second)
    n, m = int(np.count_nonzero(region)), int(np.count_nonzero(top & region))
    estimates = estimate_pairs(blocks, n, m)
    if pairs:
        i, j = np.array(pairs).T
        values[i, j] = values[j, i] = estimates.values
        p_values[i, j] = p_values[j, i] = estimates.p_values
    names = [(columns[i].name, columns[j].name) for i, j in pairs]
    warnings = _on_dependence(names, estimates.dependence, estimates.dependence_p_values)
    return InteractionMatrix(values, p_values, warnings)


@dataclass(frozen=True, eq=False)
class _SharedDomains:
    """Parameters that have their domains in the same trials.

    Attributes:
        members: Indices of the parameters.
        domain: (N,) number of the domain in each trial; -1 where inactive or out of the region.
        moving: Number of the domain that stands for all that move from trial to trial, or -1.
    """

    members: list[int]
    domain: np.ndarray
    moving: int


def _shared_domains(
    parameters: Sequence[Sequence[ParameterRegime]], n: int
) -> Iterator[_SharedDomains]:
    """Group the parameters by their domains; one with moving bounds is always by itself."""
    groups: dict[bytes, _SharedDomains] = {}
    for index, regimes in enumerate(parameters):
        fixed = [regime for regime in regimes if not regime.is_pooled]
        domain = np.full(n, -1)
        for number, regime in enumerate(fixed):
            domain[regime.marginal.rows] = number
        if len(fixed) < len(regimes):
            for regime in regimes[len(fixed) :]:
                domain[regime.marginal.rows] = len(fixed)
            yield _SharedDomains([index], domain, len(fixed))
        else:
            group = groups.setdefault(domain.tobytes(), _SharedDomains([], domain, -1))
            group.members.append(index)
    yield from groups.values()


def _pairs(first: _SharedDomains, second: _SharedDomains) -> list[tuple[int, int]]:
    if first is second:
        return list(combinations(first.members, 2))
    return list(product(first.members, second.members))


def _block(
    columns: Sequence[Column], first: _SharedDomains, second: _SharedDomains, top: np.ndarray
) -> Block | None:
    """Put together all pairs of two groups, or of one; None if there is nothing to compare."""
    pairs = _pairs(first, second)
    strata = _strata(columns, first, second)
    rows = np.flatnonzero(strata >= 0)
    if not pairs or not len(rows):
        return None
    members = list(dict.fromkeys(first.members + second.members))
    is_moving = {i: group.moving >= 0 for group in (first, second) for i in group.members}
    index = {member: k for k, member in enumerate(members)}
    of_stratum = strata[rows] if strata.max() > 0 else None
    cells = [_cells(columns[i], is_moving[i], strata >= 0, rows, of_stratum) for i in members]
    return Block(top[rows], cells, [(index[i], index[j]) for i, j in pairs], of_stratum)


def _strata(
    columns: Sequence[Column], first: _SharedDomains, second: _SharedDomains
) -> np.ndarray:
    """Number (N,) the stratum of each trial, from 0; -1 for one that is not compared."""
    is_both = (first.domain >= 0) & (second.domain >= 0)
    key = np.where(is_both, first.domain * (second.domain.max(initial=0) + 1) + second.domain, -1)
    for code in np.unique(key[is_both]):
        rows = np.flatnonzero(key == code)
        moving = [
            columns[group.members[0]].bounds[:, rows]
            for group in dict.fromkeys((first, second))
            if group.moving == group.domain[rows[0]]
        ]
        if moving:
            for group in similar_groups(np.concatenate(moving), _GROUP_SIZE):
                key[rows[group]] = key.max() + 1
    keys, strata, sizes = np.unique(key, return_inverse=True, return_counts=True)
    is_kept = (sizes >= _MIN_STRATUM) & (keys >= 0)
    renumber = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
    return renumber[strata]


def _cells(
    column: Column,
    is_moving: bool,
    is_compared: np.ndarray,
    rows: np.ndarray,
    of_stratum: np.ndarray | None,
) -> Cells:
    """Cut a parameter into cells over ``rows``, where (N,) ``is_compared``."""
    if max(map(n_possible_values, column.distributions)) <= _FEW_VALUES or column.is_categorical:
        return choice_cells(column.values[rows])
    values = column.position if is_moving else column.values
    order = np.argsort(values, kind="stable") if is_moving else column.order
    number = np.cumsum(is_compared) - 1
    return ordered_cells(number[order[is_compared[order]]], values[rows], of_stratum)


def _on_dependence(
    names: Sequence[tuple[str, str]], v: np.ndarray, p: np.ndarray
) -> tuple[str, ...]:
    """Warn where the independence that S_ij rests on fails, and say where most."""
    dependent = np.flatnonzero((v >= _DEPENDENT) & (p <= _SURELY / max(len(p), 1)))
    if not len(dependent):
        return ()
    worst = dependent[np.argsort(-v[dependent], kind="stable")][:3]
    listed = ", ".join(f"{names[k][0]} and {names[k][1]} (by {v[k]:.2f})" for k in worst)
    more = f", and {len(dependent) - len(worst)} more pairs" if len(dependent) > 3 else ""
    return (
        f"Some parameters went together: {listed}{more}, where 1 means that one tells the other. "
        "What each of them does cannot be told apart well; random trials would tell.",
    )

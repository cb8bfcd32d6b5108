r"""How much of "this trial is in the target set" two parameters explain only together.

The second-order companion of :mod:`optuna_hpx.importance.maths.ped_anova`, in its notation.

Notation
    n, b, m, q    trials in the region; label, whether a trial is in the target set; m of them are;
                  q = m / n
    S_ij          Var(I) / Var(b), the second-order Sobol index of b, where a_i and a_j are the
                  main effects and I = P(b | x_i, x_j) - q - a_i(x_i) - a_j(x_j)
    K, L          cells of the first and of the second parameter of a pair (cells.py)
    n_c, m_c      trials in a joint cell; of these in the target set
    U             estimate of n q (1 - q) S_ij from a table of cells; kappa2, kappa3: its cumulants
                  if effects only add up (two_way.py, equations 1 to 3)
    R             strata: sets of trials that are compared only among themselves
    P, T          pairs; tables of cells, one per pair and stratum

U and its cumulants add up over strata. The tail of U is that of a gamma distribution with its
moments, shifted to mean 0:

    scale = kappa3 / (2 kappa2), shape = kappa2 / scale^2.                                   (1)

Resolutions K = 2, 4, ..., 32 are nested and hardly correlated, U having about K^2 degrees of
freedom: the least of their p-values is corrected by Sidak's formula, which errs a little on the
safe side. The estimate shrinks each resolution by its noise and takes the largest, as ped_anova.py
does. Of two parameters that do not vary independently only the finest resolution counts, whose
cells have hardly anything within. The choices of a categorical parameter are its cells at every
resolution; the rarest are put together until a cell has three trials on average.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import chdtrc, gammaincc

from optuna_hpx.importance.maths.cells import MIN_CELL, N_LEVELS, Cells, coarsen, fill
from optuna_hpx.importance.maths.ped_anova import garrote, is_too_few
from optuna_hpx.importance.maths.two_way import cumulants

__all__ = ["Block", "PairEstimates", "estimate_pairs", "pairwise"]

_DEPENDENCE_LEVEL = 1  # 4 x 4 cells show whether two parameters vary together, which they
_DEPENDENT = 0.05  # do below this p-value
_BATCH = 128  # tables at a time: so many stay in the processor's cache
_NOTHING = 1e-9  # trials; a U below it is rounding


@dataclass(frozen=True)
class Block:
    """Pairs of parameters that are compared over the same trials.

    Attributes:
        labels: (n,) bool, the target set among these trials.
        cells: The parameters, over these trials.
        pairs: Indices into ``cells``.
        strata: (n,) integers from 0; None if all are compared with each other.
    """

    labels: np.ndarray
    cells: Sequence[Cells]
    pairs: Sequence[tuple[int, int]]
    strata: np.ndarray | None = None


@dataclass(frozen=True)
class PairEstimates:
    """Interaction and dependence of P pairs.

    Attributes:
        values: (P,) S_ij in [0, 1].
        p_values: (P,) chance of so large an interaction if there is none; 1 if it cannot be told.
        dependence: (P,) Cramer's V of the two parameters, corrected for chance, in [0, 1].
        dependence_p_values: (P,) chance of so large a V if they vary independently.
    """

    values: np.ndarray
    p_values: np.ndarray
    dependence: np.ndarray
    dependence_p_values: np.ndarray


def pairwise(labels: np.ndarray, cells: Sequence[Cells]) -> tuple[np.ndarray, np.ndarray]:
    """Compute S_ij and its p-value for all pairs of parameters that every trial has.

    Args:
        labels: (n,) bool, the target set.
        cells: The d parameters.

    Returns:
        (d, d) symmetric arrays: S_ij with 0 on the diagonal, p-values with 1 there. O(n d^2).
    """
    d = len(cells)
    pairs = list(combinations(range(d), 2))
    block = Block(labels, cells, pairs)
    estimates = estimate_pairs([block], len(labels), int(np.count_nonzero(labels)))
    values, p_values = np.zeros((d, d)), np.ones((d, d))
    for (i, j), value, p in zip(pairs, estimates.values, estimates.p_values, strict=True):
        values[i, j] = values[j, i] = value
        p_values[i, j] = p_values[j, i] = p
    return values, p_values


def estimate_pairs(blocks: Sequence[Block], n: int, m: int) -> PairEstimates:
    """Estimate interaction and dependence of all pairs of all blocks, in their order.

    Args:
        blocks: The pairs, each in one block.
        n: Trials in the region, of which the blocks hold all or some.
        m: Those in the target set.

    Returns:
        The estimates. O(n) for each pair.
    """
    n_pairs = sum(len(block.pairs) for block in blocks)
    moments = np.zeros((3, N_LEVELS, n_pairs))
    n_levels = np.ones(n_pairs, dtype=int)
    dependence = np.zeros((2, n_pairs))
    start = 0
    for block in blocks:
        for places, n_c, m_c, ordered in _tables(block):
            batch = start + places
            dependence[:, batch] = _dependence(n_c, ordered)
            is_dependent = dependence[1, batch] <= _DEPENDENT
            moments[:, :, batch], n_levels[batch] = _moments(n_c, m_c, ordered, is_dependent)
        start += len(block.pairs)
    if is_too_few(n, m):
        return PairEstimates(np.zeros(n_pairs), np.ones(n_pairs), *dependence)
    total = m * (n - m) / n
    return PairEstimates(_estimate(moments, total), _p_values(moments, n_levels), *dependence)


def _estimate(moments: np.ndarray, total: float) -> np.ndarray:
    """Return (P,) S_ij from U and its cumulants (3, resolutions, P)."""
    share, noise = moments[0] / total, np.sqrt(moments[1]) / total
    shrunk = garrote(np.where(share > _NOTHING, share, 0.0), noise)
    return np.asarray(shrunk.max(axis=0))


def _p_values(moments: np.ndarray, n_levels: np.ndarray) -> np.ndarray:
    """Return (P,) the least over resolutions of the tail of equation 1, after Sidak."""
    u, kappa2, kappa3 = moments
    is_some = (u > _NOTHING) & (kappa2 > 0.0) & (kappa3 > 0.0)
    kappa2, kappa3 = np.where(is_some, kappa2, 1.0), np.where(is_some, kappa3, 1.0)
    scale = kappa3 / (2.0 * kappa2)
    shape = kappa2 / scale**2
    tail = np.where(is_some, gammaincc(shape, np.maximum(u / scale + shape, 0.0)), 1.0)
    with np.errstate(divide="ignore"):  # a p-value of 1 stays 1
        return -np.expm1(n_levels * np.log1p(-tail.min(axis=0)))


_Tables = tuple[np.ndarray, np.ndarray, np.ndarray, tuple[bool, bool]]


def _tables(block: Block) -> Iterator[_Tables]:
    """Yield batches of tables of a kind: places (P,), n_c and m_c (P, R, K, L), and the kind.

    Of an ordered and an unordered parameter the ordered one comes first.
    """
    n_strata = 1 if block.strata is None else int(block.strata.max(initial=0)) + 1
    of_stratum = 0 if block.strata is None else block.strata
    tops = np.flatnonzero(block.labels)
    step = max(_BATCH // n_strata, 1)
    for kind, (places, pairs) in _by_kind(block).items():
        k, l_ = (max(cells.size for cells in side) for side in zip(*pairs, strict=True))
        leading = {id(cells): (of_stratum * k + cells.codes) * l_ for cells, _ in pairs}
        size = n_strata * k * l_
        for begin in range(0, len(pairs), step):
            n_c, m_c = [], []
            for first, second in pairs[begin : begin + step]:
                joint = leading[id(first)] + second.codes
                n_c.append(np.bincount(joint, minlength=size))
                m_c.append(np.bincount(joint[tops], minlength=size))
            of_all, of_top = (
                np.array(counts, dtype=float).reshape(-1, n_strata, k, l_) for counts in (n_c, m_c)
            )
            yield np.array(places[begin : begin + step]), *fill(of_all, of_top, kind), kind


def _by_kind(block: Block) -> dict[tuple[bool, bool], tuple[list[int], list[tuple[Cells, Cells]]]]:
    """Group the places of the pairs, and their parameters, by whether these are ordered."""
    kinds: dict[tuple[bool, bool], tuple[list[int], list[tuple[Cells, Cells]]]] = {}
    for place, (i, j) in enumerate(block.pairs):
        first, second = block.cells[i], block.cells[j]
        if second.ordered and not first.ordered:
            first, second = second, first
        places, pairs = kinds.setdefault((first.ordered, second.ordered), ([], []))
        places.append(place)
        pairs.append((first, second))
    return kinds


def _moments(
    n_c: np.ndarray, m_c: np.ndarray, ordered: tuple[bool, bool], is_dependent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute U, kappa2 and kappa3 (3, resolutions, P) of tables (P, R, K, L).

    Also how many resolutions of each pair differ (P,).

    A stratum too small for a resolution contributes the finest that it has. Of parameters that
    are dependent (P,) all resolutions are the finest looked at.
    """
    n_pairs, n_strata, *shape = n_c.shape
    n_c, m_c = n_c.reshape(-1, *shape), m_c.reshape(-1, *shape)
    finest = _finest_level(n_c, ordered)
    moments = np.zeros((3, N_LEVELS, len(n_c)))
    for level in range(N_LEVELS):
        coarser = moments[:, max(level - 1, 0)]
        moments[:, level] = coarser
        is_fine_enough = finest < level
        if level == N_LEVELS - 1:  # the costly one, only where it may add to what is seen already
            u, kappa2, _ = coarser.reshape(3, n_pairs, n_strata).sum(axis=2)
            is_fine_enough |= np.repeat(u <= np.sqrt(kappa2), n_strata)
        tables = np.flatnonzero(~is_fine_enough)
        if len(tables):
            coarse = (coarsen(counts[tables], ordered, level) for counts in (n_c, m_c))
            moments[:, level, tables] = cumulants(*coarse)
    by_pair = moments.reshape(3, N_LEVELS, n_pairs, n_strata).sum(axis=3)
    by_pair[:, :, is_dependent] = by_pair[:, -1:, is_dependent]
    n_levels = finest.reshape(n_pairs, n_strata).max(axis=1) + 1
    return by_pair, np.where(is_dependent, 1, n_levels)


def _finest_level(n_c: np.ndarray, ordered: tuple[bool, bool]) -> np.ndarray:
    """Find (T,) the finest resolution with enough trials in a cell."""
    if not any(ordered):
        return np.zeros(len(n_c), dtype=int)
    sizes = 2.0 ** np.arange(1, N_LEVELS + 1)
    of_choices = np.maximum((n_c.sum(axis=1) > 0).sum(axis=1), 1)
    n_cells = np.outer(np.ones(len(n_c)) if all(ordered) else of_choices, sizes ** sum(ordered))
    is_enough = n_c.sum(axis=(1, 2))[:, None] >= MIN_CELL * n_cells
    return np.maximum(is_enough.sum(axis=1) - 1, 0)


def _dependence(n_c: np.ndarray, ordered: tuple[bool, bool]) -> np.ndarray:
    """Compute Cramer's V and its p-value (2, P) from the counts (P, R, K, L), by chi-square."""
    n_pairs, n_strata, *shape = n_c.shape
    n_c = coarsen(n_c.reshape(-1, *shape), ordered, _DEPENDENCE_LEVEL)
    row, col, total = n_c.sum(axis=2), n_c.sum(axis=1), n_c.sum(axis=(1, 2))
    expected = row[:, :, None] * col[:, None, :] / np.maximum(total, 1.0)[:, None, None]
    terms = (n_c - expected) ** 2 / np.where(expected > 0.0, expected, 1.0)
    steps = [np.maximum((side > 0).sum(axis=1) - 1, 0) for side in (row, col)]
    freedom = steps[0] * steps[1]
    chi2 = terms.sum(axis=(1, 2)) * np.maximum(total - 1.0, 0.0) / np.maximum(total, 1.0)
    largest = total * np.minimum(*steps)
    chi2, freedom, largest = (
        x.reshape(n_pairs, n_strata).sum(axis=1) for x in (chi2, freedom, largest)
    )
    v = np.sqrt(np.clip((chi2 - freedom) / np.maximum(largest, 1.0), 0.0, 1.0))
    p = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), chi2), 1.0)
    return np.array([v, p])

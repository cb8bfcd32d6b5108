r"""How much of "this trial is in the target set" two parameters explain only together.

The second-order companion of :mod:`optuna_hpx.importance.maths.ped_anova`, in its notation.

Notation
    n, b, m, q    trials in the region; label, whether a trial is in the target set; m of them are;
                  q = m / n
    K, L          cells of the first and of the second parameter of a pair, numbered k and l
    c             a joint cell (k, l), of n_c trials, m_c of them in the target set
    P(b | c)      p_c; v_c = p_c (1 - p_c) is the variance of b within the cell
    S_ij          Var(I) / Var(b), the second-order Sobol index of b, where a_i and a_j are the
                  main effects and I = P(b | x_i, x_j) - q - a_i(x_i) - a_j(x_j)
    X, G          additive design of the cells, one column per k and per l; G inverts
                  X' diag(n_c) X up to what X does not see. [[A, C], [C', D]] are its blocks
    g_cc'         x_c' G x_c' = A_kk' + C_kl' + C_k'l + D_ll'; the leverage of a cell is n_c g_cc
    f_c           1 - n_c g_cc, the freedom that the additive fit leaves to a cell
    U             estimate of n q (1 - q) S_ij; kappa2, kappa3: its cumulants under additivity
    R             strata: sets of trials that are compared only among themselves
    P, T          pairs; tables of cells, one per pair and stratum

What is estimated. The interaction sum of squares of a two-way layout with unequal counts: fit
additive effects to the cells by least squares, and add up n_c (m_c / n_c - fit_c)^2. Chance adds
v_c f_c to each term, whatever the v_c. With the unbiased variance within the cell for v_c,

    U = sum_c n_c (m_c / n_c - fit_c)^2 - f_c m_c (n_c - m_c) / (n_c (n_c - 1))

has expectation 0, given the cells, if effects are additive. Least squares, and not the marginal
means, since then main effects that are constant within the cells cancel although x_i and x_j are
correlated. What an effect does within a cell cancels only if x_i and x_j vary independently there.
Cells of a single trial say nothing of the variance within: the others stand for them.

How sure it is. U is a quadratic form without a diagonal, sum_{t != s} W_ts e_t e_s over trials t
and s, where e = b - P(b | c), W_ts = f_c / (n_c - 1) within a cell and -g_cc' between two. So

    kappa2 = 2 sum_{t != s} W_ts^2 v_t v_s,
    kappa3 ~ 2 kappa2^2 / sum_c v_c f_c + 4 sum_{t != s} W_ts^3 skew_t skew_s,

the first term of kappa3 as for a scaled chi-square (Satterthwaite, Biometrics Bull. 2, 1946), the
second within cells only, skew_c = v_c (1 - 2 p_c). They take p_c from the additive fit, which is
the hypothesis: to permute labels would deny the main effects too. The tail is that of a gamma
distribution with these moments. Cumulants of strata add up.

Resolutions K = 2, 4, ..., 32 are nested and hardly correlated, U having about K^2 degrees of
freedom: the least of their p-values is corrected by Sidak's formula, which errs a little on the
safe side. The estimate shrinks each resolution by its noise and takes the largest, as first_order
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

from optuna_hpx.importance.maths.ped_anova import garrote, is_too_few

__all__ = ["Block", "Cells", "Pairs", "choice_cells", "interactions", "ordered_cells", "pairwise"]

_FINEST = 32  # cells of an ordered parameter; a power of two
_LEVELS = _FINEST.bit_length() - 1
_MIN_CELL = 3.0  # trials in a joint cell on average, except at the coarsest resolution
_RARE = 5  # choices of fewer trials share a cell, and
_MAX_CHOICES = 32  # so do the rarest of more choices than these
_DEPENDENCE_LEVEL = 1  # 4 x 4 cells show whether two parameters vary together, which they
_DEPENDENT = 0.05  # do below this p-value
_BATCH = 128  # tables at a time: so many stay in the processor's cache
_RIDGE = 1e-9  # relative; separate parts of a table share no effect
_NOTHING = 1e-9  # trials; a U below it is rounding


@dataclass(frozen=True)
class Cells:
    """One parameter: the cell of each trial.

    Attributes:
        codes: (n,) integers in [0, size).
        size: Number of cells.
        ordered: Whether neighbouring cells may be merged, two by two; then size is 32.
    """

    codes: np.ndarray
    size: int
    ordered: bool


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
class Pairs:
    """What is found of P pairs.

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


def ordered_cells(order: np.ndarray, values: np.ndarray, strata: np.ndarray | None) -> Cells:
    """Cells of equal counts within each stratum. Equal values are never parted.

    Args:
        order: (n,) the trials, sorted by value.
        values: (n,) values of the trials.
        strata: (n,) the stratum of each trial, or None.
    """
    n = len(order)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    of_stratum = np.zeros(n, dtype=int) if strata is None else strata[order]
    x = values[order]
    is_new_stratum = np.diff(of_stratum, prepend=-1) != 0
    is_new_value = is_new_stratum | (np.diff(x, prepend=np.nan) != 0.0)
    start, end = _runs(is_new_stratum)
    first, last = _runs(is_new_value)
    middle = 0.5 * (first + last) - start
    codes = np.empty(n, dtype=int)
    codes[order] = (middle * _FINEST / (end - start)).astype(int)
    return Cells(codes, _FINEST, ordered=True)


def _runs(is_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of the run that each position is in; (n,) each."""
    edges = np.append(np.flatnonzero(is_start), len(is_start))
    sizes = np.diff(edges)
    return np.repeat(edges[:-1], sizes), np.repeat(edges[1:], sizes)


def choice_cells(choices: np.ndarray) -> Cells:
    """Each choice (n,) a cell, but for the rare ones, which share the last."""
    known, codes, counts = np.unique(choices, return_inverse=True, return_counts=True)
    by_frequency = np.argsort(-counts, kind="stable")
    kept = by_frequency[: _MAX_CHOICES - 1 if len(known) > _MAX_CHOICES else None]
    kept = kept[counts[kept] >= _RARE]
    cell_of = np.full(len(known), len(kept))
    cell_of[kept] = np.arange(len(kept))
    return Cells(cell_of[codes], len(kept) + int(len(kept) < len(known)), ordered=False)


def pairwise(labels: np.ndarray, cells: Sequence[Cells]) -> tuple[np.ndarray, np.ndarray]:
    """S_ij and its p-value for all pairs of parameters that every trial has.

    Args:
        labels: (n,) bool, the target set.
        cells: The d parameters.

    Returns:
        (d, d) symmetric arrays: S_ij with 0 on the diagonal, p-values with 1 there. O(n d^2).
    """
    d = len(cells)
    pairs = list(combinations(range(d), 2))
    found = interactions([Block(labels, cells, pairs)], len(labels), int(np.count_nonzero(labels)))
    values, p_values = np.zeros((d, d)), np.ones((d, d))
    for (i, j), value, p in zip(pairs, found.values, found.p_values, strict=True):
        values[i, j] = values[j, i] = value
        p_values[i, j] = p_values[j, i] = p
    return values, p_values


def interactions(blocks: Sequence[Block], n: int, m: int) -> Pairs:
    """Interaction and dependence of all pairs of all blocks, in their order.

    Args:
        blocks: The pairs, each in one block.
        n: Trials in the region, of which the blocks hold all or some.
        m: Those in the target set.
    """
    n_pairs = sum(len(block.pairs) for block in blocks)
    moments = np.zeros((3, _LEVELS, n_pairs))
    n_levels = np.ones(n_pairs, dtype=int)
    dependence = np.zeros((2, n_pairs))
    start = 0
    for block in blocks:
        for at, n_c, m_c, ordered in _tables(block):
            where = start + at
            dependence[:, where] = _dependence(n_c, ordered)
            is_dependent = dependence[1, where] <= _DEPENDENT
            moments[:, :, where], n_levels[where] = _moments(n_c, m_c, ordered, is_dependent)
        start += len(block.pairs)
    if is_too_few(n, m):
        return Pairs(np.zeros(n_pairs), np.ones(n_pairs), *dependence)
    total = m * (n - m) / n
    return Pairs(_estimate(moments, total), _p_values(moments, n_levels), *dependence)


def _estimate(moments: np.ndarray, total: float) -> np.ndarray:
    """(P,) from U and its cumulants (3, resolutions, P)."""
    share, noise = moments[0] / total, np.sqrt(moments[1]) / total
    shrunk = garrote(np.where(share > _NOTHING, share, 0.0), noise)
    return np.asarray(shrunk.max(axis=0))


def _p_values(moments: np.ndarray, n_levels: np.ndarray) -> np.ndarray:
    """(P,) the least over resolutions of the tail of a gamma distribution, after Sidak."""
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
    """Batches of tables of a kind: which pairs (P,), n_c and m_c (P, R, K, L), which are ordered.

    Of an ordered and an unordered parameter the ordered one comes first.
    """
    n_strata = 1 if block.strata is None else int(block.strata.max(initial=0)) + 1
    of_stratum = 0 if block.strata is None else block.strata
    tops = np.flatnonzero(block.labels)
    step = max(_BATCH // n_strata, 1)
    for kind, (where, pairs) in _by_kind(block).items():
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
            yield np.array(where[begin : begin + step]), *_filled(of_all, of_top, kind), kind


def _by_kind(block: Block) -> dict[tuple[bool, bool], tuple[list[int], list[tuple[Cells, Cells]]]]:
    """Which pairs, and their parameters, by whether these are ordered."""
    kinds: dict[tuple[bool, bool], tuple[list[int], list[tuple[Cells, Cells]]]] = {}
    for at, (i, j) in enumerate(block.pairs):
        first, second = block.cells[i], block.cells[j]
        if second.ordered and not first.ordered:
            first, second = second, first
        where, pairs = kinds.setdefault((first.ordered, second.ordered), ([], []))
        where.append(at)
        pairs.append((first, second))
    return kinds


def _filled(
    n_c: np.ndarray, m_c: np.ndarray, ordered: tuple[bool, bool]
) -> tuple[np.ndarray, np.ndarray]:
    """Tables (..., K, L) whose rarest choices are put together, until cells are filled enough."""
    limit = np.maximum(n_c.sum(axis=(-2, -1)) / _MIN_CELL, 4.0)
    rows, columns = n_c.sum(axis=-1), n_c.sum(axis=-2)
    sizes = [
        np.full(limit.shape, 2.0) if is_ordered else np.maximum((side > 0.0).sum(axis=-1), 2.0)
        for side, is_ordered in zip((rows, columns), ordered, strict=True)
    ]
    most = np.floor(np.maximum(np.sqrt(limit), limit / np.minimum(*sizes))).astype(int)
    if not ordered[0] and (sizes[0] > most).any():
        first = np.swapaxes(_put_together(rows, most), -2, -1)
        n_c, m_c = first @ n_c, first @ m_c
    if not ordered[1] and (sizes[1] > most).any():
        second = _put_together(columns, most)
        n_c, m_c = n_c @ second, m_c @ second
    return n_c, m_c


def _put_together(counts: np.ndarray, most: np.ndarray) -> np.ndarray:
    """(..., K, K) indicators of the new place of each of K choices, of which ``most`` are left."""
    rank = np.argsort(np.argsort(-counts, axis=-1, kind="stable"), axis=-1)
    place = np.minimum(rank, most[..., None] - 1)
    return np.asarray(place[..., None] == np.arange(counts.shape[-1]), dtype=float)


def _coarsen(counts: np.ndarray, ordered: tuple[bool, bool], level: int) -> np.ndarray:
    """(T, K, L) to 2^(level + 1) cells along the ordered axes."""
    size = 2 ** (level + 1)
    t, n_rows, n_columns = counts.shape
    if ordered[0]:
        counts = counts.reshape(t, size, n_rows // size, n_columns).sum(axis=2)
    if ordered[1]:
        counts = counts.reshape(t, -1, size, n_columns // size).sum(axis=3)
    return counts


def _moments(
    n_c: np.ndarray, m_c: np.ndarray, ordered: tuple[bool, bool], is_dependent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """U, kappa2 and kappa3 (3, resolutions, P) of tables (P, R, K, L), and how many differ (P,).

    A stratum too small for a resolution contributes the finest that it has. Of parameters that
    are dependent (P,) all resolutions are the finest looked at.
    """
    n_pairs, n_strata, *shape = n_c.shape
    n_c, m_c = n_c.reshape(-1, *shape), m_c.reshape(-1, *shape)
    finest = _finest_level(n_c, ordered)
    moments = np.zeros((3, _LEVELS, len(n_c)))
    for level in range(_LEVELS):
        coarser = moments[:, max(level - 1, 0)]
        moments[:, level] = coarser
        is_fine_enough = finest < level
        if level == _LEVELS - 1:  # the costly one, only where it may add to what is seen already
            u, kappa2, _ = coarser.reshape(3, n_pairs, n_strata).sum(axis=2)
            is_fine_enough |= np.repeat(u <= np.sqrt(kappa2), n_strata)
        here = np.flatnonzero(~is_fine_enough)
        if len(here):
            coarse = (_coarsen(counts[here], ordered, level) for counts in (n_c, m_c))
            moments[:, level, here] = _cumulants(*coarse)
    by_pair = moments.reshape(3, _LEVELS, n_pairs, n_strata).sum(axis=3)
    by_pair[:, :, is_dependent] = by_pair[:, -1:, is_dependent]
    n_levels = finest.reshape(n_pairs, n_strata).max(axis=1) + 1
    return by_pair, np.where(is_dependent, 1, n_levels)


def _finest_level(n_c: np.ndarray, ordered: tuple[bool, bool]) -> np.ndarray:
    """(T,) the finest resolution with enough trials in a cell."""
    if not any(ordered):
        return np.zeros(len(n_c), dtype=int)
    sizes = 2.0 ** np.arange(1, _LEVELS + 1)
    of_choices = np.maximum((n_c.sum(axis=1) > 0).sum(axis=1), 1)
    n_cells = np.outer(np.ones(len(n_c)) if all(ordered) else of_choices, sizes ** sum(ordered))
    is_enough = n_c.sum(axis=(1, 2))[:, None] >= _MIN_CELL * n_cells
    return np.maximum(is_enough.sum(axis=1) - 1, 0)


def _cumulants(n_c: np.ndarray, m_c: np.ndarray) -> np.ndarray:
    """U, kappa2 and kappa3 (3, T) of tables (T, K, L)."""
    is_counted = n_c > 1.0
    n, m = np.where(is_counted, n_c, 0.0), np.where(is_counted, m_c, 0.0)
    at_least_1, at_least_2 = np.maximum(n, 1.0), np.maximum(n, 2.0)
    inverse = _inverse(n)
    fit = _fitted(inverse, m)
    g = inverse.diagonal()
    freedom = np.where(is_counted, 1.0 - n * g, 0.0)
    within = m * (n - m) / (at_least_1 * (at_least_2 - 1.0))
    u = _sum(n * (m / at_least_1 - fit) ** 2 - freedom * within)

    p = np.clip(fit, 0.0, 1.0)
    v = p * (1.0 - p) * is_counted
    in_cells = _sum(v**2 * freedom**2 * n / (at_least_2 - 1.0))
    between_cells = _sum_of_squares(inverse, n * v) - _sum((n * v * g) ** 2)
    kappa2 = 2.0 * (in_cells + between_cells)
    skewness = _sum(n / (at_least_2 - 1.0) ** 2 * freedom**3 * (v * (1.0 - 2.0 * p)) ** 2)
    mean = _sum(v * freedom)
    kappa3 = 2.0 * kappa2**2 / np.where(mean > 0.0, mean, 1.0) + 4.0 * skewness

    can_interact = _sum(freedom) > 0.5  # the degrees of freedom, an integer but for rounding
    scale = n_c.sum(axis=(1, 2)) / np.maximum(n.sum(axis=(1, 2)), 1.0) * can_interact
    return np.array([u * scale, np.maximum(kappa2, 0.0) * scale**2, kappa3 * scale**3])


def _sum(x: np.ndarray) -> np.ndarray:
    return x.sum(axis=(1, 2))


def _transposed(x: np.ndarray) -> np.ndarray:
    return np.swapaxes(x, 1, 2)


@dataclass(frozen=True)
class _Inverse:
    """G by its blocks: a (T, K, K), c (T, K, L), d (T, L, L)."""

    a: np.ndarray
    c: np.ndarray
    d: np.ndarray

    def diagonal(self) -> np.ndarray:
        """(T, K, L) g_cc."""
        a, d = (np.diagonal(x, axis1=1, axis2=2) for x in (self.a, self.d))
        return a[:, :, None] + 2.0 * self.c + d[:, None, :]


def _inverse(n: np.ndarray) -> _Inverse:
    """Of X' diag(n) X, by the Schur complement of its first block, which is diagonal.

    The complement does not see a constant; adding the square of its counts makes it regular, and
    1 on the diagonal does so for a column without trials.
    """
    row, col = n.sum(axis=2), n.sum(axis=1)
    per_row = n / np.maximum(row, 1.0)[:, :, None]
    counted = np.maximum(row.sum(axis=1), 1.0)[:, None, None]
    schur = col[:, :, None] * col[:, None, :] / counted - _transposed(n) @ per_row
    at_k, at_l = np.arange(n.shape[1]), np.arange(n.shape[2])
    schur[:, at_l, at_l] += np.where(col > 0.0, (1.0 + _RIDGE) * col, 1.0)
    d = np.linalg.inv(schur)
    c = -per_row @ d
    a = -c @ _transposed(per_row)
    a[:, at_k, at_k] += 1.0 / np.maximum(row, 1.0)
    return _Inverse(a, c, d)


def _fitted(inverse: _Inverse, m: np.ndarray) -> np.ndarray:
    """(T, K, L) additive fit X G X' m."""
    row, col = m.sum(axis=2)[:, :, None], m.sum(axis=1)[:, :, None]
    first = inverse.a @ row + inverse.c @ col
    second = _transposed(inverse.c) @ row + inverse.d @ col
    return first + _transposed(second)


def _sum_of_squares(inverse: _Inverse, y: np.ndarray) -> np.ndarray:
    """(T,) sum over all c, c' of y_c y_c' g_cc'^2, multiplied out."""
    a, c, d = inverse.a, inverse.c, inverse.d
    row, col = y.sum(axis=2)[:, :, None], y.sum(axis=1)[:, None, :]
    y_c, c_y = y @ _transposed(c), _transposed(c) @ y
    squares = (
        _transposed(row) @ a**2 @ row
        + col @ d**2 @ _transposed(col)
        + 2.0 * _transposed(row) @ c**2 @ _transposed(col)
    )[:, 0, 0]
    products = y * (a @ y @ d)
    return squares + 2.0 * (
        _sum(products)
        + _sum(y_c * _transposed(y_c))
        + 2.0 * _sum(y_c * a * _transposed(row))
        + 2.0 * _sum(_transposed(c_y) * d * col)
    )


def _dependence(n_c: np.ndarray, ordered: tuple[bool, bool]) -> np.ndarray:
    """Cramer's V and its p-value (2, P) from the counts (P, R, K, L), by chi-square."""
    n_pairs, n_strata, *shape = n_c.shape
    n_c = _coarsen(n_c.reshape(-1, *shape), ordered, _DEPENDENCE_LEVEL)
    row, col, total = n_c.sum(axis=2), n_c.sum(axis=1), _sum(n_c)
    expected = row[:, :, None] * col[:, None, :] / np.maximum(total, 1.0)[:, None, None]
    terms = (n_c - expected) ** 2 / np.where(expected > 0.0, expected, 1.0)
    steps = [np.maximum((side > 0).sum(axis=1) - 1, 0) for side in (row, col)]
    freedom = steps[0] * steps[1]
    chi2 = _sum(terms) * np.maximum(total - 1.0, 0.0) / np.maximum(total, 1.0)
    largest = total * np.minimum(*steps)
    chi2, freedom, largest = (
        x.reshape(n_pairs, n_strata).sum(axis=1) for x in (chi2, freedom, largest)
    )
    v = np.sqrt(np.clip((chi2 - freedom) / np.maximum(largest, 1.0), 0.0, 1.0))
    p = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), chi2), 1.0)
    return np.array([v, p])
